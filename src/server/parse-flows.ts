import { FolderError, readFolder } from '../config/folder.ts'
import { parseFile } from '../config/parse-file.ts'
import { keepParsed } from '../config/parsed-files.ts'

/** The last step of a build: what parses now need not be parsed by every start. */
try {
  const folder = await readFolder(process.env.FLOWS_DIR || 'flows', process.env.POLICY_FILE || undefined)
  await keepParsed(folder, parseFile)
} catch (error) {
  if (!(error instanceof FolderError)) throw error
  console.warn(`${error.message} They will be parsed when the server starts.`)
}

import { FolderError, readFolder } from '../config/folder.ts'
import { keepParsed } from '../config/parsed-files.ts'

/** The last step of a build: what parses now need not be parsed by every start. */
try {
  await keepParsed(await readFolder(process.env.FLOWS_DIR || 'flows', process.env.POLICY_FILE || undefined))
} catch (error) {
  if (!(error instanceof FolderError)) throw error
  console.warn(`${error.message} They will be parsed when the server starts.`)
}

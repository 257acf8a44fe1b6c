import { FolderError, readFolder } from '../config/folder.ts'
import { keepConfiguration } from '../config/kept-configuration.ts'
import { load } from '../config/load.ts'

/** The last step of a build: what is compiled now need not be compiled by every start. */
try {
  const folder = readFolder(process.env.FLOWS_DIR || 'flows', process.env.POLICY_FILE || undefined)
  keepConfiguration(load(folder))
} catch (error) {
  if (!(error instanceof FolderError)) throw error
  console.warn(`${error.message} Flow files will be compiled when the server starts.`)
}

import { FolderError, readFolder } from '../config/folder.ts'
import { keepConfiguration } from '../config/kept-configuration.ts'
import { load } from '../config/load.ts'
import type { Environment } from './settings.ts'

/** Compiles the folder of flow files for every start of this build. One that cannot be read is left for the start to report. */
export function keepFlows({ FLOWS_DIR, POLICY_FILE }: Environment): void {
  try {
    keepConfiguration(load(readFolder(FLOWS_DIR || 'flows', POLICY_FILE || undefined)))
  } catch (error) {
    if (!(error instanceof FolderError)) throw error
    console.warn(`${error.message} Flow files will be compiled when the server starts.`)
  }
}

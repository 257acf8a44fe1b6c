import { readFolder } from '../config/folder.ts'
import { load } from '../config/load.ts'
import type { Loaded } from '../config/loaded.ts'
import type { Io } from './command.ts'

/** The folder of flow files that a command works on, and what it comes to. */
export interface FlowFiles extends Loaded {
  readonly folder: string
}

/** The folder that was named, else that of the environment's settings. */
export const chooseFolder = (folder: string | undefined, { environment }: Io): string =>
  folder ?? (environment.FLOWS_DIR || 'flows')

export async function loadFlows(named: string | undefined, io: Io): Promise<FlowFiles> {
  const folder = chooseFolder(named, io)
  return { ...load(await readFolder(folder, io.environment.POLICY_FILE || undefined)), folder }
}

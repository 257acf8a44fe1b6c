import { readFolder } from '../config/folder.ts'
import { type Loaded, load } from '../config/load.ts'
import type { Io } from './command.ts'

/** The folder of flow files that a command works on, and what it comes to; the environment's settings are the defaults. */
export async function loadFlows(folder: string | undefined, { environment }: Io): Promise<Loaded & { folder: string }> {
  const chosen = folder ?? (environment.FLOWS_DIR || 'flows')
  return { ...load(await readFolder(chosen, environment.POLICY_FILE || undefined)), folder: chosen }
}

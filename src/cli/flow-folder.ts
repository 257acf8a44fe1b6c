import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readFolder } from '../config/folder.ts'
import { type LoadedFromText, load } from '../config/load.ts'
import { pathIn } from '../config/show-diagnostic.ts'
import type { Configuration } from '../core/configuration.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { parseSnapshot, SNAPSHOT_FILE } from '../dialogflow/snapshot.ts'
import { suggestParameters } from '../dialogflow/suggest-parameters.ts'
import { CannotRunError, type Io } from './command.ts'

/** The folder of flow files that a command works on, and what it comes to. */
export interface FlowFiles extends LoadedFromText {
  readonly folder: string
}

/** The folder that was named, else that of the environment's settings. */
export const chooseFolder = (folder: string | undefined, { environment }: Io): string =>
  folder ?? (environment.FLOWS_DIR || 'flows')

/** What the flow files compile to, for a command that needs all of them to be right. */
export function configurationOf({ configuration, diagnostics, folder }: FlowFiles): Configuration {
  if (configuration) return configuration
  const broken = new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ file }) => file))
  const files = [...broken].map((file) => pathIn(folder, file))
  const named = files.length > MAX_NAMED ? `${files.slice(0, MAX_NAMED).join(', ')} and more` : files.join(' and ')
  throw new CannotRunError(`${named} ${files.length > 1 ? 'have' : 'has'} errors; see "carryover validate ${folder}"`)
}

const MAX_NAMED = 3

export async function loadFlows(named: string | undefined, io: Io): Promise<FlowFiles> {
  const folder = chooseFolder(named, io)
  const loaded = load(readFolder(folder, io.environment.POLICY_FILE || undefined))
  return { ...loaded, diagnostics: await knowingTheAgent(loaded.diagnostics, folder), folder }
}

/** With the agent as it was pulled, suggestions name its parameters. */
async function knowingTheAgent(diagnostics: readonly Diagnostic[], folder: string): Promise<readonly Diagnostic[]> {
  if (!diagnostics.some(({ code }) => code === 'reference/unknown-scope')) return diagnostics
  const text = await readFile(join(folder, SNAPSHOT_FILE), 'utf8').catch(() => undefined)
  const snapshot = text === undefined ? undefined : parseSnapshot(text)
  return snapshot ? suggestParameters(diagnostics, snapshot) : diagnostics
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentError } from '../dialogflow/agent-contents.ts'
import { readExport } from '../dialogflow/read-export.ts'
import { type AgentSnapshot, parseSnapshot, SNAPSHOT_FILE } from '../dialogflow/snapshot.ts'
import { takeSnapshot } from '../dialogflow/take-snapshot.ts'
import { CannotRunError, type Io, UsageError } from './command.ts'
import { showProgress } from './show-progress.ts'

/** Where a command takes the agent from; the words of its `--help`. */
export const SOURCE_OPTIONS = { agent: { type: 'string' }, export: { type: 'string' } } as const
export const SOURCE_USAGE = '--agent NAME | --export PATH'
export const SOURCE_HELP = `--agent NAME   the live agent: projects/PROJECT/locations/LOCATION/agents/AGENT
--export PATH  an exported agent (JSON package): the zip, or the folder that it unpacks to or that a push to git made`

/** The display name of the webhook, where nobody says otherwise. */
export const DEFAULT_WEBHOOK = 'Carryover'

export interface AgentSource {
  readonly agent?: string | undefined
  readonly export?: string | undefined
}

/** The agent's id, where the live agent is named. */
export const agentIdOf = (agent: string | undefined): string | undefined => agent?.split('/').at(-1)

/** The agent from where the options say; undefined where they say nothing. */
export async function readSource(source: AgentSource, io: Io): Promise<AgentSnapshot | undefined> {
  if (source.agent !== undefined && source.export !== undefined)
    throw new UsageError('take the agent from one place: --agent or --export')
  if (source.export !== undefined) return takeSnapshot(await orTell(readExport(source.export, showProgress(io))))
  return undefined
}

/** The agent as `agent pull` wrote it down beside the flow files; undefined where it did not. */
export async function readPulled(folder: string): Promise<AgentSnapshot | undefined> {
  const path = join(folder, SNAPSHOT_FILE)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new CannotRunError(`${path} cannot be read (${error.code})`)
  })
  if (text === undefined) return undefined
  const snapshot = parseSnapshot(text)
  if (!snapshot)
    throw new CannotRunError(`${path} is no snapshot of this version; make it anew with "carryover agent pull"`)
  return snapshot
}

/** From where the options say, else as it was pulled. */
export async function chooseAgent(source: AgentSource, folder: string, io: Io): Promise<AgentSnapshot> {
  const snapshot = (await readSource(source, io)) ?? (await readPulled(folder))
  if (!snapshot)
    throw new CannotRunError(
      `there is no ${join(folder, SNAPSHOT_FILE)}: make it with "carryover agent pull", or name the agent with ${SOURCE_USAGE}`,
    )
  return snapshot
}

/** What is wrong with an agent or its export is told like any other reason not to run. */
export async function orTell<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw error instanceof AgentError ? new CannotRunError(error.message) : error
  }
}

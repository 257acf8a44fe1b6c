import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentError } from '../dialogflow/agent-contents.ts'
import { type AgentName, type Connection, connect, parseAgentName } from '../dialogflow/connect.ts'
import { readExport } from '../dialogflow/read-export.ts'
import { readLive } from '../dialogflow/read-live.ts'
import { type AgentSnapshot, parseSnapshot, SNAPSHOT_FILE } from '../dialogflow/snapshot.ts'
import { takeSnapshot } from '../dialogflow/take-snapshot.ts'
import { CannotRunError, type Io, UsageError } from './command.ts'
import { showProgress } from './show-progress.ts'

/** Where a command takes the agent from; the words of its `--help`. */
export const SOURCE_OPTIONS = { agent: { type: 'string' }, export: { type: 'string' } } as const
export const SOURCE_USAGE = '--agent NAME | --export PATH'
export const SOURCE_HELP = `--agent NAME   the live agent: projects/PROJECT/locations/LOCATION/agents/AGENT
--export PATH  an exported agent (JSON package): the zip, or the folder that it unpacks to or that a push to git made`

export const LIVE_HELP = `A live agent is read with Application Default Credentials ("gcloud auth application-default login"), in its own region;
DIALOGFLOW_ENDPOINT=host:port names another endpoint.`

/** The display name of the webhook, where nobody says otherwise. */
export const DEFAULT_WEBHOOK = 'Carryover'

export interface AgentSource {
  readonly agent?: string | undefined
  readonly export?: string | undefined
}

/** The live agent that was named. */
export function nameOf(agent: string): AgentName {
  const name = parseAgentName(agent)
  if (!name)
    throw new UsageError(
      '--agent takes projects/PROJECT/locations/LOCATION/agents/AGENT, as in the address of the console',
    )
  return name
}

/** The agent from where the options say; undefined where they say nothing. */
export async function readSource(source: AgentSource, io: Io): Promise<AgentSnapshot | undefined> {
  if (source.agent !== undefined && source.export !== undefined)
    throw new UsageError('take the agent from one place: --agent or --export')
  const { agent } = source
  if (agent !== undefined)
    return withConnection(agent, io, async (connection) => takeSnapshot(await readLive(connection, showProgress(io))))
  if (source.export !== undefined) return orTell(readExport(source.export, showProgress(io)).then(takeSnapshot))
  return undefined
}

/** Does something with the live agent, and hangs up. */
export function withConnection<T>(agent: string, io: Io, work: (connection: Connection) => Promise<T>): Promise<T> {
  const name = nameOf(agent)
  const options = {
    endpoint: io.environment.DIALOGFLOW_ENDPOINT || undefined,
    tell: (text: string) => void io.stderr.write(`${text}\n`),
  }
  return orTell(
    connect(name, options).then(async (connection) => {
      try {
        return await work(connection)
      } finally {
        await connection.close()
      }
    }),
  )
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

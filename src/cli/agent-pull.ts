import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { oneLine } from '../core/one-line.ts'
import { type EnvironmentVersions, readEnvironments, readLive } from '../dialogflow/read-live.ts'
import { type AgentSnapshot, SNAPSHOT_FILE } from '../dialogflow/snapshot.ts'
import { takeSnapshot } from '../dialogflow/take-snapshot.ts'
import { writeSnapshot } from '../dialogflow/write-snapshot.ts'
import {
  type AgentSource,
  LIVE_HELP,
  readSource,
  SOURCE_HELP,
  SOURCE_OPTIONS,
  SOURCE_USAGE,
  withConnection,
} from './agent-source.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { chooseFolder } from './flow-folder.ts'
import { plural } from './report-diagnostics.ts'
import { showProgress } from './show-progress.ts'

export const agentPull: Command = {
  usage: `agent pull (${SOURCE_USAGE}) [--dir DIR]`,
  summary: `Writes what the flow files depend on in the agent into DIR/${SNAPSHOT_FILE}, for the other commands and for reviews.`,
  details: `${SOURCE_HELP}
--dir DIR      the folder of flow files (default: flows)

It holds names, tags, types and places, and the payloads that were typed into the console; no value, no address, no credentials.
${LIVE_HELP}`,
  async run(args, io) {
    const { values } = parseArgs({ args: [...args], options: { ...SOURCE_OPTIONS, dir: { type: 'string' } } })
    const { snapshot, environments } = await readAgent(values, io)
    if (!snapshot) throw new UsageError(`say where the agent is: ${SOURCE_USAGE}`)
    const folder = chooseFolder(values.dir, io)
    const isNew = await keep(writeSnapshot(snapshot).text, folder)
    io.stdout.write(
      `${join(folder, SNAPSHOT_FILE)} ${isNew ? 'is written' : 'stays as it is'}: ${summarise(snapshot)}.\n${showEnvironments(environments)}`,
    )
    return EXIT.fine
  },
}

interface ReadAgent {
  readonly snapshot: AgentSnapshot | undefined
  readonly environments: readonly EnvironmentVersions[]
}

/** A live agent with its environments: they may run older versions of what is read. */
async function readAgent(source: AgentSource, io: Io): Promise<ReadAgent> {
  const { agent } = source
  if (agent === undefined || source.export !== undefined)
    return { snapshot: await readSource(source, io), environments: [] }
  return withConnection(agent, io, async (connection) => {
    const contents = await readLive(connection, showProgress(io))
    return { snapshot: takeSnapshot(contents), environments: await readEnvironments(connection, contents.flows) }
  })
}

function showEnvironments(environments: readonly EnvironmentVersions[]): string {
  if (environments.length === 0) return ''
  const lines = environments.map(({ name, versions }) => {
    const shown = versions.map(({ flow, version }) => `${flow}, version ${version}`).join('; ')
    return `  ${oneLine(name)}: ${oneLine(shown) || 'no version'}\n`
  })
  return `This is the draft. The environments run:\n${lines.join('')}`
}

/** Whether the file had to change. */
async function keep(text: string, folder: string): Promise<boolean> {
  const path = join(folder, SNAPSHOT_FILE)
  try {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === text) return false
    await mkdir(folder, { recursive: true })
    await writeFile(path, text)
    return true
  } catch (error) {
    throw new CannotRunError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
}

function summarise({ flows, shared, webhooks }: AgentSnapshot): string {
  const scopes = [shared, ...flows]
  const count = (of: (scope: AgentSnapshot['shared']) => readonly unknown[]): number =>
    scopes.reduce((sum, scope) => sum + of(scope).length, 0)
  return [
    plural(flows.length, 'flow'),
    plural(webhooks.length, 'webhook'),
    plural(
      count(({ fulfillments }) => fulfillments.filter(({ webhook }) => webhook !== undefined)),
      'webhook call',
    ),
    plural(
      count(({ payloads }) => payloads),
      'ujet payload',
    ),
  ].join(', ')
}

import { parseArgs } from 'node:util'
import { readFolder } from '../config/folder.ts'
import { textsOf } from '../config/loaded.ts'
import { parseFile } from '../config/parse-file.ts'
import { VERSION } from '../config/version.ts'
import { compilePolicyFile } from '../core/compile-flow.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { NO_POLICY, type Policy } from '../core/policy.ts'
import type { Log } from '../representatives/bridge.ts'
import { readBridgeSettings } from '../representatives/bridge-settings.ts'
import { BridgeError, type RunningBridge, startBridge } from '../representatives/start-bridge.ts'
import { StoreError } from '../representatives/store.ts'
import { orTell } from './agent-source.ts'
import { CannotRunError, type Command, EXIT, type Io } from './command.ts'
import { type LoadedRepresentatives, loadRepresentatives } from './load-representatives.ts'
import { reportDiagnostics } from './report-diagnostics.ts'

export const bridge: Command = {
  usage: 'bridge',
  summary:
    'Stands between a messaging channel, a Dialogflow CX agent and the humans, and tells people whether a bot or a human writes.',
  details: `The settings are environment variables; the README has them all. These must be set:
  BRIDGE_AGENT    projects/PROJECT/locations/LOCATION/agents/AGENT
  CHANNEL_URL     where messages and events are sent, up to /v1
  CHANNEL_TOKEN   the bearer token for that
  CHANNEL_HEADER  "Name: value" that the channel's calls to POST /channel bring
  HUMAN_HEADER    "Name: value" that the human side's calls to /humans/… bring
How the bot and the humans are shown stands in representatives.yaml, in FLOWS_DIR (default: flows).`,
  async run(args, io) {
    parseArgs({ args: [...args] })
    const read = readBridgeSettings(io.environment)
    if ('problems' in read) throw new CannotRunError(`the settings are not complete:\n${read.problems.join('\n')}`)
    const { settings } = read
    const { flowsDir: folder, policyFile } = settings
    const representatives = loadRepresentatives(folder)
    const policy = loadPolicy(folder, policyFile)
    const problems = [...(representatives?.diagnostics ?? []), ...policy.diagnostics]
    if (problems.some(({ severity }) => severity === 'error')) {
      const texts = new Map([...(representatives?.texts ?? []), ...policy.texts])
      return reportDiagnostics({ diagnostics: problems, texts, folder, files: 0 }, { format: 'text' }, io)
    }
    const log = logTo(io)
    const file = fileOf(representatives, folder)
    const input = { settings, representatives: file, policy: policy.policy, log, version: VERSION }
    const running = await orTell(startBridge(input)).catch((error: unknown) => {
      throw error instanceof BridgeError || error instanceof StoreError ? new CannotRunError(error.message) : error
    })
    log('INFO', `Listening on ${running.url}.`)
    const error = await whyItEnds(running)
    if (error) log('ERROR', 'The bridge ends after an unexpected error.', describe(error))
    await running.stop().catch(() => {})
    // A call that the agent or the channel never answers would hold the process for longer than its grace.
    process.exit(error ? EXIT.cannotRun : EXIT.fine)
  },
}

/** Undefined where it was told to. Node prints an uncaught error with its words, which may quote a value. */
const whyItEnds = ({ failed }: RunningBridge): Promise<unknown> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined))
    for (const event of ['uncaughtException', 'unhandledRejection']) process.once(event, resolve)
    void failed.then(resolve)
  })

interface LoadedPolicy {
  readonly policy: Policy
  readonly diagnostics: readonly Diagnostic[]
  readonly texts: ReadonlyMap<string, string>
}

/** The policy alone: the flow files are the webhook's. */
function loadPolicy(folder: string, policyFile: string | undefined): LoadedPolicy {
  const { policy: file } = readFolder(folder, policyFile, { mayBeEmpty: true })
  if (!file) return { policy: NO_POLICY, diagnostics: [], texts: new Map() }
  const texts = textsOf([file])
  const parsed = parseFile(file)
  return 'source' in parsed
    ? { ...compilePolicyFile(parsed.source), texts }
    : { policy: NO_POLICY, diagnostics: parsed.diagnostics, texts }
}

function fileOf(loaded: LoadedRepresentatives | undefined, folder: string) {
  if (loaded?.file) return loaded.file
  throw new CannotRunError(
    `there is no ${folder}/representatives.yaml, which says how the bot and the humans are shown; see "carryover schema representatives --format markdown"`,
  )
}

/** JSON lines, as the webhook's log has them. */
const logTo =
  ({ stdout }: Io): Log =>
  (severity, message, fields = {}) =>
    void stdout.write(`${JSON.stringify({ severity, message, ...fields })}\n`)

/** Of an error no more than what it is and where it was thrown: its words may quote a value. */
function describe(error: unknown): object {
  const { code, stack = '' } = error as NodeJS.ErrnoException
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return { error: (error as Error).constructor.name, code, stack: places.map((line) => line.trim()) }
}

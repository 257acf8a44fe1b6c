import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { oneLine } from '../core/one-line.ts'
import type { Setter } from '../dialogflow/agent-model.ts'
import { checkAgent } from '../dialogflow/check-agent.ts'
import { type AgentSnapshot, SNAPSHOT_FILE } from '../dialogflow/snapshot.ts'
import { writeSnapshot } from '../dialogflow/write-snapshot.ts'
import { chooseAgent, DEFAULT_WEBHOOK, readSource, SOURCE_HELP, SOURCE_OPTIONS, SOURCE_USAGE } from './agent-source.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { loadFlows } from './flow-folder.ts'
import { DIAGNOSTIC_FORMATS, readFormat, readMaxWarnings, reportDiagnostics } from './report-diagnostics.ts'

export const agentCheck: Command = {
  usage: `agent check [DIR] [${SOURCE_USAGE}] [--check] [--webhook NAME] [--elsewhere NAMES] [--format ${DIAGNOSTIC_FORMATS.join('|')}] [--max-warnings N]`,
  summary:
    'Compares the agent with the flow files below DIR (default: flows): what each relies on, and the other does not give.',
  details: `Without ${SOURCE_USAGE} the agent is DIR/${SNAPSHOT_FILE}, as "carryover agent pull" wrote it: no network is needed.

${SOURCE_HELP}
--check            with one of them: fails where DIR/${SNAPSHOT_FILE} does not say the same
--webhook NAME     the webhook that answers from these files (default: ${DEFAULT_WEBHOOK}, else those that send a tag of theirs)
--elsewhere NAMES  a comma list of parameters (with * and ?) that something else sets: the caller of the API, another webhook
--format, --max-warnings  as with "carryover validate"`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        ...SOURCE_OPTIONS,
        check: { type: 'boolean', default: false },
        webhook: { type: 'string' },
        elsewhere: { type: 'string', default: '' },
        format: { type: 'string', default: 'text' },
        'max-warnings': { type: 'string' },
      },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('one folder at a time')
    const options = {
      format: readFormat(values.format, DIAGNOSTIC_FORMATS),
      maxWarnings: readMaxWarnings(values['max-warnings']),
    }
    const flows = await loadFlows(positionals[0], io)
    const { configuration, folder } = flows
    if (!configuration) throw new CannotRunError(`the flow files have errors; see "carryover validate ${folder}"`)
    const fresh = await readSource(values, io)
    if (values.check && !fresh) throw new UsageError(`--check compares with what you name: ${SOURCE_USAGE}`)
    const snapshot = fresh ?? (await chooseAgent(values, folder, io))
    const webhook = chooseWebhook(values.webhook, snapshot)
    const { diagnostics, source, byFunction } = checkAgent(
      snapshot,
      { ...flows, policy: configuration.policy },
      { webhook, elsewhere: listOf(values.elsewhere), agentId: values.agent?.split('/').at(-1) },
    )
    const texts = new Map([...flows.texts, [source.path, source.text]])
    const code = reportDiagnostics({ ...flows, diagnostics, texts }, options, io)
    if (options.format === 'text' && byFunction.length) io.stdout.write(showFunctions(byFunction))
    const isStale = values.check && (await saysOtherwise(snapshot, folder, io))
    return isStale ? EXIT.problems : code
  },
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)

function chooseWebhook(named: string | undefined, { webhooks }: AgentSnapshot): string | undefined {
  const standard = webhooks.filter(({ type }) => type === 'standard').map(({ name }) => name)
  if (named === undefined) return standard.find((name) => name === DEFAULT_WEBHOOK)
  if (standard.includes(named)) return named
  const known = standard.map(oneLine).join(', ') || 'none'
  throw new UsageError(`the agent has no standard webhook ${JSON.stringify(named)}; it has ${known}`)
}

const showFunctions = (setters: readonly Setter[]): string =>
  `\nSet by a function of Dialogflow, so that their kind is not known here:\n${setters.map(({ name, standing }) => `  ${oneLine(name)}: ${oneLine(standing.place)}\n`).join('')}`

async function saysOtherwise(snapshot: AgentSnapshot, folder: string, io: Io): Promise<boolean> {
  const path = join(folder, SNAPSHOT_FILE)
  const pulled = await readFile(path, 'utf8').catch(() => undefined)
  if (pulled?.replaceAll('\r\n', '\n') === writeSnapshot(snapshot).text) return false
  io.stderr.write(
    `carryover: ${path} is ${pulled === undefined ? 'not there' : 'stale'}; write it with "carryover agent pull".\n`,
  )
  return true
}

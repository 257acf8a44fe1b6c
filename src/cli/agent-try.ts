import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { parseFile } from '../config/parse-file.ts'
import { type Paint, painter } from '../config/show-diagnostic.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { JsonMap } from '../core/json.ts'
import { oneLine } from '../core/one-line.ts'
import { toData } from '../core/source.ts'
import { SURFACES } from '../core/surface.ts'
import { validate } from '../core/validate.ts'
import { surfaceViews } from '../core/visibility.ts'
import { idOf } from '../dialogflow/agent-contents.ts'
import type { Connection } from '../dialogflow/connect.ts'
import {
  type Conversation,
  compare,
  conversationSchema,
  isTaken,
  type Mismatch,
  type Outcome,
  type Turn,
  takeTurn,
} from '../dialogflow/converse.ts'
import { findEnvironment } from '../dialogflow/read-live.ts'
import { withConnection } from './agent-source.ts'
import { CannotRunError, type Command, EXIT, type Screen, UsageError } from './command.ts'
import { drawTable } from './draw-table.ts'
import { plural, reportDiagnostics } from './report-diagnostics.ts'
import { showDifference } from './show-difference.ts'

export const agentTry: Command = {
  usage: 'agent try FILE --agent NAME [--environment NAME] [--language CODE] [--json]',
  summary:
    'Drives a conversation with the live agent: what each turn says, what the contact centre gets, and what every surface would see.',
  details: `FILE is YAML or JSON:

turns:
  - text: I want to book a trip              # or dtmf: "12#", or event: WELCOME
    parameters: { loyalty_tier: gold }       # set before the turn; alone, they are set before the next one
    expect:                                  # compared, where given
      sees: { agent: { destination: Osaka } }
      missing: [budget]
      says: [Where to?]
      page: Ask where

--agent NAME        projects/PROJECT/locations/LOCATION/agents/AGENT
--environment NAME  what its callers get (default: the draft)
--language CODE     where FILE has no language (default: en)
--json              for programs: a list of {"says", "ujets", "surfaces", "missing", "page", "flow", "failures", "mismatches"}`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        agent: { type: 'string' },
        environment: { type: 'string' },
        language: { type: 'string', default: 'en' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    const [file, ...more] = positionals
    const { agent, environment } = values
    if (file === undefined || more.length) throw new UsageError('name one file of turns')
    if (agent === undefined) throw new UsageError('say which agent: --agent')
    const read = await readConversation(file)
    if ('diagnostics' in read) return reportDiagnostics({ ...read, folder: '', files: 1 }, { format: 'text' }, io)
    const { conversation } = read
    const language = conversation.language ?? values.language
    return withConnection(agent, io, async (connection) => {
      const within =
        environment === undefined
          ? ''
          : `/environments/${idOf(String((await findEnvironment(connection, environment)).name))}`
      const session = `${connection.agent.name}${within}/sessions/${randomUUID()}`
      const show = values.json ? () => {} : (tried: Tried) => void io.stdout.write(showTurn(tried, io.screen))
      const tried = await converse(connection, session, conversation, language, show)
      io.stdout.write(values.json ? `${JSON.stringify(tried.map(toPlain), null, 2)}\n` : `${summarise(tried)}\n`)
      return tried.some(hasFailed) ? EXIT.problems : EXIT.fine
    })
  },
}

interface Tried {
  readonly turn: Turn
  readonly number: number
  readonly outcome: Outcome
  readonly mismatches: readonly Mismatch[]
}

const hasFailed = ({ outcome, mismatches }: Tried): boolean => outcome.failures.length > 0 || mismatches.length > 0

type Read =
  | { readonly conversation: Conversation }
  | { readonly diagnostics: readonly Diagnostic[]; readonly texts: ReadonlyMap<string, string> }

async function readConversation(path: string): Promise<Read> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new CannotRunError(`${path} cannot be read (${error.code})`)
  })
  const texts = new Map([[path, bytes.toString('utf8')]])
  const parsed = parseFile({ path, bytes })
  if ('diagnostics' in parsed) return { diagnostics: parsed.diagnostics, texts }
  const { diagnostics, source } = validate(parsed.source, conversationSchema)
  if (diagnostics.length) return { diagnostics, texts }
  return { conversation: toData(source.root) as Conversation }
}

/** Takes the turns one after the other; parameters that stand alone go with the next. */
async function converse(
  connection: Connection,
  session: string,
  { turns }: Conversation,
  language: string,
  show: (tried: Tried) => void,
): Promise<Tried[]> {
  const all: Tried[] = []
  let waiting: JsonMap = {}
  for (const [i, turn] of turns.entries()) {
    waiting = { ...waiting, ...turn.parameters }
    if (!isTaken(turn)) continue
    const outcome = await takeTurn(connection, session, turn, waiting, language)
    waiting = {}
    const tried = { turn, number: i + 1, outcome, mismatches: compare(turn, outcome) }
    show(tried)
    all.push(tried)
  }
  return all
}

const toPlain = ({ outcome, mismatches }: Tried): object => ({
  ...outcome,
  surfaces: surfaceViews(outcome.ujets),
  mismatches,
})

function showTurn({ turn, number, outcome, mismatches }: Tried, { colour, width }: Screen): string {
  const paint = painter(colour)
  const { flow, page, says, ujets, failures, missing } = outcome
  const input = turn.dtmf !== undefined ? `keys ${turn.dtmf}` : (turn.text ?? `event ${turn.event}`)
  const lines = [
    paint('bold', `${number}. ${input}`),
    paint('dim', `   ${oneLine([flow, page].filter(Boolean).join(', '))}`),
    ...indented(says.flatMap(linesOf)),
    ...failures.map((why) => paint('red', `   a webhook failed: ${oneLine(why)}`)),
    ...(missing.length ? [paint('yellow', `   missing: ${oneLine(missing.join(', '))}`)] : []),
    ...ujets.map((ujet) => paint('dim', `   ${oneLine(JSON.stringify({ ujet }))}`)),
    ...indented(showSurfaces(ujets, width - 3)),
    ...mismatches.flatMap((mismatch) => indented(showMismatch(mismatch, paint))),
  ]
  return `${lines.join('\n')}\n\n`
}

/** What comes from outside moves no cursor. */
const linesOf = (text: string): string[] => text.split('\n').map(oneLine)

const indented = (lines: readonly string[]): string[] => lines.map((line) => `   ${line}`)

function showSurfaces(ujets: readonly JsonMap[], width: number): string[] {
  const views = surfaceViews(ujets)
  const keys = [...new Set(SURFACES.flatMap((surface) => Object.keys(views[surface])))]
  if (keys.length === 0) return []
  const cell = (value: unknown): string =>
    value === undefined ? '–' : linesOf(typeof value === 'string' ? value : JSON.stringify(value)).join('\n')
  const rows = keys.map((key) => [oneLine(key), ...SURFACES.map((surface) => cell(views[surface][key]))])
  return (
    drawTable([['', ...SURFACES], ...rows], width) ??
    SURFACES.map((surface) => `${surface}: ${oneLine(JSON.stringify(views[surface]))}`)
  )
}

const showMismatch = ({ of, expected, came }: Mismatch, paint: Paint): string[] => [
  paint('red', `${of} (- expected, + came):`),
  ...showDifference(expected, came, paint).map((line) => `  ${line}`),
]

function summarise(tried: readonly Tried[]): string {
  const failed = tried.filter(hasFailed).length
  return `${plural(tried.length, 'turn')}: ${tried.length - failed} as expected, ${failed} not.`
}

import { parseArgs } from 'node:util'
import wrapAnsi from 'wrap-ansi'
import { type Paint, painter } from '../config/show-diagnostic.ts'
import { oneLine } from '../core/one-line.ts'
import { STANDARD_INPUT } from '../sessions/find-files.ts'
import { JOIN_FINDING_KINDS, Join, type JoinFinding, type JoinResult, type JoinSources } from '../sessions/join.ts'
import { describeJoinFinding, describeUnknown, JOIN_TITLES } from '../sessions/join-words.ts'
import { readJsonFiles } from '../sessions/json-files.ts'
import type { Origin } from '../sessions/json-text.ts'
import { readLogLine } from '../sessions/read-log-line.ts'
import { readPostEvent } from '../sessions/read-post-event.ts'
import { type Command, EXIT, type Io, type Screen, UsageError } from './command.ts'
import { drawTable } from './draw-table.ts'
import { plural, readFormat } from './report-diagnostics.ts'
import { Complaints, orTellNone, PATHS_HELP, readSessionFiles, tellNoSession } from './session-files.ts'
import { showProgress } from './show-progress.ts'

const SHOW = { text: drawJoin, json: toJson } as const
const FORMATS = Object.keys(SHOW) as readonly (keyof typeof SHOW)[]

export const sessionsJoin: Command = {
  usage: `sessions join [--log PATH]… [--events PATH]… PATH… [--format ${FORMATS.join('|')}]`,
  summary:
    'What the webhook sent, what post events carried and what the session was, by conversation: what did not arrive, and where.',
  details: `${PATHS_HELP}

--log PATH     the webhook's log, as it was written or as "gcloud logging read --format=json" gives it
--events PATH  post events as the page around the adapter got them, {"type", "data"} each, one a line or as a list
               Both may be given several times, and be folders, globs and compressed, as PATH; of each no value is read, names alone
--format       json is for programs

Finds sessions that were escalated without any variable sent, captures of which a required value was missing until the end, variables that
were sent and never received in an event that should have had them, and the reverse. Ends with 1 where it finds any, and
where it reads no session.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        log: { type: 'string', multiple: true, default: [] },
        events: { type: 'string', multiple: true, default: [] },
        format: { type: 'string', default: 'text' },
      },
      allowPositionals: true,
    })
    const format = readFormat(values.format, FORMATS)
    if ([...values.log, ...values.events, ...positionals].filter((path) => path === STANDARD_INPUT).length > 1)
      throw new UsageError('standard input (-) can be one of the sources, not several')
    const readings = readSessionFiles(positionals, io)
    const join = new Join()
    const complaints = new Complaints(io)
    const reader = { complaints, io }
    await readEach(values.log, readLogLine, (call) => join.addCall(call), 'calls of the webhook', reader)
    await readEach(values.events, readPostEvent, (event) => join.addEvent(event), 'post events', reader)
    for await (const { session, diagnostics } of readings) {
      for (const diagnostic of diagnostics) complaints.tell(diagnostic)
      if (session) join.addSession(session)
    }
    complaints.end()
    const sources = { hasLog: values.log.length > 0, hasEvents: values.events.length > 0 }
    const result = join.result(sources)
    io.stdout.write(SHOW[format](result, sources, io.screen))
    if (result.counts.sessions === 0) return tellNoSession('join', io)
    return result.findings.length ? EXIT.problems : complaints.code
  },
}

/** Hands on what of the files is of the kind that is wanted; a log holds much else. */
async function readEach<T>(
  paths: readonly string[],
  read: (value: unknown) => T | undefined,
  take: (one: T) => void,
  what: string,
  { complaints, io }: { readonly complaints: Complaints; readonly io: Io },
): Promise<void> {
  if (paths.length === 0) return
  const progress = showProgress(io)
  let taken = 0
  for await (const reading of orTellNone(readJsonFiles(paths, io.stdin))) {
    if ('problem' in reading && !isProse(reading.origin)) complaints.tell(reading.problem)
    const one = 'value' in reading ? read(reading.value) : undefined
    if (one === undefined) continue
    take(one)
    progress({ [what]: ++taken })
  }
  if (taken === 0)
    io.stderr.write(`carryover: ${oneLine(paths.join(', '))} ${paths.length > 1 ? 'hold' : 'holds'} no ${what}.\n`)
}

/** Other programs write to a log too, in words. */
const isProse = ({ text }: Origin): boolean => /^\s*[^\s[{]/.test(text)

/** A month may hold more than anybody reads; JSON has all of them. */
const MAX_SHOWN = 50

function drawJoin(result: JoinResult, sources: JoinSources, screen: Screen): string {
  const { findings, counts } = result
  const paint = painter(screen.colour)
  const unknown = describeUnknown(sources, counts)
  const parts = [
    indent(describeCounts(result, sources), screen, 0),
    ...JOIN_FINDING_KINDS.map((kind) =>
      drawFindings(
        findings.filter((finding) => finding.kind === kind),
        screen,
        paint,
      ),
    ),
    drawCaptures(result, screen, paint),
    unknown.length
      ? [paint('bold', 'What cannot be known'), ...unknown.map((text) => indent(text, screen))].join('\n')
      : '',
    findings.length || counts.sessions === 0 ? '' : 'Nothing is amiss, as far as can be known.',
  ]
  return `${parts.filter(Boolean).join('\n\n')}\n`
}

function describeCounts({ counts }: JoinResult, { hasLog, hasEvents }: JoinSources): string {
  const of = (count: number, word: string): string =>
    `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`
  const parts = [
    of(counts.sessions, 'session'),
    ...(hasLog ? [`${of(counts.calls, 'answer')} of the webhook`] : []),
    ...(counts.failures ? [of(counts.failures, 'failed request')] : []),
    ...(hasEvents ? [of(counts.events, 'post event')] : []),
  ]
  return `${parts.join(', ')}.`
}

const indent = (text: string, { width }: Screen, by = 2): string =>
  wrapAnsi(text, width - by, { hard: true }).replace(/^/gm, ' '.repeat(by))

function drawFindings(findings: readonly JoinFinding[], screen: Screen, paint: Paint): string {
  const [first] = findings
  if (!first) return ''
  const shown = findings
    .slice(0, MAX_SHOWN)
    .flatMap((finding) => [
      indent(paint('yellow', oneLine(whose(finding))), screen),
      ...[describeJoinFinding(finding), finding.ending && `ended: ${finding.ending}`]
        .filter((text) => text !== undefined)
        .map((text) => indent(oneLine(text), screen, 4)),
    ])
  const more = findings.length > MAX_SHOWN ? [`  … and ${plural(findings.length - MAX_SHOWN, 'more session')}`] : []
  return [indent(paint('bold', `${JOIN_TITLES[first.kind]}: ${findings.length}`), screen, 0), ...shown, ...more].join(
    '\n',
  )
}

function whose({ session, conversation }: JoinFinding): string {
  const named = conversation === undefined ? undefined : `conversation ${conversation}`
  return [session ?? (named ? undefined : 'a session'), named].filter(Boolean).join(', ')
}

function drawCaptures({ captures }: JoinResult, screen: Screen, paint: Paint): string {
  if (captures.length === 0) return ''
  const rows = captures.map(({ flow, tag, missed, made, endings }) => [
    oneLine(flow ?? ''),
    oneLine(tag),
    String(missed),
    String(made),
    oneLine([...endings].map(([ending, count]) => `${count} × ${ending}`).join('; ')),
  ])
  const table = drawTable(
    [['Flow', 'Tag', 'Missing in', 'Later whole in', 'Until the end: how it ended'], ...rows],
    screen.width,
  )
  const lines = table ?? rows.map((row) => indent(row.join(', '), screen))
  return [paint('bold', 'Captures of which a required value was missing'), ...lines].join('\n')
}

function toJson(result: JoinResult, sources: JoinSources): string {
  const { findings, captures, counts } = result
  const plain = captures.map(({ endings, ...rest }) => ({ ...rest, endings: Object.fromEntries(endings) }))
  return `${JSON.stringify({ counts, findings, captures: plain, unknown: describeUnknown(sources, counts) }, null, 2)}\n`
}

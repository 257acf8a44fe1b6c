import { parseArgs } from 'node:util'
import { SessionsError } from '../sessions/find-files.ts'
import { makeReport } from '../sessions/make-report.ts'
import type { Reading } from '../sessions/read-document.ts'
import type { SessionReport } from '../sessions/report.ts'
import { TimeZoneError } from '../sessions/report-database.ts'
import { REPORT_KEYS } from '../sessions/report-rows.ts'
import type { Session } from '../sessions/session.ts'
import { Charts } from '../studio/draw-chart.ts'
import { drawReportPage } from '../studio/report-page.ts'
import { CannotRunError, type Command, type Screen, UsageError } from './command.ts'
import { drawReport } from './draw-report.ts'
import { drawReportCsv } from './report-csv.ts'
import { readFormat } from './report-diagnostics.ts'
import { drawReportJson } from './report-json.ts'
import { Complaints, PATHS_HELP, readSessionFiles, tellNoSession } from './session-files.ts'

type Draw = (report: SessionReport, screen: Screen) => string | Promise<string>

/** What each format draws with, asked for before anything is read: a package may be absent. */
const DRAW = {
  text: () => drawReport,
  csv: () => drawReportCsv,
  json: () => drawReportJson,
  html: async () => {
    const charts = await Charts.load()
    return (report) => drawReportPage(report, charts)
  },
} as const satisfies Readonly<Record<string, () => Draw | Promise<Draw>>>
const FORMATS = Object.keys(DRAW) as readonly (keyof typeof DRAW)[]

export const sessionsReport: Command = {
  usage: `sessions report PATH… [--time-zone ZONE] [--format ${FORMATS.join('|')}]`,
  summary:
    'Many sessions: how many, how long, by type, queue, virtual agent, reasons, day and hour; satisfaction and fallbacks.',
  details: `${PATHS_HELP}

--time-zone ZONE  whose days and hours, such as UTC or Europe/Berlin (default: each time by the clock that the file wrote it with;
                  one without an offset is taken for UTC)
--format text     tables for a terminal (the default)
--format csv      one line for each value of each facet, durations in seconds, for a spreadsheet
--format json     the same for programs
--format html     one page with charts that needs nothing else, to look at or to print

Of two exports of a session the final one counts. Two packages are not installed with this one: DuckDB counts, and Vega draws for html:
npm install --no-save @duckdb/node-api@1.5.6-r.1 vega@6.4.0`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'time-zone': { type: 'string' }, format: { type: 'string', default: 'text' } },
      allowPositionals: true,
    })
    const format = readFormat(values.format, FORMATS)
    const readings = readSessionFiles(positionals, io, REPORT_KEYS)
    const complaints = new Complaints(io)
    const draw: Draw = await Promise.resolve(DRAW[format]()).catch(orTell)
    const report = await makeReport(sessionsIn(readings, complaints), { timeZone: values['time-zone'] }).catch(orTell)
    complaints.end()
    if (report.records === 0) return tellNoSession('report', io)
    io.stdout.write(await draw(report, io.screen))
    return complaints.code
  },
}

async function* sessionsIn(readings: AsyncIterable<Reading>, complaints: Complaints): AsyncGenerator<Session> {
  for await (const { session, diagnostics } of readings) {
    for (const diagnostic of diagnostics) complaints.tell(diagnostic)
    if (session) yield session
  }
}

function orTell(error: unknown): never {
  if (error instanceof TimeZoneError) throw new UsageError(`--time-zone: ${error.message}`)
  throw error instanceof SessionsError ? new CannotRunError(error.message) : error
}

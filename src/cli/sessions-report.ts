import { parseArgs } from 'node:util'
import { SessionsError } from '../sessions/find-files.ts'
import { makeReport } from '../sessions/make-report.ts'
import type { SessionReport } from '../sessions/report.ts'
import { TimeZoneError } from '../sessions/report-database.ts'
import type { Session } from '../sessions/session.ts'
import { CannotRunError, type Command, EXIT, type Screen, UsageError } from './command.ts'
import { drawReport } from './draw-report.ts'
import { drawReportCsv } from './report-csv.ts'
import { readFormat } from './report-diagnostics.ts'
import { drawReportJson } from './report-json.ts'
import { PATHS_HELP, SessionFiles } from './session-files.ts'

const DRAW = {
  text: drawReport,
  csv: drawReportCsv,
  json: drawReportJson,
} as const satisfies Readonly<Record<string, (report: SessionReport, screen: Screen) => string | Promise<string>>>
const FORMATS = Object.keys(DRAW) as readonly (keyof typeof DRAW)[]

export const sessionsReport: Command = {
  usage: `sessions report PATH… [--time-zone ZONE] [--format ${FORMATS.join('|')}]`,
  summary:
    'Many sessions: how many, how long, by type, queue, virtual agent, reasons, day and hour; satisfaction and fallbacks.',
  details: `${PATHS_HELP}

--time-zone ZONE  whose days and hours, such as UTC or Europe/Berlin (default: each time by the clock that the file wrote it with)
--format text     tables for a terminal (the default)
--format csv      one line for each value of each facet, durations in seconds, for a spreadsheet
--format json     the same for programs

Of two exports of a session the final one counts. Counting needs a package that is not installed with this one:
npm install --no-save @duckdb/node-api@1.5.6-r.1`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'time-zone': { type: 'string' }, format: { type: 'string', default: 'text' } },
      allowPositionals: true,
    })
    const format = readFormat(values.format, FORMATS)
    const files = new SessionFiles(positionals, io)
    const report = await makeReport(sessionsOf(files), { timeZone: values['time-zone'] }).catch(orTell)
    if (report.records === 0) {
      io.stderr.write('carryover sessions report: there is no session in what was read.\n')
      return EXIT.problems
    }
    io.stdout.write(await DRAW[format](report, io.screen))
    return files.code
  },
}

async function* sessionsOf(files: SessionFiles): AsyncGenerator<Session> {
  for await (const { session } of files.read()) if (session) yield session
}

function orTell(error: unknown): never {
  if (error instanceof TimeZoneError) throw new UsageError(`--time-zone: ${error.message}`)
  throw error instanceof SessionsError ? new CannotRunError(error.message) : error
}

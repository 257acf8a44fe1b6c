import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunkWriter } from '@duckdb/node-api'
import { suggest } from '../core/suggest.ts'
import { SessionsError } from './find-files.ts'
import { REPORT_TABLES, type ReportTable } from './report-rows.ts'
import type { Session } from './session.ts'

/** A row of a result, by column. */
export type ResultRow = Readonly<Record<string, unknown>>

/** The data base knows no time zone of this name. */
export class TimeZoneError extends SessionsError {}

type Package = typeof import('@duckdb/node-api')

const SETTINGS = {
  // However many sessions, and cores, each of which wants a share: what does not fit is in a folder.
  memory_limit: '128MB',
  threads: '2',
  // The folder is removed afterwards: nothing in it need be made ready for another time.
  checkpoint_threshold: '1TB',
  autoinstall_known_extensions: 'false',
}

async function loadDuckDb(): Promise<Package> {
  return import('@duckdb/node-api').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new SessionsError('counting sessions needs a package: npm install --no-save @duckdb/node-api@1.5.6-r.1')
  })
}

/**
 * Opens an empty data base for the rows of sessions, lets them be added and counted by `use`, and removes it.
 * `timeZone` is a name of the IANA data base; undefined for the clocks of the files. Throws a `SessionsError`.
 */
export async function withReportDatabase<T>(
  timeZone: string | undefined,
  use: (database: ReportDatabase) => Promise<T>,
): Promise<T> {
  const duckdb = await loadDuckDb()
  let folder: string | undefined
  const removeFirst = (signal: NodeJS.Signals): void => {
    try {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    } finally {
      process.kill(process.pid, signal)
    }
  }
  // Before there is a folder: a signal that nobody waits for ends the process at once.
  for (const signal of ENDING) process.once(signal, removeFirst)
  try {
    folder = makeFolder()
    return await openIn(folder, duckdb, timeZone, use)
  } catch (error) {
    throw isOfDuckDb(error) ? new SessionsError(`in ${folder}, DuckDB could not count: ${firstLine(error)}`) : error
  } finally {
    for (const signal of ENDING) process.off(signal, removeFirst)
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'carryover-report-'))
  } catch (error) {
    throw new SessionsError(`counting needs a folder for temporary files: ${(error as Error).message}`)
  }
}

/** Its errors have neither a class nor a code. */
const isOfDuckDb = (error: unknown): error is Error =>
  error instanceof Error && error.constructor === Error && !('code' in error)

const firstLine = ({ message }: Error): string => message.split('\n', 1)[0] ?? ''

async function openIn<T>(
  folder: string,
  duckdb: Package,
  timeZone: string | undefined,
  use: (database: ReportDatabase) => Promise<T>,
): Promise<T> {
  const settings = { ...SETTINGS, temp_directory: join(folder, 'spilled') }
  const instance = await duckdb.DuckDBInstance.create(join(folder, 'sessions.duckdb'), settings)
  const connection = await instance.connect()
  try {
    await connection.run('PRAGMA disable_checkpoint_on_shutdown')
    if (timeZone !== undefined) await checkTimeZone(connection, timeZone)
    await createTables(connection, timeZone)
    return await use(await ReportDatabase.open(duckdb, connection))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function checkTimeZone(connection: DuckDBConnection, timeZone: string): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT name FROM pg_timezone_names()')
  const names = reader.getRows().map(([name]) => String(name))
  if (names.includes(timeZone)) return
  // Of offsets, the nearest in letters is another time.
  const [near] = /\d/.test(timeZone) ? [] : suggest(timeZone, names)
  const hint = near === undefined ? 'expected a name such as UTC or Europe/Berlin' : `did you mean "${near}"?`
  throw new TimeZoneError(`there is no time zone ${JSON.stringify(timeZone)}; ${hint}`)
}

/** `record` has the day and the hour by the clock that is wanted; of a date alone, that day in every time zone, and no hour. */
async function createTables(connection: DuckDBConnection, timeZone: string | undefined): Promise<void> {
  for (const { name, columns } of REPORT_TABLES) {
    const types = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
    await connection.run(`CREATE TABLE ${name} (${types.join(', ')})`)
  }
  await connection.run(`CREATE VIEW record AS
    SELECT *, strftime(COALESCE(local, date), '%Y-%m-%d') AS day, strftime(local, '%H') AS hour
    FROM (
      SELECT
        *, make_timestamp(CAST(began * 1000 AS BIGINT)) AS date,
        CASE WHEN utc_offset IS NOT NULL THEN ${localTime(timeZone)} END AS local
      FROM undated_record
    )`)
}

/** Checked against the names that the data base knows; none has a quote. */
const localTime = (timeZone: string | undefined): string =>
  timeZone === undefined
    ? 'make_timestamp(CAST((began + utc_offset * 60000) * 1000 AS BIGINT))'
    : `timezone('${timeZone}', make_timestamptz(CAST(began * 1000 AS BIGINT)))`

/** Takes the rows of one table, a few thousand at a time. */
interface TableWriter extends Pick<ReportTable, 'rowsOf'> {
  readonly appender: DuckDBAppender
  readonly writer: DuckDBDataChunkWriter
}

/** The rows of sessions, in DuckDB. */
export class ReportDatabase {
  readonly #duckdb: Package
  readonly #connection: DuckDBConnection
  readonly #writers: readonly TableWriter[]
  #records = 0

  private constructor(duckdb: Package, connection: DuckDBConnection, writers: readonly TableWriter[]) {
    this.#duckdb = duckdb
    this.#connection = connection
    this.#writers = writers
  }

  static async open(duckdb: Package, connection: DuckDBConnection): Promise<ReportDatabase> {
    const writers = REPORT_TABLES.map(async ({ name, rowsOf }) => {
      const appender = await connection.createAppender(name)
      return { rowsOf, appender, writer: duckdb.DuckDBDataChunkWriter.forAppender(appender) }
    })
    return new ReportDatabase(duckdb, connection, await Promise.all(writers))
  }

  add(session: Session): void {
    const number = this.#records++
    for (const { rowsOf, writer } of this.#writers) for (const row of rowsOf(session, number)) writer.appendRow(row)
  }

  /** How many records were added. */
  get records(): number {
    return this.#records
  }

  /** Nothing can be added any more. */
  finish(): void {
    for (const { writer, appender } of this.#writers) {
      writer.flush()
      appender.closeSync()
    }
  }

  /** Runs statements one after another, and gives what the queries among them answer. */
  async run(sql: string): Promise<readonly (readonly ResultRow[])[]> {
    const statements = await this.#connection.extractStatements(sql)
    const results: ResultRow[][] = []
    for (let index = 0; index < statements.count; index++) {
      const statement = await statements.prepare(index)
      const reader = await statement.runAndReadAll()
      if (statement.statementType === this.#duckdb.StatementType.SELECT) results.push(reader.getRowObjects())
    }
    return results
  }
}

/** The queries, the same ones for everybody. */
export const readReportSql = (): Promise<string> => readFile(join(import.meta.dirname, 'report.sql'), 'utf8')

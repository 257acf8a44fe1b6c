import { FACETS, type Facet, type Figures, type Group, type RatingCount, type SessionReport } from './report.ts'
import { type ReportDatabase, type ResultRow, readReportSql, withReportDatabase } from './report-database.ts'
import type { Session } from './session.ts'

export interface ReportOptions {
  /** A name of the IANA data base; undefined for the clocks of the files. */
  readonly timeZone?: string | undefined
}

/** Counts sessions by the queries of `report.sql`. Throws a `SessionsError` where DuckDB or the time zone is missing. */
export function makeReport(
  sessions: Iterable<Session> | AsyncIterable<Session>,
  { timeZone }: ReportOptions = {},
): Promise<SessionReport> {
  return withReportDatabase(timeZone, async (database) => {
    for await (const session of sessions) database.add(session)
    database.finish()
    return count(database, timeZone)
  })
}

/** The clocks that the hours of the report are of. */
const OFFSETS =
  'SELECT DISTINCT utc_offset AS minutes FROM undated_record WHERE utc_offset IS NOT NULL ORDER BY minutes'

async function count(database: ReportDatabase, timeZone: string | undefined): Promise<SessionReport> {
  const [figures = [], ratings = []] = await database.run(await readReportSql())
  const [offsets = []] = await database.run(OFFSETS)
  const groups = inOrder(toGroups(figures))
  return {
    timeZone,
    utcOffsets: offsets.map(({ minutes }) => Number(minutes)),
    records: database.records,
    sessions: groups.find(({ facet }) => facet === 'total')?.count ?? 0,
    groups,
    ratings: ratings.map(toRatingCount),
  }
}

const numberOf = (value: unknown): number | undefined => (value === null ? undefined : Number(value))

const toRatingCount = ({ bot, rating, count }: ResultRow): RatingCount => ({
  bot: bot === 'yes',
  rating: Number(rating),
  count: Number(count),
})

/** A row for each measure becomes a group for each value. */
function toGroups(rows: readonly ResultRow[]): Group[] {
  const byGroup = new Map<string, Map<unknown, ResultRow>>()
  for (const row of rows) {
    const key = JSON.stringify([row.facet, row.value])
    const measures = byGroup.get(key) ?? new Map()
    byGroup.set(key, measures.set(row.measure, row))
  }
  return [...byGroup.values()].flatMap(toGroup)
}

function toGroup(rows: ReadonlyMap<unknown, ResultRow>): Group[] {
  const all = rows.get('count')
  if (!all) return []
  const facet = all.facet as Facet
  const value = all.value === null ? undefined : String(all.value)
  const figures = FACETS[facet].map((measure) => [measure, toFigures(rows.get(measure))])
  return [{ facet, value, count: Number(all.known), figures: Object.fromEntries(figures) }]
}

/** There is no row where nothing is known. */
const UNKNOWN: ResultRow = { known: 0, total: null, mean: null, median: null, p90: null, p95: null }

const toFigures = ({ known, total, mean, median, p90, p95 }: ResultRow = UNKNOWN): Figures => ({
  known: Number(known),
  total: numberOf(total),
  mean: numberOf(mean),
  median: numberOf(median),
  p90: numberOf(p90),
  p95: numberOf(p95),
})

const ORDER = Object.keys(FACETS)
const BY_VALUE: ReadonlySet<Facet> = new Set<Facet>(['day', 'hour'])

const inOrder = (groups: readonly Group[]): Group[] =>
  [...groups].sort((a, b) => ORDER.indexOf(a.facet) - ORDER.indexOf(b.facet) || compareWithin(a, b))

function compareWithin(a: Group, b: Group): number {
  const byValue = a.value === undefined ? 1 : b.value === undefined ? -1 : compareTexts(a.value, b.value)
  return BY_VALUE.has(a.facet) ? byValue : b.count - a.count || byValue
}

/** By the letter, so that it is the same on every machine. */
const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

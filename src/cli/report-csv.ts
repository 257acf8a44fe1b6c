import { type Figures, fallbackRate, type Group, type Measure, type SessionReport } from '../sessions/report.ts'
import { drawCsvLine } from './csv-line.ts'

type Column = (group: Group) => string | number | undefined

const PARTS = ['known', 'mean', 'median', 'p90', 'p95'] as const satisfies readonly (keyof Figures)[]

/** Seconds, by nearest rank. */
const durations = (measure: Measure): Record<string, Column> =>
  Object.fromEntries(PARTS.map((part) => [`${measure}_${part}`, ({ figures }) => figures[measure]?.[part]]))

const COLUMNS: Readonly<Record<string, Column>> = {
  facet: ({ facet }) => facet,
  value: ({ value }) => value,
  count: ({ count }) => count,
  ...durations('duration'),
  ...durations('wait'),
  ...durations('hold'),
  ...durations('until_human'),
  rated: ({ figures }) => figures.rating?.known,
  rating_mean: ({ figures }) => figures.rating?.mean,
  responses: ({ figures }) => figures.responses?.total,
  fallbacks: ({ figures }) => figures.fallbacks?.total,
  fallback_rate: fallbackRate,
}

/** One line for each value of each facet, after RFC 4180; an empty value is one that the records do not say. */
export const drawReportCsv = ({ groups }: SessionReport): string =>
  [Object.keys(COLUMNS), ...groups.map((group) => Object.values(COLUMNS).map((column) => column(group) ?? ''))]
    .map(drawCsvLine)
    .join('')

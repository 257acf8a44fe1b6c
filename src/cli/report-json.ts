import { type Figures, fallbackRate, type Group, type Measure, type SessionReport } from '../sessions/report.ts'

/** The report for programs: durations in seconds, `null` for what is not known. */
export const drawReportJson = ({ timeZone, utcOffsets, records, sessions, groups, ratings }: SessionReport): string => {
  const plain = {
    time_zone: timeZone ?? null,
    utc_offsets: utcOffsets,
    records,
    sessions,
    groups: groups.map(toPlain),
    ratings,
  }
  return `${JSON.stringify(plain, null, 2)}\n`
}

const toPlain = (group: Group): object => ({
  facet: group.facet,
  value: group.value ?? null,
  count: group.count,
  ...Object.fromEntries(
    Object.entries(group.figures).map(([measure, figures]) => [measure, PARTS[measure as Measure](figures)]),
  ),
  ...(group.figures.responses ? { fallback_rate: fallbackRate(group) ?? null } : {}),
})

const percentiles = ({ known, mean, median, p90, p95 }: Figures): object => ({
  known,
  mean: mean ?? null,
  median: median ?? null,
  p90: p90 ?? null,
  p95: p95 ?? null,
})

/** What makes sense of each measure. */
const PARTS: Readonly<Record<Measure, (figures: Figures) => unknown>> = {
  duration: percentiles,
  wait: percentiles,
  hold: percentiles,
  until_human: percentiles,
  rating: ({ known, mean }) => ({ known, mean: mean ?? null }),
  responses: ({ total }) => total ?? null,
  fallbacks: ({ total }) => total ?? null,
}

import { describeOffset } from './clock.ts'
import { type Facet, type Figures, fallbackRate, type Group, groupsOf, type SessionReport } from './report.ts'

/** The report in words and figures as people read them, the same in the terminal and on the page. */
export interface ReportDescription {
  readonly title: string
  readonly facts: readonly { readonly name: string; readonly value: string }[]
  readonly sections: readonly ReportSection[]
  /** How it was counted. */
  readonly notes: readonly string[]
}

export interface ReportSection {
  readonly facet: Facet
  readonly title: string
  /** What a row is about. */
  readonly label: string
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly ReportRow[]
}

export interface ReportColumn {
  readonly title: string
  /** Of several figures under one title. */
  readonly parts?: readonly string[]
}

export interface ReportRow {
  readonly label: string
  /** A text for each column, or one for each of its parts. */
  readonly cells: readonly (string | readonly string[])[]
  readonly group: Group
}

const PERCENTILES = ['median', 'p90', 'p95'] as const
const NOTHING = '–'

interface Column extends ReportColumn {
  readonly cell: (group: Group, report: SessionReport) => string | readonly string[]
}

const durations = (title: string, of: 'duration' | 'wait' | 'hold' | 'until_human'): Column => ({
  title,
  parts: PERCENTILES,
  cell: ({ figures }) => (figures[of]?.known ? PERCENTILES.map((part) => clockText(figures[of]?.[part])) : NOTHING),
})

const counted = (title: string): readonly Column[] => [
  { title, cell: ({ count }) => countText(count) },
  { title: 'share', cell: (group, report) => percentText(group.count / countedWith(group, report)) },
]

const OF_SESSIONS: readonly Column[] = [
  ...counted('sessions'),
  durations('length', 'duration'),
  durations('wait', 'wait'),
  durations('hold', 'hold'),
  { title: 'rating', cell: ({ figures }) => ratingText(figures.rating) },
]

const OF_BOTS: readonly Column[] = [
  ...counted('times'),
  durations('length', 'duration'),
  { title: 'reached a human', cell: ({ figures }) => countText(figures.until_human?.known ?? 0) },
  durations('until a human', 'until_human'),
  { title: 'fallbacks', cell: (group) => percentText(fallbackRate(group)) },
]

const OF_QUEUES: readonly Column[] = [...counted('times'), durations('wait', 'duration')]

const RATINGS = [1, 2, 3, 4, 5]

const OF_RATINGS: readonly Column[] = [
  { title: 'how many', cell: ({ count }) => countText(count) },
  { title: 'rated', cell: ({ figures }) => countText(figures.rating?.known ?? 0) },
  { title: 'mean', cell: ({ figures }) => meanText(figures.rating?.mean) },
  {
    title: 'ratings',
    parts: [...RATINGS.map(String), 'other'],
    cell: ({ value }, { ratings }) => {
      const own = ratings.filter(({ bot }) => bot === (value === 'yes'))
      const countOf = (is: (rating: number) => boolean): string =>
        countText(own.reduce((sum, { rating, count }) => (is(rating) ? sum + count : sum), 0))
      return [...RATINGS.map((rating) => countOf((one) => one === rating)), countOf((one) => !RATINGS.includes(one))]
    },
  },
]

interface FacetWords {
  readonly title: string
  readonly label: string
  readonly columns: readonly Column[]
  /** Of values that are not words of the platform. */
  readonly names?: Readonly<Record<string, string>>
  /** Of those that the records do not say. */
  readonly blank?: string
}

/** The sections, in their order; `total` stands above them. */
const WORDS: Readonly<Partial<Record<Facet, FacetWords>>> = {
  took_part: { title: 'Who took part', label: 'who', columns: OF_SESSIONS },
  bot: {
    title: 'Satisfaction, with and without a bot',
    label: 'sessions',
    columns: OF_RATINGS,
    names: { yes: 'with a bot', no: 'without a bot' },
  },
  virtual_agent: { title: 'Virtual agents', label: 'virtual agent', columns: OF_BOTS },
  finish_reason: { title: 'How virtual agents finished', label: 'finish reason', columns: OF_BOTS },
  escalation_reason: { title: 'Why they escalated', label: 'escalation reason', columns: OF_BOTS },
  deflection: { title: 'Deflections', label: 'deflection', columns: OF_SESSIONS, blank: 'none' },
  queue_path: { title: 'Queues', label: 'queue', columns: OF_QUEUES },
  type: { title: 'Session types', label: 'type', columns: OF_SESSIONS },
  status: { title: 'Status at the end', label: 'status', columns: OF_SESSIONS },
  answer_type: { title: 'Answer types', label: 'answer type', columns: OF_SESSIONS },
  day: { title: 'Days', label: 'day', columns: OF_SESSIONS },
  hour: { title: 'Hours of the day', label: 'hour', columns: OF_SESSIONS },
}

const NOTES = [
  'Of two exports of a session the final one counts.',
  'Durations are in hours, minutes and seconds. Half of them are no longer than the median, 90 of 100 no longer than p90, 95 no longer than p95; those that the records do not say are left out.',
  'A session stands under each deflection that it met. Virtual agents and queues are counted as often as they had a session.',
  'Until a human: from the end of a virtual agent that escalated to the beginning of the first human handling after it.',
  'Fallbacks: of the answers of virtual agents, how many were fallbacks.',
  'Participants are not counted: who joins again is a participant again.',
]

export function describeReport(report: SessionReport): ReportDescription {
  const facets = Object.keys(WORDS) as readonly Facet[]
  return {
    title: describeTitle(report),
    facts: describeTotals(report),
    sections: facets.flatMap((facet) => describeFacet(facet, WORDS[facet] as FacetWords, report)),
    notes: NOTES,
  }
}

const describeTitle = ({ sessions }: SessionReport): string =>
  `${countText(sessions)} ${sessions === 1 ? 'session' : 'sessions'}`

function describeTotals(report: SessionReport): { name: string; value: string }[] {
  const [total] = groupsOf(report, 'total')
  const days = groupsOf(report, 'day').flatMap(({ value }) => value ?? [])
  const { duration, wait, hold, rating } = total?.figures ?? {}
  return [
    { name: 'Records', value: `${countText(report.records)}, of which the last export of each session counts` },
    { name: 'Days', value: days.length ? `${days[0]} to ${days.at(-1)}` : 'none given' },
    { name: 'Clock', value: describeClock(report) },
    { name: 'Length', value: describePercentiles(duration) },
    { name: 'Wait', value: describePercentiles(wait) },
    { name: 'Hold', value: describePercentiles(hold) },
    { name: 'Rating', value: rating?.known ? `${meanText(rating.mean)}, of ${countText(rating.known)}` : 'none given' },
  ]
}

/** Whose days and hours they are. */
export function describeClock({ timeZone, utcOffsets }: SessionReport): string {
  if (timeZone !== undefined) return `days and hours in ${timeZone}`
  const offsets = utcOffsets.map((minutes) => `UTC${describeOffset(minutes)}`)
  return `days and hours by the clocks of the files${offsets.length ? ` (${offsets.join(', ')})` : ''}`
}

function describePercentiles(figures: Figures | undefined): string {
  if (!figures?.known) return 'none given'
  const parts = PERCENTILES.map((part) => `${part} ${clockText(figures[part])}`)
  return `${parts.join(', ')}, of ${countText(figures.known)}`
}

function describeFacet(facet: Facet, words: FacetWords, report: SessionReport): ReportSection[] {
  const { title, label, columns, names, blank = 'not given' } = words
  const groups = groupsOf(report, facet)
  if (groups.length === 0) return []
  const rows = groups.map((group) => ({
    label: group.value === undefined ? `(${blank})` : (names?.[group.value] ?? group.value),
    cells: columns.map(({ cell }) => cell(group, report)),
    group,
  }))
  return [{ facet, title, label, columns: columns.map(({ cell, ...column }) => column), rows }]
}

/** What the shares of a facet are of: all sessions, or all parts of virtual agents or queues. */
function countedWith({ facet }: Group, report: SessionReport): number {
  if (facet === 'deflection') return report.sessions
  return groupsOf(report, facet).reduce((sum, { count }) => sum + count, 0)
}

// ---- figures as texts

const countText = (count: number): string => count.toLocaleString('en-US')

const percentText = (share: number | undefined): string =>
  share === undefined ? NOTHING : `${(share * 100).toFixed(1)}%`

const meanText = (mean: number | undefined): string => (mean === undefined ? NOTHING : mean.toFixed(2))

const ratingText = (figures: Figures | undefined): string =>
  figures?.known ? `${meanText(figures.mean)} of ${countText(figures.known)}` : NOTHING

/** `7:48`, `1:02:05` */
export function clockText(seconds: number | undefined): string {
  if (seconds === undefined) return NOTHING
  const whole = Math.round(Math.abs(seconds))
  const two = (part: number): string => String(part).padStart(2, '0')
  const [hours, minutes] = [Math.trunc(whole / 3600), Math.trunc(whole / 60) % 60]
  const text = hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
  return seconds < 0 ? `-${text}` : text
}

/** What can be told of each value of a facet: seconds, but for `rating`, `responses` and `fallbacks`. */
export const MEASURES = ['duration', 'wait', 'hold', 'rating', 'until_human', 'responses', 'fallbacks'] as const
export type Measure = (typeof MEASURES)[number]

/** By what is counted, in the order of the report: sessions, then what virtual agents handled, then waits in queues. */
export const FACETS = [
  'total',
  'took_part',
  'bot',
  'type',
  'status',
  'answer_type',
  'deflection',
  'day',
  'hour',
  'virtual_agent',
  'finish_reason',
  'escalation_reason',
  'queue_path',
] as const
export type Facet = (typeof FACETS)[number]

/** Percentiles are by nearest rank: the least figure that so many of 100 do not exceed. Undefined where nothing is known. */
export interface Figures {
  /** Of how many there is a figure. */
  readonly known: number
  readonly total: number | undefined
  readonly mean: number | undefined
  readonly median: number | undefined
  readonly p90: number | undefined
  readonly p95: number | undefined
}

export interface Group {
  readonly facet: Facet
  /** Undefined for those whose records do not say. */
  readonly value: string | undefined
  readonly count: number
  /** Those that the facet has. */
  readonly figures: Readonly<Partial<Record<Measure, Figures>>>
}

/** How often a rating was given. */
export interface RatingCount {
  readonly bot: boolean
  readonly rating: number
  readonly count: number
}

export interface SessionReport {
  /** Whose days and hours these are; undefined for the clocks of the files. */
  readonly timeZone: string | undefined
  /** How far those clocks are ahead of UTC, in minutes. */
  readonly utcOffsets: readonly number[]
  /** Records, of which several may be of one session. */
  readonly records: number
  readonly sessions: number
  /** By facet in the order of `FACETS`; days and hours in their order, others by how many there are. */
  readonly groups: readonly Group[]
  readonly ratings: readonly RatingCount[]
}

/** The groups of one facet. */
export const groupsOf = ({ groups }: SessionReport, facet: Facet): Group[] =>
  groups.filter((group) => group.facet === facet)

/** Of the answers of virtual agents, how many were fallbacks: 0 to 1; undefined where there were none. */
export function fallbackRate({ figures }: Group): number | undefined {
  const { responses, fallbacks } = figures
  return responses?.total ? (fallbacks?.total ?? 0) / responses.total : undefined
}

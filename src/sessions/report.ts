const OF_SESSIONS = ['duration', 'wait', 'hold', 'rating'] as const
const OF_BOTS = ['duration', 'until_human', 'responses', 'fallbacks'] as const

/** What can be told: seconds, but for `rating`, `responses` and `fallbacks`. */
export type Measure = (typeof OF_SESSIONS | typeof OF_BOTS)[number]

/** By what is counted, in the order of the report: sessions, then what virtual agents handled, then waits in queues; and what is told. */
export const FACETS = {
  total: OF_SESSIONS,
  took_part: OF_SESSIONS,
  bot: OF_SESSIONS,
  type: OF_SESSIONS,
  status: OF_SESSIONS,
  answer_type: OF_SESSIONS,
  deflection: OF_SESSIONS,
  day: OF_SESSIONS,
  hour: OF_SESSIONS,
  virtual_agent: OF_BOTS,
  finish_reason: OF_BOTS,
  escalation_reason: OF_BOTS,
  queue_path: ['duration'],
} as const satisfies Readonly<Record<string, readonly Measure[]>>
export type Facet = keyof typeof FACETS

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

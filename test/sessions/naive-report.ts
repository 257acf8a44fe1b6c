import {
  FACETS,
  type Facet,
  type Figures,
  type Group,
  type Measure,
  type RatingCount,
} from '../../src/sessions/report.ts'
import type { Session, VirtualAgentHandle } from '../../src/sessions/session.ts'
import { supersedes } from '../../src/sessions/supersedes.ts'

// The report once more, without SQL: slow, in memory, and written from the words of the guide alone.

interface Item {
  readonly value: string | undefined
  readonly figures: Readonly<Partial<Record<Measure, number | undefined>>>
}

export function naiveGroups(all: readonly Session[], local: (ms: number, session: Session) => string): Group[] {
  const sessions = finalOnes(all)
  const bySession = (valuesOf: (session: Session) => readonly (string | undefined)[]): Item[] =>
    sessions.flatMap((session) => valuesOf(session).map((value) => ({ value, figures: figuresOf(session) })))
  const byHandle = (nameOf: (handle: VirtualAgentHandle) => string | undefined): Item[] =>
    sessions.flatMap((session) =>
      session.virtualAgentHandles.map((handle) => ({
        value: nameOf(handle),
        figures: handleFiguresOf(handle, session),
      })),
    )
  const items: Record<Facet, Item[]> = {
    total: bySession(() => ['all']),
    took_part: bySession((session) => [tookPart(session)]),
    bot: bySession((session) => [session.virtualAgentHandles.length ? 'yes' : 'no']),
    type: bySession(({ type }) => [type?.group]),
    status: bySession(({ status }) => [status?.word]),
    answer_type: bySession(({ answerType }) => [answerType]),
    deflection: bySession(deflectionsOf),
    day: bySession((session) => [localOf(session, local)?.slice(0, 10)]),
    hour: bySession((session) => [hasClock(session) ? localOf(session, local)?.slice(11, 13) : undefined]),
    virtual_agent: byHandle(({ virtualAgent }) => virtualAgent?.name ?? virtualAgent?.alias ?? virtualAgent?.id),
    finish_reason: byHandle(({ finishReason }) => finishReason),
    escalation_reason: byHandle(({ escalationReason }) => escalationReason),
    queue_path: sessions.flatMap(({ queueWaits }) =>
      queueWaits.map((wait) => ({
        value: wait.menu?.names ?? wait.menu?.ids,
        figures: { duration: wait.durationSeconds ?? between(wait.startedAtMs, wait.endedAtMs) },
      })),
    ),
  }
  return (Object.keys(FACETS) as Facet[]).flatMap((facet) => groupItems(facet, items[facet]))
}

export function naiveRatings(all: readonly Session[]): RatingCount[] {
  const ratings = finalOnes(all).flatMap(({ rating, virtualAgentHandles }) =>
    rating === undefined ? [] : [{ bot: virtualAgentHandles.length > 0, rating }],
  )
  const keys = [...new Set(ratings.map((one) => JSON.stringify(one)))]
  return keys
    .map((key) => ({ ...JSON.parse(key), count: ratings.filter((one) => JSON.stringify(one) === key).length }))
    .sort((a, b) => Number(a.bot) - Number(b.bot) || a.rating - b.rating)
}

function finalOnes(all: readonly Session[]): Session[] {
  const chosen = new Map<string | number, Session>()
  for (const [index, session] of all.entries()) {
    const key = session.key ?? index
    const earlier = chosen.get(key)
    if (!earlier || supersedes(session, earlier)) chosen.set(key, session)
  }
  return [...chosen.values()]
}

const figuresOf = ({ durationSeconds, waitSeconds, holdSeconds, rating }: Session): Item['figures'] => ({
  duration: durationSeconds,
  wait: waitSeconds,
  hold: holdSeconds,
  rating,
})

function tookPart({ virtualAgentHandles, handles }: Session): string {
  if (virtualAgentHandles.length) return handles.length ? 'bot and human' : 'bot alone'
  return handles.length ? 'human alone' : 'nobody'
}

function deflectionsOf(session: Session): (string | undefined)[] {
  const lists = [session.deflections, session.deflectedEscalations, session.transfers]
  const words = new Set([session.deflection, ...lists.flat().map(({ deflection }) => deflection)])
  words.delete(undefined)
  words.delete('no_deflection')
  return words.size ? [...words] : [undefined]
}

function localOf(session: Session, local: (ms: number, session: Session) => string): string | undefined {
  const ms = session.createdAtMs ?? session.queuedAtMs ?? session.endedAtMs
  if (ms === undefined) return undefined
  return hasClock(session) ? local(ms, session) : new Date(ms).toISOString()
}

/** Others began on a date, in whatever time zone. */
const hasClock = ({ utcOffsetMinutes }: Session): boolean => utcOffsetMinutes !== undefined

const between = (from: number | undefined, to: number | undefined): number | undefined =>
  from === undefined || to === undefined ? undefined : (to - from) / 1000

function handleFiguresOf(handle: VirtualAgentHandle, session: Session): Item['figures'] {
  const { responseCount, fallbackResponseCount, durationSeconds, startedAtMs, endedAtMs } = handle
  const isBoth = responseCount !== undefined && fallbackResponseCount !== undefined
  return {
    duration: durationSeconds ?? between(startedAtMs, endedAtMs),
    until_human: handle.finishReason === 'escalated' ? untilHuman(handle, session) : undefined,
    responses: isBoth ? responseCount : undefined,
    fallbacks: isBoth ? fallbackResponseCount : undefined,
  }
}

function untilHuman({ startedAtMs, endedAtMs, durationSeconds }: VirtualAgentHandle, { handles }: Session) {
  const ms = durationSeconds === undefined ? Number.NaN : durationSeconds * 1000
  const [started, ended] = [
    startedAtMs ?? (endedAtMs ?? Number.NaN) - ms,
    endedAtMs ?? (startedAtMs ?? Number.NaN) + ms,
  ]
  const humans = handles.flatMap((human) => human.startedAtMs ?? []).filter((at) => at >= started)
  const seconds = (Math.min(...humans) - ended) / 1000
  return humans.length && !Number.isNaN(seconds) ? Math.max(0, seconds) : undefined
}

// ---- figures

function groupItems(facet: Facet, items: readonly Item[]): Group[] {
  const values = [...new Set(items.map(({ value }) => value))]
  const groups = values.map((value) => {
    const own = items.filter((item) => item.value === value)
    const measures = Object.keys(own[0]?.figures ?? {}) as Measure[]
    const figures = measures.map((measure) => [measure, figuresOfMeasure(own.map((item) => item.figures[measure]))])
    return { facet, value, count: own.length, figures: Object.fromEntries(figures) } as Group
  })
  const byValue = (a: Group, b: Group): number => (String(a.value ?? '\uffff') < String(b.value ?? '\uffff') ? -1 : 1)
  const isTime = facet === 'day' || facet === 'hour'
  return groups.sort((a, b) => (isTime ? 0 : b.count - a.count) || byValue(a, b))
}

function figuresOfMeasure(all: readonly (number | undefined)[]): Figures {
  const sorted = all.filter((figure) => figure !== undefined).sort((a, b) => a - b)
  const total = sorted.length ? sorted.reduce((sum, figure) => sum + figure, 0) : undefined
  const rank = (hundredths: number) => sorted[Math.ceil((sorted.length * hundredths) / 100) - 1]
  return {
    known: sorted.length,
    total,
    mean: total === undefined ? undefined : total / sorted.length,
    median: rank(50),
    p90: rank(90),
    p95: rank(95),
  }
}

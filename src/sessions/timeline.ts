import type { MenuPath, Participant, Session } from './session.ts'

/** What happened in a session, in order, for whoever draws it. Times are milliseconds since 1970. */
export interface Timeline {
  /** From the first time in it to the last; undefined where the record has none. */
  readonly span: Span | undefined
  readonly stretches: readonly TimelineStretch[]
  /** What the record tells without saying when. */
  readonly undated: readonly UndatedStretch[]
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** What there is to draw, and what people call it. */
export const STRETCH_WORDS = {
  menu: 'menu',
  queue: 'queue',
  virtual_agent: 'virtual agent',
  task_assistant: 'task assistant',
  human: 'human',
  wrap_up: 'wrap-up',
  transfer: 'transfer',
  deflection: 'deflection',
  survey: 'survey',
} as const
export type StretchKind = keyof typeof STRETCH_WORDS

export interface UndatedStretch {
  readonly kind: StretchKind
  /** Who or where. */
  readonly label: string
  /** In a few words each: how it ended, why, for how long somebody was put on hold. */
  readonly notes: readonly string[]
  /** As the record has it; else what lies between the two times. */
  readonly seconds: number | undefined
}

/** `toMs` is the same as `fromMs` for what takes no time. */
export interface TimelineStretch extends UndatedStretch, Span {}

interface Draft extends Omit<UndatedStretch, 'seconds'> {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly seconds: number | undefined
}

/** Puts the lists of a session in the order in which things happened. */
export function timelineOf(session: Session): Timeline {
  const drafts = [
    ...menuVisits(session),
    ...queueWaits(session),
    ...virtualAgents(session),
    ...taskAssistants(session),
    ...humans(session),
    ...transfers(session),
    ...deflections(session),
    ...surveys(session),
  ].map(complete)
  const stretches = drafts.filter(isDated).sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)
  return { span: spanOf(session, stretches), stretches, undated: drafts.filter((draft) => !isDated(draft)) }
}

function spanOf({ createdAtMs, endedAtMs }: Session, stretches: readonly Span[]): Span | undefined {
  const times = [createdAtMs, endedAtMs, ...stretches.flatMap(({ fromMs, toMs }) => [fromMs, toMs])]
  const known = times.filter((ms) => ms !== undefined)
  return known.length ? { fromMs: Math.min(...known), toMs: Math.max(...known) } : undefined
}

const isDated = (draft: Draft): draft is TimelineStretch & Draft => draft.fromMs !== undefined

/** With the end that follows from the beginning and the seconds, or the other way round. */
function complete({ fromMs, toMs, seconds, ...rest }: Draft): Draft {
  const length = seconds === undefined ? undefined : seconds * 1000
  const from = fromMs ?? (toMs !== undefined && length !== undefined ? toMs - length : toMs)
  const to = from === undefined ? undefined : Math.max(toMs ?? from + (length ?? 0), from)
  const between = fromMs !== undefined && toMs !== undefined ? (toMs - fromMs) / 1000 : undefined
  return { ...rest, fromMs: from, toMs: to, seconds: seconds ?? (between || undefined) }
}

const notes = (...all: readonly (string | false | undefined)[]): string[] =>
  all.filter((note) => typeof note === 'string')

export const nameOfMenu = (menu: MenuPath | undefined): string | undefined => menu?.names ?? menu?.ids

const menuVisits = ({ menuVisits }: Session): Draft[] =>
  menuVisits.map(({ menu, event, startedAtMs, endedAtMs, durationSeconds }) => ({
    kind: 'menu',
    label: nameOfMenu(menu) ?? 'menu',
    notes: notes(event !== 'finished' && event),
    ...{ fromMs: startedAtMs, toMs: endedAtMs, seconds: durationSeconds },
  }))

const queueWaits = ({ queueWaits }: Session): Draft[] =>
  queueWaits.map(({ menu, serviceLevel, isTransfer, startedAtMs, endedAtMs, durationSeconds }) => ({
    kind: 'queue',
    label: nameOfMenu(menu) ?? 'queue',
    notes: notes(serviceLevel, isTransfer && 'after a transfer'),
    ...{ fromMs: startedAtMs, toMs: endedAtMs, seconds: durationSeconds },
  }))

const virtualAgents = ({ virtualAgentHandles }: Session): Draft[] =>
  virtualAgentHandles.map((handle) => ({
    kind: 'virtual_agent',
    label: handle.virtualAgent?.name ?? handle.virtualAgent?.id ?? 'virtual agent',
    notes: notes(handle.finishReason, handle.escalationReason, describeFallbacks(handle)),
    ...{ fromMs: handle.startedAtMs, toMs: handle.endedAtMs, seconds: handle.durationSeconds },
  }))

function describeFallbacks({
  responseCount,
  fallbackResponseCount,
}: Session['virtualAgentHandles'][number]): string | undefined {
  if (responseCount === undefined) return undefined
  const fallbacks = fallbackResponseCount ? `, ${fallbackResponseCount} of them fallbacks` : ''
  return `${responseCount} ${responseCount === 1 ? 'response' : 'responses'}${fallbacks}`
}

/** They have no list of their own: only that they joined is told. */
const taskAssistants = ({ participants }: Session): Draft[] =>
  participants
    .filter(({ type }) => type === 'task_virtual_agent')
    .map((participant) => ({
      kind: 'task_assistant',
      label: participant.name ?? participant.virtualAgentId ?? 'task assistant',
      notes: notes(participant.status !== 'finished' && participant.status, participant.failReason),
      ...stayOf(participant),
    }))

const stayOf = ({ connectedAtMs, endedAtMs, durationSeconds }: Participant) => ({
  fromMs: connectedAtMs,
  toMs: endedAtMs,
  seconds: durationSeconds,
})

/** What people did; where a record has no list of it, that they joined. */
function humans(session: Session): Draft[] {
  const names = namesOfAgents(session)
  if (session.handles.length) return session.handles.flatMap((handle) => handled(handle, names))
  return session.participants
    .filter(({ type }) => type === 'agent')
    .map((participant) => ({
      kind: 'human',
      label: participant.name ?? names.get(participant.userId) ?? 'agent',
      notes: notes(participant.holdSeconds ? `${participant.holdSeconds} s on hold` : undefined),
      ...stayOf(participant),
    }))
}

/** The talk, and the wrap-up behind it. */
function handled(handle: Session['handles'][number], names: ReadonlyMap<string | undefined, string>): Draft[] {
  const { startedAtMs, endedAtMs, durationSeconds, holdSeconds, afterCallSeconds, beforeCallSeconds } = handle
  const label = names.get(handle.agentId) ?? (handle.agentId === undefined ? 'agent' : `agent ${handle.agentId}`)
  const talk = durationSeconds === undefined ? undefined : durationSeconds + (beforeCallSeconds ?? 0)
  const toMs = startedAtMs === undefined || talk === undefined ? endedAtMs : startedAtMs + talk * 1000
  const human: Draft = {
    kind: 'human',
    label,
    notes: notes(
      holdSeconds ? `${holdSeconds} s on hold` : undefined,
      beforeCallSeconds ? `${beforeCallSeconds} s before the call` : undefined,
      handle.isTransfer && 'after a transfer',
    ),
    ...{ fromMs: startedAtMs, toMs, seconds: durationSeconds },
  }
  if (!afterCallSeconds) return [human]
  return [human, { kind: 'wrap_up', label, notes: [], fromMs: toMs, toMs: undefined, seconds: afterCallSeconds }]
}

function namesOfAgents({ agent, transfers, participants }: Session): ReadonlyMap<string | undefined, string> {
  const agents = [agent, ...transfers.flatMap(({ from, to }) => [from, to])]
  const named = agents.flatMap((one) =>
    one?.kind === 'human' && one.id && one.name ? [[one.id, one.name] as const] : [],
  )
  const joined = participants.flatMap(({ userId, name }) => (userId && name ? [[userId, name] as const] : []))
  return new Map([...joined, ...named])
}

const transfers = ({ transfers }: Session): Draft[] =>
  transfers.map((transfer) => {
    const to = [transfer.to?.name, nameOfMenu(transfer.toMenu)].filter(Boolean).join(', ')
    return {
      kind: 'transfer',
      label: to === '' ? 'transfer' : `to ${to}`,
      notes: notes(transfer.status, transfer.failReason, deflected(transfer.deflection)),
      fromMs: transfer.createdAtMs ?? transfer.startedAtMs,
      toMs: transfer.connectedAtMs,
      seconds: transfer.waitSeconds,
    }
  })

const deflected = (deflection: string | undefined): string | undefined =>
  deflection === undefined || deflection === 'no_deflection' ? undefined : `deflected: ${deflection}`

const deflections = ({ deflectedEscalations }: Session): Draft[] =>
  deflectedEscalations.map(({ virtualAgent, deflection, escalationReason, escalatedAtMs }) => ({
    kind: 'deflection',
    label: deflection ?? 'deflected',
    notes: notes(escalationReason, virtualAgent?.name && `escalated by ${virtualAgent.name}`),
    ...{ fromMs: escalatedAtMs, toMs: escalatedAtMs, seconds: undefined },
  }))

const surveys = ({ consumerEvents }: Session): Draft[] =>
  consumerEvents.map(({ type, event, startedAtMs, endedAtMs, durationSeconds }) => ({
    kind: 'survey',
    label: type ?? 'survey',
    notes: notes(event !== 'finished' && event),
    ...{ fromMs: startedAtMs, toMs: endedAtMs, seconds: durationSeconds },
  }))

import { applyMask } from '../core/mask.ts'
import { conversationKey } from './conversation.ts'
import { isCode } from './disclose-session.ts'
import { type CaptureEndings, CaptureLog } from './join-captures.ts'
import type { LoggedCall } from './read-log-line.ts'
import type { PostedNames } from './read-post-event.ts'
import type { Session } from './session.ts'
import { type Export, supersedes } from './supersedes.ts'

/** In the order in which they are told. */
export const JOIN_FINDING_KINDS = [
  'escalated-without-variables',
  'required-missing',
  'never-received',
  'never-sent',
] as const
export type JoinFindingKind = (typeof JOIN_FINDING_KINDS)[number]

/** What of a session did not arrive where it should have, or arrived from elsewhere. */
export interface JoinFinding {
  readonly kind: JoinFindingKind
  /** `call 12345`; undefined where no metadata of it was read. */
  readonly session: string | undefined
  /** Its id, where metadata was read; else the key that our log has. */
  readonly conversation: string | undefined
  readonly flow: string | undefined
  readonly tag: string | undefined
  /** Of variables. */
  readonly names: readonly string[]
  /** How often the webhook answered in it. */
  readonly calls: number
  /** How often it did not, by the reason that its log has. */
  readonly failures: Readonly<Record<string, number>>
  /** Whether payloads from the console, which no policy sees, went along. */
  readonly hasConsolePayload: boolean
  /** How the session ended, as the metadata has it. */
  readonly ending: string | undefined
}

export interface JoinResult {
  readonly findings: readonly JoinFinding[]
  /** Captures of which a required value was missing. */
  readonly captures: readonly CaptureEndings[]
  readonly counts: JoinCounts
}

export interface JoinCounts {
  readonly sessions: number
  /** That were answered, and that were not. */
  readonly calls: number
  readonly failures: number
  readonly events: number
  /** Escalated sessions that name no conversation: nothing can be joined to them. */
  readonly escalatedUnnamed: number
  /** Conversations of the log of which no metadata was read. */
  readonly withoutMetadata: number
  /** Conversations that sent variables for events and had none: the platform documents events for task assistants alone. */
  readonly withoutEvents: number
}

/** What was there to be read. */
export interface JoinSources {
  readonly hasLog: boolean
  readonly hasEvents: boolean
}

/** What the log has of one conversation. */
interface Logged {
  calls: number
  readonly failures: Map<string, number>
  hasConsolePayload: boolean
  readonly sent: Set<string>
  readonly sentToEvents: Set<string>
  readonly captures: CaptureLog
}

/** What metadata has of one session. */
interface Joined extends Export {
  readonly key: string
  readonly conversations: readonly Conversation[]
  readonly isEscalated: boolean
  readonly ending: string
}

interface Conversation {
  readonly id: string
  readonly key: string
  /** Of a virtual task assistant. */
  readonly isTask: boolean
}

/** Joins the webhook's log, the post events and session metadata by conversation. Names and ids are kept of them, never values. */
export class Join {
  readonly #ids = new Set<string>()
  readonly #logged = new Map<string, Logged>()
  readonly #posted = new Map<string, { readonly of: PostedNames; readonly names: Set<string> }>()
  readonly #sessions = new Map<string, Joined>()
  #calls = 0
  #failures = 0
  #events = 0

  addCall(call: LoggedCall): void {
    if (call.id !== undefined && this.#ids.has(call.id)) return
    if (call.id !== undefined) this.#ids.add(call.id)
    const logged = this.#logged.get(call.conversation) ?? newLogged()
    this.#logged.set(call.conversation, logged)
    if (call.failure !== undefined) {
      this.#failures++
      logged.failures.set(call.failure, (logged.failures.get(call.failure) ?? 0) + 1)
      return
    }
    logged.calls++
    logged.hasConsolePayload ||= call.hasConsolePayload
    for (const name of call.sent) logged.sent.add(name)
    for (const name of call.sentToEvents) logged.sentToEvents.add(name)
    logged.captures.add(call, this.#calls++)
  }

  addEvent(event: PostedNames): void {
    this.#events++
    const key = [...event.conversations, event.session].join(' ')
    const posted = this.#posted.get(key) ?? { of: event, names: new Set() }
    this.#posted.set(key, posted)
    for (const name of event.names) posted.names.add(name)
  }

  /** Of two exports of a session, the one to be believed stays. */
  addSession(session: Session): void {
    const joined = toJoined(session, `session without an id, number ${this.#sessions.size + 1}`)
    const known = this.#sessions.get(joined.key)
    if (!known || supersedes(joined, known)) this.#sessions.set(joined.key, joined)
  }

  result(sources: JoinSources): JoinResult {
    const comparison = new Comparison(this.#logged, this.#sessions, sources)
    for (const { of, names } of this.#posted.values()) comparison.receive(of, names)
    const [sessions, calls, failures, events] = [this.#sessions.size, this.#calls, this.#failures, this.#events]
    return comparison.result({ sessions, calls, failures, events })
  }
}

const newLogged = (): Logged => ({
  calls: 0,
  failures: new Map(),
  hasConsolePayload: false,
  sent: new Set(),
  sentToEvents: new Set(),
  captures: new CaptureLog(),
})

function toJoined(session: Session, unnamed: string): Joined {
  const { key = unnamed, participants, virtualAgentHandles, deflectedEscalations, updatedAtMs, isFinal } = session
  const conversations = participants.flatMap(({ conversationId: id, type }) =>
    id === undefined ? [] : { id, key: conversationKey(id), isTask: type === 'task_virtual_agent' },
  )
  const isEscalated =
    deflectedEscalations.length > 0 || virtualAgentHandles.some(({ finishReason }) => finishReason === 'escalated')
  return { key, conversations, isEscalated, ending: endingOf(session), updatedAtMs, isFinal }
}

/** `escalated, finished`: how the last virtual agent and the session ended. */
function endingOf({ virtualAgentHandles, deflectedEscalations, status, failReason }: Session): string {
  const deflection = deflectedEscalations.at(-1)?.deflection
  const parts = [
    virtualAgentHandles.at(-1)?.finishReason,
    deflection === 'no_deflection' ? undefined : deflection,
    status?.word,
    failReason,
  ]
  const told = parts.flatMap((part) => (part === undefined ? [] : isCode(part) ? part : applyMask(part, 'all')))
  return [...new Set(told)].join(', ') || 'unknown'
}

function addUp(counts: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const [reason, count] of counts.flatMap((one) => [...one])) sums.set(reason, (sums.get(reason) ?? 0) + count)
  return Object.fromEntries(sums)
}

const byKind = (a: JoinFinding, b: JoinFinding): number =>
  JOIN_FINDING_KINDS.indexOf(a.kind) - JOIN_FINDING_KINDS.indexOf(b.kind) ||
  (a.session ?? '').localeCompare(b.session ?? '', 'en', { numeric: true })

/** What was sent, held against what was received and against what became of the sessions. */
class Comparison {
  readonly #logged: ReadonlyMap<string, Logged>
  readonly #sessions: ReadonlyMap<string, Joined>
  readonly #sources: JoinSources
  /** By conversation. */
  readonly #sessionOf = new Map<string, { readonly session: Joined; readonly conversation: Conversation }>()
  /** By conversation, and by session for events that name no conversation that is known. */
  readonly #received = new Map<string, Set<string>>()
  readonly #findings: JoinFinding[] = []
  #withoutEvents = 0
  #escalatedUnnamed = 0

  constructor(logged: ReadonlyMap<string, Logged>, sessions: ReadonlyMap<string, Joined>, sources: JoinSources) {
    this.#logged = logged
    this.#sessions = sessions
    this.#sources = sources
    for (const session of sessions.values())
      for (const conversation of session.conversations) this.#sessionOf.set(conversation.key, { session, conversation })
  }

  receive({ conversations, session }: PostedNames, names: ReadonlySet<string>): void {
    const known = conversations.find((key) => this.#logged.has(key) || this.#sessionOf.has(key))
    const key = known ?? (this.#sessions.has(session) ? session : (conversations[0] ?? session))
    const received = this.#received.get(key) ?? new Set()
    this.#received.set(key, received)
    for (const name of names) received.add(name)
  }

  result(read: Pick<JoinCounts, 'sessions' | 'calls' | 'failures' | 'events'>): JoinResult {
    if (this.#sources.hasLog) for (const session of this.#sessions.values()) this.#checkEscalation(session)
    for (const [key, logged] of this.#logged) this.#checkLogged(key, logged)
    if (this.#sources.hasLog) for (const [key, names] of this.#received) this.#checkReceived(key, names)
    const withoutMetadata = [...this.#logged.keys()].filter((key) => !this.#sessionOf.has(key)).length
    const endingOf = (key: string): string => this.#sessionOf.get(key)?.session.ending ?? 'unknown'
    return {
      findings: this.#findings.sort(byKind),
      captures: CaptureLog.summarize([...this.#logged].map(([key, { captures }]) => [captures, endingOf(key)])),
      counts: {
        ...{ ...read, withoutMetadata, withoutEvents: this.#withoutEvents },
        escalatedUnnamed: this.#escalatedUnnamed,
      },
    }
  }

  #checkEscalation(session: Joined): void {
    if (!session.isEscalated) return
    const logged = session.conversations.flatMap(({ key }) => this.#logged.get(key) ?? [])
    if (session.conversations.length === 0) this.#escalatedUnnamed++
    else if (logged.every(({ sent }) => sent.size === 0)) {
      const conversation = session.conversations.map(({ id }) => id).join(', ')
      this.#find('escalated-without-variables', logged, { session, conversation })
    }
  }

  #checkLogged(key: string, logged: Logged): void {
    const { session, conversation } = this.#sessionOf.get(key) ?? {}
    const whose = { session, conversation: conversation?.id ?? key }
    for (const { flow, tag, missing } of logged.captures.missingAtTheEnd())
      this.#find('required-missing', [logged], { ...whose, flow, tag, names: missing })
    if (!this.#sources.hasEvents || logged.sentToEvents.size === 0) return
    const own = this.#received.get(key)
    const ofSession = session && this.#received.get(session.key)
    const names = [...logged.sentToEvents].filter((name) => !own?.has(name) && !ofSession?.has(name))
    if (names.length === 0) return
    // Events that name the session alone may be of another conversation in it.
    if (own || conversation?.isTask) this.#find('never-received', [logged], { ...whose, names })
    else this.#withoutEvents++
  }

  /** `key` is of a conversation or of a session. */
  #checkReceived(key: string, received: ReadonlySet<string>): void {
    const named = this.#sessionOf.get(key)
    const session = named?.session ?? this.#sessions.get(key)
    const keys = named || !session ? [key] : session.conversations.map((conversation) => conversation.key)
    const logged = keys.flatMap((one) => this.#logged.get(one) ?? [])
    const names = [...received].filter((name) => !logged.some(({ sentToEvents }) => sentToEvents.has(name)))
    const conversation = named?.conversation.id ?? (session ? undefined : key)
    if (names.length) this.#find('never-sent', logged, { session, conversation, names })
  }

  #find(
    kind: JoinFindingKind,
    logged: readonly Logged[],
    found: Partial<Pick<JoinFinding, 'conversation' | 'flow' | 'tag' | 'names'>> & { session: Joined | undefined },
  ): void {
    const { session, conversation, flow, tag, names = [] } = found
    this.#findings.push({
      ...{ kind, session: session?.key, conversation, flow, tag, names, ending: session?.ending },
      calls: logged.reduce((sum, { calls }) => sum + calls, 0),
      failures: addUp(logged.map(({ failures }) => failures)),
      hasConsolePayload: logged.some(({ hasConsolePayload }) => hasConsolePayload),
    })
  }
}

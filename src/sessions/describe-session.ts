import type { JsonMap } from '../core/json.ts'
import { dayAndTime, describeOffset, describeSeconds, timeOfDay } from './clock.ts'
import { type Disclosure, disclose, discloseKey, screen } from './disclose.ts'
import { discloseSession } from './disclose-session.ts'
import { describePath } from './json-text.ts'
import { unknownKeys } from './known-keys.ts'
import type { Agent, EndUser, Participant, Recording, Session, Status, Upload } from './session.ts'
import { nameOfMenu, type Timeline, timelineOf } from './timeline.ts'

/** One session as a person wants it, for whoever draws it; what the record does not say is not mentioned. */
export interface SessionDescription {
  readonly title: string
  readonly facts: readonly Fact[]
  readonly timeline: Timeline
  /** How far the clock of the session's times is ahead of UTC. */
  readonly offsetMinutes: number
  readonly sections: readonly Section[]
}

export interface Fact {
  readonly name: string
  readonly value: string
}

export interface Section {
  readonly title: string
  readonly facts: readonly Fact[]
  readonly note?: string | undefined
}

/** Says what a session was; nothing that its caller left is told but by `disclose`. */
export function describeSession(session: Session, disclosure: Disclosure): SessionDescription {
  const shown = discloseSession(session, disclosure)
  const offsetMinutes = shown.utcOffsetMinutes ?? 0
  const tell = new Telling(shown, offsetMinutes)
  const { participants } = session
  const sections = [
    section('How it ended', tell.outcome()),
    section('Who took part', tell.participants(), 'Who joins again stands here again: not to be counted.'),
    section('Satisfaction', tell.satisfaction()),
    section('SmartActions', tell.smartActions()),
    section('Recordings', tell.recordings()),
    section(
      'Handed to virtual agents',
      tenantsFacts(
        participants.map(({ parameters }) => parameters),
        disclosure,
      ),
    ),
    section(
      'SIP headers',
      tenantsFacts([session.sipHeaders, ...participants.map(({ sipHeaders }) => sipHeaders)], disclosure),
    ),
    section('Messages and numbers', tell.contact()),
    section('Keys that are not known here', unknownFacts(session, disclosure)),
  ]
  return {
    title:
      shown.key === undefined ? 'A session without an id' : shown.key.replace(/^./, (first) => first.toUpperCase()),
    facts: tell.facts(),
    timeline: timelineOf(shown),
    offsetMinutes,
    sections: sections.filter(({ facts }) => facts.length),
  }
}

/** What each map holds, once where several hold the same: every participant of a call has its headers. */
function tenantsFacts(maps: readonly (JsonMap | undefined)[], disclosure: Disclosure): Fact[] {
  const entries = maps.flatMap((map = {}) => Object.entries(map))
  const different = new Map(entries.map((entry) => [JSON.stringify(entry), entry]))
  return [...different.values()].map(([name, value]) => ({
    name: discloseKey(name, disclosure),
    value: disclose([name], value, disclosure),
  }))
}

/** Items of a list have the same keys: each is named once. */
function unknownFacts(session: Session, disclosure: Disclosure): Fact[] {
  const keys = unknownKeys(session).map((path) => screen(describePath(path).replace(/\[\d+\]/g, '[]'), disclosure))
  return known([['Keys', joined(...new Set(keys))]])
}

const section = (title: string, facts: readonly Fact[], note?: string): Section => ({ title, facts, note })

type Given = string | number | undefined

/** The facts that have a value. */
const known = (given: readonly (readonly [name: string, value: Given])[]): Fact[] =>
  given.flatMap(([name, value]) => (value === undefined || value === '' ? [] : { name, value: String(value) }))

const joined = (...parts: readonly (string | undefined)[]): string | undefined =>
  parts.filter((part) => part !== undefined && part !== '').join(', ') || undefined

/** The parts of a session that may be shown as it is: see `discloseSession`. */
class Telling {
  readonly #session: Session
  readonly #offset: number

  constructor(session: Session, offsetMinutes: number) {
    this.#session = session
    this.#offset = offsetMinutes
  }

  facts(): Fact[] {
    const session = this.#session
    return known([
      ['Type', session.type?.original],
      ['Status', joined(session.status && describeStatus(session.status), session.subStatus)],
      ['Language', session.language],
      ['Scheduled', this.#at(session.scheduledAtMs)],
      ['Begun', this.#at(session.createdAtMs)],
      ['Bot assigned', this.#at(session.virtualAgentAssignedAtMs)],
      ['Bot connected', this.#at(session.virtualAgentConnectedAtMs)],
      ['Queued', this.#at(session.queuedAtMs)],
      ['Assigned', this.#at(session.assignedAtMs)],
      ['Connected', this.#at(session.connectedAtMs)],
      ['Ended', this.#at(session.endedAtMs)],
      ['Duration', secondsOf(session.durationSeconds)],
      ['Waited', secondsOf(session.waitSeconds)],
      ['Bot wait', secondsOf(session.virtualAgentWaitSeconds)],
      ['On hold', secondsOf(session.holdSeconds)],
      ['Queue', joined(nameOfMenu(session.menu), this.#priority())],
      ['Selected', nameOfMenu(session.selectedMenu)],
      ['Ticket', joined(session.ticketId, session.ticketUrl)],
      ['Export', joined(describeExport(session.isFinal), this.#updated())],
    ])
  }

  #at(ms: number | undefined): string | undefined {
    return ms === undefined ? undefined : `${dayAndTime(ms, this.#offset)} (${describeOffset(this.#offset)})`
  }

  #updated(): string | undefined {
    const at = this.#at(this.#session.updatedAtMs)
    return at && `of ${at}`
  }

  #priority(): string | undefined {
    const { queuePriority } = this.#session
    return queuePriority === undefined ? undefined : `priority ${queuePriority}`
  }

  outcome(): Fact[] {
    const session = this.#session
    const virtualAgents = session.virtualAgentHandles.map(
      ({ virtualAgent, finishReason, escalationReason }) =>
        [virtualAgent?.name ?? 'Virtual agent', joined(finishReason, escalationReason)] as const,
    )
    return known([
      ...virtualAgents,
      ['Disconnected by', session.disconnectedBy?.replace(/^disconnected_by_/, '')],
      ['Failed', joined(session.failReason, session.failDetails)],
      ['Deflected', session.deflection === 'no_deflection' ? undefined : session.deflection],
      ...session.deflections.map(
        ({ deflection, from }) => ['Deflected', joined(deflection, nameOfMenu(from))] as const,
      ),
      ['Voicemail', session.voicemailReason],
      ['Redirected', session.automationRedirection],
      ['Answered', session.answerType],
      ['Handled last by', describeAgent(session.agent)],
      ['Disposition', joined(...session.dispositionCodes)],
      ...session.dispositionNotes.map((note) => ['Note', note] as const),
    ])
  }

  participants(): Fact[] {
    return this.#session.participants.map((participant) => ({
      name: participant.type?.replaceAll('_', ' ') ?? 'participant',
      value: joined(this.#who(participant), this.#stay(participant)) ?? '',
    }))
  }

  #who({ name, email, phoneNumber, userId, virtualAgentId, conversationId }: Participant): string | undefined {
    const id = userId ?? virtualAgentId
    return joined(
      name ?? (id === undefined ? undefined : `id ${id}`),
      email,
      phoneNumber,
      conversationId === undefined ? undefined : `conversation ${conversationId}`,
    )
  }

  #stay({ connectedAtMs, endedAtMs, durationSeconds, failReason }: Participant): string | undefined {
    const time = (ms: number | undefined): string => (ms === undefined ? '?' : timeOfDay(ms, this.#offset))
    const isDated = connectedAtMs !== undefined || endedAtMs !== undefined
    return joined(
      isDated ? `${time(connectedAtMs)} to ${time(endedAtMs)}` : secondsOf(durationSeconds),
      failReason === undefined ? undefined : `failed: ${failReason}`,
    )
  }

  satisfaction(): Fact[] {
    const { rating, feedback } = this.#session
    return known([
      ['Rating', rating],
      ['Feedback', feedback],
    ])
  }

  smartActions(): Fact[] {
    const { verified, photos, videos, texts } = this.#session.smartActions
    return known([
      ['Verified', verified],
      ['Photos', joined(...photos.map(describeUpload))],
      ['Videos', joined(...videos.map(describeUpload))],
      ...texts.map((text) => ['Text', text] as const),
    ])
  }

  recordings(): Fact[] {
    const { recordings, recordingPermission, recordingUrl } = this.#session
    return known([
      ['Permission', recordingPermission],
      ...recordings.map((recording) => [recording.id ?? 'Recording', this.#recording(recording)] as const),
      ['Address', recordingUrl],
    ])
  }

  #recording({ type, startedAtMs, durationSeconds, redactions }: Recording): string {
    const redacted = redactions.reduce((sum, one) => sum + (one.durationSeconds ?? 0), 0)
    const parts = joined(
      type,
      startedAtMs === undefined ? undefined : `from ${timeOfDay(startedAtMs, this.#offset)}`,
      secondsOf(durationSeconds),
      redactions.length ? `${describeSeconds(redacted)} of it left out` : undefined,
    )
    return parts ?? 'there'
  }

  contact(): Fact[] {
    const session = this.#session
    return known([
      ['Called', session.supportNumber],
      ['Called from', session.outboundNumber],
      ['Caller', session.customerNumber],
      ['End user', describeEndUser(session.endUser)],
      ['Messages', session.messageCount],
      ...session.smsDuringCall.map((text) => ['SMS during the call', text] as const),
      ...session.smsWhileWaiting.map((text) => ['SMS while waiting', text] as const),
    ])
  }
}

const secondsOf = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : describeSeconds(seconds)

const describeStatus = ({ number, word }: Status): string =>
  number === undefined || word === String(number) ? word : `${word} (${number})`

const describeUpload = ({ type, id, url }: Upload): string => [type, id && `id ${id}`, url].filter(Boolean).join(' ')

const describeEndUser = (endUser: EndUser | undefined): string | undefined =>
  endUser &&
  joined(endUser.id && `id ${endUser.id}`, endUser.identifier, endUser.contactId && `CRM contact ${endUser.contactId}`)

const describeExport = (isFinal: boolean | undefined): string | undefined =>
  isFinal === undefined ? undefined : isFinal ? 'the final one' : 'the first one, before wrap-up and survey'

const describeAgent = (agent: Agent | undefined): string | undefined =>
  agent &&
  joined(
    agent.name ?? agent.alias ?? (agent.id && `id ${agent.id}`),
    agent.kind === 'virtual_agent' ? 'a virtual agent' : agent.email,
  )

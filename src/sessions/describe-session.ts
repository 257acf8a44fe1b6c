import { dayAndTime, describeOffset, describeSeconds, timeOfDay } from './clock.ts'
import { type Disclosure, disclose } from './disclose.ts'
import { unknownKeys } from './read-record.ts'
import type { Agent, Participant, Recording, Session, Status, Upload } from './session.ts'
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

/** Says what a session was; whatever its caller left goes through `disclose`. */
export function describeSession(session: Session, disclosure: Disclosure): SessionDescription {
  const offsetMinutes = session.utcOffsetMinutes ?? 0
  const tell = new Telling(session, disclosure, offsetMinutes)
  const sections = [
    section('How it ended', tell.outcome()),
    section('Who took part', tell.participants(), 'Who joins again stands here again: not to be counted.'),
    section('Satisfaction', tell.satisfaction()),
    section('SmartActions', tell.smartActions()),
    section('Recordings', tell.recordings()),
    section('Handed to virtual agents', tell.parameters()),
    section('SIP headers', tell.sipHeaders()),
    section('Messages and numbers', tell.contact()),
    section('Keys that are not known here', tell.unknown()),
  ]
  return {
    title:
      session.key === undefined ? 'A session without an id' : session.key.replace(/^./, (first) => first.toUpperCase()),
    facts: tell.facts(),
    timeline: timelineOf(session),
    offsetMinutes,
    sections: sections.filter(({ facts }) => facts.length),
  }
}

const section = (title: string, facts: readonly Fact[], note?: string): Section => ({ title, facts, note })

type Given = string | number | undefined

/** The facts that have a value. */
const known = (given: readonly (readonly [name: string, value: Given])[]): Fact[] =>
  given.flatMap(([name, value]) => (value === undefined || value === '' ? [] : { name, value: String(value) }))

const joined = (...parts: readonly (string | undefined)[]): string | undefined =>
  parts.filter((part) => part !== undefined && part !== '').join(', ') || undefined

/** Everybody else may be a caller. */
const OURS = new Set(['agent', 'manager', 'virtual_agent', 'task_virtual_agent'])

class Telling {
  readonly #session: Session
  readonly #disclosure: Disclosure
  readonly #offset: number

  constructor(session: Session, disclosure: Disclosure, offsetMinutes: number) {
    this.#session = session
    this.#disclosure = disclosure
    this.#offset = offsetMinutes
  }

  facts(): Fact[] {
    const { type, status, language, createdAtMs, endedAtMs, updatedAtMs, isFinal, durationSeconds } = this.#session
    const offset = ` (${describeOffset(this.#offset)})`
    const at = (ms: number | undefined): Given => (ms === undefined ? undefined : dayAndTime(ms, this.#offset) + offset)
    return known([
      ['Type', type?.original],
      ['Status', status && describeStatus(status)],
      ['Language', language],
      ['Begun', at(createdAtMs)],
      ['Ended', at(endedAtMs)],
      ['Duration', durationSeconds === undefined ? undefined : describeSeconds(durationSeconds)],
      ['Waited', secondsOf(this.#session.waitSeconds)],
      ['On hold', secondsOf(this.#session.holdSeconds)],
      ['Queue', joined(nameOfMenu(this.#session.menu), this.#priority())],
      ['Ticket', joined(this.#session.ticketId, this.#session.ticketUrl)],
      ['Export', joined(describeExport(isFinal), updatedAtMs === undefined ? undefined : `of ${at(updatedAtMs)}`)],
    ])
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
      ...session.dispositionNotes.map((note) => ['Note', this.#show('disposition_notes', note)] as const),
    ])
  }

  participants(): Fact[] {
    return this.#session.participants.map((participant) => ({
      name: participant.type?.replaceAll('_', ' ') ?? 'participant',
      value: joined(this.#who(participant), this.#stay(participant)) ?? '',
    }))
  }

  /** People of the contact centre by name; of the caller nothing. */
  #who(participant: Participant): string | undefined {
    const { type, name, email, phoneNumber, userId, virtualAgentId, conversationId } = participant
    const isOurs = type !== undefined && OURS.has(type)
    const say = (key: string, value: string | undefined): string | undefined =>
      value === undefined || isOurs ? value : this.#show(key, value)
    const id = userId ?? virtualAgentId
    return joined(
      say('name', name) ?? (id === undefined ? undefined : `id ${id}`),
      say('email', email),
      phoneNumber === undefined ? undefined : this.#number('phone_number', phoneNumber),
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
      ['Feedback', feedback && this.#show('feedback', feedback)],
    ])
  }

  smartActions(): Fact[] {
    const { verified, photos, videos, texts } = this.#session.smartActions
    return known([
      ['Verified', verified],
      ['Photos', joined(...photos.map((photo) => this.#upload(photo)))],
      ['Videos', joined(...videos.map((video) => this.#upload(video)))],
      ...texts.map((text) => ['Text', this.#show('text_inputs', text)] as const),
    ])
  }

  /** By its id; its address leads to what the caller sent. */
  #upload({ id, type, url }: Upload): string {
    const address = url !== undefined && this.#disclosure.reveal ? this.#show('url', url) : undefined
    return [type, id, address].filter(Boolean).join(' ')
  }

  recordings(): Fact[] {
    const { recordings, recordingPermission, recordingUrl } = this.#session
    return known([
      ['Permission', recordingPermission],
      ...recordings.map((recording) => [recording.id ?? 'Recording', this.#recording(recording)] as const),
      ['Address', recordingUrl && this.#show('recording_url', recordingUrl)],
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

  parameters(): Fact[] {
    return this.#session.participants.flatMap(({ parameters = {} }) =>
      Object.entries(parameters).map(([name, value]) => ({ name, value: this.#show(name, value) })),
    )
  }

  /** Each once: every participant of a call has them. */
  sipHeaders(): Fact[] {
    const headers = new Map(this.#session.participants.flatMap(({ sipHeaders = {} }) => Object.entries(sipHeaders)))
    return [...headers].map(([name, value]) => ({ name, value: this.#show(name, value) }))
  }

  contact(): Fact[] {
    const { supportNumber, outboundNumber, customerNumber, smsDuringCall, smsWhileWaiting } = this.#session
    const customer = customerNumber === undefined ? undefined : this.#number('customer_phone_number', customerNumber)
    return known([
      ['Called', supportNumber],
      ['Called from', outboundNumber],
      ['Caller', customer],
      ...smsDuringCall.map((text) => ['SMS during the call', this.#show('sms_during_call', text)] as const),
      ...smsWhileWaiting.map((text) => ['SMS while waiting', this.#show('sms_while_waiting', text)] as const),
    ])
  }

  unknown(): Fact[] {
    return known([['Keys', joined(...unknownKeys(this.#session))]])
  }

  #show(name: string, value: unknown): string {
    return disclose(name, value, this.#disclosure)
  }

  #number(name: string, value: string): string {
    return disclose(name, value, this.#disclosure, 'last4')
  }
}

const secondsOf = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : describeSeconds(seconds)

const describeStatus = ({ number, word }: Status): string =>
  number === undefined || word === String(number) ? word : `${word} (${number})`

const describeExport = (isFinal: boolean | undefined): string | undefined =>
  isFinal === undefined ? undefined : isFinal ? 'the final one' : 'the first one, before wrap-up and survey'

const describeAgent = (agent: Agent | undefined): string | undefined =>
  agent &&
  joined(
    agent.name ?? agent.alias ?? (agent.id && `id ${agent.id}`),
    agent.kind === 'virtual_agent' ? 'a virtual agent' : agent.email,
  )

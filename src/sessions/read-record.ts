import type { z } from 'zod'
import { isMap, type JsonMap } from '../core/json.ts'
import type { Path } from '../core/source.ts'
import { parseInstant } from './instant.ts'
import type * as Plain from './session.ts'
import { type SessionRecord, sessionSchema } from './session-schema.ts'
import { toSessionType } from './session-type.ts'
import { toStatus } from './status.ts'
import { toWord } from './word.ts'

/** A value of a kind that its key never has; it is read as absent. */
export interface OddValue {
  /** From the top of the value that was read. */
  readonly path: Path
  readonly expected: string
}

export interface ReadRecord {
  readonly session: Plain.Session
  readonly odd: readonly OddValue[]
}

/** Reads one session metadata record, wrapped or not; undefined for everything else. `fileName` tells calls from chats where nothing in the record does. */
export function readRecord(value: unknown, fileName = ''): ReadRecord | undefined {
  if (!isMap(value) || !isMetadata(value)) return undefined
  const { wrapper, inner } = unwrap(value)
  const { record, odd } = parse(inner)
  const prefix = wrapper ? [wrapper] : []
  const session = toSession(record, wrapper ?? kindOf(record, fileName), value)
  return { session, odd: odd.map(({ path, expected }) => ({ path: [...prefix, ...path], expected })) }
}

/** A record that stands in a `call` or a `chat`, and which of the two. */
export function unwrap(value: JsonMap): { readonly wrapper: Plain.SessionKind | undefined; readonly inner: JsonMap } {
  for (const wrapper of ['call', 'chat'] as const) {
    const inner = Object.hasOwn(value, wrapper) ? value[wrapper] : undefined
    if (isMap(inner)) return { wrapper, inner }
  }
  return { wrapper: undefined, inner: value }
}

/** Transcripts lie beside metadata, and have keys in common with it. */
const isTranscript = (value: JsonMap): boolean =>
  Object.hasOwn(value, 'transcript_version') || Object.hasOwn(value, 'comm_id')

const KNOWN = sessionSchema.shape

const isMetadata = (value: JsonMap): boolean =>
  !isTranscript(value) && Object.keys(unwrap(value).inner).some((key) => Object.hasOwn(KNOWN, key))

/** What this program knows nothing of: keys of the record and those around it. */
export function unknownKeys({ record }: Plain.Session): string[] {
  const { wrapper, inner } = unwrap(record)
  const around = wrapper ? Object.keys(record).filter((key) => key !== wrapper) : []
  return [...around, ...Object.keys(inner).filter((key) => !Object.hasOwn(KNOWN, key))]
}

function parse(inner: JsonMap): { record: SessionRecord; odd: OddValue[] } {
  const parsed = sessionSchema.safeParse(inner)
  if (parsed.success) return { record: parsed.data, odd: [] }
  const odd = parsed.error.issues.map(({ path, message }) => ({ path, expected: message }))
  const rest = odd.reduce<unknown>((value, { path }) => without(value, path), inner)
  return { record: sessionSchema.parse(rest), odd }
}

/** A copy in which null stands at the end of the path, as good as nothing to the schema. */
function without(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return null
  if (Array.isArray(value)) return value.with(Number(step), without(value[Number(step)], rest))
  return { ...(value as JsonMap), [step]: without((value as JsonMap)[String(step)], rest) }
}

function kindOf(record: SessionRecord, fileName: string): Plain.SessionKind | undefined {
  const { call_uuid, call_type, call_duration, chat_uuid, chat_type, chat_duration } = record
  if (call_uuid ?? call_type ?? call_duration) return 'call'
  if (chat_uuid ?? chat_type ?? chat_duration) return 'chat'
  const type = String(record.session_type_v2 ?? record.session_type ?? '')
  if (/^\W*voice/i.test(type)) return 'call'
  if (/^\W*messaging/i.test(type)) return 'chat'
  return /(?:^|[^a-z])(call|chat)[-_]?\d+/i.exec(fileName)?.[1]?.toLowerCase() as Plain.SessionKind | undefined
}

// ---- values

type Maybe<T> = T | null | undefined
type Given = Maybe<string | number>

const textOf = (value: Given): string | undefined =>
  value === null || value === undefined || value === '' ? undefined : String(value)

const numberOf = (value: Given): number | undefined =>
  value === null || value === undefined ? undefined : Number(value)

const msOf = (value: Maybe<string>): number | undefined => (value ? parseInstant(value)?.ms : undefined)

const flagOf = (value: Maybe<boolean>): boolean | undefined => value ?? undefined

function wordOf(value: Given): string | undefined {
  const text = textOf(value)
  return text === undefined ? undefined : toWord(text)
}

/** The platform writes that nothing failed as a word. */
function failureOf(value: Given): string | undefined {
  const word = wordOf(value)
  return word === 'nothing' ? undefined : word
}

function textsOf(value: Maybe<string | number | readonly unknown[]>): string[] {
  const all = Array.isArray(value) ? value : [value]
  return all.flatMap((one) => {
    if (typeof one === 'string' || typeof one === 'number') return textOf(one) ?? []
    return isMap(one)
      ? Object.values(one)
          .flatMap((part) => textIn(part) ?? [])
          .join(' ')
      : []
  })
}

const mapEach = <T, U>(list: Maybe<readonly Maybe<T>[]>, toPlain: (row: T) => U): U[] =>
  list?.length ? list.flatMap((row) => (row === null || row === undefined ? [] : toPlain(row))) : []

function menuOf(names: Maybe<string | number | JsonMap>, ids?: Given): Plain.MenuPath | undefined {
  if (isMap(names)) {
    const { name, materialized_path, id } = names
    return menuOf(textIn(name), textIn(materialized_path) ?? textIn(id) ?? ids)
  }
  const path = { names: textOf(names), ids: textOf(ids) }
  return path.names === undefined && path.ids === undefined ? undefined : path
}

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? textOf(value) : undefined

// ---- rows

type Row<List extends keyof SessionRecord> = NonNullable<NonNullable<SessionRecord[List] & readonly unknown[]>[number]>
type AgentRow = NonNullable<z.output<(typeof sessionSchema.shape)['agent_info']>>

function agentOf(row: Maybe<AgentRow>, kind?: Plain.Agent['kind']): Plain.Agent | undefined {
  if (!row) return undefined
  const { id, name, first_name, last_name, email, agent_number, va_alias } = row
  const both = [textOf(first_name), textOf(last_name)].filter(Boolean).join(' ')
  return {
    kind: kind ?? (Object.hasOwn(row, 'va_alias') ? 'virtual_agent' : 'human'),
    id: textOf(id),
    name: textOf(name) ?? (both || undefined),
    email: textOf(email),
    number: textOf(agent_number),
    alias: textOf(va_alias),
  }
}

const toVirtualAgentHandle = (row: Row<'virtual_agent_handle_durations'>): Plain.VirtualAgentHandle => ({
  startedAtMs: msOf(row.started_at),
  endedAtMs: msOf(row.ended_at),
  menu: menuOf(row.menu_path, row.menu_path_id),
  language: textOf(row.lang),
  isTransfer: flagOf(row.transfer),
  transferId: textOf(row.transfer_id),
  id: textOf(row.id),
  virtualAgent: agentOf(row.virtual_agent, 'virtual_agent'),
  durationSeconds: numberOf(row.call_duration ?? row.chat_duration),
  escalationReason: wordOf(row.escalation_reason),
  finishReason: wordOf(row.finish_reason),
  sentiment: numberOf(row.sentiment),
  responseCount: numberOf(row.response_count),
  fallbackResponseCount: numberOf(row.fallback_response_count),
  initiatedBy: wordOf(row.initiated_by),
})

const toDeflectedEscalation = (row: Row<'virtual_agent_deflected_escalations'>): Plain.DeflectedEscalation => ({
  menu: menuOf(row.menu_path, row.menu_path_id),
  language: textOf(row.lang),
  id: textOf(row.id),
  virtualAgent: agentOf(row.virtual_agent, 'virtual_agent'),
  escalatedAtMs: msOf(row.escalated_at),
  deflection: wordOf(row.deflection),
  escalationId: textOf(row.escalation_id),
  escalationReason: wordOf(row.escalation_reason),
})

const toDeflection = (row: Row<'deflection_details'>): Plain.Deflection => ({
  id: textOf(row.id),
  deflection: wordOf(row.deflection),
  transferId: textOf(row.transfer_id),
  from: menuOf(row.from_menu_path),
})

function toParticipant(row: Row<'participants'>): Plain.Participant {
  const person = agentOf(row)
  return {
    id: textOf(row.id),
    type: wordOf(row.type),
    entryType: wordOf(row.entry_type),
    userId: textOf(row.user_id),
    endUserId: textOf(row.end_user_id),
    virtualAgentId: textOf(row.virtual_agent_id),
    conversationId: textOf(row.virtual_agent?.conversation_id),
    parameters: row.virtual_agent_params ?? undefined,
    sipHeaders: row.sip_headers ?? undefined,
    status: wordOf(row.status),
    failReason: failureOf(row.fail_reason),
    name: person?.name ?? textOf(row.virtual_agent?.name),
    email: person?.email,
    phoneNumber: textOf(row.phone_number),
    connectedAtMs: msOf(row.connected_at),
    endedAtMs: msOf(row.ended_at ?? row.finished_at),
    durationSeconds: numberOf(row.call_duration ?? row.chat_duration),
    holdSeconds: numberOf(row.hold_duration),
  }
}

const toHandle = (row: Row<'handle_durations'>): Plain.Handle => ({
  startedAtMs: msOf(row.started_at),
  endedAtMs: msOf(row.ended_at),
  menu: menuOf(row.menu_path, row.menu_path_id),
  language: textOf(row.lang),
  isTransfer: flagOf(row.transfer),
  transferId: textOf(row.transfer_id),
  id: textOf(row.id),
  agentId: textOf(row.agent_id),
  durationSeconds: numberOf(row.call_duration ?? row.chat_duration),
  holdSeconds: numberOf(row.hold_duration),
  afterCallSeconds: numberOf(row.acw_duration),
  beforeCallSeconds: numberOf(row.bcw_duration),
  responseSeconds: numberOf(row.response_time_avg),
})

const toQueueWait = (row: Row<'queue_durations'>): Plain.QueueWait => ({
  startedAtMs: msOf(row.started_at),
  endedAtMs: msOf(row.ended_at),
  menu: menuOf(row.menu_path, row.menu_path_id),
  language: textOf(row.lang),
  isTransfer: flagOf(row.transfer),
  transferId: textOf(row.transfer_id),
  id: textOf(row.id),
  agentId: textOf(row.agent_id),
  durationSeconds: numberOf(row.queue_duration),
  isColdTransfer: flagOf(row.transfer_cold),
  serviceLevel: wordOf(row.service_level_event),
})

const toConsumerHandle = (row: Row<'consumer_handle_durations'>): Plain.ConsumerHandle => ({
  startedAtMs: msOf(row.started_at),
  endedAtMs: msOf(row.ended_at),
  durationSeconds: numberOf(row.call_duration ?? row.chat_duration),
  holdSeconds: numberOf(row.hold_duration),
  messageCount: numberOf(row.message_count),
  responseCount: numberOf(row.response_count),
  responseTotalSeconds: numberOf(row.response_time_total),
  responseMaxSeconds: numberOf(row.response_time_max),
  responseSeconds: numberOf(row.response_time_avg),
})

const toConsumerEvent = (
  row: Row<'consumer_in_menu_durations'> & Pick<Row<'consumer_event_durations'>, 'type'>,
): Plain.ConsumerEvent => ({
  startedAtMs: msOf(row.started_at),
  endedAtMs: msOf(row.ended_at),
  menu: menuOf(row.menu_path, row.menu_path_id),
  language: textOf(row.lang),
  id: textOf(row.id),
  type: wordOf(row.type),
  event: wordOf(row.event),
  durationSeconds: numberOf(row.duration),
})

const toTransfer = (row: Row<'transfers'>): Plain.Transfer => ({
  id: textOf(row.id),
  status: wordOf(row.status),
  failReason: failureOf(row.fail_reason),
  createdAtMs: msOf(row.created_at),
  assignedAtMs: msOf(row.assigned_at),
  connectedAtMs: msOf(row.connected_at),
  startedAtMs: msOf(row.started_at),
  updatedAtMs: msOf(row.updated_at),
  durationSeconds: numberOf(row.call_duration ?? row.chat_duration),
  waitSeconds: numberOf(row.wait_duration),
  deflection: wordOf(row.deflection),
  answerTypePath: wordOf(row.answer_type_path),
  from: agentOf(row.from_agent, 'human') ?? agentOf(row.from_virtual_agent, 'virtual_agent'),
  to: agentOf(row.to_agent, 'human') ?? agentOf(row.to_virtual_agent, 'virtual_agent'),
  fromMenu: menuOf(row.from_menu_path),
  toMenu: menuOf(row.to_menu_path),
})

const toRecording = (row: Row<'recordings'>): Plain.Recording => ({
  startedAtMs: msOf(row.started_at),
  endedAtMs: msOf(row.ended_at),
  id: textOf(row.id),
  callId: textOf(row.call_id),
  conferenceId: textOf(row.conference_sid),
  type: wordOf(row.recording_type),
  durationSeconds: numberOf(row.duration),
  redactions: mapEach(row.redaction_times, ({ start, end, duration }) => ({
    startedAtMs: msOf(start),
    endedAtMs: msOf(end),
    durationSeconds: numberOf(duration),
  })),
})

const toUpload = (row: { id?: Given; photo_type?: Given; url?: Given }): Plain.Upload => ({
  id: textOf(row.id),
  type: wordOf(row.photo_type),
  url: textOf(row.url),
})

// ---- the session

/** One flat table: parts put together with `...` would take three times as long, and there are millions. */
const toSession = (
  record: SessionRecord,
  kind: Plain.SessionKind | undefined,
  whole: JsonMap,
  id = textOf(record.id),
  uuid = textOf(record.call_uuid ?? record.chat_uuid),
): Plain.Session => ({
  key: id === undefined && uuid === undefined ? undefined : `${kind ?? 'session'} ${id ?? uuid}`,
  kind,
  id,
  uuid,
  language: textOf(record.lang),
  type: typeOf(record),
  status: statusOf(record.status),
  subStatus: wordOf(record.sub_status ?? record.subStatus),
  createdAtMs: msOf(record.created_at),
  queuedAtMs: msOf(record.queued_at),
  assignedAtMs: msOf(record.assigned_at),
  connectedAtMs: msOf(record.connected_at),
  virtualAgentAssignedAtMs: msOf(record.va_assigned_at),
  virtualAgentConnectedAtMs: msOf(record.va_connected_at),
  endedAtMs: msOf(record.ends_at ?? record.ended_at),
  scheduledAtMs: msOf(record.scheduled_at),
  updatedAtMs: msOf(record.updated_at),
  utcOffsetMinutes: offsetOf(record.created_at ?? record.queued_at ?? record.ends_at ?? record.ended_at),
  isFinal: isFinal(record),
  waitSeconds: numberOf(record.wait_duration),
  durationSeconds: numberOf(record.call_duration ?? record.chat_duration),
  holdSeconds: numberOf(record.hold_duration),
  virtualAgentWaitSeconds: numberOf(record.in_queue_wait_time_va),
  messageCount: numberOf(record.message_count),
  answerType: wordOf(record.answer_type),
  failReason: failureOf(record.fail_reason),
  failDetails: textOf(record.fail_details),
  disconnectedBy: wordOf(record.disconnected_by),
  deflection: wordOf(record.deflection),
  deflections: mapEach(record.deflection_details, toDeflection),
  voicemailReason: wordOf(record.voicemail_reason),
  automationRedirection: wordOf(record.automation_redirection),
  rating: numberOf(record.rating),
  feedback: textOf(record.feedback),
  supportNumber: textOf(record.support_number),
  outboundNumber: textOf(record.outbound_number),
  customerNumber: textOf(record.customer_phone_number),
  ticketId: textOf(record.out_ticket_id),
  ticketUrl: textOf(record.out_ticket_url),
  recordingPermission: wordOf(record.recording_permission),
  recordingUrl: textOf(record.recording_url),
  queuePriority: numberOf(record.queue_priority_level),
  menu: menuOf(record.menu_path),
  selectedMenu: menuOf(record.selected_menu),
  agent: agentOf(record.agent_info),
  smartActions: smartActionsOf(record),
  dispositionCodes: textsOf(record.disposition_codes),
  dispositionNotes: textsOf(record.disposition_notes),
  smsDuringCall: textsOf(record.sms_during_call),
  smsWhileWaiting: textsOf(record.sms_while_waiting),
  virtualAgentHandles: mapEach(record.virtual_agent_handle_durations, toVirtualAgentHandle),
  deflectedEscalations: mapEach(record.virtual_agent_deflected_escalations, toDeflectedEscalation),
  participants: mapEach(record.participants, toParticipant),
  handles: mapEach(record.handle_durations, toHandle),
  queueWaits: mapEach(record.queue_durations, toQueueWait),
  consumerHandles: mapEach(record.consumer_handle_durations, toConsumerHandle),
  menuVisits: mapEach(record.consumer_in_menu_durations, toConsumerEvent),
  consumerEvents: mapEach(record.consumer_event_durations, toConsumerEvent),
  transfers: mapEach(record.transfers, toTransfer),
  recordings: mapEach(record.recordings, toRecording),
  record: whole,
})

const statusOf = (value: Given): Plain.Status | undefined =>
  value === null || value === undefined || value === '' ? undefined : toStatus(value)

/** `session_type_v2` has the finer words; `session_type` is an older name of the other two. */
function typeOf(record: SessionRecord): Plain.SessionType | undefined {
  const original = textOf(record.session_type_v2 ?? record.call_type ?? record.chat_type ?? record.session_type)
  return original === undefined ? undefined : toSessionType(original)
}

const offsetOf = (value: Maybe<string>): number | undefined => (value ? parseInstant(value)?.offsetMinutes : undefined)

/** The first export is written within seconds of the end, the final one 15 to 20 minutes later. */
const FINAL_AFTER_MS = 120_000

function isFinal({ created_at, ends_at, ended_at, updated_at, call_duration, chat_duration }: SessionRecord) {
  const [created, updated] = [msOf(created_at), msOf(updated_at)]
  const seconds = numberOf(call_duration ?? chat_duration) ?? 0
  const ended = msOf(ends_at ?? ended_at) ?? (created === undefined ? undefined : created + seconds * 1000)
  return ended === undefined || updated === undefined ? undefined : updated - ended >= FINAL_AFTER_MS
}

const smartActionsOf = ({ verified, photos, videos, text_inputs }: SessionRecord): Plain.SmartActions => ({
  verified: verified === null || verified === undefined ? undefined : toWord(String(verified)),
  photos: mapEach(photos, toUpload),
  videos: mapEach(videos, toUpload),
  texts: textsOf(text_inputs),
})

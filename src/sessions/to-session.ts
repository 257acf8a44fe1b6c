import type { JsonMap } from '../core/json.ts'
import { parseInstant } from './instant.ts'
import * as rows from './record-rows.ts'
import {
  failureOf,
  firstTextOf,
  type Given,
  type Maybe,
  mapEach,
  menuOf,
  msOf,
  numberOf,
  textOf,
  textsOf,
  wordOf,
} from './record-values.ts'
import type * as Plain from './session.ts'
import type { SessionRecord } from './session-schema.ts'
import { toSessionType } from './session-type.ts'
import { toStatus } from './status.ts'
import { toWord } from './word.ts'

/** A record that the schema has checked, in plain words. One flat table: parts put together with `...` would take three times as long, and there are millions. */
export const toSession = (
  record: SessionRecord,
  kind: Plain.SessionKind | undefined,
  whole: JsonMap,
  id = textOf(record.id),
  uuid = firstTextOf(record.call_uuid, record.chat_uuid),
): Plain.Session => ({
  key: id === undefined && uuid === undefined ? undefined : `${kind ?? 'session'} ${id ?? uuid}`,
  kind,
  id,
  uuid,
  language: textOf(record.lang),
  type: typeOf(record),
  status: statusOf(record.status),
  subStatus: wordOf(firstTextOf(record.sub_status, record.subStatus)),
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
  deflections: mapEach(record.deflection_details, rows.toDeflection),
  voicemailReason: wordOf(record.voicemail_reason),
  automationRedirection: wordOf(record.automation_redirection),
  rating: numberOf(record.rating),
  feedback: textOf(record.feedback),
  supportNumber: textOf(record.support_number),
  outboundNumber: textOf(record.outbound_number),
  customerNumber: textOf(record.customer_phone_number),
  endUser: rows.endUserOf(record.end_user),
  ticketId: textOf(record.out_ticket_id),
  ticketUrl: textOf(record.out_ticket_url),
  recordingPermission: wordOf(record.recording_permission),
  recordingUrl: textOf(record.recording_url),
  queuePriority: numberOf(record.queue_priority_level),
  menu: menuOf(record.menu_path),
  selectedMenu: menuOf(record.selected_menu),
  agent: rows.agentOf(record.agent_info),
  smartActions: smartActionsOf(record),
  dispositionCodes: textsOf(record.disposition_codes),
  dispositionNotes: textsOf(record.disposition_notes),
  smsDuringCall: textsOf(record.sms_during_call),
  smsWhileWaiting: textsOf(record.sms_while_waiting),
  sipHeaders: record.sip_headers ?? undefined,
  virtualAgentHandles: mapEach(record.virtual_agent_handle_durations, rows.toVirtualAgentHandle),
  deflectedEscalations: mapEach(record.virtual_agent_deflected_escalations, rows.toDeflectedEscalation),
  participants: mapEach(record.participants, rows.toParticipant),
  handles: mapEach(record.handle_durations, rows.toHandle),
  queueWaits: mapEach(record.queue_durations, rows.toQueueWait),
  consumerHandles: mapEach(record.consumer_handle_durations, rows.toConsumerHandle),
  menuVisits: mapEach(record.consumer_in_menu_durations, rows.toConsumerEvent),
  consumerEvents: mapEach(record.consumer_event_durations, rows.toConsumerEvent),
  transfers: mapEach(record.transfers, rows.toTransfer),
  recordings: mapEach(record.recordings, rows.toRecording),
  record: whole,
})

const statusOf = (value: Given): Plain.Status | undefined =>
  value === null || value === undefined || value === '' ? undefined : toStatus(value)

/** `session_type_v2` has the finer words; `session_type` is an older name of the other two. */
function typeOf(record: SessionRecord): Plain.SessionType | undefined {
  const original = firstTextOf(record.session_type_v2, record.call_type, record.chat_type, record.session_type)
  return original === undefined ? undefined : toSessionType(original)
}

/** A date alone has no clock. */
const offsetOf = (value: Maybe<string>): number | undefined =>
  value && value.length > '2026-03-23'.length ? parseInstant(value)?.offsetMinutes : undefined

/** The first export is written within seconds of the end, the final one 15 to 20 minutes later. */
const FINAL_AFTER_MS = 120_000

function isFinal(record: SessionRecord): boolean | undefined {
  const { created_at, ends_at, ended_at, updated_at, call_duration, chat_duration } = record
  const [created, updated] = [msOf(created_at), msOf(updated_at)]
  if (updated === undefined) return isWrappedUp(record) || undefined
  const seconds = numberOf(call_duration ?? chat_duration) ?? 0
  const ended = msOf(ends_at ?? ended_at) ?? (created === undefined ? undefined : created + seconds * 1000)
  return ended === undefined ? undefined : updated - ended >= FINAL_AFTER_MS
}

/** The first export is too early for the survey, and for how long wrap-up took. */
const isWrappedUp = ({ rating, handle_durations }: SessionRecord): boolean =>
  numberOf(rating) !== undefined || (handle_durations ?? []).some((row) => numberOf(row?.acw_duration) !== undefined)

const smartActionsOf = ({ verified, photos, videos, text_inputs }: SessionRecord): Plain.SmartActions => ({
  verified: verified === null || verified === undefined ? undefined : toWord(String(verified)),
  photos: mapEach(photos, rows.toUpload),
  videos: mapEach(videos, rows.toUpload),
  texts: textsOf(text_inputs),
})

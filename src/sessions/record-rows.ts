import type { z } from 'zod'
import {
  failureOf,
  flagOf,
  type Given,
  type Maybe,
  mapEach,
  menuOf,
  msOf,
  numberOf,
  textOf,
  wordOf,
} from './record-values.ts'
import type * as Plain from './session.ts'
import type { SessionRecord, sessionSchema } from './session-schema.ts'

// The rows of each list of a record, in plain words.

type Row<List extends keyof SessionRecord> = NonNullable<NonNullable<SessionRecord[List] & readonly unknown[]>[number]>
type AgentRow = NonNullable<z.output<(typeof sessionSchema.shape)['agent_info']>>

export function agentOf(row: Maybe<AgentRow>, kind?: Plain.Agent['kind']): Plain.Agent | undefined {
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

export const endUserOf = (row: SessionRecord['end_user']): Plain.EndUser | undefined =>
  row ? { id: textOf(row.id), identifier: textOf(row.identifier), contactId: textOf(row.out_contact_id) } : undefined

export const toVirtualAgentHandle = (row: Row<'virtual_agent_handle_durations'>): Plain.VirtualAgentHandle => ({
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

export const toDeflectedEscalation = (row: Row<'virtual_agent_deflected_escalations'>): Plain.DeflectedEscalation => ({
  menu: menuOf(row.menu_path, row.menu_path_id),
  language: textOf(row.lang),
  id: textOf(row.id),
  virtualAgent: agentOf(row.virtual_agent, 'virtual_agent'),
  escalatedAtMs: msOf(row.escalated_at),
  deflection: wordOf(row.deflection),
  escalationId: textOf(row.escalation_id),
  escalationReason: wordOf(row.escalation_reason),
})

export const toDeflection = (row: Row<'deflection_details'>): Plain.Deflection => ({
  id: textOf(row.id),
  deflection: wordOf(row.deflection),
  transferId: textOf(row.transfer_id),
  from: menuOf(row.from_menu_path),
})

export function toParticipant(row: Row<'participants'>): Plain.Participant {
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

export const toHandle = (row: Row<'handle_durations'>): Plain.Handle => ({
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

export const toQueueWait = (row: Row<'queue_durations'>): Plain.QueueWait => ({
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

export const toConsumerHandle = (row: Row<'consumer_handle_durations'>): Plain.ConsumerHandle => ({
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

export const toConsumerEvent = (
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

export const toTransfer = (row: Row<'transfers'>): Plain.Transfer => ({
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

export const toRecording = (row: Row<'recordings'>): Plain.Recording => ({
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

export const toUpload = (row: { id?: Given; photo_type?: Given; url?: Given }): Plain.Upload => ({
  id: textOf(row.id),
  type: wordOf(row.photo_type),
  url: textOf(row.url),
})

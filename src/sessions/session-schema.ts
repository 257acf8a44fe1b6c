import { z } from 'zod'
import { isMap, type JsonMap } from '../core/json.ts'
import { isInstant } from './instant.ts'

// The session metadata record, key by key as far as keys have been seen:
// https://docs.cloud.google.com/contact-center/ccai-platform/docs/crm-session-metadata (attributes, types, statuses)
// https://docs.cloud.google.com/contact-center/ccai-platform/docs/call-session-metadata (keys of the root)
// https://github.com/GoogleCloudPlatform/ccaas-observability (keys of the lists, from real files)
// https://github.com/singer-io/tap-ujet (the same record from the platform's API: ticket, menus, photos, videos, numbers)
// Nothing is required, null is as good as absent, and keys that are not named here are kept.

/** What JSON says beyond the numbers that there are, such as `1e999`, is none. */
const isText = (value: unknown): boolean => typeof value === 'string' || Number.isFinite(value)
const NUMERIC = /^\s*[+-]?\d+(?:\.\d+)?\s*$/
/** Numbers also come as text: `"response_time_avg": "0.0"`. */
const isNumber = (value: unknown): boolean =>
  Number.isFinite(typeof value === 'string' && NUMERIC.test(value) ? Number(value) : value)

/** No conversation takes thirty years, and none ends before it begins; what says so is a mistake, and may look like a card. */
const isDuration = (value: unknown): boolean => isNumber(value) && Number(value) >= 0 && Number(value) < 1e9

const key = <T>(is: (value: unknown) => boolean, error: string) => z.custom<T>(is, { error }).nullish()

const id = key<string | number>(isText, 'an id, a number or text')
const text = key<string | number>(isText, 'text')
const flag = key<boolean>((value) => typeof value === 'boolean', 'true or false')
const number = key<string | number>(isNumber, 'a number')
const seconds = key<string | number>(isDuration, 'a number of seconds')
const instant = key<string>((value) => typeof value === 'string' && isInstant(value), 'a time in ISO 8601')
const map = key<JsonMap>(isMap, 'a map')
const texts = key<string | number | readonly unknown[]>(
  (value) => isText(value) || Array.isArray(value),
  'text, or a list of texts',
)
/** A queue by its place in the tree of queues: `2420/4563/6205` in ids, `Main Menu/Billing` in names, or a map of both. */
const menuPath = key<string | number | JsonMap>((value) => isText(value) || isMap(value), 'text or a map')

const object = <S extends z.ZodRawShape>(shape: S) => z.looseObject(shape, { error: 'a map' }).nullish()
const list = <T extends z.ZodType>(item: T) => z.array(item, { error: 'a list' }).nullish()
const rows = <S extends z.ZodRawShape>(shape: S) => list(object(shape))

const menu = { menu_path_id: id, menu_path: menuPath, lang: text }
const span = { started_at: instant, ended_at: instant }
const duration = { call_duration: seconds, chat_duration: seconds }
const transferred = { transfer: flag, transfer_id: id }
const responses = {
  response_count: number,
  response_time_total: seconds,
  response_time_max: seconds,
  response_time_avg: seconds,
}

/** A person or a virtual agent; the latter has `va_alias`. */
const agent = object({
  id,
  name: text,
  first_name: text,
  last_name: text,
  email: text,
  agent_number: text,
  va_alias: text,
  avatar_url: text,
  conversation_id: id,
})

const participant = {
  id,
  /** `agent`, `end_user`, `virtual_agent`, `task_virtual_agent` and others. */
  type: text,
  entry_type: text,
  user_id: id,
  end_user_id: id,
  virtual_agent_id: id,
  virtual_agent: agent,
  /** The data parameters that were handed to the virtual agent, in clear. */
  virtual_agent_params: map,
  sip_headers: map,
  status: text,
  fail_reason: text,
  phone_number: text,
  name: text,
  first_name: text,
  last_name: text,
  email: text,
  connected_at: instant,
  ended_at: instant,
  finished_at: instant,
  ...duration,
  hold_duration: seconds,
}

const transfer = {
  id,
  status: text,
  fail_reason: text,
  created_at: instant,
  assigned_at: instant,
  connected_at: instant,
  started_at: instant,
  updated_at: instant,
  ...duration,
  wait_duration: seconds,
  deflection: text,
  /** `manual_to_manual` */
  answer_type_path: text,
  from_menu_path: menuPath,
  to_menu_path: menuPath,
  from_agent: agent,
  to_agent: agent,
  from_virtual_agent: agent,
  to_virtual_agent: agent,
}

const lists = {
  virtual_agent_handle_durations: rows({
    id,
    virtual_agent: agent,
    ...span,
    ...duration,
    /** `by_virtual_agent`, `by_consumer`, `unknown` */
    escalation_reason: text,
    /** `escalated`, `resolved`, `consumer_ended`, `unexpectedly_ended`, … */
    finish_reason: text,
    /** 0 to 100. */
    sentiment: number,
    response_count: number,
    fallback_response_count: number,
    initiated_by: text,
    ...menu,
    ...transferred,
  }),
  virtual_agent_deflected_escalations: rows({
    id,
    virtual_agent: agent,
    escalated_at: instant,
    deflection: text,
    escalation_id: id,
    escalation_reason: text,
    ...menu,
  }),
  participants: rows(participant),
  handle_durations: rows({
    id,
    agent_id: id,
    ...span,
    ...duration,
    hold_duration: seconds,
    /** Work after the call, and before it in preview campaigns. */
    acw_duration: seconds,
    bcw_duration: seconds,
    ...menu,
    ...transferred,
    ...responses,
  }),
  queue_durations: rows({
    id,
    agent_id: id,
    ...span,
    queue_duration: seconds,
    ...menu,
    transfer_cold: flag,
    ...transferred,
    service_level_event: text,
  }),
  consumer_handle_durations: rows({
    ...span,
    ...duration,
    hold_duration: seconds,
    message_count: number,
    ...responses,
  }),
  consumer_in_menu_durations: rows({ id, ...span, duration: seconds, event: text, ...menu }),
  consumer_event_durations: rows({ id, type: text, ...span, duration: seconds, event: text, ...menu }),
  transfers: rows(transfer),
  recordings: rows({
    id,
    call_id: id,
    conference_sid: id,
    recording_type: text,
    ...span,
    duration: seconds,
    redaction_times: rows({ start: instant, end: instant, duration: seconds }),
  }),
}

/** SmartActions; `verified` is whether the person was. */
const smartActions = {
  verified: key<boolean | string | number>(
    (value) => typeof value === 'boolean' || isText(value),
    'true, false or a word',
  ),
  photos: rows({ id, photo_type: text, url: text }),
  videos: rows({ id, url: text }),
}

/** Named by the overview without their keys, which have been seen nowhere: these are its words. */
const unseen = {
  recording_permission: text,
  text_inputs: texts,
  disposition_codes: texts,
  disposition_notes: texts,
  sms_during_call: texts,
  sms_while_waiting: texts,
  va_assigned_at: instant,
  va_connected_at: instant,
}

/** One record as it stands in a file, without the `call` or `chat` around it. */
export const sessionSchema = z.looseObject({
  id,
  call_uuid: id,
  chat_uuid: id,
  lang: text,
  session_type_v2: text,
  call_type: text,
  chat_type: text,
  session_type: text,
  /** A number or its word: see `STATUSES`. */
  status: text,
  sub_status: text,
  subStatus: text,
  created_at: instant,
  queued_at: instant,
  assigned_at: instant,
  connected_at: instant,
  ends_at: instant,
  ended_at: instant,
  scheduled_at: instant,
  updated_at: instant,
  agent_info: agent,
  answer_type: text,
  fail_reason: text,
  fail_details: text,
  disconnected_by: text,
  deflection: text,
  deflection_details: rows({ id, deflection: text, transfer_id: id, from_menu_path: menuPath }),
  voicemail_reason: text,
  automation_redirection: text,
  wait_duration: seconds,
  ...duration,
  hold_duration: seconds,
  in_queue_wait_time_va: seconds,
  /** Messages of a chat. */
  message_count: number,
  /** Of satisfaction: 1 to 4 by the overview, 5 in a file seen. */
  rating: number,
  feedback: text,
  has_feedback: flag,
  /** In E.164: the number that was called, the one that called out, and the person's. */
  support_number: text,
  outbound_number: text,
  customer_phone_number: text,
  out_ticket_id: id,
  out_ticket_url: text,
  recording_url: text,
  /** 1 to 8. */
  queue_priority_level: number,
  menu_path: menuPath,
  selected_menu: menuPath,
  end_user: object({ id, identifier: text, out_contact_id: id }),
  sip_headers: map,
  ...smartActions,
  ...unseen,
  ...lists,
})

export type SessionRecord = z.output<typeof sessionSchema>

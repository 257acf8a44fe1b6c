/** What every event tells of its session: each field that the vendor documents, invented. */
export const SESSION = {
  chat_id: 103646,
  campaign_id: 1432,
  campaign_name: 'Spring trips',
  virtual_agent_id: 1,
  virtual_agent_name: 'Trip assistant',
  participant_id: 7,
  queue_id: 8469,
  queue_path: 'Travel / Groups',
  queue_language_id: 'en',
  session_type: 'Messaging Inbound (SMS)',
  conversation_id: '12345',
  session_id: '78534G4RT4284',
  timestamp: '1795132800',
  data_parameters: { tier: 'gold', visits: 3 },
}

const captured = (variables: object) => ({
  intent_name: null,
  variables,
  captured_at: '2026-11-20 00:00:00 UTC',
  timestamp: '1795132800',
})

export const CAPTURED = [captured({ destination: 'Osaka' }), captured({ travellers: 2, trip: { days: [1, 2] } })]

export const JOINED = { type: 'Task_VA_Joined', data: SESSION }
export const VARIABLES_RECEIVED = {
  type: 'Task_VA_Variables_Received',
  data: { ...SESSION, captured_variables: CAPTURED },
}
export const LEFT = {
  type: 'Task_VA_Left',
  data: { ...SESSION, finish_reason: 'Task VA failed', captured_variables: CAPTURED },
}
export const EVENTS = [JOINED, VARIABLES_RECEIVED, LEFT]

/** The events about a smallest session, with other fields in `data`. */
export const joined = (data: object) => ({ type: JOINED.type, data: { chat_id: 1, ...data } })
export const received = (data: object) => ({
  type: VARIABLES_RECEIVED.type,
  data: { chat_id: 1, captured_variables: [], ...data },
})
export const left = (data: object) => ({ type: LEFT.type, data: { chat_id: 1, ...data } })

interface Row {
  readonly name: string
  readonly event: unknown
}

export const WELL_FORMED: readonly Row[] = [
  { name: 'a chat by its number alone', event: joined({}) },
  { name: 'a call', event: joined({ chat_id: undefined, call_id: 5 }) },
  { name: 'ids as texts', event: joined({ chat_id: '103646', virtual_agent_id: '1', queue_id: '8469' }) },
  { name: 'ids as numbers', event: joined({ conversation_id: 12345, session_id: 5, timestamp: 1795132800 }) },
  { name: 'no participant', event: received({ participant_id: undefined }) },
  { name: 'nothing captured', event: received({ captured_variables: [] }) },
  { name: 'nothing captured at the end', event: left({}) },
  { name: 'a capture with its variables alone', event: left({ captured_variables: [{ variables: {} }] }) },
  { name: 'a capture by an intent', event: received({ captured_variables: [{ intent_name: 'a', variables: {} }] }) },
  { name: 'a session type of tomorrow', event: joined({ session_type: 'Messaging Inbound (RCS)' }) },
  { name: 'fields of another event are no fields of this one', event: joined({ captured_variables: 5 }) },
]

export const ILL_FORMED: readonly Row[] = [
  { name: 'no event', event: 'Task_VA_Joined' },
  { name: 'null', event: null },
  { name: 'a list', event: [JOINED] },
  { name: 'another type', event: { ...JOINED, type: 'Task_VA_Moved' } },
  { name: 'a type in other letters', event: { ...JOINED, type: 'task_va_joined' } },
  { name: 'a type of every object', event: { ...JOINED, type: 'constructor' } },
  { name: 'a type that is no text', event: { ...JOINED, type: ['Task_VA_Joined'] } },
  { name: 'no data', event: { type: 'Task_VA_Joined' } },
  { name: 'null as data', event: { type: 'Task_VA_Joined', data: null } },
  { name: 'a list as data', event: { type: 'Task_VA_Joined', data: [] } },
  { name: 'data as JSON text', event: { type: 'Task_VA_Joined', data: JSON.stringify(SESSION) } },
  { name: 'no session', event: joined({ chat_id: undefined }) },
  { name: 'a session without a name', event: joined({ chat_id: '' }) },
  { name: 'an id that is no id', event: joined({ queue_id: { id: 5 } }) },
  { name: 'an id that is no number', event: joined({ queue_id: Number.NaN }) },
  { name: 'a name that is no text', event: joined({ virtual_agent_name: 5 }) },
  { name: 'null where the platform leaves the field out', event: joined({ campaign_id: null }) },
  { name: 'data parameters in a list', event: joined({ data_parameters: [] }) },
  { name: 'variables received, and none there', event: received({ captured_variables: undefined }) },
  { name: 'captures in a map', event: received({ captured_variables: {} }) },
  { name: 'a capture without variables', event: received({ captured_variables: [{ intent_name: null }] }) },
  { name: 'a capture with a list of variables', event: left({ captured_variables: [{ variables: [] }] }) },
  { name: 'a capture that is none', event: left({ captured_variables: [null] }) },
  // biome-ignore lint/suspicious/noSparseArray: a message can hold one
  { name: 'a hole between captures', event: left({ captured_variables: [, { variables: {} }] }) },
  { name: 'a reason that is no text', event: left({ finish_reason: 5 }) },
]

import fc from 'fast-check'

// Session metadata records of every kind that a report tells apart, from so few values that they meet again and again.

const BEGIN = Date.UTC(2026, 9, 24, 20)
const text = fc.constantFrom('Main Menu/Billing', 'a_word', 'A Word', 'a-word', '=1+1', '<b>&"', '', '(not given)')
const id = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('1', '2', 'x'))
const seconds = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }).map(String))
/** Around the end of summer time in Europe, by clocks of several offsets. */
const instant = fc
  .tuple(fc.integer({ min: 0, max: 200_000 }), fc.constantFrom('Z', '+03:00', '-0730'))
  .map(([second, zone]) => writeInstant(BEGIN + second * 1000, zone))

function writeInstant(ms: number, zone: string): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)/.exec(zone) ?? ['', '+', '0', '0']
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
  return new Date(ms + offset * 60_000).toISOString().replace('Z', zone)
}

/** Each key may be absent, null, or of a kind that it never has. */
function map(shape: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> {
  const odd = fc.constantFrom<unknown>(null, null, true, 'of another kind', { of: 'another kind' })
  const keys = Object.entries(shape).map(([key, value]) => [key, fc.oneof({ weight: 9, arbitrary: value }, odd)])
  return fc.record(Object.fromEntries(keys), { requiredKeys: [] })
}
const rows = (shape: Readonly<Record<string, fc.Arbitrary<unknown>>>) => fc.array(map(shape), { maxLength: 3 })

const span = { started_at: instant, ended_at: instant }
const menu = { menu_path: text, menu_path_id: id }
const deflection = fc.constantFrom('no_deflection', 'after_hours_message_only', 'Temp-redirection queue')

const record = map({
  id,
  call_uuid: id,
  session_type_v2: fc.constantFrom('Voice Inbound (IVR)', 'voice  inbound (IVR)', 'Messaging (Web)', 'Something new'),
  chat_type: fc.constantFrom('Messaging (Web Chat)'),
  status: fc.constantFrom('finished', 8, '8', 81, 'Voicemail received', 7, 'new_status'),
  created_at: fc.oneof({ weight: 4, arbitrary: instant }, fc.constant('2026-10-25')),
  queued_at: instant,
  ends_at: instant,
  updated_at: instant,
  answer_type: text,
  deflection,
  wait_duration: seconds,
  call_duration: seconds,
  hold_duration: seconds,
  rating: fc.integer({ min: 1, max: 5 }),
  deflection_details: rows({ deflection }),
  transfers: rows({ deflection }),
  virtual_agent_deflected_escalations: rows({ deflection }),
  queue_durations: rows({ ...menu, ...span, queue_duration: seconds }),
  handle_durations: rows({ ...span, call_duration: seconds }),
  participants: rows({ type: fc.constantFrom('agent', 'virtual_agent') }),
  virtual_agent_handle_durations: rows({
    ...span,
    ...menu,
    virtual_agent: map({ id, name: text, va_alias: text }),
    chat_duration: seconds,
    finish_reason: fc.constantFrom('escalated', 'Escalated', 'resolved', 'unexpectedly_ended'),
    escalation_reason: fc.constantFrom('by_virtual_agent', 'by_consumer', 'unknown'),
    response_count: seconds,
    fallback_response_count: seconds,
  }),
})

/** A record as a file may hold it, in a `call` or a `chat` or alone. */
export const arbitraryRecord: fc.Arbitrary<object> = fc.oneof(
  record,
  record.map((call) => ({ call })),
  record.map((chat) => ({ chat })),
)

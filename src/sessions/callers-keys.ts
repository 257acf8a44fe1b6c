import { toWord } from './word.ts'

// Which texts of a record are a caller's, and which are of those who work here: for what is shown and what is checked alike.

/** Where callers' own words and numbers stand, and what was written about them: by the key of a session, the key of its record. */
export const CALLERS_KEYS = {
  feedback: 'feedback',
  failDetails: 'fail_details',
  customerNumber: 'customer_phone_number',
  phoneNumber: 'phone_number',
  identifier: 'identifier',
  contactId: 'out_contact_id',
  ticketId: 'out_ticket_id',
  ticketUrl: 'out_ticket_url',
  recordingUrl: 'recording_url',
  url: 'url',
  texts: 'text_inputs',
  dispositionCodes: 'disposition_codes',
  dispositionNotes: 'disposition_notes',
  smsDuringCall: 'sms_during_call',
  smsWhileWaiting: 'sms_while_waiting',
} as const

/** What a participant who does not work here is called: a session has the name in one. */
export const PERSONAL_KEYS = { name: ['name', 'first_name', 'last_name'], email: ['email'] } as const

const COLLEAGUES = new Set(['agent', 'manager', 'virtual_agent', 'task_virtual_agent'])

/** Whether a participant of this type works here, in any spelling of it; everybody else may be a caller. */
export const isColleague = (type: unknown): boolean => typeof type === 'string' && COLLEAGUES.has(toWord(type))

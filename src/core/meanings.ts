import type { ACTION_KEYS } from './platform-keys.ts'
import type { Detector, Format, Mask } from './schema.ts'
import type { Surface } from './surface.ts'

type ActionKey = (typeof ACTION_KEYS)[number]

// What each word of a flow file or policy means, in a line: the editor shows it beside the word.

export const SURFACE_MEANINGS: Readonly<Record<Surface, string>> = {
  agent: "The human agent's screen (the agent adapter).",
  comment: 'The comment of the CRM record.',
  event: 'Programs around the agent adapter, which get its post events.',
  data_parameters: 'The next virtual agent. The platform may show these in events and metadata as well.',
}

export const FORMAT_MEANINGS: Readonly<Record<Format, string>> = {
  raw: 'As Dialogflow has it, unchanged.',
  text: 'Anything as text: an entity by its name, a date as 2026-11-20, a list or map as JSON.',
  date: 'Nov 20, 2026',
  time: '3:30 PM',
  date_time: 'Nov 20, 2026, 3:30 PM',
  date_range: 'Nov 20 – 27, 2026',
  money: '$1,200.00',
  number: '1,234.5',
  percent: '25%, from 25',
  duration: '15 minutes',
  person: "A person's name.",
  location: 'A place as it was said, or put together from its parts.',
  phone: '+1 202 555 0123, the international form. A number without a country belongs to that of the locale.',
  list: 'a, b, and c',
}

export const MASK_MEANINGS: Readonly<Record<Mask, string>> = {
  last4: '************4242. Values of fewer than eight characters are hidden whole.',
  email: 'j***@example.com. What is no e-mail address is hidden whole.',
  all: '****',
}

export const DETECTOR_MEANINGS: Readonly<Record<Detector, string>> = {
  payment_card: 'Card numbers: 13 to 19 digits with a right check digit, spaces or hyphens between them or not.',
  us_ssn: 'US social security numbers: 3, 2 and 4 digits with hyphens or spaces between them.',
  iban: 'International bank account numbers with right check digits.',
  email: 'E-mail addresses.',
}

interface KeyMeaning {
  readonly description: string
  /** Words that the platform is known to take. */
  readonly words?: Readonly<Record<string, string>>
}

/** The platform's keys: some take words, which are offered, but no word is refused, because the platform knows more every year. */
export const ACTION_KEY_MEANINGS: Readonly<Record<ActionKey, KeyMeaning>> = {
  type: { description: 'What kind of payload this is. Under "then" it is "action" without being written.' },
  action: {
    description:
      'What the platform does: escalation (to a queue), direct (to one person), deflection (to a SIP address), end (of the session).',
    words: {
      escalation: 'To a queue: menu_id.',
      direct: 'To one person: agent_extension or agent_id.',
      deflection: 'To a SIP address: deflection_type and sip_uri.',
      end: 'The session ends.',
    },
  },
  escalation_reason: {
    description: 'Why: by_virtual_agent (the bot planned to hand over) or by_consumer (the person asked for it).',
    words: { by_virtual_agent: 'The bot planned to hand over.', by_consumer: 'The person asked for it.' },
  },
  menu_id: {
    description: 'The number of the queue. Give a reference a default: without a number, the person reaches no queue.',
  },
  language: { description: 'Two letters. Needed only where the queue belongs to the menu of another language.' },
  allow_virtual_agent: { description: 'true: the queue may hand over to another virtual agent.' },
  agent_extension: { description: "The person's extension, with action: direct." },
  agent_id: { description: "The person's id in the platform, with action: direct." },
  fallback_menu: { description: 'The queue to use when the person of action: direct cannot be reached.' },
  deflection_type: { description: 'Where to, with action: deflection.', words: { sip: 'A SIP address: sip_uri.' } },
  sip_uri: { description: 'The SIP address, with deflection_type: sip.' },
  sip_refer: { description: 'true: the call is referred (SIP REFER); otherwise the platform invites the other end.' },
  sip_parameters: { description: 'SIP headers (x-...) to send, a map. Their values may be references.' },
  sip_ring_timeout: { description: 'For how many seconds to let it ring.' },
  title: { description: 'The heading of what is shown in a chat.' },
  messages: { description: 'Texts to show in a chat.' },
  buttons: { description: 'Buttons to show in a chat, a list of maps.' },
  images: { description: 'Pictures to show in a chat, a list of maps with url and text.' },
  videos: { description: 'Videos to show in a chat, a list of maps with url and text.' },
  documents: { description: 'Documents to show in a chat, a list of maps with url and text.' },
  components: { description: 'Several payloads shown together in a chat.' },
  cards: { description: 'Cards to show in a chat, a list of maps.' },
}

/** What to know of an answer that holds more than one `session_variable`. */
export const SEVERAL_PAYLOADS =
  'Whether the platform takes several in one answer is not documented: try it on your tenant with this capture, look at the adapter, and if a payload is lost, set payloads_per_answer: one under platform in policy.yaml.'

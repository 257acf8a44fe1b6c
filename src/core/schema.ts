import { z } from 'zod'
import { SURFACES } from './surface.ts'

/** What the contact centre's documentation lists under `ujet`; other keys pass through with a warning. */
export const ACTION_KEYS = [
  'type',
  'action',
  'escalation_reason',
  'menu_id',
  'language',
  'allow_virtual_agent',
  'agent_extension',
  'agent_id',
  'fallback_menu',
  'deflection_type',
  'sip_uri',
  'sip_refer',
  'sip_parameters',
  'sip_ring_timeout',
  'title',
  'messages',
  'buttons',
  'images',
  'videos',
  'documents',
  'components',
  'cards',
] as const

export const INVISIBLE_LISTS = ['invisible_to_agent', 'invisible_to_adapter_events'] as const
export const KEY_LISTS = [...INVISIBLE_LISTS, 'display_order_in_adapter'] as const

/** What the documentation lists under `ujet.session_variable`. */
export const SESSION_VARIABLE_KEYS = ['payload', 'capture_type', 'capture_target', 'capture_key', ...KEY_LISTS] as const

export const FORMATS = [
  'raw',
  'text',
  'date',
  'time',
  'date_time',
  'date_range',
  'money',
  'number',
  'percent',
  'duration',
  'person',
  'location',
  'phone',
  'list',
] as const
export type Format = (typeof FORMATS)[number]

export const MASKS = ['last4', 'email', 'all'] as const
export type Mask = (typeof MASKS)[number]

export const DETECTORS = ['payment_card', 'us_ssn', 'iban', 'email'] as const
export type Detector = (typeof DETECTORS)[number]

const text = z.string().min(1)
const value = z.custom<unknown>((given) => given !== undefined && given !== null, {
  error: 'text, a number, true or false, a list or a map',
})
const literals = z.record(z.string(), z.unknown())
const surfaces = z.array(z.enum(SURFACES))

const id = z.string().regex(/^[\w-]+$/, { error: 'an id, the part behind the last slash of a resource name' })
const ids = z.union([id, z.array(id).min(1)])

const locale = z.string().refine(isLocale, { error: 'a language tag such as en-US' })

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

const variable = z.strictObject({
  from: value.describe('The value: text with references, or a literal.'),
  format: z.enum(FORMATS).optional().describe('How the value is turned into what a person reads.'),
  mask: z.enum(MASKS).optional().describe('What is hidden of the value.'),
  visible_to: surfaces.optional().describe('The surfaces that may have the variable.'),
  default: value.optional().describe('What is sent when the value is unset: a literal.'),
  required: z.boolean().optional().describe('Without this value the capture sends nothing.'),
  description: z.string().optional(),
})

const thenKey = z.strictObject({ from: value, default: value.optional(), required: z.boolean().optional() })

/** A map in `then` is the long form if it has one of the long form's own keys; any other map is a literal (`sip_parameters`). */
export const isLongThenKey = (given: unknown): boolean =>
  typeof given === 'object' &&
  given !== null &&
  ['from', 'default', 'required'].some((key) => Object.hasOwn(given, key))

const thenValue = z.union([
  thenKey,
  z.custom<unknown>((given) => given !== undefined && given !== null && !isLongThenKey(given), {
    error: 'text, a number, true or false, a list or a map',
  }),
])

const names = z.array(z.string())

const sessionVariable = z.looseObject({
  payload: literals.optional(),
  capture_type: surfaces.optional(),
  capture_target: z.enum(['payload', 'end_user_response']).optional(),
  capture_key: text.optional(),
  invisible_to_agent: names.optional(),
  invisible_to_adapter_events: names.optional(),
  display_order_in_adapter: names.optional(),
})

const capture = z.strictObject({
  tag: text.describe('The webhook tag set on the fulfillment in Dialogflow CX.'),
  description: z.string().optional(),
  enabled: z.boolean().optional().describe('false: the tag is answered with nothing.'),
  visible_to: surfaces.optional().describe('For variables that do not say otherwise.'),
  variables: z
    .record(text, z.union([z.string(), z.number(), z.boolean(), z.array(value), variable]))
    .optional()
    .describe('Who-sees-what form: each variable with its value and its surfaces.'),
  then: z.record(z.string(), thenValue).optional().describe('What the platform does next.'),
  ujet: z
    .looseObject({ session_variable: sessionVariable.optional() })
    .optional()
    .describe("Platform form: the console's own payload."),
  set_parameters: literals.optional().describe('Session parameters to set, or (null) to clear.'),
})

const example = z.strictObject({
  name: text,
  tag: text,
  parameters: literals.optional(),
  sees: z
    .strictObject({
      agent: literals.optional(),
      comment: literals.optional(),
      event: literals.optional(),
      data_parameters: literals.optional(),
    })
    .optional(),
  missing: names.optional(),
  answer: literals.optional(),
})

/** The one declaration of a flow file: its types, its validation and its editor schema come from here. */
export const flowFileSchema = z.strictObject({
  $schema: z.string().optional(),
  flow: text.describe("The flow's display name in Dialogflow CX."),
  flow_id: ids.optional(),
  agent_id: ids.optional(),
  locale: locale.optional(),
  captures: z.array(capture),
  examples: z.array(example).optional(),
})

const glob = text.refine((pattern) => !/[[\]{}!\\]/.test(pattern), {
  error: 'a name in which * stands for any letters and ? for one',
})

export const policySchema = z.strictObject({
  $schema: z.string().optional(),
  parameters: z
    .array(z.strictObject({ match: z.array(glob).min(1), visible_to: surfaces, reason: z.string().optional() }))
    .optional(),
  values: z.array(z.strictObject({ detect: z.enum(DETECTORS), action: z.enum(['mask', 'drop']) })).optional(),
  platform: z
    .strictObject({
      payloads_per_answer: z.enum(['several', 'one']).optional(),
      display_order: z.enum(['list', 'off']).optional(),
    })
    .optional(),
})

export type FlowFile = z.infer<typeof flowFileSchema>
export type CaptureFile = z.infer<typeof capture>
export type VariableFile = z.infer<typeof variable>
export type PolicyFile = z.infer<typeof policySchema>

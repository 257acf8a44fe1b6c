import * as z from 'zod'
import { DETECTOR_MEANINGS, FORMAT_MEANINGS, MASK_MEANINGS, SURFACE_MEANINGS } from './meanings.ts'
import { SURFACES, type Surface } from './surface.ts'

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

// What `.meta` says of a field is what an editor shows; `editor-schema.ts` makes a JSON Schema of it.

const text = z.string().min(1)
const value = z
  .custom<unknown>((given) => given !== undefined && given !== null, {
    error: 'text, a number, true or false, a list or a map',
  })
  .meta({ type: ['string', 'number', 'boolean', 'array', 'object'] })
const literals = z.record(z.string(), z.unknown())

const meaning = <Word extends string>(meanings: Readonly<Record<Word, string>>, words: readonly Word[]) => ({
  enumDescriptions: words.map((word) => meanings[word]),
})
const SURFACE_WORDS =
  "agent (the human agent's screen), comment (the CRM record), event (post events), data_parameters (the next virtual agent)"
const surfaces = z.array(z.enum(SURFACES).meta(meaning(SURFACE_MEANINGS, SURFACES)))

const ID_ERROR = 'an id, the part behind the last slash of a resource name'
const id = z
  .string()
  .regex(/^[\w-]+$/, { error: ID_ERROR })
  .meta({ patternErrorMessage: `Expected ${ID_ERROR}.` })
const ids = z.union([id, z.array(id).min(1)])

const LOCALE_ERROR = 'a language tag such as en-US'
const locale = z.string().refine(isLocale, {
  error: ({ input }) => {
    const meant = String(input).replaceAll('_', '-')
    return isLocale(meant) ? `${LOCALE_ERROR} (did you mean ${meant}?)` : LOCALE_ERROR
  },
})

/** Whether text has the form of a language tag. */
export function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

/** What `Intl` takes, but for subtags that stand in it twice. */
const LOCALE_PATTERN =
  '^([A-Za-z]{2,3}|[A-Za-z]{5,8})(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*(-[0-9A-WY-Za-wy-z](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?$'

const variable = z
  .strictObject({
    from: value.meta({
      description:
        'Where the value comes from: a reference, text with references in it, or a value as it is. Must be there.',
      examples: ['$session.params.NAME'],
    }),
    format: z
      .enum(FORMATS)
      .optional()
      .meta({
        description: 'Turns what Dialogflow collected into what a person reads, in the locale. Left out: raw.',
        default: 'raw',
        ...meaning(FORMAT_MEANINGS, FORMATS),
      }),
    mask: z
      .enum(MASKS)
      .optional()
      .meta({
        description: 'Hides a part of the value from everybody. Left out: nothing is hidden.',
        ...meaning(MASK_MEANINGS, MASKS),
      }),
    visible_to: surfaces.optional().meta({
      description: `The surfaces that may have this variable: ${SURFACE_WORDS}. Left out: those of the visible_to of the capture.`,
      examples: [['agent', 'comment']],
    }),
    default: value.optional().meta({
      description:
        'What is sent when nothing was collected: a value as it is, neither formatted nor masked. Left out: the variable is then not sent.',
    }),
    required: z.boolean().optional().meta({
      description:
        'true: without this value the capture sends nothing at all, and the flow finds the missing names in $session.params.carryover_missing. Left out: false.',
      default: false,
    }),
    description: z.string().optional().meta({ description: 'For people who read this file or the data dictionary.' }),
  })
  .meta({
    title: 'variable',
  })

/** The keys of a variable's long form. */
export const LONG_FORM_KEYS: readonly string[] = Object.keys(variable.shape)

const thenKey = z.strictObject({
  from: value.meta({
    description:
      'Where the value comes from: a reference, text with references in it, or a value as it is. Must be there.',
  }),
  default: value.optional().meta({
    description: 'What is sent when the reference has no value. Left out: the key is then not sent.',
  }),
  required: z.boolean().optional().meta({
    description: 'true: without this value the capture sends nothing at all, no action either. Left out: false.',
    default: false,
  }),
})

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

const sessionVariable = z
  .looseObject({
    payload: literals.optional().meta({
      description:
        'On the left the name that people will see, on the right a reference or a value, such as destination: $session.params.location. What has no value is left out. Must be there, unless capture_target is end_user_response.',
    }),
    capture_type: surfaces.optional().meta({
      description: `The surfaces that get the values, but for what the lists below keep from them: ${SURFACE_WORDS}. Must be there.`,
      examples: [['comment', 'agent', 'event']],
    }),
    capture_target: z
      .enum(['payload', 'end_user_response'])
      .optional()
      .meta({
        description: 'Where the values come from. Left out: payload.',
        default: 'payload',
        enumDescriptions: ['From the payload.', "The person's next answer, which is kept under capture_key."],
      }),
    capture_key: text.optional().meta({
      description:
        'With capture_target: end_user_response, the name under which the answer is kept. Must be there then.',
    }),
    invisible_to_agent: names.optional().meta({
      description:
        'Names of the payload that the agent does not get. The platform keeps them out of the CRM comment too. Left out: the agent gets all.',
    }),
    invisible_to_adapter_events: names.optional().meta({
      description: 'Names of the payload that post events do not get. Left out: events get all.',
    }),
    display_order_in_adapter: names.optional().meta({
      description: 'Names of the payload in the order in which the agent sees them. Left out: any order.',
    }),
  })
  .meta({ description: 'Session variables in the form of the platform.' })

const capture = z
  .strictObject({
    tag: text.meta({
      description: 'What stands under Tag at the webhook of the fulfillment in Dialogflow CX. Must be there.',
      examples: ['trip-details'],
    }),
    description: z.string().optional().meta({ description: 'For people who read this file.' }),
    enabled: z.boolean().optional().meta({
      description: 'false: the tag is answered with nothing, as a switch for emergencies. Left out: true.',
      default: true,
    }),
    visible_to: surfaces.optional().meta({
      description: `The surfaces that may have the variables below which do not say it themselves: ${SURFACE_WORDS}. Left out: each variable must say it.`,
      examples: [['agent', 'comment']],
    }),
    variables: z
      .record(
        text.meta({ title: 'name', description: 'The name of the variable, as people will see it.' }),
        z.union([z.string(), z.number(), z.boolean(), z.array(value), variable]).meta({
          description:
            'A variable: a reference, text with references in it, or a map with from, format, mask, visible_to, default and required.',
        }),
      )
      .optional()
      .meta({
        description:
          'What is handed over: names with their values, such as destination: $session.params.location, each of which says who may see it. Left out: this capture hands nothing over.',
      }),
    then: z
      .record(
        z.string(),
        thenValue.meta({ description: 'A value, a reference, or a map with from, default and required.' }),
      )
      .optional()
      .meta({
        description: 'What the platform does next; the variables travel with it. Left out: the conversation goes on.',
      }),
    ujet: z.looseObject({ session_variable: sessionVariable.optional() }).optional().meta({
      description:
        'The payload that stood in the console, pasted as it was, instead of variables and then. It is sent as it is written, with its references filled in.',
    }),
    set_parameters: literals.optional().meta({
      description:
        'Session parameters that Dialogflow sets to the values given here, or forgets, such as card_number: null. Left out: they stay as they are.',
    }),
  })
  .meta({ title: 'capture (map)', description: 'What the webhook answers to one tag.' })

const seen = (surface: Surface) =>
  literals.optional().meta({ description: `${SURFACE_MEANINGS[surface]} Left out: not compared.` })

const example = z
  .strictObject({
    name: text.meta({ description: 'What the example is about. Must be there.', examples: ['everything answered'] }),
    tag: text.meta({ description: 'The capture that is called, by its tag. Must be there.' }),
    parameters: literals.optional().meta({
      description: 'The session parameters of the made-up request. Left out: none.',
    }),
    sees: z
      .strictObject({
        agent: seen('agent'),
        comment: seen('comment'),
        event: seen('event'),
        data_parameters: seen('data_parameters'),
      })
      .optional()
      .meta({
        description: 'What each surface must see, whole. A surface that is not named is not compared.',
      }),
    missing: names.optional().meta({
      description:
        'The names of the required values that must be reported missing, in any order. Left out: not compared.',
    }),
    answer: literals.optional().meta({
      description: 'The whole answer to Dialogflow, where what the surfaces see is not enough. Left out: not compared.',
    }),
  })
  .meta({ title: 'example (map)', description: 'A made-up request, and what must come of it.' })

const FOR_EDITORS = { description: 'Where the schema of this file lies. Editors read it; the program does not.' }

/** The one declaration of a flow file: its types, its validation and its editor schema come from here. */
export const flowFileSchema = z
  .strictObject({
    $schema: z.string().optional().meta(FOR_EDITORS),
    flow: text.meta({
      description: "The flow's display name in Dialogflow CX. Must be there.",
      examples: ['Book a trip'],
    }),
    flow_id: ids.optional().meta({
      description:
        "The flow's id, or a list of ids: the part behind flows/ in the address of the console. Then only these flows are answered from this file. Left out: every flow.",
      examples: ['3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11'],
    }),
    agent_id: ids.optional().meta({
      description:
        "The agent's id, or a list of ids: the part behind agents/ in the address of the console. Then only these agents are answered from this file. Left out: every agent.",
      examples: ['0c1d2e3f-1111-4222-8333-444455556666'],
    }),
    locale: locale.optional().meta({
      description:
        'The language and country in which dates, money and numbers are written. Left out: the language of the request, else en-US.',
      examples: ['en-US'],
      pattern: LOCALE_PATTERN,
      patternErrorMessage: `Expected ${LOCALE_ERROR}.`,
    }),
    captures: z
      .array(capture)
      .meta({ description: 'What the webhook answers, a list with one entry for each tag. Must be there.' }),
    examples: z.array(example).optional().meta({
      description:
        'Made-up requests and what must come of them; "carryover test" runs them. Left out: nothing is tried.',
    }),
  })
  .meta({ title: 'Carryover flow file', description: 'What the webhook answers in one flow of Dialogflow CX.' })

const GLOB_ERROR =
  'a name by itself, without $, scope or blanks before or behind it, in which * stands for any letters and ? for one'
/** What can be no name protects nothing. */
const GLOB =
  '^(?!\\s|(?:session|intent|page)\\.params\\.|request\\.payload\\.)[^\\[\\]{}!\\\\$\\p{Cc}\\p{Cf}]*(?<!\\s)$'
const isGlob = new RegExp(GLOB, 'u')
const glob = text
  .refine((pattern) => isGlob.test(pattern), { error: GLOB_ERROR })
  .meta({ pattern: GLOB, patternErrorMessage: `Expected ${GLOB_ERROR}.` })

const parameterRule = z
  .strictObject({
    match: z
      .array(glob)
      .min(1)
      .meta({
        description:
          'Names of parameters and variables, upper or lower case; * stands for any letters, ? for one. The rule holds for every variable with such a name or made from such a parameter. Must be there.',
        examples: [['card_*', '*cvv*']],
      }),
    visible_to: surfaces.meta({
      description: `The most that any of them may be seen by: ${SURFACE_WORDS}, or nobody ([]). Must be there.`,
      examples: [[], ['agent']],
    }),
    reason: z.string().optional().meta({ description: 'Why, for the person whose flow file breaks the rule.' }),
  })
  .meta({ title: 'rule over names (map)' })

const valueRule = z
  .strictObject({
    detect: z
      .enum(DETECTORS)
      .meta({ description: 'What to look for. Must be there.', ...meaning(DETECTOR_MEANINGS, DETECTORS) }),
    action: z.enum(['mask', 'drop']).meta({
      description: 'What to do with it. Must be there.',
      enumDescriptions: [
        'All but the last four letters or digits of what was found is hidden; the text around it stays.',
        'The whole variable is left out.',
      ],
    }),
  })
  .meta({ title: 'rule over values (map)' })

export const policySchema = z
  .strictObject({
    $schema: z.string().optional().meta(FOR_EDITORS),
    parameters: z.array(parameterRule).optional().meta({
      description:
        'Who may see what, by names. Of several rules for a name, only what all of them allow. Left out: no limits.',
    }),
    values: z.array(valueRule).optional().meta({
      description:
        'A second net: what is looked for in every text and number that leaves. What is known to be sensitive belongs under parameters. Left out: nothing is looked for.',
    }),
    platform: z
      .strictObject({
        payloads_per_answer: z
          .enum(['several', 'one'])
          .optional()
          .meta({
            description: 'How many session_variable payloads your tenant takes in one answer. Left out: several.',
            default: 'several',
            enumDescriptions: ['As many as there are.', 'One: a capture that needs more is an error.'],
          }),
        display_order: z
          .enum(['list', 'off'])
          .optional()
          .meta({
            description: 'Whether the order of the variables is sent. Left out: list.',
            default: 'list',
            enumDescriptions: ['A list of their names is sent.', 'No order is sent.'],
          }),
      })
      .optional()
      .meta({
        description: "What your tenant does, where the vendor's documentation does not say.",
      }),
  })
  .meta({
    title: 'Carryover policy',
    description: "The organisation's word on who may see what. No flow file can widen it.",
  })

export type FlowFile = z.infer<typeof flowFileSchema>
export type CaptureFile = z.infer<typeof capture>
export type VariableFile = z.infer<typeof variable>
export type ExampleFile = z.infer<typeof example>
export type PolicyFile = z.infer<typeof policySchema>

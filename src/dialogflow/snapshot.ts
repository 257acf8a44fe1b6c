import { z } from 'zod'

/** The file in the folder of flow files; its name begins with a dot, so that it is no flow file. */
export const SNAPSHOT_FILE = '.agent.json'

const name = z.string()
const flag = z.literal(true).optional()

/** Where a fulfillment stands: the page (none on the flow itself), and the part of it. */
const place = { page: name.optional(), at: z.string() }

const fulfillment = z.strictObject({ ...place, webhook: name.optional(), tag: name.optional() })

export const VALUE_KINDS = ['text', 'number', 'boolean', 'list', 'map', 'reference', 'function'] as const

const setParameter = z.strictObject({
  /** A session parameter; with `$flow.` before it, one of the flow, which webhooks are not sent. */
  name,
  page: name.optional(),
  at: z.string(),
  by: z.enum(['form', 'preset']),
  type: name.optional(),
  list: flag,
  redact: flag,
  /** What kind of value a preset holds; the value itself may be anything, and is left out. */
  value: z.enum(VALUE_KINDS).optional(),
  /** The parameters that a preset's value is made of. */
  copies: z.array(name).optional(),
})

const payload = z.strictObject({
  ...place,
  /** Of the conditional response that holds it. */
  condition: z.string().optional(),
  /** Where it is not what the default language says. */
  language: z.string().optional(),
  /** Where it is for one alone. */
  channel: z.string().optional(),
  /** A map, unless somebody typed something else. */
  ujet: z.custom<unknown>((value) => value !== undefined && value !== null),
})

const none = <T extends z.ZodType>(item: T) => z.array(item).default([])

const scope = {
  /** The intents with parameters that its routes wait for. */
  intents: none(name),
  fulfillments: none(fulfillment),
  parameters: none(setParameter),
  payloads: none(payload),
}

const typed = z.strictObject({ name, type: name.optional(), list: flag, redact: flag })

/** What Carryover needs to know of a Dialogflow agent: facts alone, and nothing secret. The same agent gives the same snapshot. */
export const snapshotSchema = z.strictObject({
  version: z.literal(1),
  webhooks: none(
    z.strictObject({
      name,
      type: z.enum(['standard', 'flexible']).default('standard'),
      disabled: flag,
      /** The parameters that a flexible webhook's answer fills. */
      sets: z.array(name).optional(),
    }),
  ),
  /** The agent's own entity types that say more than text. */
  entities: none(z.strictObject({ name, composite: flag, redact: flag })),
  intents: none(z.strictObject({ name, parameters: z.array(typed) })),
  /** Route groups of the whole agent. */
  shared: z.strictObject(scope).prefault({}),
  flows: none(z.strictObject({ name, id: z.string(), ...scope })),
})

export type AgentSnapshot = z.infer<typeof snapshotSchema>
export type FlowSnapshot = AgentSnapshot['flows'][number]
export type ScopeSnapshot = AgentSnapshot['shared']
export type FulfillmentSnapshot = z.infer<typeof fulfillment>
export type ParameterSnapshot = z.infer<typeof setParameter>
export type PayloadSnapshot = z.infer<typeof payload>
export type ValueKind = (typeof VALUE_KINDS)[number]

/** The text of a snapshot file as data; undefined where it is none, or of another version of this program. */
export function parseSnapshot(text: string): AgentSnapshot | undefined {
  try {
    return snapshotSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Where a fulfillment, preset or payload is, as people look for it in the console. */
export function describePlace(
  flow: string | undefined,
  { page, at }: { page?: string | undefined; at: string },
): string {
  const parts = [
    flow === undefined ? 'the whole agent' : `flow ${JSON.stringify(flow)}`,
    ...(page === undefined ? [] : [`page ${JSON.stringify(page)}`]),
    at,
  ]
  return parts.join(', ')
}

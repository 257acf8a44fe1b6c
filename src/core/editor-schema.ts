import * as z from 'zod'
import { either } from './diagnostic.ts'
import { ACTION_KEY_MEANINGS } from './meanings.ts'
import { MISSING_PARAMETER } from './platform-keys.ts'
import { flowFileSchema, policySchema } from './schema.ts'

/** A JSON Schema (draft 7) with what editors read besides: `enumDescriptions`, `errorMessage`, `patternErrorMessage`, `defaultSnippets`. */
export interface JsonSchema {
  type?: string | string[]
  properties?: Record<string, JsonSchema | boolean>
  additionalProperties?: JsonSchema | boolean
  propertyNames?: JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
  [keyword: string]: unknown
}

/** The schema of a flow file: what the zod schema says, and what the compiler asks beyond it where JSON Schema can say so. */
export function flowFileEditorSchema(): JsonSchema {
  const file = toEditorSchema(flowFileSchema)
  const captures = propertyOf(file, 'captures')
  const capture = captures.items ?? {}
  Object.assign(capture, FORMS)
  completeThen(propertyOf(capture, 'then'))
  completeUjet(propertyOf(capture, 'ujet'))
  propertyOf(capture, 'set_parameters').patternProperties = { [inAnyCase(MISSING_PARAMETER)]: false }
  return file
}

export const policyEditorSchema = (): JsonSchema => toEditorSchema(policySchema)

/** A pattern for a name: JSON Schema's know no flag. */
const inAnyCase = (name: string): string =>
  `^${name.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)}$`

const requires = (...required: string[]): JsonSchema => ({ required })

const EACH_VISIBLE: JsonSchema = {
  doNotSuggest: true,
  additionalProperties: {
    type: 'object',
    required: ['visible_to'],
    errorMessage: 'Nobody may see this variable: add visible_to to it, or to the capture.',
  },
}

/** Of a capture: either `ujet`, or the other form, in which each variable says who may see it. */
const FORMS: JsonSchema = {
  if: requires('ujet'),
  then: { properties: { variables: false, then: false, visible_to: false } },
  else: {
    allOf: [
      {
        if: { anyOf: [requires('variables'), requires('then'), requires('set_parameters')] },
        else: { ...requires('variables'), errorMessage: 'Expected variables, then, ujet or set_parameters in it.' },
      },
      { if: requires('visible_to'), else: { properties: { variables: EACH_VISIBLE } } },
    ],
  },
}

/** A map is the long form as soon as it has one of its keys, which the union of zod says by a function. */
function completeThen(then: JsonSchema): void {
  const { anyOf, ...schema } = then.additionalProperties as JsonSchema
  const { properties = {} } = anyOf?.find(({ type }) => type === 'object') ?? {}
  const value: JsonSchema = {
    ...schema,
    type: ANYTHING,
    properties,
    if: { type: 'object', anyOf: Object.keys(properties).map((key) => requires(key)) },
    then: { ...requires('from'), properties: mapValues(properties, () => true), additionalProperties: false },
  }
  Object.assign(then, {
    properties: { ...withMeanings(ANYTHING), session_variable: false },
    additionalProperties: true,
    allOf: [{ additionalProperties: value }],
    if: requires('type'),
    else: requires('action'),
  })
}

const ANYTHING = ['string', 'number', 'boolean', 'array', 'object']

const withMeanings = (type: string[]): Record<string, JsonSchema> =>
  withTitles(
    mapValues(ACTION_KEY_MEANINGS, ({ description, words = {} }) => {
      const snippets = Object.entries(words).map(([word, text]) => ({ label: word, body: word, description: text }))
      return { type, description, ...(snippets.length ? { defaultSnippets: snippets } : {}) }
    }),
  )

function completeUjet(ujet: JsonSchema): void {
  ujet.properties = { ...ujet.properties, ...withMeanings([...ANYTHING, 'null']) }
  const sessionVariable = propertyOf(ujet, 'session_variable')
  propertyOf(sessionVariable, 'capture_type').minItems = 1
  Object.assign(sessionVariable, {
    ...requires('capture_type'),
    if: { ...requires('capture_target'), properties: { capture_target: { const: 'end_user_response' } } },
    then: { ...requires('capture_key'), properties: { payload: false } },
    else: requires('payload'),
  })
}

function propertyOf(schema: JsonSchema, key: string): JsonSchema {
  const found = schema.properties?.[key]
  if (typeof found !== 'object') throw new Error(`the schema has no ${key}`)
  return found
}

/** What a zod schema says, for editors. */
export function toEditorSchema(schema: z.ZodType): JsonSchema {
  return forEditors(z.toJSONSchema(schema, { target: 'draft-07', unrepresentable: 'any' }) as JsonSchema)
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
}

/** For people who do not write code. A map's message would stand for all that may be wrong in it, so there it is the title that speaks. */
function wrongType({ type = [], properties }: JsonSchema): { errorMessage?: string } {
  const types = [type].flat()
  if (type === 'object' || properties || types.length === 0) return {}
  const quotes = types.includes('string') && !types.includes('number')
  const advice = quotes ? ' What looks like a number or like true needs quotes.' : ''
  return { errorMessage: `Expected ${either(types.map((name) => KINDS[name] ?? name))}.${advice}` }
}

function forEditors(given: JsonSchema): JsonSchema {
  const { anyOf, properties, items, propertyNames, additionalProperties, ...schema } = mergeByType(withoutNoise(given))
  return {
    ...schema,
    ...wrongType({ ...schema, ...(properties ? { properties } : {}) }),
    ...(anyOf ? { anyOf: anyOf.map(forEditors) } : {}),
    ...(properties ? { properties: withTitles(mapValues(properties, each)) } : {}),
    ...(items ? { items: forEditors(items) } : {}),
    ...(propertyNames ? { propertyNames } : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties: each(additionalProperties) }),
  }
}

const each = (schema: JsonSchema | boolean): JsonSchema | boolean =>
  typeof schema === 'object' ? forEditors(schema) : schema

const mapValues = <From, To>(map: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]))

/** The heading above a description; of a map it stands in "Expected ..." too. */
function withTitles<Schemas extends Record<string, JsonSchema | boolean>>(properties: Schemas): Schemas {
  for (const [key, schema] of Object.entries(properties)) {
    const kind = typeof schema === 'object' && schema.type === 'object' ? ' (map)' : ''
    if (typeof schema === 'object') schema.title ??= key + kind
  }
  return properties
}

/** The type beside an `enum` would tell one mistake twice, and that names are text goes without saying. */
function withoutNoise({ type, propertyNames, ...schema }: JsonSchema): JsonSchema {
  const saysMore = propertyNames && Object.keys(propertyNames).length > 1
  return { ...(type && !schema.enum ? { type } : {}), ...schema, ...(saysMore ? { propertyNames } : {}) }
}

/**
 * One schema for several types, in place of `anyOf`: editors underline what does not fit any branch as a whole, and
 * the wrong key inside it only where no branch has to be chosen. Each keyword of a branch holds for its own type alone.
 */
function mergeByType({ anyOf, ...schema }: JsonSchema): JsonSchema {
  const types = anyOf?.flatMap(({ type }) => type ?? []) ?? []
  if (!anyOf || types.length !== anyOf.length) return anyOf ? { ...schema, anyOf } : schema
  return Object.assign({}, ...anyOf, schema, { type: types })
}

import type { JsonSchema } from '../../core/editor-schema.ts'
import type { Spot } from './yaml-spot.ts'

/** A word that may stand somewhere, and what it means. */
export interface Offer {
  readonly label: string
  readonly detail: string
  /** What to write; the label where there is nothing more to it. */
  readonly insert: string
}

/** What an editor says about a word. */
export interface Explanation {
  readonly title: string
  readonly text: string
}

/** What may be written at a place, by the schema; `references` are offered wherever a value may be taken from the conversation. */
export function offersAt(schema: JsonSchema, spot: Spot, references: readonly string[]): Offer[] {
  const schemas = schemasAt(schema, spot.path)
  if (spot.kind === 'key') return keysOf(schemas, spot.seen)
  const items = schemas.flatMap(({ items: item }) => (item ? [item] : []))
  const words = [...wordsOf(schemas), ...wordsOf(items)]
  const isFree = words.length === 0 && takesReference(spot.path)
  const refs = isFree
    ? references.map((label): Offer => ({ label, detail: 'from the conversation', insert: label }))
    : []
  return [...words, ...refs, ...(isItem(spot) ? keysOf(schemas, []) : [])]
}

/** What the key or the word at a place means. */
export function explain(schema: JsonSchema, spot: Spot): Explanation | undefined {
  const word = spot.word.replace(/^["']|["']$/g, '')
  if (spot.kind === 'value') {
    const all = schemasAt(schema, spot.path)
    const found = wordsOf([...all, ...all.flatMap(({ items }) => (items ? [items] : []))]).find(
      ({ label }) => label === word,
    )
    if (found) return { title: word, text: found.detail }
  }
  const inside = spot.kind === 'key' || isItem(spot) ? schemasAt(schema, [...spot.path, word]) : []
  const path = inside.length ? [...spot.path, word] : spot.path
  if (spot.kind === 'key' && inside.length === 0) return undefined
  const described = schemasAt(schema, path).find(({ description }) => typeof description === 'string')
  return (
    described && {
      title: String(path.findLast((step) => typeof step === 'string') ?? ''),
      text: String(described.description),
    }
  )
}

/** What stands behind a dash: a value, or the first key of a map. */
const isItem = ({ path }: Spot): boolean => typeof path.at(-1) === 'number'

/** Every schema that has a say about the value at a path. */
function schemasAt(schema: JsonSchema, path: Spot['path']): JsonSchema[] {
  return path.reduce<JsonSchema[]>((schemas, step) => schemas.flatMap((one) => stepInto(one, step)), branches(schema))
}

const branches = (schema: JsonSchema): JsonSchema[] => [schema, ...(schema.anyOf ?? []).flatMap(branches)]

function stepInto({ properties, additionalProperties, items, allOf }: JsonSchema, step: string | number): JsonSchema[] {
  if (typeof step === 'number') return items ? branches(items) : []
  const own = properties?.[step]
  if (typeof own === 'object') return branches(own)
  const nested = Array.isArray(allOf) ? allOf.map((one) => (one as JsonSchema).additionalProperties) : []
  return [additionalProperties, ...nested].flatMap((other) =>
    typeof other === 'object' ? branches(other as JsonSchema) : [],
  )
}

function keysOf(schemas: readonly JsonSchema[], seen: readonly string[]): Offer[] {
  const offers = new Map<string, Offer>()
  for (const { properties = {} } of schemas)
    for (const [key, schema] of Object.entries(properties)) {
      if (typeof schema !== 'object' || seen.includes(key) || key === '$schema' || offers.has(key)) continue
      offers.set(key, { label: key, detail: String(schema.description ?? ''), insert: `${key}: ` })
    }
  return [...offers.values()]
}

function wordsOf(schemas: readonly JsonSchema[]): Offer[] {
  return schemas.flatMap((schema) => {
    const {
      enum: words = [],
      enumDescriptions = [],
      defaultSnippets = [],
      type,
    } = schema as {
      enum?: unknown[]
      enumDescriptions?: string[]
      defaultSnippets?: { label: string; description: string }[]
      type?: unknown
    }
    const named = words.map((word, i): Offer => offerOf(String(word), enumDescriptions[i] ?? ''))
    const snippets = defaultSnippets.map(({ label, description }) => offerOf(label, description))
    const isFlag = type === 'boolean'
    return [...named, ...snippets, ...(isFlag ? [offerOf('true', ''), offerOf('false', '')] : [])]
  })
}

const offerOf = (label: string, detail: string): Offer => ({ label, detail, insert: label })

/** Keys under which references are resolved. */
const takesReference = (path: Spot['path']): boolean =>
  path.some((step) => step === 'variables' || step === 'then' || step === 'ujet') &&
  !['format', 'mask', 'default', 'required', 'description', 'visible_to'].includes(String(path.at(-1)))

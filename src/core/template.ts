import { toText } from './format.ts'
import { isMap, type JsonMap, put } from './json.ts'
import { type BadReference, type Names, parseReferences, type Reference, resolve, type Turn } from './reference.ts'

/** A value of a flow file, compiled: its references are parsed once, at load. */
export type Template =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'reference'; readonly reference: Reference }
  | { readonly kind: 'text'; readonly parts: readonly (string | Reference)[] }
  | { readonly kind: 'list'; readonly items: readonly Template[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: string, template: Template])[] }

/** Compiles a value; `report` hears of each text in which a `$` begins no reference although it looks like one. */
export function compileTemplate(
  value: unknown,
  report: (bad: BadReference, path: readonly PropertyKey[]) => void,
  path: readonly PropertyKey[] = [],
): Template {
  if (typeof value === 'string') {
    const { parts, bad } = parseReferences(value)
    for (const problem of bad) report(problem, path)
    const [only] = parts
    if (parts.length > 1) return { kind: 'text', parts }
    return typeof only === 'object' ? { kind: 'reference', reference: only } : { kind: 'literal', value: only }
  }
  if (Array.isArray(value))
    return asLiteral(
      { kind: 'list', items: value.map((item, i) => compileTemplate(item, report, [...path, i])) },
      value,
    )
  if (!isMap(value)) return { kind: 'literal', value }
  const entries = Object.keys(value).map((key) => [key, compileTemplate(value[key], report, [...path, key])] as const)
  return asLiteral({ kind: 'map', entries }, value)
}

/** An empty list or map is a value; one whose parts are all unset is not. */
const asLiteral = (template: Template, value: object): Template =>
  Object.keys(value).length === 0 ? { kind: 'literal', value } : template

export function* referencesIn(template: Template): Generator<Reference> {
  if (template.kind === 'reference') yield template.reference
  else if (template.kind === 'text') {
    for (const part of template.parts) if (typeof part === 'object') yield part
  } else if (template.kind === 'list') for (const item of template.items) yield* referencesIn(item)
  else if (template.kind === 'map') for (const [, entry] of template.entries) yield* referencesIn(entry)
}

/** The names that the policy's rules are held against: a value's own, and every name on the path of its references. */
export const namesOf = ({ key, template }: { key: string; template: Template }): Set<string> =>
  new Set([key, ...[...referencesIn(template)].flatMap(({ names }) => names)])

export const hasReference = (template: Template): boolean => !referencesIn(template).next().done

/** Takes out of a value what its reader may not have; `prefix` is the dotted path that led to it. */
export type Guard = {
  readonly value: (value: unknown, prefix: string | undefined) => unknown
  /** Whether a key written in the flow file may stay. */
  readonly key: (key: string) => boolean
  /** What of a value may stand in a text, beside what could hide it. */
  readonly part: (value: unknown) => unknown
}

export const NO_GUARD: Guard = { value: (value) => value, key: () => true, part: (value) => value }

/** The template's value in this turn; undefined where it is unset as a whole. */
export function evaluate(template: Template, turn: Turn, names: Names, guard: Guard): unknown {
  switch (template.kind) {
    case 'literal':
      return template.value ?? undefined
    case 'reference':
      return evaluateReference(template.reference, turn, names, guard)
    case 'text':
      return evaluateText(template.parts, turn, names, guard)
    case 'list': {
      const items = template.items
        .map((item) => evaluate(item, turn, names, guard))
        .filter((item) => item !== undefined)
      return items.length ? items : undefined
    }
    case 'map': {
      const map: JsonMap = {}
      for (const [key, entry] of template.entries) {
        const value = guard.key(key) ? evaluate(entry, turn, names, guard) : undefined
        if (value !== undefined) put(map, key, value)
      }
      return Object.keys(map).length ? map : undefined
    }
  }
}

const evaluateReference = (reference: Reference, turn: Turn, names: Names, guard: Guard): unknown =>
  guard.value(resolve(reference, turn, names), reference.prefix)

/** Half a sentence is worse than none: one unset reference unsets the text. */
function evaluateText(
  parts: readonly (string | Reference)[],
  turn: Turn,
  names: Names,
  guard: Guard,
): string | undefined {
  const values = parts.map((part) => (typeof part === 'string' ? part : evaluateReference(part, turn, names, guard)))
  if (values.includes(undefined)) return undefined
  let text = ''
  for (const [i, part] of parts.entries()) text += typeof part === 'string' ? part : toText(guard.part(values[i]))
  return text
}

import { isMap, type JsonMap } from './json.ts'
import { suggest } from './suggest.ts'

/** The values of one turn that references may name; every map is read by its own properties only. */
export interface Turn {
  readonly session: JsonMap
  /** By parameter name: `{ originalValue, resolvedValue }`. */
  readonly intent: JsonMap
  readonly page: JsonMap
  readonly payload: JsonMap
  /** What the person said or typed; undefined where the turn has none. */
  readonly utterance: unknown
}

type Scope = 'session' | 'intent' | 'page' | 'payload' | 'utterance'
type Step = string | number

/** One reading of a dotted path: a parameter's name, and the steps into its value. */
interface Reading {
  readonly name: string
  readonly steps: readonly Step[]
}

export interface Reference {
  readonly scope: Scope
  /** As written, without the `$`. */
  readonly text: string
  /** Longest name first: a parameter `a.b` is tried before the field `b` of `a`. */
  readonly readings: readonly Reading[]
  /** Every name on the path: what the policy's rules are held against. */
  readonly names: readonly string[]
  /** The dotted path, where no index interrupts it: it goes on into the keys of the value. */
  readonly prefix: string | undefined
}

/** A `$` in a flow file that begins no reference although it looks like one. */
export interface BadReference {
  readonly code: 'reference/unknown-scope' | 'reference/not-available'
  readonly text: string
  readonly advice: string
}

export type Part = string | Reference

const PATH = /^[\w-][\w.-]*(?:\[\d+\](?:\.[\w-][\w.-]*)?)*/
const SCOPES: readonly (readonly [prefix: string, scope: Scope])[] = [
  ['session.params.', 'session'],
  ['intent.params.', 'intent'],
  ['page.params.', 'page'],
  ['request.payload.', 'payload'],
]
const UTTERANCE = /^request\.user-utterance(?![\w[]|[.-]+\w)/
/** No request is nested deeper. Each part of a path more is one more name that a rule may be for, and one more reading. */
const MAX_PARTS = 64
const WORD = /^\p{L}[^\s$,;()"'<>]*/u
const HOW =
  'write $session.params.NAME, $intent.params.NAME.original or .resolved, $page.params.NAME, $request.user-utterance or $request.payload.NAME; for a dollar sign write $$'

/** Splits text at its references; `$$` becomes `$`. */
export function parseReferences(text: string): { parts: Part[]; bad: BadReference[] } {
  const parts: Part[] = []
  const bad: BadReference[] = []
  let literal = ''
  let at = 0
  while (at < text.length) {
    const dollar = text.indexOf('$', at)
    if (dollar < 0) break
    literal += text.slice(at, dollar)
    const rest = text.slice(dollar + 1)
    const reference = readReference(rest)
    if (reference) {
      if (literal) parts.push(literal)
      parts.push(reference)
      literal = ''
      at = dollar + 1 + reference.text.length
      continue
    }
    const problem = rest.startsWith('$') ? undefined : nearMiss(rest)
    if (problem) bad.push(problem)
    literal += '$'
    at = dollar + (rest.startsWith('$') ? 2 : 1)
  }
  literal += text.slice(at)
  if (literal || parts.length === 0) parts.push(literal)
  return { parts, bad }
}

function readReference(rest: string): Reference | undefined {
  const utterance = UTTERANCE.exec(rest)
  if (utterance)
    return { scope: 'utterance', text: utterance[0], readings: [], names: ['user-utterance'], prefix: undefined }
  for (const [prefix, scope] of SCOPES) {
    if (!rest.startsWith(prefix)) continue
    const path = withoutEnd(PATH.exec(rest.slice(prefix.length))?.[0] ?? '', /[.-]/)
    if (!path || isTooLong(path)) return undefined
    return scope === 'intent' ? intentReference(prefix, path) : pathReference(scope, prefix + path, path, [])
  }
  return undefined
}

/** Without the letters at its end that fit: a regular expression with `+$` would begin anew at each of many. */
function withoutEnd(text: string, letter: RegExp): string {
  let end = text.length
  while (end > 0 && letter.test(text[end - 1] ?? '')) end--
  return text.slice(0, end)
}

const isTooLong = (path: string): boolean => path.split(/[.[]/).length > MAX_PARTS

const ENDING = /^(.+?)\.(original|resolved)((?:[.[].*)?)$/

function intentReference(prefix: string, path: string): Reference | undefined {
  const found = ENDING.exec(path)
  if (!found) return undefined
  const [, name = '', ending, more = ''] = found
  if (name.includes('[')) return undefined
  const steps: Step[] = [`${ending}Value`, ...stepsOf(more)]
  const reference = pathReference('intent', prefix + path, name, steps)
  const { names, prefix: dotted } = pathReference('intent', path, name + more, [])
  return { ...reference, names, prefix: dotted }
}

const stepsOf = (path: string): Step[] =>
  [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, index, field]) =>
    index === undefined ? (field ?? '') : Number(index),
  )

function pathReference(scope: Scope, text: string, path: string, ending: readonly Step[]): Reference {
  const dotted = /^[^[]*/.exec(path)?.[0] ?? ''
  const tail = stepsOf(path.slice(dotted.length))
  const pieces = dotted.split('.')
  const readings: Reading[] = []
  for (let length = pieces.length; length > 0; length--)
    readings.push({ name: pieces.slice(0, length).join('.'), steps: [...ending, ...pieces.slice(length), ...tail] })
  const fields = [...pieces, ...tail.filter((step) => typeof step === 'string')]
  const names = [...new Set([...readings.map(({ name }) => name), ...fields])].filter((name) => name !== '')
  const plain = tail.length === 0 && ending.length <= 1
  return { scope, text, readings, names, prefix: plain ? dotted : undefined }
}

function nearMiss(rest: string): BadReference | undefined {
  if (rest.startsWith('{'))
    return {
      code: 'reference/unknown-scope',
      text: '${',
      advice: `references have no braces; ${adviceFor(withoutBraces(rest))}`,
    }
  const word = withoutEnd(WORD.exec(rest)?.[0] ?? '', /[^\p{L}\p{N}\]]/u)
  if (!word.includes('.')) return undefined
  const text = `$${word}`
  if (/^flow\./i.test(word))
    return {
      code: 'reference/not-available',
      text,
      advice:
        'Dialogflow does not send flow parameters: copy it to a session parameter with a preset, and refer to that',
    }
  if (/^sys\.func\./i.test(word))
    return {
      code: 'reference/not-available',
      text,
      advice:
        'Dialogflow evaluates functions, this program does not: set a session parameter to it with a preset, and refer to that',
    }
  if (isTooLong(word)) return { code: 'reference/unknown-scope', text, advice: `a path has at most ${MAX_PARTS} parts` }
  const intent = /^intent\.params\.([\w-]+)/i.exec(word)?.[1]
  if (intent !== undefined)
    return {
      code: 'reference/unknown-scope',
      text,
      advice: `.original (what was said) or .resolved (the value) must follow the name: $intent.params.${intent}.resolved`,
    }
  return { code: 'reference/unknown-scope', text, advice: adviceFor(word) }
}

/** What is written before the name; the name itself may be anything. */
const HEADS = [...SCOPES.map(([prefix]) => prefix.slice(0, -1)), 'request.user-utterance']

function adviceFor(word: string): string {
  const meant = meantBy(word)
  return meant === undefined ? HOW : `did you mean ${meant}? For a dollar sign write $$`
}

function withoutBraces(rest: string): string {
  const inside = /^\{\$?([^}$]*)/.exec(rest)?.[1] ?? ''
  return inside.includes('.') ? inside : `params.${inside}`
}

/** The reference that a near miss was to be, if one can be told. */
function meantBy(word: string): string | undefined {
  const [scope = '', second = '', ...rest] = word.split('.')
  const [head] = suggest(`${scope}.${second}`, HEADS)
  const name = [...rest, ...(rest.length ? [] : ['NAME'])].join('.')
  const candidates = [
    ...(head === 'request.user-utterance' ? [head] : []),
    ...(head ? [`${head}.${name}`, `${head}.${name}.resolved`] : []),
    `session.${word}`,
    `${scope}.params.${[second, ...rest].join('.')}`,
  ]
  const found = candidates.find((candidate) => readReference(candidate)?.text === candidate)
  return found && `$${found}`
}

/** Looks names up whatever their case, for one request; each map is indexed at most once. */
export class Names {
  readonly #indexes = new Map<JsonMap, Map<string, string>>()

  /** The map's own key that `name` means: in exact case if it is there, else the first in any case. */
  find(map: JsonMap, name: string): string | undefined {
    if (Object.hasOwn(map, name)) return name
    let index = this.#indexes.get(map)
    if (!index) {
      index = new Map()
      for (const key of Object.keys(map).reverse()) index.set(key.toLowerCase(), key)
      this.#indexes.set(map, index)
    }
    return index.get(name.toLowerCase())
  }
}

/** The value that a reference has in this turn; undefined where it is unset. Numbers beyond JSON's range are unset too. */
export function resolve(reference: Reference, turn: Turn, names: Names): unknown {
  if (reference.scope === 'utterance') return turn.utterance ?? undefined
  const root = turn[reference.scope]
  for (const { name, steps } of reference.readings) {
    const key = names.find(root, name)
    if (key !== undefined) return walk(root[key], steps, names)
  }
  return undefined
}

function walk(start: unknown, steps: readonly Step[], names: Names): unknown {
  let value = start
  for (const step of steps) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined
    else {
      const key: string | undefined = isMap(value) ? names.find(value, step) : undefined
      value = key === undefined ? undefined : (value as JsonMap)[key]
    }
  }
  return value === null || (typeof value === 'number' && !Number.isFinite(value)) ? undefined : value
}

const BARE =
  /(?<![\p{L}\p{N}_$＄{./-])(?:(?:(?:session|page|intent)\.params|request\.payload)\.[\w-](?:[\w.-]*\w)?|request\.user-utterance)/u

/** The first reference in a text that lacks nothing but its `$`. */
export const referenceWithoutDollar = (text: string): string | undefined =>
  text.includes('params.') || text.includes('request.') ? BARE.exec(text)?.[0] : undefined

const LIVE = /\$(?=(?:[a-z_][\w-]*\.params|flow|request|sys\.func)\.[\w-])/gi

/** Writes `＄` for every `$` that begins a reference: Dialogflow might evaluate it in an answer (nobody outside the vendor knows). */
export const neutralise = (text: string): string => (text.includes('$') ? text.replace(LIVE, '＄') : text)

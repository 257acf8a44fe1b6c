import {
  type Entry,
  isMap,
  type Json,
  map,
  type RandomCase,
  type RandomPolicy,
  type RandomVariable,
  type Reference,
  SURFACES,
  type Surface,
  type Turn,
  type Value,
} from './random-case.ts'

// The contract's sections 3 to 5 once more, from the cases as they were drawn: nothing here comes from src.

const toRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^$()|/]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'is',
  )

const globs = new Map<string, RegExp>()

function matches(glob: string, name: string): boolean {
  const known = globs.get(glob) ?? toRegExp(glob)
  globs.set(glob, known)
  return known.test(name)
}

/** What all rules that match a name allow; undefined where no rule does. */
export function limitOfName(name: string, policy: RandomPolicy): readonly Surface[] | undefined {
  const rules = policy.parameters.filter(({ match }) => match.some((glob) => matches(glob, name)))
  if (rules.length === 0) return undefined
  return SURFACES.filter((surface) => rules.every(({ visible_to }) => visible_to.includes(surface)))
}

export const referencesIn = (value: Value): Reference[] => {
  if (value.kind === 'reference') return [value]
  if (value.kind === 'text') return value.parts.filter((part) => typeof part !== 'string')
  if (value.kind === 'list') return value.items.flatMap(referencesIn)
  return value.kind === 'map' ? value.entries.flatMap(([, item]) => referencesIn(item)) : []
}

/** The dotted beginning of a path, and the rest of it behind the first index. */
function dottedPath({ path }: Reference): { pieces: string[]; rest: readonly (string | number)[] } {
  const index = path.findIndex((step) => typeof step === 'number')
  const end = index < 0 ? path.length : index
  return { pieces: path.slice(0, end).join('.').split('.'), rest: path.slice(end) }
}

const upTo = (pieces: readonly string[], length: number): string => pieces.slice(0, length).join('.')

export function namesOf(reference: Reference): string[] {
  if (reference.scope === 'utterance') return ['user-utterance']
  const { pieces, rest } = dottedPath(reference)
  const dotted = pieces.map((_, i) => upTo(pieces, i + 1))
  return [...dotted, ...pieces, ...rest.filter((step) => typeof step === 'string')]
}

export const limitOf = (name: string, value: Value, policy: RandomPolicy): readonly Surface[] => {
  const names = [name, ...referencesIn(value).flatMap(namesOf)]
  const limits = names.map((each) => limitOfName(each, policy) ?? SURFACES)
  return SURFACES.filter((surface) => limits.every((limit) => limit.includes(surface)))
}

export const isRuled = (value: Value, policy: RandomPolicy): boolean =>
  referencesIn(value)
    .flatMap(namesOf)
    .some((name) => limitOfName(name, policy) !== undefined)

// ---- values

function findKey(value: Json, name: string): string | undefined {
  if (Object.hasOwn(value, name)) return name
  return Object.keys(value).find((key) => key.toLowerCase() === name.toLowerCase())
}

function walk(value: unknown, steps: readonly (string | number)[]): unknown {
  return steps.reduce<unknown>((at, step) => {
    if (typeof step === 'number') return Array.isArray(at) ? at[step] : undefined
    const key = isMap(at) ? findKey(at, step) : undefined
    return key === undefined ? undefined : (at as Json)[key]
  }, value)
}

function resolve(reference: Reference, turn: Turn): unknown {
  const { scope, path, ending } = reference
  if (scope === 'utterance') return turn.utterance
  const root = turn[scope]
  if (ending) {
    const key = findKey(root, String(path[0]))
    return key === undefined ? undefined : walk(root[key], [`${ending}Value`, ...path.slice(1)])
  }
  const { pieces, rest } = dottedPath(reference)
  for (let length = pieces.length; length > 0; length--) {
    const key = findKey(root, upTo(pieces, length))
    if (key !== undefined) return walk(root[key], [...pieces.slice(length), ...rest])
  }
  return undefined
}

/** Whether a key inside a value must be left out. */
type IsKept = (name: string) => boolean

function without(value: unknown, isKept: IsKept, path: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, isKept, undefined))
  if (!isMap(value)) return value
  return map(
    Object.entries(value).flatMap(([key, item]) => {
      const dotted = path === undefined ? undefined : `${path}.${key}`
      if (!isKept(key) || (dotted !== undefined && !isKept(dotted))) return []
      return [[key, without(item, isKept, dotted)] as const]
    }),
  )
}

/** The values that make up a text; how they are written in it is not our business here. */
export class Composed {
  readonly values: readonly unknown[]
  constructor(values: readonly unknown[]) {
    this.values = values
  }
}

/** The value that a reader gets for whom `isKept` says which keys may stay; undefined where it is unset. */
export function evaluate(value: Value, turn: Turn, isKept: IsKept, filtersOwnKeys = true): unknown {
  if (value.kind === 'literal') return value.value
  if (value.kind === 'reference') {
    const path = value.path.some((step) => typeof step === 'number') ? undefined : value.path.join('.')
    return without(resolve(value, turn), isKept, path) ?? undefined
  }
  if (value.kind === 'text') {
    const references = referencesIn(value).map((reference) => evaluate(reference, turn, isKept))
    return references.includes(undefined) ? undefined : new Composed(references)
  }
  if (value.kind === 'list') {
    const items = value.items.map((item) => evaluate(item, turn, isKept, filtersOwnKeys))
    const present = items.filter((item) => item !== undefined)
    return present.length ? present : undefined
  }
  const entries = value.entries.flatMap(([key, item]) => {
    const own = !filtersOwnKeys || isKept(key) ? evaluate(item, turn, isKept, filtersOwnKeys) : undefined
    return own === undefined ? [] : [[key, own] as const]
  })
  return entries.length ? map(entries) : undefined
}

export const forSurfaces =
  (surfaces: readonly Surface[], policy: RandomPolicy): IsKept =>
  (name) => {
    const limit = limitOfName(name, policy) ?? SURFACES
    return surfaces.every((surface) => limit.includes(surface))
  }

export const forAnywhere =
  (policy: RandomPolicy): IsKept =>
  (name) =>
    limitOfName(name, policy) === undefined

export const everything: IsKept = () => true

// ---- what the whole case must come to

export const currentOf = ({ turn, policy }: RandomCase, { value, surfaces }: RandomVariable): unknown =>
  evaluate(value, turn, forSurfaces(surfaces, policy))

export const outsideValueOf = ({ turn, policy }: RandomCase, { value }: Entry): unknown =>
  evaluate(value, turn, forAnywhere(policy), false)

/** How many payloads the who-sees-what form needs for these variables. */
export const payloadsFor = (variables: readonly RandomVariable[]): number =>
  new Set(
    variables
      .filter(({ surfaces }) => surfaces.length)
      .map(({ surfaces }) => surfaces.filter((surface) => surface !== 'event').join()),
  ).size

/** The codes of the errors with which the file must be refused. */
export function expectedErrors(random: RandomCase): Set<string> {
  const { policy, variables, outside } = random
  const codes = new Set<string>()
  for (const { name, value, surfaces } of variables) {
    const limit = limitOf(name, value, policy)
    if (surfaces.some((surface) => !limit.includes(surface))) codes.add('policy/too-visible')
  }
  if (outside.some(({ value }) => isRuled(value, policy))) codes.add('policy/outside-variables')
  if (random.form === 'who-sees-what' && policy.platform.payloads_per_answer === 'one' && payloadsFor(variables) > 1)
    codes.add('visibility/needs-several-payloads')
  return codes
}

/** Names of what is required and unset. */
export const missingIn = (random: RandomCase): string[] => [
  ...random.variables.filter((variable) => isMissing(variable, currentOf(random, variable))).map(({ name }) => name),
  ...random.outside.filter((entry) => isMissing(entry, outsideValueOf(random, entry))).map(({ name }) => name),
]

const isMissing = ({ required, fallback }: Entry, value: unknown): boolean =>
  required && fallback === undefined && value === undefined

const HIDES_FROM = {
  agent: 'invisible_to_agent',
  comment: 'invisible_to_agent',
  event: 'invisible_to_adapter_events',
  data_parameters: undefined,
} as const

/** Who sees a key of one `session_variable`: the platform's own table. */
export function seersOf(key: string, sessionVariable: Json): Surface[] {
  const list = (name: string | undefined): readonly unknown[] => {
    const value = name === undefined ? undefined : sessionVariable[name]
    return Array.isArray(value) ? value : []
  }
  return SURFACES.filter(
    (surface) => list('capture_type').includes(surface) && !list(HIDES_FROM[surface]).includes(key),
  )
}

import type { ValueRule } from './detect.ts'
import type { NamedRule, Place } from './diagnostic.ts'
import { type JsonMap, put } from './json.ts'
import type { PolicyFile } from './schema.ts'
import { childOf, itemsOf, rangeOf, type SourceFile } from './source.ts'
import { EVERYBODY, type SurfaceSet, surfaceSet } from './surface.ts'

/** One entry under `parameters` of the policy. */
export interface ParameterRule extends NamedRule {
  readonly matches: Glob
  readonly surfaces: SurfaceSet
  readonly place: Place
}

/** The rule, if any, that keeps a name out. */
export type Against = (name: string) => NamedRule | undefined

const MAX_CACHED = 10_000
const MAX_CACHED_LENGTH = 256

/** The organisation's word: what no flow file can widen. */
export class Policy {
  readonly rules: readonly ParameterRule[]
  readonly values: readonly ValueRule[]
  readonly onePayload: boolean
  readonly displayOrder: boolean
  /** Where the policy was read from; undefined where there is none. */
  readonly file: string | undefined
  readonly #known = new Map<string, readonly ParameterRule[]>()

  constructor(path: string | undefined, rules: readonly ParameterRule[], file: PolicyFile) {
    this.file = path
    this.rules = rules
    this.values = file.values ?? []
    this.onePayload = file.platform?.payloads_per_answer === 'one'
    this.displayOrder = file.platform?.display_order !== 'off'
  }

  /** The rules that match a name; names may come from requests, so that what is remembered is bounded. */
  rulesFor(name: string): readonly ParameterRule[] {
    const known = this.#known.get(name)
    if (known) return known
    const folded = fold(name)
    const rules = this.rules.filter(({ matches }) => matches(folded))
    if (name.length > MAX_CACHED_LENGTH) return rules
    if (this.#known.size >= MAX_CACHED) this.#known.clear()
    this.#known.set(name, rules)
    return rules
  }

  /** The most that anything of this name may be seen by: what all rules that match it allow. */
  limitOf(name: string): SurfaceSet {
    if (this.rules.length === 0) return EVERYBODY
    return this.rulesFor(name).reduce((limit, rule) => limit & rule.surfaces, EVERYBODY)
  }

  /** Without the keys, at any depth, that `against` finds a rule for. `prefix` is the dotted path to the value. */
  withoutKeys(
    value: unknown,
    against: Against,
    prefix: string | undefined,
    leftOut: (rule: NamedRule) => void,
  ): unknown {
    if (this.rules.length === 0 || typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item) => this.withoutKeys(item, against, undefined, leftOut))
    const copy: JsonMap = {}
    for (const [key, item] of Object.entries(value)) {
      const path = prefix === undefined ? undefined : `${prefix}.${key}`
      const rule = against(key) ?? (path === undefined ? undefined : against(path))
      if (rule) leftOut(rule)
      else put(copy, key, this.withoutKeys(item, against, path, leftOut))
    }
    return copy
  }

  /** The first rule that keeps this name from one of `surfaces`. */
  ruleAgainst(name: string, surfaces: SurfaceSet): ParameterRule | undefined {
    return this.rulesFor(name).find((rule) => surfaces & ~rule.surfaces)
  }
}

export const NO_POLICY = new Policy(undefined, [], {})

/** A name as globs compare it: by its characters, letters of either case, composed or not. */
export type Folded = string | readonly string[]

export function fold(name: string): Folded {
  if (/^\p{ASCII}*$/u.test(name)) return name.toLowerCase()
  // One by one: at the end of a word, a sigma has a lower case of its own.
  return [
    ...Array.from(name.normalize('NFKC'), (character) => character.toLowerCase().toUpperCase().toLowerCase()).join(''),
  ]
}

export type Glob = (name: Folded) => boolean

/** A glob as a function of a folded name: `*` any letters, `?` one. Linear in the name for every `*`. */
export function compileGlob(pattern: string): Glob {
  const glob = fold(pattern)
  return (name) => {
    let [g, n, star, resume] = [0, 0, -1, 0]
    while (n < name.length) {
      if (glob[g] === '*') {
        star = g++
        resume = n
      } else if (g < glob.length && (glob[g] === '?' || glob[g] === name[n])) {
        g++
        n++
      } else if (star >= 0) {
        g = star + 1
        n = ++resume
      } else return false
    }
    while (glob[g] === '*') g++
    return g === glob.length
  }
}

/** A validated policy file as rules that know their lines. */
export function compilePolicy(source: SourceFile, file: PolicyFile): Policy {
  const nodes = itemsOf(childOf(source.root, 'parameters'))
  const rules = (file.parameters ?? []).flatMap(({ match, visible_to, reason }, i) => {
    const span = nodes[i] ?? source.root
    const place = { file: source.path, ...rangeOf(source, span) }
    const surfaces = surfaceSet(visible_to)
    const { line } = place
    return match.map((pattern) => ({ pattern, line, reason, matches: compileGlob(pattern), surfaces, place }))
  })
  return new Policy(source.path, rules, file)
}

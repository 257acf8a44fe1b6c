import { screenValue } from './detect.ts'
import type { NamedRule } from './diagnostic.ts'
import { applyFormat, toText } from './format.ts'
import { type JsonMap, mapTexts, put } from './json.ts'
import { applyMask } from './mask.ts'
import type { Group, Keyed, Plan, PlatformEntry, Then, Variable } from './plan.ts'
import type { Against, Policy } from './policy.ts'
import { Names, neutralise, type Turn } from './reference.ts'
import type { Format } from './schema.ts'
import { bitOf, NOBODY, surfacesOf } from './surface.ts'
import { evaluate, type Guard } from './template.ts'

/** What was left out or changed, and why; never a value. `rule` is a pattern or a detector of the policy. */
export type Note =
  | { readonly code: 'unset' | 'required-missing' | 'action-unset'; readonly variable: string }
  | { readonly code: 'does-not-fit'; readonly variable: string; readonly format: Format }
  | {
      readonly code: 'masked-by-policy' | 'dropped-by-policy' | 'part-left-out-by-policy'
      readonly variable: string
      readonly rule: string
    }

/** Stands for a value of which a detector leaves nothing, not even a default. */
const DROPPED = Symbol('dropped')

/** What a capture makes of a turn. */
export interface Built {
  /** The `ujet` objects to send, one for each message. */
  readonly ujets: readonly JsonMap[]
  readonly setParameters: JsonMap | undefined
  /** Names of required values that were unset: nothing else is sent then. */
  readonly missing: readonly string[]
  readonly notes: readonly Note[]
}

/** Makes the messages of a capture from the values of a turn; `locale` is that of the request, for files that name none. */
export function build(plan: Plan, turn: Turn, locale: string, policy: Policy): Built {
  return new Builder(plan, turn, plan.locale ?? locale, policy).build()
}

class Builder {
  readonly #plan: Plan
  readonly #turn: Turn
  readonly #locale: string
  readonly #policy: Policy
  readonly #names = new Names()
  readonly #notes: Note[] = []
  readonly #missing: string[] = []

  constructor(plan: Plan, turn: Turn, locale: string, policy: Policy) {
    this.#plan = plan
    this.#turn = turn
    this.#locale = locale
    this.#policy = policy
  }

  build(): Built {
    const { arrangement, variables } = this.#plan
    const values = new Map<string, unknown>()
    for (const variable of variables) {
      const value = this.#variableValue(variable)
      if (value !== undefined) values.set(variable.key, value)
    }
    const ujets =
      arrangement.form === 'platform'
        ? this.#arrangePlatform(arrangement.ujet, values, arrangement.answer?.key)
        : this.#arrangeGroups(arrangement.groups, values, arrangement.displayOrder, arrangement.then)
    const notes = this.#notes
    if (this.#missing.length) return { ujets: [], setParameters: undefined, missing: this.#missing, notes }
    const setParameters = this.#plan.setParameters && (mapTexts(this.#plan.setParameters, neutralise) as JsonMap)
    return { ujets: ujets.map((ujet) => mapTexts(ujet, neutralise) as JsonMap), setParameters, missing: [], notes }
  }

  // ---- values

  /** The value of a variable as it leaves; undefined where it is unset or dropped. Detectors look before and after its format. */
  #variableValue(variable: Variable): unknown {
    const { key, surfaces, format, mask } = variable
    const against: Against = (name) => this.#policy.ruleAgainst(name, surfaces)
    const raw = this.#evaluate(variable, against, true)
    if (raw === DROPPED) return undefined
    if (raw === undefined) return this.#unset(variable, against)
    const screened = this.#screen(key, raw)
    if (screened === undefined || (format === 'raw' && mask === undefined)) return screened
    const formatted = applyFormat(screened, format, this.#locale)
    if (!formatted.fits) this.#note({ code: 'does-not-fit', variable: key, format })
    return this.#screen(key, mask ? applyMask(toText(formatted.value), mask) : formatted.value)
  }

  /** The value of a key that is no variable: nothing that a rule names may be in it. A capture key is a name, of the file's own. */
  #keyedValue(keyed: Keyed): unknown {
    const value = this.#evaluate(keyed, (name) => this.#policy.rulesFor(name)[0], false)
    if (value === DROPPED) return undefined
    if (value === undefined) return this.#unset(keyed)
    return keyed.key === 'capture_key' ? value : this.#screen(keyed.key, value)
  }

  #evaluate({ key, template }: Keyed, against: Against, filtersOwnKeys: boolean): unknown {
    const leftOut = this.#leavesOut(key)
    let isDropped = false
    const guard: Guard = {
      value: (value, prefix) => this.#policy.withoutKeys(value, against, prefix, leftOut),
      key: (name) => {
        const rule = filtersOwnKeys ? against(name) : undefined
        if (rule) leftOut(rule)
        return !rule
      },
      part: (value) => {
        const screened = this.#screen(key, value)
        isDropped ||= screened === undefined
        return screened ?? ''
      },
    }
    const value = evaluate(template, this.#turn, this.#names, guard)
    return isDropped ? DROPPED : value
  }

  #leavesOut(variable: string): (rule: NamedRule) => void {
    return ({ pattern }) => this.#note({ code: 'part-left-out-by-policy', variable, rule: pattern })
  }

  /** A default is a literal; keys inside of it that `against` finds a rule for are left out all the same. */
  #unset({ key, fallback, required }: Keyed, against: Against = () => undefined): unknown {
    if (fallback)
      return this.#screen(key, this.#policy.withoutKeys(fallback.value, against, undefined, this.#leavesOut(key)))
    if (required && !this.#missing.includes(key)) this.#missing.push(key)
    this.#note({ code: required ? 'required-missing' : 'unset', variable: key })
    return undefined
  }

  #screen(variable: string, value: unknown): unknown {
    const screened = screenValue(value, this.#policy.values)
    for (const { detect } of screened.rules)
      this.#note({ code: screened.dropped ? 'dropped-by-policy' : 'masked-by-policy', variable, rule: detect })
    return screened.dropped ? undefined : screened.value
  }

  #note(note: Note): void {
    const known = this.#notes.some(
      (other) => other.code === note.code && other.variable === note.variable && ruleOf(other) === ruleOf(note),
    )
    if (!known) this.#notes.push(note)
  }

  // ---- who-sees-what form

  #arrangeGroups(
    groups: readonly Group[],
    values: ReadonlyMap<string, unknown>,
    displayOrder: boolean,
    then: Then | undefined,
  ): JsonMap[] {
    const ujets: JsonMap[] = []
    for (const group of groups) {
      const sessionVariable = toSessionVariable(group, values, displayOrder)
      if (sessionVariable) ujets.push({ session_variable: sessionVariable })
    }
    const action = then && this.#action(then)
    if (!action) return ujets
    const last = ujets.pop()
    return [...ujets, { ...action, ...last }]
  }

  /** What `then` sends; nothing where its action is unset. */
  #action(then: Then): JsonMap | undefined {
    const action: JsonMap = {}
    for (const keyed of then.entries) {
      const value = this.#keyedValue(keyed)
      if (value !== undefined) action[keyed.key] = value
      else if (keyed.key === 'action') this.#note({ code: 'action-unset', variable: 'action' })
    }
    const lacksAction = then.entries.some(({ key }) => key === 'action') && !Object.hasOwn(action, 'action')
    return lacksAction ? undefined : action
  }

  // ---- platform form

  #arrangePlatform(
    entries: readonly PlatformEntry[],
    values: ReadonlyMap<string, unknown>,
    awaited: string | undefined,
  ): JsonMap[] {
    const ujet = this.#platformMap(entries, values, awaited)
    return Object.keys(ujet).length ? [ujet] : []
  }

  #platformMap(
    entries: readonly PlatformEntry[],
    values: ReadonlyMap<string, unknown>,
    awaited: string | undefined,
  ): JsonMap {
    const map: JsonMap = {}
    for (const entry of entries) {
      if (entry.kind === 'session_variable') {
        const inner = this.#platformMap(entry.entries, values, awaited)
        const lacksPayload = entry.entries.some(({ kind }) => kind === 'payload') && !Object.hasOwn(inner, 'payload')
        if (!lacksPayload) map.session_variable = inner
      } else if (entry.kind === 'payload') {
        if (values.size) map.payload = toMap(values)
      } else if (entry.kind === 'keys') {
        const keys = entry.keys.filter((key) => values.has(key) || key === awaited)
        if (keys.length || entry.keys.length === 0) map[entry.key] = keys
      } else {
        const value = this.#keyedValue(entry.value)
        if (value !== undefined) map[entry.value.key] = value
      }
    }
    return map
  }
}

const ruleOf = (note: Note): string | undefined => ('rule' in note ? note.rule : undefined)

function toMap(values: ReadonlyMap<string, unknown>): JsonMap {
  const map: JsonMap = {}
  for (const [key, value] of values) put(map, key, value)
  return map
}

const EVENT = bitOf('event')
const SHOWN_IN_ORDER = bitOf('agent') | bitOf('comment')

/** One payload for those variables of a group that are set: they share their surfaces, events aside. */
function toSessionVariable(
  group: Group,
  values: ReadonlyMap<string, unknown>,
  displayOrder: boolean,
): JsonMap | undefined {
  const payload: JsonMap = {}
  const keys: string[] = []
  const notForEvents: string[] = []
  let seen = NOBODY
  for (const { key, surfaces } of group) {
    if (!values.has(key)) continue
    put(payload, key, values.get(key))
    keys.push(key)
    if (!(surfaces & EVENT)) notForEvents.push(key)
    seen |= surfaces
  }
  if (keys.length === 0) return undefined
  const made: JsonMap = { payload, capture_type: surfacesOf(seen), capture_target: 'payload' }
  if (seen & EVENT && notForEvents.length) made.invisible_to_adapter_events = notForEvents
  if (displayOrder && keys.length > 1 && seen & SHOWN_IN_ORDER) made.display_order_in_adapter = keys
  return made
}

import { warnOfUnknownWord } from './action-words.ts'
import { allReferences, type Compilation, textOf } from './compilation.ts'
import { relate } from './diagnostic.ts'
import type { AwaitedAnswer, Keyed, PlatformEntry, Variable, Visibility } from './plan.ts'
import { ACTION_KEYS, INVISIBLE_LISTS, KEY_LISTS, SESSION_VARIABLE_KEYS } from './platform-keys.ts'
import { neutralise } from './reference.ts'
import { LONG_FORM_KEYS } from './schema.ts'
import { childOf, entriesOf, entryOf, itemsOf, type MapEntry, type SourceNode, type Span, spanOf } from './source.ts'
import { misspelt, suggest } from './suggest.ts'
import { isSurface, NOBODY, SURFACES, type Surface, type SurfaceSet, surfaceSet } from './surface.ts'
import { warnOfRepeated } from './warn-of-repeated.ts'

export interface PlatformForm {
  readonly variables: readonly Variable[]
  readonly ujet: readonly PlatformEntry[]
  readonly answer: AwaitedAnswer | undefined
}

/** Compiles the console's own payload, which is sent as it is written. */
export function compilePlatformForm(work: Compilation, ujet: SourceNode): PlatformForm {
  let variables: Variable[] = []
  let answer: AwaitedAnswer | undefined
  const entries = entriesOf(ujet).map((entry): PlatformEntry => {
    if (entry.key !== 'session_variable') return compileOther(work, entry, 'ujet', [...ACTION_KEYS, 'session_variable'])
    const inner = new SessionVariable(work, entry.value)
    variables = inner.variables()
    answer = inner.answer()
    return { kind: 'session_variable', entries: inner.entries() }
  })
  return { variables, ujet: entries, answer }
}

function compileOther(
  work: Compilation,
  { key, keySpan, value }: MapEntry,
  place: string,
  known: readonly string[],
): PlatformEntry {
  const near = suggest(key, known)
  if (!known.includes(key))
    work.report('config/unknown-platform-key', keySpan, {
      word: key,
      place,
      near,
      advice: adviceOn(key, near),
      elsewhere: (SESSION_VARIABLE_KEYS as readonly string[]).includes(key) ? 'in session_variable' : undefined,
    })
  work.checkOutside(value, `${place}.${key}`)
  warnOfUnknownWord(work, key, value)
  return { kind: 'value', value: asSent(key, work.template(value)) }
}

/** What comes of a key under which nobody looks for session variables. */
function adviceOn(key: string, near: readonly string[]): string | undefined {
  if (key === 'ujet') return 'what stands in it belongs directly under the outer ujet: remove this one'
  return near[0] === 'session_variable' ? 'under this name no surface gets the values' : undefined
}

const asSent = (key: string, template: Keyed['template']): Keyed => ({
  key: neutralise(key),
  template,
  fallback: undefined,
  required: false,
})

/** The list that hides a key from a surface; the platform keeps what the agent may not see out of the CRM too. */
const HIDING_LISTS: Readonly<Partial<Record<Surface, (typeof INVISIBLE_LISTS)[number]>>> = {
  agent: 'invisible_to_agent',
  comment: 'invisible_to_agent',
  event: 'invisible_to_adapter_events',
}

/** One `session_variable` of the platform form, with what is wrong with it. */
class SessionVariable {
  readonly #captureKey: string | undefined
  readonly #work: Compilation
  readonly #node: SourceNode
  readonly #awaitsAnswer: boolean

  constructor(work: Compilation, node: SourceNode) {
    this.#work = work
    this.#node = node
    this.#captureKey = textOf(childOf(node, 'capture_key'))
    this.#awaitsAnswer = textOf(childOf(node, 'capture_target')) === 'end_user_response'
    if (node.kind !== 'map') return
    this.#checkKeys()
    this.#checkTarget()
    this.#checkCaptureType()
    this.#checkLists()
  }

  #checkKeys(): void {
    for (const { key, keySpan, value } of entriesOf(this.#node)) {
      const meant = isKnownKey(key) ? undefined : misspelt(key, INVISIBLE_LISTS)
      if (meant) this.#work.report('visibility/misspelt-list', keySpan, { word: key, meant })
      else if (!isKnownKey(key))
        this.#work.report('config/unknown-platform-key', keySpan, {
          word: key,
          place: 'session_variable',
          near: suggest(key, SESSION_VARIABLE_KEYS),
          elsewhere: (ACTION_KEYS as readonly string[]).includes(key) ? 'in ujet, beside session_variable' : undefined,
          advice: /invis|hid/i.test(key)
            ? 'if it is to hide something, it hides nothing that is known here'
            : undefined,
        })
      if (key !== 'payload') this.#work.checkOutside(value, `session_variable.${key}`)
    }
  }

  #checkTarget(): void {
    const missing = this.#awaitsAnswer ? 'capture_key' : 'payload'
    const target = textOf(childOf(this.#node, 'capture_target')) ?? 'payload'
    const isKnown = target === 'payload' || this.#awaitsAnswer
    if (isKnown && !entryOf(this.#node, missing))
      this.#work.report('config/missing-key', this.#node, { keys: [missing] })
    const payload = entryOf(this.#node, 'payload')
    if (this.#awaitsAnswer && payload)
      this.#work.report('config/unknown-key', payload.keySpan, {
        word: 'payload',
        known: [],
        near: [],
        why: 'payload may not stand beside capture_target: end_user_response; remove one of the two',
      })
    const key = childOf(this.#node, 'capture_key')
    if (key) this.#work.literal(key, 'capture_key')
    if (this.#awaitsAnswer && key && this.#captureKey && this.#work.policy.values.length)
      this.#work.report('policy/unseen-answer', key, { key: this.#captureKey })
  }

  #checkCaptureType(): void {
    const types = childOf(this.#node, 'capture_type')
    const isEmpty = types?.kind === 'list' && types.items.length === 0
    if (!types || isEmpty) this.#work.report('visibility/missing-capture-type', types ?? this.#node, {})
    warnOfRepeated(this.#work, types)
    this.#checkMaySpread()
  }

  /** Whether `capture_type` says who sees the values; where it does not, that is told, and not what follows from it. */
  #saysWhoSees(): boolean {
    const types = itemsOf(childOf(this.#node, 'capture_type'))
    return (
      types.length > 0 &&
      types.every((item) => isSurface(textOf(item)) || suggest(textOf(item) ?? '', SURFACES).length > 0)
    )
  }

  #checkMaySpread(): void {
    const entry = itemsOf(childOf(this.#node, 'capture_type')).find((item) => textOf(item) === 'data_parameters')
    if (entry && !(this.#captures('event') && this.#captures('comment')))
      this.#work.report('visibility/may-spread', entry, {})
  }

  #checkLists(): void {
    const keys = this.#keys()
    for (const list of KEY_LISTS) {
      const node = this.#list(list)
      if (!node) continue
      if (this.#namesKeys()) this.#checkEntries(list, node, keys)
      if (this.#saysWhoSees()) this.#checkEffect(list, node)
    }
    if (this.#saysWhoSees()) for (const key of keys) this.#checkHidden(key)
  }

  #checkEntries(list: string, node: SourceNode, keys: readonly string[]): void {
    const first = new Map<string, SourceNode>()
    for (const item of itemsOf(node)) {
      const word = textOf(item)
      if (word === undefined) continue
      const before = first.get(word)
      if (before)
        this.#work.report('visibility/duplicate-key', item, { key: word, list }, [
          relate(this.#work.at(before), 'first here'),
        ])
      else if (!keys.includes(word))
        this.#work.report('visibility/hidden-key-not-in-payload', item, { word, list, keys, near: suggest(word, keys) })
      if (!before) first.set(word, item)
    }
  }

  #checkEffect(list: (typeof KEY_LISTS)[number], node: SourceNode): void {
    const needs: Surface[] = list === 'invisible_to_adapter_events' ? ['event'] : ['agent', 'comment']
    if (!needs.some((surface) => this.#captures(surface)))
      this.#work.report('visibility/no-effect', node, { list, needs })
  }

  /** One warning for a key, the strongest, at its first entry in a list that hides it. */
  #checkHidden(key: string): void {
    const hidings = INVISIBLE_LISTS.flatMap((list) => this.#entriesNaming(list, key).map((node) => ({ list, node })))
    const [first, ...others] = hidings.sort((a, b) => a.node.start - b.node.start)
    if (!first) return
    const related = others.map(({ node }) => relate(this.#work.at(node), 'hidden here too'))
    if (this.#seenBy(key) === NOBODY) this.#work.report('visibility/nobody-sees-it', first.node, { key }, related)
    else if (this.#captures('comment')) {
      const [entry] = this.#entriesNaming('invisible_to_agent', key)
      if (entry) this.#work.report('visibility/not-in-crm', entry, { key })
    }
  }

  /** A list under its name, or under a misspelt one: its own diagnostic says so. */
  #list(name: (typeof KEY_LISTS)[number]): SourceNode | undefined {
    const isMeant = (key: string): boolean => !isKnownKey(key) && misspelt(key, INVISIBLE_LISTS) === name
    return childOf(this.#node, name) ?? entriesOf(this.#node).find(({ key }) => isMeant(key))?.value
  }

  #entriesNaming(list: (typeof KEY_LISTS)[number], key: string): SourceNode[] {
    return itemsOf(this.#list(list)).filter((item) => textOf(item) === key)
  }

  /** Whether `capture_type` names a surface, a near miss of its name included. */
  #captures(surface: Surface): boolean {
    return itemsOf(childOf(this.#node, 'capture_type')).some((item) => {
      const word = textOf(item) ?? ''
      return word === surface || (!isSurface(word) && suggest(word, SURFACES)[0] === surface)
    })
  }

  #seenBy(key: string): SurfaceSet {
    return surfaceSet(SURFACES.filter((surface) => !this.#keeps(key, surface)))
  }

  /** What keeps a key from a surface: the entry of a list, or a `capture_type` without the surface. */
  #keeps(key: string, surface: Surface): SourceNode | undefined {
    if (!this.#captures(surface)) return childOf(this.#node, 'capture_type') ?? this.#node
    const list = HIDING_LISTS[surface]
    return list && this.#entriesNaming(list, key)[0]
  }

  #visibility(key: string, span: Span): Visibility {
    const keptBy: Partial<Record<Surface, Span>> = {}
    for (const surface of SURFACES) {
      const keeper = this.#keeps(key, surface)
      if (keeper) keptBy[surface] = spanOf(keeper)
    }
    return { surfaces: this.#seenBy(key), span, keptBy }
  }

  /** Whether `payload`, or `capture_key` in its place, says which keys there are; where it does not, that is told alone. */
  #namesKeys(): boolean {
    return childOf(this.#node, 'payload')?.kind === 'map' || this.#captureKey !== undefined
  }

  #keys(): string[] {
    const payload = entriesOf(childOf(this.#node, 'payload')).map(({ key }) => key)
    return this.#captureKey === undefined ? payload : [...payload, this.#captureKey]
  }

  variables(): Variable[] {
    const variables = entriesOf(childOf(this.#node, 'payload')).map(({ key, keySpan, value }): Variable => {
      const template = this.#work.template(value)
      this.#warnOfLongForm(key, keySpan, value)
      const visibility = this.#visibility(key, keySpan)
      this.#work.checkVisible(key, keySpan, allReferences([template]), visibility.surfaces)
      return { ...asSent(key, template), ...visibility, format: 'raw', mask: undefined, description: undefined }
    })
    const answer = childOf(this.#node, 'capture_key')
    if (answer && this.#captureKey)
      this.#work.checkVisible(this.#captureKey, answer, [], this.#seenBy(this.#captureKey))
    return variables
  }

  #warnOfLongForm(key: string, span: Span, value: SourceNode): void {
    const keys = entriesOf(value).map((entry) => entry.key)
    if (keys.length > 1 && keys.includes('from') && keys.every((one) => LONG_FORM_KEYS.includes(one)))
      this.#work.report('config/long-form-in-payload', span, { key, keys })
  }

  answer(): AwaitedAnswer | undefined {
    const key = this.#captureKey
    const node = childOf(this.#node, 'capture_key')
    return key !== undefined && node ? { key: neutralise(key), ...this.#visibility(key, spanOf(node)) } : undefined
  }

  entries(): PlatformEntry[] {
    const entries = entriesOf(this.#node).map(({ key, value }): PlatformEntry => {
      if (key === 'payload') return { kind: 'payload' }
      const isList = (KEY_LISTS as readonly string[]).includes(key) && value.kind === 'list'
      if (isList) return { kind: 'keys', key, keys: itemsOf(value).map((item) => neutralise(textOf(item) ?? '')) }
      const isLiteral = (SESSION_VARIABLE_KEYS as readonly string[]).includes(key)
      return {
        kind: 'value',
        value: asSent(key, isLiteral ? { kind: 'literal', value: plain(value) } : this.#work.template(value)),
      }
    })
    if (entryOf(this.#node, 'capture_target')) return entries
    return [...entries, { kind: 'value', value: asSent('capture_target', { kind: 'literal', value: 'payload' }) }]
  }
}

const isKnownKey = (key: string): boolean => (SESSION_VARIABLE_KEYS as readonly string[]).includes(key)

const plain = (node: SourceNode): unknown => (node.kind === 'list' ? node.items.map(textOf) : textOf(node))

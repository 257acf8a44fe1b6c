import { warnOfUnknownWord } from './action-words.ts'
import { allReferences, type Compilation, isTrue, textOf } from './compilation.ts'
import { relate } from './diagnostic.ts'
import type { Group, Keyed, Then, Variable, Visibility } from './plan.ts'
import { ACTION_KEYS } from './platform-keys.ts'
import { neutralise } from './reference.ts'
import { FORMATS, type Format, isLongThenKey, type Mask } from './schema.ts'
import {
  childOf,
  entriesOf,
  entryOf,
  itemsOf,
  type MapEntry,
  type SourceNode,
  type Span,
  spanOf,
  toData,
} from './source.ts'
import { suggest } from './suggest.ts'
import { bitOf, EVERYBODY, isSurface, NOBODY, SURFACES, type SurfaceSet, surfacesOf } from './surface.ts'
import { hasReference, referencesIn } from './template.ts'
import { warnOfRepeated } from './warn-of-repeated.ts'

export interface WhoSeesWhatForm {
  readonly variables: readonly Variable[]
  readonly groups: readonly Group[]
  readonly then: Then | undefined
}

/** Compiles `variables` and `then` of a capture; the fewest payloads in which each variable is seen by exactly its surfaces. */
export function compileWhoSeesWhatForm(work: Compilation, capture: SourceNode): WhoSeesWhatForm {
  const then = childOf(capture, 'then')
  const common = childOf(capture, 'visible_to')
  const variables = entriesOf(childOf(capture, 'variables')).map((entry) =>
    compileVariable(work, entry, common, then !== undefined),
  )
  warnOfEmptyDefault(work, capture, common)
  warnOfRepeated(work, common)
  warnOfUnmasked(work, variables)
  const groups = groupBySurfaces(variables)
  if (groups.length > 1 && work.policy.onePayload)
    work.report('visibility/needs-several-payloads', capture, {
      groups: groups.map((group) => group.map(({ key }) => key)),
    })
  return { variables, groups, then: then && compileThen(work, then) }
}

function compileVariable(
  work: Compilation,
  entry: MapEntry,
  common: SourceNode | undefined,
  beforeAction: boolean,
): Variable {
  const long = entry.value.kind === 'map' ? entry.value : undefined
  const own = childOf(long, 'visible_to')
  const surfaces = surfacesIn(own ?? common)
  const from = long ? childOf(long, 'from') : entry.value
  const template = from ? work.template(from) : ({ kind: 'literal', value: undefined } as const)
  if (!(own ?? common)) work.report('visibility/not-declared', entry.keySpan, { variable: entry.key })
  warnOfRepeated(work, own)
  if (own?.kind === 'list' && own.items.length === 0) work.report('visibility/nobody-sees-it', own, {})
  const isMistyped = itemsOf(own ?? common).some((item) => !isSurface(textOf(item)))
  if (!isMistyped && surfaces & bitOf('data_parameters') && (surfaces & SPREADS_TO) !== SPREADS_TO)
    work.report('visibility/may-spread', entry.keySpan, { key: entry.key })
  work.checkVisible(entry.key, entry.keySpan, allReferences([template]), surfaces)
  const format = (textOf(childOf(long, 'format')) as Format | undefined) ?? 'raw'
  const formatNode = childOf(long, 'format')
  if (formatNode && hasWords(template) && takesNoWords(format))
    work.report('config/no-effect', formatNode, {
      word: format,
      why: 'the value is text with other words in it, which does not fit; give the format to a variable of its own',
    })
  return {
    ...compileKeyed(work, entry.key, template, long, beforeAction),
    format,
    mask: textOf(childOf(long, 'mask')) as Mask | undefined,
    description: textOf(childOf(long, 'description')),
    surfaces,
    span: spanOf(entry.keySpan),
    keptBy: keptByList(surfaces, spanOf(own ?? common ?? entry.keySpan)),
  }
}

/** Formats that text with words in it may fit. */
const TAKES_WORDS: ReadonlySet<Format> = new Set<Format>(['raw', 'text', 'person', 'location', 'phone'])
const takesNoWords = (format: Format): boolean => FORMATS.includes(format) && !TAKES_WORDS.has(format)

const hasWords = (template: Keyed['template']): boolean =>
  template.kind === 'text' && template.parts.some((part) => typeof part === 'string' && /\p{L}{2}/u.test(part))

/** A parameter that is masked in one variable, and leaves whole inside the text of another or for the same surface. */
function warnOfUnmasked(work: Compilation, variables: readonly Variable[]): void {
  const visible = variables.filter(({ surfaces }) => surfaces !== NOBODY)
  const masked = visible.filter(({ mask }) => mask)
  for (const variable of masked.length ? visible.filter(({ mask }) => !mask) : [])
    for (const { text } of referencesIn(variable.template)) {
      const twin = masked.find(
        (one) => refersTo(one, text) && (variable.surfaces & one.surfaces || isEmbedded(variable)),
      )
      if (!twin) continue
      const related = [relate(work.at(twin.span), 'masked here')]
      const finding = { variable: variable.key, parameter: `$${text}`, masked: twin.key }
      work.report('visibility/unmasked-elsewhere', variable.span, finding, related)
      break
    }
}

const isEmbedded = ({ template }: Variable): boolean => template.kind !== 'reference'

const refersTo = ({ template }: Variable, text: string): boolean =>
  [...referencesIn(template)].some((reference) => reference.text.toLowerCase() === text.toLowerCase())

const keptByList = (surfaces: SurfaceSet, list: Span): Visibility['keptBy'] =>
  Object.fromEntries(surfacesOf(EVERYBODY & ~surfaces).map((surface) => [surface, list]))

/** Where the vendor's platform may show data parameters as well. */
const SPREADS_TO: SurfaceSet = bitOf('event') | bitOf('comment')

function compileKeyed(
  work: Compilation,
  key: string,
  template: Keyed['template'],
  long: SourceNode | undefined,
  beforeAction: boolean,
): Keyed {
  const fallback = childOf(long, 'default')
  const required = entryOf(long, 'required')
  if (required && isTrue(required.value))
    if (fallback)
      work.report('config/no-effect', required.keySpan, {
        word: 'required',
        why: 'there is a default, so that the value is never missing',
      })
    else if (beforeAction) work.report('action/may-be-stopped', required.keySpan, { name: key })
  return {
    key: neutralise(key),
    template,
    fallback: fallback && { value: work.literal(fallback, 'default') },
    required: isTrue(required?.value),
  }
}

/** Near misses of a surface count as what they were meant to be: their own diagnostic says so. */
function surfacesIn(list: SourceNode | undefined): SurfaceSet {
  return itemsOf(list).reduce((set, item) => {
    const word = textOf(item) ?? ''
    return set | bitOf(isSurface(word) ? word : suggest(word, SURFACES)[0])
  }, NOBODY)
}

function warnOfEmptyDefault(work: Compilation, capture: SourceNode, common: SourceNode | undefined): void {
  if (common?.kind !== 'list' || common.items.length > 0) return
  const heirs = entriesOf(childOf(capture, 'variables')).filter(({ value }) => !entryOf(value, 'visible_to'))
  const related = heirs.map(({ keySpan, key }) =>
    relate(work.at(keySpan), `${JSON.stringify(key)} takes it from there`),
  )
  if (heirs.length) work.report('visibility/nobody-sees-it', common, {}, related)
}

/** By whether agent, comment and data_parameters may see them; what events may have is settled inside a payload. */
function groupBySurfaces(variables: readonly Variable[]): Group[] {
  const groups = new Map<SurfaceSet, Variable[]>()
  for (const variable of variables) {
    if (variable.surfaces === NOBODY) continue
    const key = variable.surfaces & ~bitOf('event')
    const group = groups.get(key)
    if (group) group.push(variable)
    else groups.set(key, [variable])
  }
  return [...groups.values()]
}

function compileThen(work: Compilation, then: SourceNode): Then {
  const entries = entriesOf(then).map((entry) => compileThenKey(work, entry))
  const action = textOf(fromOf(childOf(then, 'action')))
  const menu = entryOf(then, 'menu_id')
  const queue = entries.find(({ key }) => key === 'menu_id')
  if (action === 'escalation' && menu && queue && hasReference(queue.template) && !queue.fallback && !queue.required)
    work.report('action/may-reach-no-queue', menu.keySpan, {})
  const escalation = entryOf(then, 'action')
  if (action === 'escalation' && escalation && !menu)
    work.report('action/may-reach-no-queue', escalation.keySpan, { absent: true })
  if (then.kind === 'map' && !entryOf(then, 'action') && !entryOf(then, 'type'))
    work.report('config/missing-key', then, { keys: ['action'] })
  const type: Keyed = {
    key: 'type',
    template: { kind: 'literal', value: 'action' },
    fallback: undefined,
    required: false,
  }
  return { entries: entryOf(then, 'type') ? entries : [type, ...entries] }
}

const longOf = (node: SourceNode | undefined): SourceNode | undefined =>
  node && isLongThenKey(toData(node)) ? node : undefined
const fromOf = (node: SourceNode | undefined): SourceNode | undefined => (longOf(node) ? childOf(node, 'from') : node)

function compileThenKey(work: Compilation, { key, keySpan, value }: MapEntry): Keyed {
  if (key === 'session_variable')
    work.report('config/unknown-key', keySpan, {
      word: key,
      known: [],
      near: [],
      why: 'then may not hold session_variable: session variables stand under variables, where each says who may see it',
    })
  else if (!(ACTION_KEYS as readonly string[]).includes(key))
    work.report('config/unknown-platform-key', keySpan, { word: key, place: 'then', near: suggest(key, ACTION_KEYS) })
  const from = fromOf(value)
  if (from) work.checkOutside(from, `then.${key}`)
  warnOfUnknownWord(work, key, from)
  warnOfUnknownWord(work, key, childOf(longOf(value), 'default'))
  const template = from ? work.template(from) : ({ kind: 'literal', value: undefined } as const)
  return compileKeyed(work, key, template, longOf(value), true)
}

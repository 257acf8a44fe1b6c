import { Compilation, textOf, textsIn } from './compilation.ts'
import { compilePlatformForm } from './compile-platform-form.ts'
import { compileWhoSeesWhatForm } from './compile-who-sees-what-form.ts'
import { byPlace, type Diagnostic, placeOf } from './diagnostic.ts'
import type { Arrangement, AwaitedAnswer, CompiledFlow, Example, Plan, Variable } from './plan.ts'
import { MISSING_PARAMETER } from './platform-keys.ts'
import { compilePolicy, NO_POLICY, type Policy } from './policy.ts'
import { parseReferences, type Reference } from './reference.ts'
import { type ExampleFile, flowFileSchema, isLocale, type PolicyFile, policySchema } from './schema.ts'
import { childOf, entriesOf, entryOf, itemsOf, type SourceFile, type SourceNode, toData } from './source.ts'
import { suggest } from './suggest.ts'
import type { SurfaceSet } from './surface.ts'
import { validate } from './validate.ts'

/** A parsed policy file as rules; with mistakes in it, its rules are not applied, and the diagnostics stop the start. */
export function compilePolicyFile(source: SourceFile): { policy: Policy; diagnostics: readonly Diagnostic[] } {
  const validated = validate(source, policySchema)
  if (validated.diagnostics.length) return { policy: NO_POLICY, diagnostics: validated.diagnostics }
  return { policy: compilePolicy(source, toData(source.root) as PolicyFile), diagnostics: [] }
}

/** A parsed flow file as plans, or everything that is wrong with it. */
export function compileFlow(parsed: SourceFile, policy: Policy): CompiledFlow {
  const { source, diagnostics } = validate(parsed, flowFileSchema)
  const work = new Compilation(source, policy)
  work.diagnostics.push(...diagnostics)
  warnOfUnknownLanguage(work)
  const captures = itemsOf(childOf(source.root, 'captures'))
  const plans = captures.map((capture) => compileCapture(work, capture))
  const examples = compileExamples(work, plans)
  return {
    plans: plans.filter(({ tag }) => tag !== ''),
    examples,
    diagnostics: onceForEachPlace(work.diagnostics).sort(byPlace),
  }
}

/** A tag may be well formed and no language's. */
function warnOfUnknownLanguage(work: Compilation): void {
  const node = childOf(work.source.root, 'locale')
  const tag = textOf(node)
  if (node && tag !== undefined && isLocale(tag) && Intl.DateTimeFormat.supportedLocalesOf(tag).length === 0)
    work.report('config/no-effect', node, { word: tag, why: `no language is known by it; write a tag such as en-US` })
}

/** A misspelt key that may not stand there either is told once. */
function onceForEachPlace(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  return diagnostics.filter(({ code, line, column, finding }) => {
    const place = `${code} ${line} ${column}${code === 'config/unknown-key' ? '' : JSON.stringify(finding)}`
    return seen.has(place) ? false : seen.add(place)
  })
}

function idsIn(node: SourceNode | undefined): string[] | undefined {
  if (!node) return undefined
  const nodes = node.kind === 'list' ? node.items : [node]
  return nodes.map((item) => (textOf(item) ?? '').toLowerCase())
}

function compileCapture(work: Compilation, capture: SourceNode): Plan {
  const tag = childOf(capture, 'tag')
  const setParameters = compileSetParameters(work, childOf(capture, 'set_parameters'))
  const { variables, arrangement, answer } = compileForm(work, capture)
  const declared = new Map<string, SurfaceSet>(variables.map(({ key, surfaces }) => [key, surfaces]))
  if (answer) declared.set(answer.key, answer.surfaces)
  return Object.freeze({
    tag: textOf(tag) ?? '',
    flow: textOf(childOf(work.source.root, 'flow')) ?? '',
    flowIds: idsIn(childOf(work.source.root, 'flow_id')),
    agentIds: idsIn(childOf(work.source.root, 'agent_id')),
    place: placeOf(work.at(tag ?? capture)),
    enabled: !isFalse(childOf(capture, 'enabled')),
    description: textOf(childOf(capture, 'description')),
    locale: textOf(childOf(work.source.root, 'locale')),
    variables,
    arrangement,
    setParameters,
    declared,
  })
}

const isFalse = (node: SourceNode | undefined): boolean => node?.kind === 'scalar' && node.value === false

interface Form {
  readonly variables: readonly Variable[]
  readonly arrangement: Arrangement
  readonly answer?: AwaitedAnswer | undefined
}

function compileForm(work: Compilation, capture: SourceNode): Form {
  const ujet = entryOf(capture, 'ujet')
  if (!ujet) {
    const { variables, groups, then } = compileWhoSeesWhatForm(work, capture)
    if (capture.kind === 'map' && !FORM_KEYS.some((key) => entryOf(capture, key)))
      work.report('config/missing-key', capture, { keys: FORM_KEYS })
    return { variables, arrangement: { form: 'who-sees-what', groups, displayOrder: work.policy.displayOrder, then } }
  }
  for (const key of ['variables', 'then', 'visible_to']) {
    const beside = entryOf(capture, key)
    if (beside)
      work.report('config/unknown-key', beside.keySpan, {
        word: key,
        known: [],
        near: [],
        why: `${key} may not stand beside ujet: a capture has either ujet, or variables and then`,
      })
  }
  const { variables, ujet: entries, answer } = compilePlatformForm(work, ujet.value)
  return { variables, arrangement: { form: 'platform', ujet: entries, answer }, answer }
}

const FORM_KEYS = ['variables', 'then', 'ujet', 'set_parameters']

function compileSetParameters(work: Compilation, node: SourceNode | undefined): Plan['setParameters'] {
  if (!node) return undefined
  const reserved = entriesOf(node).find(({ key }) => key.toLowerCase() === MISSING_PARAMETER)
  if (reserved)
    work.report('config/unknown-key', reserved.keySpan, {
      word: reserved.key,
      known: [],
      near: [],
      why: `${MISSING_PARAMETER} is reserved: the program sets and clears it itself`,
    })
  return work.literal(node, 'set_parameters') as Record<string, unknown>
}

/** A parameter that an example gives, and its capture refers to by nearly the same name. */
function warnOfUnusedParameters(work: Compilation, parameters: SourceNode | undefined, capture: SourceNode): void {
  const given = new Set(entriesOf(parameters).map(({ key }) => key.toLowerCase()))
  if (given.size === 0) return
  const readings = sessionReferences(capture).map(({ readings }) => readings.map(({ name }) => name.toLowerCase()))
  const used = new Set(readings.flat())
  const wanting = new Set(
    readings.filter((names) => !names.some((name) => given.has(name))).map((names) => names.at(-1) ?? ''),
  )
  for (const { key, keySpan } of wanting.size ? entriesOf(parameters) : []) {
    const near = used.has(key.toLowerCase()) ? [] : suggest(key, wanting)
    if (near.length) work.report('example/unused-parameter', keySpan, { word: key, near })
  }
}

const sessionReferences = (capture: SourceNode): Reference[] =>
  [...textsIn(capture)]
    .flatMap(({ text }) => parseReferences(text).parts)
    .filter((part): part is Reference => typeof part === 'object' && part.scope === 'session')

/** An example's tag that no capture has is told only where every capture's tag can be read, or where it is nearly one of them. */
function compileExamples(work: Compilation, plans: readonly Plan[]): Example[] {
  const tags = [...new Set(plans.map(({ tag }) => tag).filter((tag) => tag !== ''))]
  const isSure = childOf(work.source.root, 'captures')?.kind === 'list' && plans.every(({ tag }) => tag !== '')
  const captures = itemsOf(childOf(work.source.root, 'captures'))
  return itemsOf(childOf(work.source.root, 'examples')).flatMap((node): Example | [] => {
    const tag = childOf(node, 'tag')
    const word = textOf(tag)
    if (!tag || !word) return []
    const plan = plans.find((candidate) => candidate.tag === word)
    if (!plan) {
      const near = suggest(word, tags)
      if (isSure || near.length) work.report('example/unknown-tag', tag, { word, known: tags, near })
      return []
    }
    const data = toData(node) as ExampleFile
    const capture = captures.find((one) => textOf(childOf(one, 'tag')) === word)
    if (capture) warnOfUnusedParameters(work, childOf(node, 'parameters'), capture)
    return {
      name: data.name,
      place: placeOf(work.at(node)),
      plan,
      parameters: data.parameters ?? {},
      sees: data.sees,
      missing: data.missing,
      answer: data.answer,
      file: work.source,
      node,
    }
  })
}

import type { ValueRule } from './detect.ts'
import type { NamedRule } from './diagnostic.ts'
import type { Arrangement, Example, Keyed, Plan, PlatformEntry, Variable, Visibility } from './plan.ts'
import type { ParameterRule, Policy } from './policy.ts'
import { neutralise, type Reference } from './reference.ts'
import type { Format, Mask } from './schema.ts'
import { lineAt, type Span } from './source.ts'
import { bitOf, EVERYBODY, NOBODY, SURFACES, type Surface, type SurfaceSet, surfaceSet, surfacesOf } from './surface.ts'
import { hasReference, namesOf, referencesIn, type Template } from './template.ts'

/** Who sees what, of all flow files: plain data, in the order of the files' paths and then of the files themselves. */
export interface Dictionary {
  readonly flows: readonly DictionaryFlow[]
  readonly parameters: readonly DictionaryParameter[]
  /** What each surface gets. */
  readonly surfaces: Readonly<Record<Surface, readonly VariableName[]>>
  readonly policy: DictionaryPolicy | undefined
}

/** One flow file. */
export interface DictionaryFlow {
  readonly file: string
  readonly flow: string
  readonly flowIds: readonly string[] | undefined
  readonly agentIds: readonly string[] | undefined
  readonly locale: string | undefined
  readonly captures: readonly DictionaryCapture[]
}

export interface DictionaryCapture {
  readonly tag: string
  readonly description: string | undefined
  readonly enabled: boolean
  readonly line: number
  readonly variables: readonly DictionaryVariable[]
  /** The names of its examples. */
  readonly examples: readonly string[]
  /** Values made of parameters that go to the platform itself and to no surface: what it does next. */
  readonly others: readonly OtherValue[]
  /** Session parameters that it sets to a value, and those that it clears. */
  readonly sets: readonly string[]
  readonly clears: readonly string[]
}

export interface DictionaryVariable {
  /** Counts through the dictionary, from 1. */
  readonly id: number
  readonly name: string
  readonly description: string | undefined
  readonly origin: Origin
  readonly format: Format
  readonly mask: Mask | undefined
  readonly fallback: { readonly value: unknown } | undefined
  readonly required: boolean
  readonly surfaces: Readonly<Record<Surface, Standing>>
  /** In the policy's order. */
  readonly rules: readonly AppliedRule[]
  readonly sample: Sample | undefined
  readonly line: number
}

/** What a value is made of; `answer` is the person's next answer, which never passes here. */
export interface Origin {
  readonly kind: 'parameters' | 'literal' | 'answer'
  /** As the flow file writes it; empty for an answer. */
  readonly text: string
  readonly parameters: readonly ReferencedParameter[]
}

export interface ReferencedParameter {
  /** As written, with its `$`. */
  readonly reference: string
  /** Of the parameter itself, whatever part of it is used. */
  readonly name: string
  /** The name in lower case, since Dialogflow's names have no case: what to find the parameter by. */
  readonly key: string
}

/** Whether a surface sees a variable, and whether the policy would let it. */
export interface Standing {
  readonly sees: boolean
  readonly allowed: boolean
}

export interface AppliedRule extends NamedRule {
  readonly surfaces: readonly Surface[]
  /** The names of this variable and of its parameters that the rule matches. */
  readonly names: readonly string[]
}

/** A value that an example expects a surface to see. */
export interface Sample {
  readonly example: string
  readonly surface: Surface
  readonly value: unknown
}

export interface OtherValue {
  /** With the keys that lead to it: `then.menu_id`. */
  readonly key: string
  readonly origin: Origin
}

/** A variable as other parts of the dictionary name it. */
export interface VariableName {
  readonly id: number
  readonly variable: string
  readonly tag: string
  readonly flow: string
  readonly file: string
  readonly enabled: boolean
}

/** A parameter by its own name, whatever part of it is used. */
export interface DictionaryParameter {
  readonly key: string
  /** As it is first written. */
  readonly name: string
  readonly uses: readonly ParameterUse[]
  readonly others: readonly OtherUse[]
  readonly surfaces: readonly Surface[]
  /** Two captures show it to different surfaces. */
  readonly differs: boolean
}

export interface ParameterUse extends VariableName {
  readonly references: readonly string[]
  readonly surfaces: readonly Surface[]
}

export interface OtherUse {
  readonly key: string
  readonly tag: string
  readonly flow: string
  readonly file: string
}

export interface DictionaryPolicy {
  readonly file: string
  readonly rules: readonly DictionaryRule[]
  /** What is looked for in every value that leaves. */
  readonly values: readonly ValueRule[]
}

export interface DictionaryRule extends NamedRule {
  readonly surfaces: readonly Surface[]
  /** What it applies to. */
  readonly variables: readonly VariableName[]
}

/** What a dictionary is made from; `texts` are the flow files by their paths. */
export interface Project {
  readonly plans: readonly Plan[]
  readonly policy: Policy
  readonly examples: readonly Example[]
  readonly texts: ReadonlyMap<string, string>
}

/** A variable with what it stands in. */
export interface DictionaryRow {
  readonly flow: DictionaryFlow
  readonly capture: DictionaryCapture
  readonly variable: DictionaryVariable
}

export function dictionaryOf(project: Project): Dictionary {
  const flows = new FlowReader(project).flows()
  const rows = rowsOf(flows)
  const gets = SURFACES.map((surface) => [
    surface,
    rows.filter(({ variable }) => variable.surfaces[surface].sees).map(nameOf),
  ])
  return {
    flows,
    parameters: parametersOf(flows, rows),
    surfaces: Object.fromEntries(gets) as Dictionary['surfaces'],
    policy: policyOf(project.policy, rows),
  }
}

/** All variables, in order. */
export const rowsOf = (flows: readonly DictionaryFlow[]): DictionaryRow[] =>
  flows.flatMap((flow) =>
    flow.captures.flatMap((capture) => capture.variables.map((variable) => ({ flow, capture, variable }))),
  )

export const seenBy = ({ surfaces }: DictionaryVariable): Surface[] =>
  SURFACES.filter((surface) => surfaces[surface].sees)

const nameOf = ({ flow, capture, variable }: DictionaryRow): VariableName => ({
  id: variable.id,
  variable: variable.name,
  tag: capture.tag,
  flow: flow.flow,
  file: flow.file,
  enabled: capture.enabled,
})

// ---- flow files

class FlowReader {
  readonly #project: Project
  #ids = 0

  constructor(project: Project) {
    this.#project = project
  }

  flows(): DictionaryFlow[] {
    const byFile = new Map<string, Plan[]>()
    for (const plan of this.#project.plans) {
      const { file } = plan.place
      byFile.set(file, [...(byFile.get(file) ?? []), plan])
    }
    return [...byFile].sort(byKey).flatMap(([file, plans]) => this.#flow(file, plans))
  }

  #flow(file: string, plans: readonly Plan[]): DictionaryFlow[] {
    return plans.slice(0, 1).map(({ flow, flowIds, agentIds, locale }) => ({
      file,
      flow,
      flowIds,
      agentIds,
      locale,
      captures: plans.map((plan) => this.#capture(plan)),
    }))
  }

  #capture(plan: Plan): DictionaryCapture {
    const { tag, description, enabled, place, arrangement, setParameters = {} } = plan
    const examples = this.#project.examples.filter((example) => example.plan === plan)
    const named = Object.keys(setParameters)
    return {
      tag,
      description,
      enabled,
      line: place.line,
      variables: [
        ...plan.variables.map((variable) => this.#variable(variable, place.file, examples)),
        ...this.#answer(arrangement, place.file),
      ],
      examples: examples.map(({ name }) => name),
      others: othersOf(arrangement).map(([key, template]) => ({ key, origin: originOf(template) })),
      sets: named.filter((name) => setParameters[name] !== null),
      clears: named.filter((name) => setParameters[name] === null),
    }
  }

  #variable(variable: Variable, file: string, examples: readonly Example[]): DictionaryVariable {
    const { key, description, template, format, mask, fallback, required, surfaces } = variable
    return {
      id: ++this.#ids,
      name: key,
      description,
      origin: originOf(template),
      format,
      mask,
      fallback,
      required,
      ...this.#limits(variable, namesOf(variable)),
      sample: sampleOf(key, surfaces, examples),
      line: this.#line(file, variable.span),
    }
  }

  #answer(arrangement: Arrangement, file: string): DictionaryVariable[] {
    const answer = arrangement.form === 'platform' ? arrangement.answer : undefined
    if (!answer) return []
    return [
      {
        id: ++this.#ids,
        name: answer.key,
        description: undefined,
        origin: { kind: 'answer', text: '', parameters: [] },
        format: 'raw',
        mask: undefined,
        fallback: undefined,
        required: false,
        ...this.#limits(answer, [answer.key]),
        sample: undefined,
        line: this.#line(file, answer.span),
      },
    ]
  }

  #limits({ surfaces }: Visibility, names: Iterable<string>): Pick<DictionaryVariable, 'surfaces' | 'rules'> {
    const { policy } = this.#project
    const matched = new Map<ParameterRule, string[]>()
    for (const name of names)
      for (const rule of policy.rulesFor(name)) matched.set(rule, [...(matched.get(rule) ?? []), name])
    const rules = policy.rules.filter((rule) => matched.has(rule))
    const limit = rules.reduce((set, rule) => set & rule.surfaces, EVERYBODY)
    return {
      surfaces: standings(surfaces, limit),
      rules: rules.map((rule) => ({ ...plainRule(rule), names: matched.get(rule) ?? [] })),
    }
  }

  #line(file: string, span: Span): number {
    return lineAt(this.#project.texts.get(file) ?? '', span.start)
  }
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0)

function standings(seen: SurfaceSet, limit: SurfaceSet): DictionaryVariable['surfaces'] {
  const all = SURFACES.map((surface): [Surface, Standing] => {
    const bit = bitOf(surface)
    return [surface, { sees: (seen & bit) !== 0, allowed: (limit & bit) !== 0 }]
  })
  return Object.fromEntries(all) as DictionaryVariable['surfaces']
}

/** The agent's view of it is the first choice. */
function sampleOf(key: string, seen: SurfaceSet, examples: readonly Example[]): Sample | undefined {
  for (const surface of surfacesOf(seen))
    for (const { name, sees } of examples) {
      const view = sees?.[surface]
      if (view && Object.hasOwn(view, key)) return { example: name, surface, value: view[key] }
    }
  return undefined
}

// ---- what values are made of

function originOf(template: Template): Origin {
  const names = new Map([...referencesIn(template)].map((reference) => [`$${reference.text}`, rootOf(reference)]))
  return {
    kind: names.size ? 'parameters' : 'literal',
    text: textOf(written(template)),
    parameters: [...names].map(([reference, name]) => ({ reference, name, key: name.toLowerCase() })),
  }
}

/** Text as it is, anything else as JSON. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** The template as the flow file writes it, but for a `$$`: literal text stands as it is sent, and is no reference. */
function written(template: Template): unknown {
  switch (template.kind) {
    case 'literal':
      return typeof template.value === 'string' ? neutralise(template.value) : template.value
    case 'reference':
      return `$${template.reference.text}`
    case 'text':
      return template.parts.map((part) => (typeof part === 'string' ? neutralise(part) : `$${part.text}`)).join('')
    case 'list':
      return template.items.map(written)
    case 'map':
      return Object.fromEntries(template.entries.map(([key, entry]) => [key, written(entry)]))
  }
}

/** Dialogflow writes what a form or an intent collects to the session parameter of the same name: they are one parameter. */
function rootOf({ scope, text, readings }: Reference): string {
  const name = readings.at(-1)?.name
  if (name === undefined) return `$${text}`
  return scope === 'payload' ? `$request.payload.${name}` : name
}

type Placed = readonly [key: string, template: Template]

/** What goes out beside the variables and is made of parameters. */
function othersOf(arrangement: Arrangement): Placed[] {
  const all: Placed[] =
    arrangement.form === 'platform'
      ? arrangement.ujet.flatMap((entry) => placedIn(entry, 'ujet'))
      : (arrangement.then?.entries ?? []).map((keyed) => placed(keyed, 'then'))
  return all.filter(([, template]) => hasReference(template))
}

const placed = ({ key, template }: Keyed, place: string): Placed => [`${place}.${key}`, template]

function placedIn(entry: PlatformEntry, place: string): Placed[] {
  if (entry.kind === 'value') return [placed(entry.value, place)]
  if (entry.kind === 'session_variable')
    return entry.entries.flatMap((inner) => placedIn(inner, `${place}.session_variable`))
  return []
}

// ---- parameters

interface Gathered {
  readonly name: string
  readonly uses: ParameterUse[]
  readonly others: OtherUse[]
  readonly captures: Map<DictionaryCapture, SurfaceSet>
}

function parametersOf(flows: readonly DictionaryFlow[], rows: readonly DictionaryRow[]): DictionaryParameter[] {
  const found = new Map<string, Gathered>()
  for (const row of rows) gatherUses(found, row)
  for (const flow of flows)
    for (const capture of flow.captures) for (const other of capture.others) gatherOther(found, flow, capture, other)
  return [...found].sort(byKey).map(([key, { name, uses, others, captures }]) => ({
    key,
    name,
    uses,
    others,
    surfaces: surfacesOf([...captures.values()].reduce((all, set) => all | set, NOBODY)),
    differs: new Set(captures.values()).size > 1,
  }))
}

function gatherUses(found: Map<string, Gathered>, row: DictionaryRow): void {
  const surfaces = seenBy(row.variable)
  for (const { name, references } of grouped(row.variable.origin)) {
    const { uses, captures } = gathered(found, name)
    uses.push({ ...nameOf(row), references, surfaces })
    captures.set(row.capture, (captures.get(row.capture) ?? NOBODY) | surfaceSet(surfaces))
  }
}

function gatherOther(
  found: Map<string, Gathered>,
  { flow, file }: DictionaryFlow,
  { tag }: DictionaryCapture,
  { key, origin }: OtherValue,
): void {
  for (const { name } of grouped(origin)) gathered(found, name).others.push({ key, tag, flow, file })
}

/** The parameters of a value, each once. */
function grouped({ parameters }: Origin): { name: string; references: string[] }[] {
  const groups = new Map<string, { name: string; references: string[] }>()
  for (const { key, name, reference } of parameters) {
    const group = groups.get(key) ?? { name, references: [] }
    group.references.push(reference)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function gathered(found: Map<string, Gathered>, name: string): Gathered {
  const key = name.toLowerCase()
  const one = found.get(key) ?? { name, uses: [], others: [], captures: new Map() }
  found.set(key, one)
  return one
}

// ---- policy

function policyOf(policy: Policy, rows: readonly DictionaryRow[]): DictionaryPolicy | undefined {
  if (policy.file === undefined) return undefined
  return {
    file: insideFolder(policy.file),
    rules: policy.rules.map((rule) => ({ ...plainRule(rule), variables: under(rule, rows) })),
    values: policy.values.map(({ detect, action }) => ({ detect, action })),
  }
}

const under = ({ pattern, line }: ParameterRule, rows: readonly DictionaryRow[]): VariableName[] =>
  rows
    .filter(({ variable }) => variable.rules.some((rule) => rule.pattern === pattern && rule.line === line))
    .map(nameOf)

const plainRule = ({ pattern, line, reason, surfaces }: ParameterRule): Omit<AppliedRule, 'names'> => ({
  pattern,
  line,
  reason,
  surfaces: surfacesOf(surfaces),
})

/** Where a policy outside the folder lies differs from one computer to the next; its name does not. */
const insideFolder = (path: string): string =>
  /^(?:\.\.\/|\/|[A-Za-z]:)/.test(path) ? path.slice(path.lastIndexOf('/') + 1) : path

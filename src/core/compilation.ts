import {
  type At,
  type Code,
  type Diagnostic,
  diagnose,
  type Findings,
  type NamedRule,
  type Related,
} from './diagnostic.ts'
import type { ParameterRule, Policy } from './policy.ts'
import { neutralise, parseReferences, type Reference, referenceWithoutDollar } from './reference.ts'
import {
  entriesOf,
  itemsOf,
  type MapEntry,
  nodeAt,
  type SourceFile,
  type SourceNode,
  type Span,
  toData,
} from './source.ts'
import { EVERYBODY, NOBODY, type SurfaceSet, surfacesOf } from './surface.ts'
import { compileTemplate, referencesIn, type Template } from './template.ts'

export const textOf = (node: SourceNode | undefined): string | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined

export const isTrue = (node: SourceNode | undefined): boolean => node?.kind === 'scalar' && node.value === true

/** Every text below a node, values only. */
export function* textsIn(node: SourceNode): Generator<{ text: string; span: Span }> {
  const text = textOf(node)
  if (text !== undefined) yield { text, span: node }
  for (const item of itemsOf(node)) yield* textsIn(item)
  for (const { value } of entriesOf(node)) yield* textsIn(value)
}

/** Every entry of the maps below a node. */
function* entriesBelow(node: SourceNode): Generator<MapEntry> {
  for (const item of itemsOf(node)) yield* entriesBelow(item)
  for (const entry of entriesOf(node)) {
    yield entry
    yield* entriesBelow(entry.value)
  }
}

/** The compilation of one file: its policy, and the list to which everything that is wrong with it goes. */
export class Compilation {
  readonly source: SourceFile
  readonly policy: Policy
  readonly diagnostics: Diagnostic[] = []

  constructor(source: SourceFile, policy: Policy) {
    this.source = source
    this.policy = policy
  }

  report<C extends Code>(code: C, span: Span, finding: Findings[C], related: readonly Related[] = []): void {
    this.diagnostics.push(diagnose(code, this.at(span), finding, related))
  }

  at(span: Span): At {
    return { file: this.source, span }
  }

  template(node: SourceNode): Template {
    for (const { text, span } of textsIn(node)) {
      const bare = referenceWithoutDollar(text)
      if (bare !== undefined) this.report('reference/without-dollar', span, { text: bare })
    }
    return compileTemplate(toData(node), ({ code, text, advice }, path) =>
      this.report(code, nodeAt(node, path) ?? node, { text, advice }),
    )
  }

  /** A literal: text that looks like a reference is sent as text. */
  literal(node: SourceNode, place: string): unknown {
    for (const { text, span } of textsIn(node))
      if (neutralise(text) !== text) this.report('reference/not-resolved', span, { place })
    return toData(node)
  }

  /** Holds the policy's rules against a variable: its own name, and every name on the path of its references. */
  checkVisible(variable: string, span: Span, references: Iterable<Reference>, surfaces: SurfaceSet): void {
    const all = [...references]
    const names = new Set([variable, ...all.flatMap((reference) => reference.names)])
    const broken = new Set(
      [...names].flatMap((name) => this.policy.rulesFor(name).filter((rule) => surfaces & ~rule.surfaces)),
    )
    if (broken.size === 0) return
    const rules = [...broken]
    const seen = rules.reduce((set, rule) => set | (surfaces & ~rule.surfaces), 0)
    const places = new Set(rules.map(({ place }) => place))
    const related = [...places].map((place) => ({ ...place, message: 'the policy rule is here' }))
    this.report(
      'policy/too-visible',
      span,
      {
        variable,
        surfaces: surfacesOf(seen),
        rules: rules.map(nameOfRule),
        parts: all.length > 1 ? partsUnder(broken, all, this.policy) : [],
        nobody: rules.reduce((set, rule) => set & rule.surfaces, EVERYBODY) === NOBODY,
      },
      related,
    )
  }

  /** A parameter under a rule may stand in no value but a variable's, and session variables nowhere else: nobody says there who sees them. */
  checkOutside(node: SourceNode, place: string): void {
    for (const { key, keySpan } of entriesBelow(node))
      if (key.toLowerCase() === 'session_variable') this.report('visibility/nested', keySpan, { place })
    for (const { text, span } of textsIn(node)) {
      const references = parseReferences(text).parts.filter((part) => typeof part === 'object')
      for (const reference of references) {
        const rule = reference.names.flatMap((name) => this.policy.rulesFor(name))[0]
        if (!rule) continue
        const related = [{ ...rule.place, message: 'the policy rule is here' }]
        this.report(
          'policy/outside-variables',
          span,
          { parameter: `$${reference.text}`, place, rule: nameOfRule(rule) },
          related,
        )
        break
      }
    }
  }
}

/** Those references that the rules are about. */
function partsUnder(rules: ReadonlySet<ParameterRule>, references: readonly Reference[], policy: Policy): string[] {
  const isUnder = ({ names }: Reference): boolean =>
    names.some((name) => policy.rulesFor(name).some((rule) => rules.has(rule)))
  return [...new Set(references.filter(isUnder).map(({ text }) => `$${text}`))]
}

const nameOfRule = ({ pattern, line, reason }: NamedRule): NamedRule => ({ pattern, line, reason })

export const allReferences = (templates: readonly Template[]): Reference[] =>
  templates.flatMap((template) => [...referencesIn(template)])

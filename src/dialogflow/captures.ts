import { textsIn } from '../core/compilation.ts'
import type { Place } from '../core/diagnostic.ts'
import { placeOf } from '../core/diagnostic.ts'
import type { Plan } from '../core/plan.ts'
import { SESSION_VARIABLE_KEYS } from '../core/platform-keys.ts'
import { parseReferences, type Reference } from '../core/reference.ts'
import { isLongThenKey } from '../core/schema.ts'
import { childOf, entriesOf, itemsOf, type SourceFile, type SourceNode, type Span, toData } from '../core/source.ts'

/** A capture as it is written, beside what it was compiled to. */
export interface CaptureNode {
  readonly source: SourceFile
  readonly node: SourceNode
  readonly tag: SourceNode
  readonly plan: Plan
}

/** A reference, and where it stands. */
export interface Use {
  readonly reference: Reference
  readonly span: Span
}

/** The captures of all files with their plans, which know the place of their tag. */
export function capturesIn(sources: readonly SourceFile[], plans: readonly Plan[]): CaptureNode[] {
  const byPlace = new Map(plans.map((plan) => [keyOf(plan.place), plan]))
  return sources.flatMap((source) =>
    itemsOf(childOf(source.root, 'captures')).flatMap((node): CaptureNode | [] => {
      const tag = childOf(node, 'tag')
      const plan = tag && byPlace.get(keyOf(placeOf({ file: source, span: tag })))
      return plan ? { source, node, tag, plan } : []
    }),
  )
}

const keyOf = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** Every reference in a capture's values, each at its own letters. */
export function* referencesOf({ source, node }: CaptureNode): Generator<Use> {
  for (const value of valuesIn(node))
    for (const { text, span } of textsIn(value))
      for (const part of parseReferences(text).parts)
        if (typeof part === 'object') yield { reference: part, span: spanOfReference(source, span, part) }
}

/** The nodes whose texts may hold references. */
function* valuesIn(capture: SourceNode): Generator<SourceNode> {
  for (const { value } of entriesOf(childOf(capture, 'variables'))) yield value.kind === 'map' ? from(value) : value
  for (const { value } of entriesOf(childOf(capture, 'then'))) yield isLongThenKey(toData(value)) ? from(value) : value
  for (const { key, value } of entriesOf(childOf(capture, 'ujet')))
    if (key !== 'session_variable') yield value
    else for (const inner of entriesOf(value)) if (!LITERALS.has(inner.key)) yield inner.value
}

const LITERALS: ReadonlySet<string> = new Set(SESSION_VARIABLE_KEYS.filter((key) => key !== 'payload'))

const from = (long: SourceNode): SourceNode => childOf(long, 'from') ?? long

function spanOfReference({ text }: SourceFile, span: Span, reference: Reference): Span {
  const written = `$${reference.text}`
  const start = text.indexOf(written, span.start)
  const isInside = start >= 0 && start + written.length <= span.end
  return isInside ? { start, end: start + written.length } : span
}

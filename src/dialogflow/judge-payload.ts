import { compileFlow } from '../core/compile-flow.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { Plan } from '../core/plan.ts'
import type { Policy } from '../core/policy.ts'
import {
  childOf,
  entryOf,
  type MapEntry,
  rangeOf,
  type SourceFile,
  type SourceNode,
  type Span,
} from '../core/source.ts'
import type { AgentModel, PlacedPayload } from './agent-model.ts'

export interface JudgedPayload {
  readonly payload: PlacedPayload
  /** The word `session_variable` of the payload. */
  readonly key: Span
  /** What would answer for it. */
  readonly plan: Plan
  /** What would be wrong with it. */
  readonly diagnostics: readonly Diagnostic[]
}

/** What would be said of the agent's payloads if they stood in a flow file; those that hand over no variable are left out. */
export function judgePayloads({ payloads, source }: AgentModel, policy: Policy): JudgedPayload[] {
  const handing = payloads.flatMap((payload) => {
    const node = childOf(payload.standing.node, 'ujet')
    const key = entryOf(node, 'session_variable')?.keySpan
    return node && key ? { payload, node, key } : []
  })
  const file = asFlowFile(
    source,
    handing.map(({ node }) => node),
  )
  const { plans, diagnostics } = compileFlow(file, policy)
  const byLine = new Map<number, Diagnostic[]>()
  for (const one of diagnostics) byLine.set(one.line, [...(byLine.get(one.line) ?? []), one])
  return handing.flatMap(({ payload, node, key }, i): JudgedPayload | [] => {
    const plan = plans[i]
    return plan ? { payload, key, plan, diagnostics: within(node, source, byLine) } : []
  })
}

/** Each payload has lines of its own. */
function within(node: SourceNode, source: SourceFile, byLine: ReadonlyMap<number, Diagnostic[]>): Diagnostic[] {
  if (byLine.size === 0) return []
  const { line, endLine } = rangeOf(source, node)
  return Array.from({ length: endLine - line + 1 }, (_, i) => byLine.get(line + i) ?? []).flat()
}

/** The smallest flow file around payloads, in which everything but them has no extent. */
function asFlowFile(source: SourceFile, ujets: readonly SourceNode[]): SourceFile {
  const span = { start: 0, end: 0 }
  const text = (value: string): SourceNode => ({ kind: 'scalar', value, ...span })
  const entry = (key: string, value: SourceNode): MapEntry => ({ key, keySpan: span, value })
  const captures = ujets.map((ujet): SourceNode => {
    const { start, end } = ujet
    return { kind: 'map', start, end, entries: [entry('tag', text('payload')), entry('ujet', ujet)] }
  })
  const list: SourceNode = { kind: 'list', ...span, items: captures }
  return { ...source, root: { kind: 'map', ...span, entries: [entry('flow', text('agent')), entry('captures', list)] } }
}

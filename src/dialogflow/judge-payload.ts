import { compileFlow } from '../core/compile-flow.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { Plan } from '../core/plan.ts'
import type { Policy } from '../core/policy.ts'
import { childOf, entryOf, rangeOf, type SourceFile, type SourceNode, type Span } from '../core/source.ts'
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
  const { plans, diagnostics } = compileFlow(source, policy)
  const byLine = new Map<number, Diagnostic[]>()
  for (const one of diagnostics) byLine.set(one.line, [...(byLine.get(one.line) ?? []), one])
  return payloads.flatMap((payload, i): JudgedPayload | [] => {
    const node = childOf(payload.standing.node, 'ujet')
    const key = entryOf(node, 'session_variable')?.keySpan
    const plan = plans[i]
    return node && key && plan ? { payload, key, plan, diagnostics: within(node, source, byLine) } : []
  })
}

/** Each payload has lines of its own. */
function within(node: SourceNode, source: SourceFile, byLine: ReadonlyMap<number, Diagnostic[]>): Diagnostic[] {
  if (byLine.size === 0) return []
  const { line, endLine } = rangeOf(source, node)
  return Array.from({ length: endLine - line + 1 }, (_, i) => byLine.get(line + i) ?? []).flat()
}

import type { Plan } from '../core/plan.ts'
import type { Policy } from '../core/policy.ts'
import { AgentModel } from './agent-model.ts'
import { planImport } from './plan-import.ts'
import type { AgentSnapshot } from './snapshot.ts'

/** A place in the agent where something must be typed for a capture to be called. */
export interface Gap {
  /** Undefined where nobody but the designer can say. */
  readonly place: string | undefined
  readonly tag: string | undefined
  readonly lacks: string
}

/** The fulfillments that lack the webhook or the tag: what is left to do in the console. */
export function findGaps(snapshot: AgentSnapshot, plans: readonly Plan[], policy: Policy, webhook: string): Gap[] {
  const { calls } = new AgentModel(snapshot)
  const tags = new Set(plans.map(({ tag }) => tag))
  const imported = planImport(snapshot, { policy, tags, webhook }).known
  const gaps: Gap[] = []
  for (const { place, tag, isCalled } of imported)
    gaps.push({
      place,
      tag,
      lacks: isCalled ? 'the typed payload must go' : 'the webhook and the tag, in place of the typed payload',
    })
  for (const { standing, tag, webhook: called } of calls) {
    const { place } = standing
    if (called === undefined && tag !== undefined && tags.has(tag)) gaps.push({ place, tag, lacks: 'the webhook' })
    if (called === webhook && tag === undefined) gaps.push({ place, tag, lacks: 'the tag' })
  }
  const sent = new Set([...calls.filter((call) => call.webhook === webhook), ...gaps].map(({ tag }) => tag))
  for (const tag of tags) if (!sent.has(tag)) gaps.push({ place: undefined, tag, lacks: 'a fulfillment that sends it' })
  return gaps
}

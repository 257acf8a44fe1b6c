import { AgentModel } from './agent-model.ts'
import type { CheckedFlows } from './check-agent.ts'
import { planImport } from './plan-import.ts'
import type { AgentSnapshot } from './snapshot.ts'

/** A place in the agent where something must be typed for a capture to be called. */
export interface Gap {
  /** Undefined where nobody but the designer can say. */
  readonly place: string | undefined
  readonly tag: string | undefined
  /** Said of the place: what it lacks, or holds too much. */
  readonly state: string
}

/** The fulfillments that lack the webhook or the tag: what is left to do in the console. */
export function findGaps(snapshot: AgentSnapshot, flows: CheckedFlows, webhook: string): Gap[] {
  const { calls } = new AgentModel(snapshot)
  const tags = new Set(flows.plans.map(({ tag }) => tag))
  const imported = planImport(snapshot, flows, webhook).known
  const gaps: Gap[] = []
  for (const { place, tag, isCalled, differs } of imported) {
    const state = isCalled
      ? 'holds the typed payload still, which must go'
      : 'lacks the webhook and the tag, in place of the typed payload'
    gaps.push({ place, tag, state: differs === undefined ? state : `${state}; but ${differs}` })
  }
  for (const { standing, tag, webhook: called } of calls) {
    const { place } = standing
    if (called === undefined && tag !== undefined && tags.has(tag))
      gaps.push({ place, tag, state: 'lacks the webhook' })
    if (called === webhook && tag === undefined) gaps.push({ place, tag, state: 'lacks the tag' })
  }
  const sent = new Set([...calls.filter((call) => call.webhook === webhook), ...gaps].map(({ tag }) => tag))
  for (const tag of tags)
    if (!sent.has(tag)) gaps.push({ place: undefined, tag, state: 'lacks a fulfillment that sends it' })
  return gaps
}

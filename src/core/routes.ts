import { type Diagnostic, diagnoseAt } from './diagnostic.ts'
import type { Plan } from './plan.ts'

/** Every capture of all flow files, by tag and then by agent and flow id; `*` stands for any. */
export type Routes = ReadonlyMap<string, ReadonlyMap<string, Plan>>

const ANY = '*'
const keyOf = (agent: string, flow: string): string => `${agent}/${flow}`

/** Builds the table that a request is looked up in; two captures for the same ids and tag are a mistake. */
export function buildRoutes(plans: readonly Plan[]): { routes: Routes; diagnostics: Diagnostic[] } {
  const routes = new Map<string, Map<string, Plan>>()
  const diagnostics: Diagnostic[] = []
  for (const plan of plans) {
    const { tag, flowIds = [ANY], agentIds = [ANY] } = plan
    const keys = agentIds.flatMap((agent) => flowIds.map((flow) => keyOf(agent, flow)))
    const byIds = routes.get(tag) ?? new Map<string, Plan>()
    routes.set(tag, byIds)
    const first = keys.map((key) => byIds.get(key)).find((other) => other !== undefined)
    if (first)
      diagnostics.push(
        diagnoseAt('route/duplicate', plan.place, { tag }, [{ ...first.place, message: 'first captured here' }]),
      )
    for (const key of keys) if (!byIds.has(key)) byIds.set(key, plan)
  }
  return { routes, diagnostics }
}

/** The capture that answers a tag: the most specific whose ids fit; both, flow, agent, none. */
export function findPlan(
  routes: Routes,
  tag: string,
  agentId: string | undefined,
  flowId: string | undefined,
): Plan | undefined {
  const byIds = routes.get(tag)
  if (!byIds) return undefined
  const agent = agentId?.toLowerCase() ?? ANY
  const flow = flowId?.toLowerCase() ?? ANY
  return (
    byIds.get(keyOf(agent, flow)) ??
    byIds.get(keyOf(ANY, flow)) ??
    byIds.get(keyOf(agent, ANY)) ??
    byIds.get(keyOf(ANY, ANY))
  )
}

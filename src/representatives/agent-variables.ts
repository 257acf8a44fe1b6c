import { checkMessages } from '../core/check.ts'
import { screenValue } from '../core/detect.ts'
import { type JsonMap, put } from '../core/json.ts'
import type { Policy } from '../core/policy.ts'
import { EVERYBODY } from '../core/surface.ts'
import { sessionVariablesOf, surfaceViews, visibleSurfaces } from '../core/visibility.ts'

/**
 * The session variables that humans may have after an answer: of those it names, what its own payloads show the agent surface and the
 * policy allows there, and nothing else. A payload that was typed into the console went past the policy: here it does not.
 */
export function agentVariables(before: JsonMap, ujets: readonly JsonMap[], policy: Policy): JsonMap {
  const named = new Set(
    sessionVariablesOf(ujets).flatMap((sessionVariable) => [...visibleSurfaces(sessionVariable).keys()]),
  )
  const everything = new Map([...named].map((key) => [key, EVERYBODY]))
  const forbidden = new Set(
    checkMessages(ujets, everything, policy)
      .filter(({ surfaces }) => surfaces.includes('agent'))
      .map(({ variable }) => variable),
  )
  const after: JsonMap = {}
  for (const [key, value] of Object.entries(before)) if (!named.has(key)) put(after, key, value)
  for (const [key, value] of Object.entries(surfaceViews(ujets).agent)) {
    const { value: screened, dropped } = screenValue(value, policy.values)
    if (!forbidden.has(key) && !dropped) put(after, key, screened)
  }
  return after
}

/** The platform's actions that end with a human, and what of them tells which one. */
const HANDOFFS: ReadonlySet<unknown> = new Set(['escalation', 'direct'])
const ROUTING = ['escalation_reason', 'menu_id', 'language', 'agent_extension', 'agent_id', 'fallback_menu'] as const

/** Whom an answer asks for; undefined where it does not. Only what is known to tell the way is handed on, and the detectors see it too. */
export function handoffIn(ujets: readonly JsonMap[], { values }: Policy): JsonMap | undefined {
  const action = ujets.find((ujet) => HANDOFFS.has(ujet.action))
  if (!action) return undefined
  const handoff: JsonMap = {}
  for (const key of ROUTING) {
    if (!['string', 'number'].includes(typeof action[key])) continue
    const { value, dropped } = screenValue(action[key], values)
    if (!dropped) handoff[key] = value
  }
  return handoff
}

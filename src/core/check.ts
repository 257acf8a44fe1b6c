import { isMap } from './json.ts'
import type { Policy } from './policy.ts'
import { NOBODY, type Surface, type SurfaceSet, surfacesOf } from './surface.ts'
import { sessionVariablesOf, visibleSurfaces } from './visibility.ts'

/** A value that an answer would show where it may not be shown. */
export interface Violation {
  readonly variable: string
  readonly surfaces: readonly Surface[]
}

/**
 * The check before sending. From the `ujet` objects about to leave it works out who would see what, as the union over all of
 * them, and compares that with what the file declares and what the policy allows. It knows nothing of how they were made.
 */
export function checkMessages(
  ujets: readonly unknown[],
  declared: ReadonlyMap<string, SurfaceSet>,
  policy: Policy,
): Violation[] {
  const excess = new Map<string, SurfaceSet>()
  for (const sessionVariable of sessionVariablesOf(ujets)) {
    const payload = isMap(sessionVariable.payload) ? sessionVariable.payload : undefined
    for (const [key, seen] of visibleSurfaces(sessionVariable)) {
      const allowed = (declared.get(key) ?? NOBODY) & policy.limitOf(key)
      const inside =
        policy.rules.length && payload && Object.hasOwn(payload, key)
          ? excessInside(payload[key], seen, policy)
          : NOBODY
      const beyond = (seen & ~allowed) | inside
      if (beyond) excess.set(key, (excess.get(key) ?? NOBODY) | beyond)
    }
  }
  return [...excess].map(([variable, surfaces]) => ({ variable, surfaces: surfacesOf(surfaces) }))
}

/** The surfaces that would see a key, at any depth, which a rule keeps from them. */
function excessInside(value: unknown, seen: SurfaceSet, policy: Policy): SurfaceSet {
  if (typeof value !== 'object' || value === null) return NOBODY
  let beyond = NOBODY
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value)) beyond |= seen & ~policy.limitOf(key)
    beyond |= excessInside(item, seen, policy)
  }
  return beyond
}

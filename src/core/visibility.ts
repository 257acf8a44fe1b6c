import { isMap, type JsonMap, put } from './json.ts'
import { bitOf, NOBODY, type Surface, type SurfaceSet, surfaceSet, surfacesOf } from './surface.ts'

const words = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** What each surface of the platform gets from one `session_variable`: each key of its payload, and its `capture_key`, with the surfaces that see it. */
export function visibleSurfaces(sessionVariable: JsonMap): Map<string, SurfaceSet> {
  const { payload, capture_type, capture_key, invisible_to_agent, invisible_to_adapter_events } = sessionVariable
  const captured = surfaceSet(words(capture_type))
  const fromAgent = words(invisible_to_agent)
  const fromEvents = words(invisible_to_adapter_events)
  const keys = isMap(payload) ? Object.keys(payload) : []
  if (typeof capture_key === 'string') keys.push(capture_key)
  const table = new Map<string, SurfaceSet>()
  for (const key of keys) {
    const hidden = (fromAgent.includes(key) ? HIDDEN_WITH_AGENT : NOBODY) | (fromEvents.includes(key) ? EVENT : NOBODY)
    table.set(key, captured & ~hidden)
  }
  return table
}

const EVENT = bitOf('event')
/** The platform keeps what is invisible to the agent out of the CRM too. */
const HIDDEN_WITH_AGENT = bitOf('agent') | bitOf('comment')

/** What each surface gets from an answer's `ujet` objects; a key that waits for the person's answer has no value yet. */
export function surfaceViews(ujets: readonly unknown[]): Record<Surface, JsonMap> {
  const views: Record<Surface, JsonMap> = { agent: {}, comment: {}, event: {}, data_parameters: {} }
  for (const sessionVariable of sessionVariablesOf(ujets)) {
    const { payload } = sessionVariable
    if (!isMap(payload)) continue
    for (const [key, seen] of visibleSurfaces(sessionVariable))
      if (Object.hasOwn(payload, key)) for (const surface of surfacesOf(seen)) put(views[surface], key, payload[key])
  }
  return views
}

export function sessionVariablesOf(ujets: readonly unknown[]): JsonMap[] {
  return ujets.map((ujet) => (isMap(ujet) ? ujet.session_variable : undefined)).filter(isMap)
}

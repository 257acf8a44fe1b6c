import { isMap, type JsonMap, put } from '../core/json.ts'
import { bitOf } from '../core/surface.ts'
import { sessionVariablesOf, visibleSurfaces } from '../core/visibility.ts'
import type { CapturedVariables, TaskVaJoined, TaskVaVariablesReceived } from './post-event.ts'

/**
 * What post events would carry of an answer's `ujet` objects: an entry for each payload with `event` in its `capture_type`, without
 * the keys that events may not have. The vendor's samples show two captures as two entries; that each payload makes one is inferred.
 */
export function capturedVariables(ujets: readonly unknown[], at: Date): CapturedVariables[] {
  const when = { captured_at: `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`, timestamp: secondsOf(at) }
  return sessionVariablesOf(ujets).flatMap((sessionVariable) => {
    const variables = eventVariables(sessionVariable)
    return variables ? { intent_name: null, variables, ...when } : []
  })
}

/** The event that an answer would cause in a session; undefined where no payload is for events. */
export function variablesReceived(
  ujets: readonly unknown[],
  session: TaskVaJoined['data'],
  at: Date,
): TaskVaVariablesReceived | undefined {
  const captured_variables = capturedVariables(ujets, at)
  if (captured_variables.length === 0) return undefined
  return { type: 'Task_VA_Variables_Received', data: { ...session, timestamp: secondsOf(at), captured_variables } }
}

const EVENT = bitOf('event')

function eventVariables(sessionVariable: JsonMap): JsonMap | undefined {
  const { payload, capture_type } = sessionVariable
  if (!isMap(payload) || !Array.isArray(capture_type) || !capture_type.includes('event')) return undefined
  const variables: JsonMap = {}
  for (const [key, seen] of visibleSurfaces(sessionVariable))
    if (seen & EVENT && Object.hasOwn(payload, key)) put(variables, key, payload[key])
  return variables
}

const secondsOf = (at: Date): string => String(Math.floor(at.getTime() / 1000))

import type { Note } from '../core/build.ts'
import type { Violation } from '../core/check.ts'
import type { Configuration } from '../core/configuration.ts'
import { isMap } from '../core/json.ts'
import { ACTION_KEYS, SESSION_VARIABLE_KEYS } from '../core/platform-keys.ts'
import { type Surface, surfacesOf } from '../core/surface.ts'
import { sessionVariablesOf, visibleSurfaces } from '../core/visibility.ts'
import type { Ids } from './request.ts'

/** What a log line says of an answer: names out of our own files, ids, counts; never a value, and nothing of the request as it came. */
export interface AnswerEvent {
  configuration: string
  ids?: Ids
  tag?: string
  flow?: string
  /** For an unknown tag: the nearest ones of ours. */
  nearestTags?: readonly string[]
  /** The names of the variables that each surface gets. */
  variables?: Readonly<Partial<Record<Surface, readonly string[]>>>
  missing?: readonly string[]
  notes?: readonly Note[]
  violations?: readonly Violation[]
  /** Payloads that the console's messages carry already, around the policy: the platform's own key names, and how many others. */
  queuedUjet?: { readonly keys: readonly string[]; readonly otherKeys: number }
  answerBytes?: number
}

/** Who gets which variables, from the messages as sent. */
export function variablesBySurface(ujets: readonly unknown[]): NonNullable<AnswerEvent['variables']> {
  const seen: Partial<Record<Surface, string[]>> = {}
  for (const sessionVariable of sessionVariablesOf(ujets)) {
    for (const [key, set] of visibleSurfaces(sessionVariable))
      for (const surface of surfacesOf(set)) {
        seen[surface] ??= []
        seen[surface].push(key)
      }
  }
  return seen
}

const PLATFORM_KEYS: ReadonlySet<string> = new Set([...ACTION_KEYS, 'session_variable', ...SESSION_VARIABLE_KEYS])

/** The keys of `ujet` payloads among the messages that were queued before this webhook was called. */
export function queuedUjet(messages: readonly unknown[], configuration: Configuration): AnswerEvent['queuedUjet'] {
  const keys = new Set<string>()
  let others = 0
  for (const message of messages) {
    const payload = isMap(message) ? message.payload : undefined
    const ujet = isMap(payload) ? payload.ujet : undefined
    if (!isMap(ujet)) continue
    for (const key of [...Object.keys(ujet), ...sessionVariableKeys(ujet.session_variable)]) {
      if (PLATFORM_KEYS.has(key) || configuration.variables.has(key)) keys.add(key)
      else others++
    }
  }
  return keys.size || others ? { keys: [...keys], otherKeys: others } : undefined
}

function sessionVariableKeys(value: unknown): string[] {
  if (!isMap(value)) return []
  const { payload } = value
  return [...Object.keys(value), ...(isMap(payload) ? Object.keys(payload) : [])]
}

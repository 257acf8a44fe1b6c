import { isMap, type JsonMap } from '../core/json.ts'

const MAX_DEPTH = 8

/**
 * The webhook requests in what a person copied: a request as Dialogflow sends it, or one inside a log entry, a list of entries, or a
 * text of JSON. In which field a log keeps it is not documented, so that any field will do.
 */
export function findRequests(value: unknown, depth = 0): JsonMap[] {
  if (depth > MAX_DEPTH) return []
  if (typeof value === 'string') return findRequests(parseJsonMap(value), depth + 1)
  if (Array.isArray(value)) return value.flatMap((item) => findRequests(item, depth + 1))
  if (!isMap(value)) return []
  if (isMap(value.fulfillmentInfo)) return [value]
  return Object.values(value).flatMap((item) => findRequests(item, depth + 1))
}

/** The map in a text, words before and behind it or not. */
function parseJsonMap(text: string): unknown {
  const [start, end] = [text.indexOf('{'), text.lastIndexOf('}')]
  if (start < 0 || end < start) return undefined
  try {
    return JSON.parse(text.slice(start, end + 1))
  } catch {
    // Any text may hold a brace.
    return undefined
  }
}

import { isMap, type JsonMap } from '../../core/json.ts'
import { findRequests } from '../../webhook/find-request.ts'

/** The webhook requests in what a person pasted; or what is wrong with it, without a word of what it says. */
export function requestsIn(text: string): { readonly bodies: readonly JsonMap[] } | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1]
    const line = text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length
    return { problem: `This is not JSON: see line ${line} for a missing or surplus comma, quote or bracket.` }
  }
  const bodies = findRequests(value)
  if (bodies.length) return { bodies }
  if (!isMap(value)) return { problem: 'This holds no webhook request: it must begin with { and end with }.' }
  return { problem: 'This holds no webhook request: none of its parts has fulfillmentInfo.' }
}

import type { Outcome } from './store.ts'

/** What a caller can be refused for. The texts are fixed; `detail`, where there is one, tells what of the call is meant, never a value of it. */
export const FAILURES = {
  draining: { status: 503, message: 'The bridge is shutting down; send this again.' },
  not_found: { status: 404, message: 'There is nothing at this path.' },
  method_not_allowed: { status: 405, message: 'This path takes other methods; see the Allow header.' },
  unauthenticated: { status: 401, message: 'The header with the secret that was agreed on is missing or wrong.' },
  unsupported_media_type: { status: 415, message: 'Send application/json in UTF-8, without a content encoding.' },
  body_too_large: { status: 413, message: 'The body is larger than MAX_BODY_BYTES.' },
  bad_json: { status: 400, message: 'The body is not JSON in UTF-8.' },
  bad_request: { status: 400, message: 'The call is not as this path expects it.' },
  text_too_long: { status: 400, message: 'The text is longer than CHANNEL_MAX_TEXT; send it in parts.' },
  unknown_conversation: {
    status: 404,
    message: 'The channel has not told of a conversation with this id, or not for KEEP_HOURS.',
  },
  impossible_move: { status: 409, message: 'This cannot be done as the conversation stands.' },
  conversation_closed: {
    status: 409,
    message: 'The channel has closed this conversation; it opens again when the person writes.',
  },
  internal: { status: 500, message: 'The call could not be worked off; the log says more.' },
} as const satisfies Record<string, { status: number; message: string }>

export type FailureCode = keyof typeof FAILURES

/** A failure as the HTTP answer to it. */
export function failed(code: FailureCode, detail?: string): Outcome {
  const { status, message } = FAILURES[code]
  return { status, body: { error: { code, message, ...(detail === undefined ? {} : { detail }) } } }
}

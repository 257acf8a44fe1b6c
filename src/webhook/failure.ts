/** What a caller can be refused for. The texts are fixed: they quote nothing of the request. */
export const FAILURES = {
  draining: { status: 503, message: 'The server is shutting down; try again.' },
  not_found: { status: 404, message: 'There is nothing at this path. The webhook is POST /webhook.' },
  method_not_allowed: { status: 405, message: 'This path takes other methods; see the Allow header.' },
  unauthenticated: { status: 401, message: 'No credentials that this server accepts came with the call.' },
  keys_unavailable: { status: 503, message: "Google's keys for identity tokens cannot be had; try again." },
  unsupported_media_type: { status: 415, message: 'Send application/json in UTF-8, without a content encoding.' },
  body_too_large: { status: 413, message: 'The body is larger than MAX_BODY_BYTES.' },
  bad_json: { status: 400, message: 'The body is not JSON in UTF-8.' },
  too_deep: { status: 400, message: 'The body is nested deeper than 64 levels.' },
  bad_request: {
    status: 400,
    message: 'The body is no Dialogflow CX WebhookRequest with a tag at fulfillmentInfo.tag.',
  },
  unknown_tag: { status: 404, message: 'No capture in the flow files answers this tag for this agent and flow.' },
  internal: { status: 500, message: 'The answer could not be made; the log says more under this request_id.' },
  response_too_large: { status: 500, message: "The answer is larger than Dialogflow's limit of 64 KiB." },
} as const satisfies Record<string, { status: number; message: string }>

export type FailureCode = keyof typeof FAILURES

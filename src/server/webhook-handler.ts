import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Configuration } from '../core/configuration.ts'
import { answer, parseBody } from '../webhook/answer.ts'
import { type Body, isJson, readBody, saysMoreThan } from './body.ts'
import type { Admission, Doorkeeper } from './credentials.ts'
import { Exchange, type Surroundings } from './exchange.ts'
import { fieldsOf } from './log.ts'

/** What the webhook answers with; `configuration` is asked once for each call, so that none sees half a change. */
export interface Webhook extends Surroundings {
  readonly configuration: () => Configuration
  readonly doorkeeper: Doorkeeper
  /** What `WWW-Authenticate` offers. */
  readonly challenge: string
  readonly maxBodyBytes: number
}

/** A request as Node gives it, or as a framework has it that has read the body already: as bytes, text or parsed JSON. */
export type WebhookRequest = IncomingMessage & { readonly body?: unknown }
export type WebhookHandler = (request: WebhookRequest, response: ServerResponse) => void

/** Answers calls of the webhook, whatever the path it is mounted at: the checks of the status table in their order. */
export function createWebhookHandler(webhook: Webhook): WebhookHandler {
  return (request, response) => {
    const exchange = new Exchange(request, response, '/webhook', webhook)
    try {
      handle(exchange, webhook)
    } catch (error) {
      exchange.failUnexpectedly(error)
    }
  }
}

function handle(exchange: Exchange, webhook: Webhook): void {
  const { request, response } = exchange
  if (webhook.lifecycle.draining) exchange.fail('draining')
  else if (request.method !== 'POST') {
    response.setHeader('allow', 'POST')
    exchange.fail('method_not_allowed')
  } else admit(exchange, webhook)
}

/** Waits only for what is not known yet: most callers are told at once. */
function admit(exchange: Exchange, webhook: Webhook): void {
  const admission = webhook.doorkeeper(exchange.request)
  if (admission instanceof Promise)
    admission
      .then((admitted) => handleAdmitted(exchange, webhook, admitted))
      .catch((error: unknown) => exchange.failUnexpectedly(error))
  else handleAdmitted(exchange, webhook, admission)
}

function handleAdmitted(exchange: Exchange, webhook: Webhook, admission: Admission): void {
  const { request, response } = exchange
  if (!admission.admitted) {
    exchange.note({ refusal: admission.refusal, ...admission.observed })
    if (admission.failure === 'unauthenticated') response.setHeader('www-authenticate', webhook.challenge)
    exchange.fail(admission.failure)
  } else if (!isJson(request)) exchange.fail('unsupported_media_type')
  else if (saysMoreThan(request, webhook.maxBodyBytes)) exchange.fail('body_too_large')
  else if (wasRead(request)) answerReadBefore(exchange, webhook, request)
  else readBody(request, webhook.maxBodyBytes, (body) => answerRead(exchange, webhook, body))
}

/** Parsers of Express 4 set `body` whether they have read anything or not: it counts only where somebody has. */
const wasRead = ({ readableDidRead, readableEnded }: IncomingMessage): boolean => readableDidRead || readableEnded

function answerReadBefore(exchange: Exchange, webhook: Webhook, { body }: WebhookRequest): void {
  if (body !== undefined) answerBody(exchange, webhook, body)
  else {
    exchange.note({ reason: 'The body was read before the webhook was called: leave it unread, or set request.body.' })
    exchange.fail('internal')
  }
}

function answerRead(exchange: Exchange, webhook: Webhook, body: Body): void {
  try {
    if (body === 'body_too_large') exchange.fail(body)
    else if (body !== 'aborted') answerBody(exchange, webhook, body)
  } catch (error) {
    exchange.failUnexpectedly(error)
  }
}

/** Bytes and text are measured and parsed; a body that a framework has parsed is taken as it is. */
function answerBody(exchange: Exchange, webhook: Webhook, body: unknown): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  if (bytes instanceof Uint8Array) answerBytes(exchange, webhook, bytes)
  else answerParsed(exchange, webhook, body)
}

function answerBytes(exchange: Exchange, webhook: Webhook, bytes: Uint8Array): void {
  const parsed = bytes.length > webhook.maxBodyBytes ? 'body_too_large' : (parseBody(bytes) ?? 'bad_json')
  if (typeof parsed === 'string') exchange.fail(parsed)
  else answerParsed(exchange, webhook, parsed.body)
}

function answerParsed(exchange: Exchange, webhook: Webhook, body: unknown): void {
  const answered = answer(webhook.configuration(), body)
  exchange.note(fieldsOf(answered.event))
  if ('failure' in answered) exchange.fail(answered.failure)
  else exchange.send(200, answered.text)
}

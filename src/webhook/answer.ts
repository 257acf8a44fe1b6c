import { build } from '../core/build.ts'
import { checkMessages } from '../core/check.ts'
import type { Configuration } from '../core/configuration.ts'
import { DEFAULT_LOCALE, toLocale } from '../core/format.ts'
import type { JsonMap } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { MISSING_PARAMETER } from '../core/platform-keys.ts'
import type { Turn } from '../core/reference.ts'
import { findPlan } from '../core/routes.ts'
import { suggest } from '../core/suggest.ts'
import { type AnswerEvent, queuedUjet, variablesBySurface } from './answer-event.ts'
import type { FailureCode } from './failure.ts'
import { readRequest, type WebhookCall } from './request.ts'

/** Dialogflow's limit for a webhook's answer, in bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024

/**
 * A `WebhookResponse` as JSON text with what it was made from, by which plan, and the `ujet` objects in it, or a failure; and what
 * the log may say of it.
 */
export type Answer =
  | {
      readonly text: string
      readonly plan: Plan
      readonly turn: Turn
      readonly ujets: readonly JsonMap[]
      readonly event: AnswerEvent
    }
  | { readonly failure: FailureCode; readonly event: AnswerEvent }

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

/** Parses the bytes of a body; undefined where they are no JSON in UTF-8. */
export function parseBody(bytes: Uint8Array): { readonly body: unknown } | undefined {
  try {
    return { body: JSON.parse(UTF_8.decode(bytes)) }
  } catch {
    // The error quotes the input: it goes no further.
    return undefined
  }
}

/** Answers a parsed request body: the whole job of the webhook, without HTTP. Equal arguments give equal answers. */
export function answer(configuration: Configuration, body: unknown): Answer {
  const event: AnswerEvent = { configuration: configuration.hash }
  const read = readRequest(body)
  if ('failure' in read) return { failure: read.failure, event }
  const { call } = read
  event.ids = call.ids
  const queued = queuedUjet(call.queued, configuration)
  if (queued) event.queuedUjet = queued
  const plan = findPlan(configuration.routes, call.tag, call.ids.agent, call.ids.flow)
  if (!plan) {
    event.nearestTags = suggest(call.tag, configuration.routes.keys())
    return { failure: 'unknown_tag', event }
  }
  event.tag = plan.tag
  event.flow = plan.flow
  const { turn } = call
  return plan.enabled ? answerWith(plan, call, configuration, event) : { text: '{}', plan, turn, ujets: [], event }
}

function answerWith(plan: Plan, call: WebhookCall, { policy }: Configuration, event: AnswerEvent): Answer {
  const locale = call.languageCode ? toLocale(call.languageCode) : DEFAULT_LOCALE
  const built = build(plan, call.turn, locale, policy)
  if (built.notes.length) event.notes = built.notes
  if (built.missing.length) event.missing = built.missing
  const violations = checkMessages(built.ujets, plan.declared, policy)
  if (violations.length) {
    event.violations = violations
    return { failure: 'internal', event }
  }
  const parameters = answeredParameters(built.setParameters, built.missing, call)
  const response: JsonMap = {}
  if (built.ujets.length)
    response.fulfillmentResponse = { messages: built.ujets.map((ujet) => ({ payload: { ujet } })) }
  if (parameters) response.sessionInfo = { parameters }
  const text = JSON.stringify(response)
  event.variables = variablesBySurface(built.ujets)
  event.answerBytes = Buffer.byteLength(text)
  return event.answerBytes > MAX_ANSWER_BYTES
    ? { failure: 'response_too_large', event }
    : { text, plan, turn: call.turn, ujets: built.ujets, event }
}

/** The session parameters to set: the names of missing values, cleared again once nothing is missing. */
function answeredParameters(
  set: JsonMap | undefined,
  missing: readonly string[],
  call: WebhookCall,
): JsonMap | undefined {
  const parameters = { ...set }
  const { session } = call.turn
  const carried = Object.keys(session).find(isMissingParameter)
  if (missing.length) parameters[MISSING_PARAMETER] = missing
  else if (carried !== undefined && session[carried] !== null) parameters[MISSING_PARAMETER] = null
  return Object.keys(parameters).length ? parameters : undefined
}

const isMissingParameter = (name: string): boolean =>
  name.length === MISSING_PARAMETER.length && name.toLowerCase() === MISSING_PARAMETER

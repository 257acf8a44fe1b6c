import { isMap, type JsonMap } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { requestFor } from '../webhook/request-for.ts'
import type { Given } from './protocol.ts'

/** A `WebhookRequest` that a plan answers, with made-up values of every kind that a reference can name. */
export function requestWith(plan: Plan, { parameters, page, intent, payload, said }: Given): JsonMap {
  const request = requestFor(plan, parameters)
  return {
    ...request,
    ...(page ? { pageInfo: { ...request.pageInfo, formInfo: { parameterInfo: formOf(page) } } } : {}),
    ...(intent ? { intentInfo: { parameters: matchesOf(intent) } } : {}),
    ...(payload ? { payload } : {}),
    ...(said === undefined ? {} : { text: said }),
  }
}

const formOf = (page: JsonMap): JsonMap[] =>
  Object.entries(page).map(([displayName, value]) => ({ displayName, value, state: 'FILLED' }))

const matchesOf = (intent: JsonMap): JsonMap =>
  Object.fromEntries(
    Object.entries(intent).map(([name, value]) => [
      name,
      { originalValue: isMap(value) ? JSON.stringify(value) : String(value), resolvedValue: value },
    ]),
  )

import type { protos } from '@google-cloud/dialogflow-cx'
import * as z from 'zod'
import { isDeeperThan, isMap, type JsonMap, MAX_DEPTH, put } from '../core/json.ts'
import type { Turn } from '../core/reference.ts'

const map = z.custom<JsonMap>(isMap)
const text = z.string()
/** What we can do without is read where it has the right type, and otherwise as absent. */
const lenient = <T extends z.ZodType>(schema: T) => schema.nullish().catch(undefined)

/**
 * A `WebhookRequest` of v3 or v3beta1 as it arrives: fields may be absent, null or unknown. Parameters are checked by hand-over,
 * not copied: the client library's types for them (`IValue`) are not what is sent.
 */
const requestSchema = z.looseObject({
  fulfillmentInfo: z.looseObject({ tag: text }),
  sessionInfo: z.looseObject({ session: lenient(text), parameters: map.nullish() }).nullish(),
  pageInfo: z
    .looseObject({
      currentPage: lenient(text),
      formInfo: lenient(z.looseObject({ parameterInfo: lenient(z.array(z.unknown())) })),
    })
    .nullish(),
  intentInfo: lenient(z.looseObject({ parameters: lenient(map) })),
  languageCode: lenient(text),
  text: lenient(text),
  transcript: lenient(text),
  dtmfDigits: lenient(text),
  messages: lenient(z.array(z.unknown())),
  payload: lenient(map),
})

type PageName = protos.google.cloud.dialogflow.cx.v3.IPageInfo['currentPage']
type SessionName = protos.google.cloud.dialogflow.cx.v3.ISessionInfo['session']

/** Ids out of resource names; undefined where a name has another form. */
export interface Ids {
  readonly agent: string | undefined
  readonly flow: string | undefined
  readonly page: string | undefined
  readonly session: string | undefined
}

/** A webhook call, read once: what the core needs, and what a log line may say about it. */
export interface WebhookCall {
  readonly tag: string
  readonly ids: Ids
  readonly languageCode: string | undefined
  readonly turn: Turn
  /** The messages that Dialogflow has queued already, as they came. */
  readonly queued: readonly unknown[]
}

export type Read = { readonly call: WebhookCall } | { readonly failure: 'too_deep' | 'bad_request' }

/** Reads a parsed body; depth is checked before anything walks it. */
export function readRequest(body: unknown): Read {
  if (isDeeperThan(body, MAX_DEPTH)) return { failure: 'too_deep' }
  const parsed = requestSchema.safeParse(body)
  if (!parsed.success) return { failure: 'bad_request' }
  const request = parsed.data
  const session = request.sessionInfo?.parameters ?? {}
  return {
    call: {
      tag: request.fulfillmentInfo.tag,
      ids: readIds(request.pageInfo?.currentPage, request.sessionInfo?.session),
      languageCode: request.languageCode ?? undefined,
      turn: {
        session,
        intent: request.intentInfo?.parameters ?? {},
        page: formParameters(request.pageInfo?.formInfo?.parameterInfo ?? []),
        payload: request.payload ?? {},
        utterance: request.text ?? request.transcript ?? request.dtmfDigits ?? undefined,
      },
      queued: request.messages ?? [],
    },
  }
}

const AGENT = /\/agents\/([^/]+)/
const FLOW = /\/flows\/([^/]+)/
const PAGE = /\/pages\/([^/]+)/

const idIn = (name: string | null | undefined, collection: RegExp): string | undefined =>
  name ? collection.exec(name)?.[1] : undefined

function readIds(currentPage: PageName, session: SessionName): Ids {
  return {
    agent: idIn(currentPage, AGENT) ?? idIn(session, AGENT),
    flow: idIn(currentPage, FLOW),
    page: idIn(currentPage, PAGE),
    session: session?.slice(session.lastIndexOf('/') + 1) || undefined,
  }
}

function formParameters(parameterInfo: readonly unknown[]): JsonMap {
  const parameters: JsonMap = {}
  for (const info of parameterInfo) {
    if (!isMap(info)) continue
    const { displayName, value } = info
    if (typeof displayName === 'string') put(parameters, displayName, value)
  }
  return parameters
}

import { z } from 'zod'
import { isMap } from '../core/json.ts'
import { SURFACES } from '../core/surface.ts'
import { conversationKey } from './conversation.ts'
import { parseInstant } from './instant.ts'

/** What one line of the webhook's log says of a call: names and ids, never values. */
export interface LoggedCall {
  /** The line's own: exports of a log may overlap. */
  readonly id: string | undefined
  /** See `conversationKey`. */
  readonly conversation: string
  /** Cloud Logging says it; the line itself does not. */
  readonly atMs: number | undefined
  readonly flow: string | undefined
  readonly tag: string | undefined
  /** Why there was no answer, in the log's own word; undefined where there was one. */
  readonly failure: string | undefined
  /** The variables that left for any surface, and those that post events may carry. */
  readonly sent: readonly string[]
  readonly sentToEvents: readonly string[]
  /** Required, and not there: nothing was sent. */
  readonly missing: readonly string[]
  /** Whether payloads from the console, which no policy sees, went along. */
  readonly hasConsolePayload: boolean
}

const lenient = <T extends z.ZodType>(schema: T) => schema.nullish().catch(undefined)
const names = lenient(z.array(z.string()))

/** The fields of `AnswerEvent` and of the line around it that a join needs. */
const lineSchema = z.looseObject({
  session: z.string().min(1),
  configuration: z.string(),
  requestId: lenient(z.string()),
  flow: lenient(z.string()),
  tag: lenient(z.string()),
  failure: lenient(z.string()),
  variables: lenient(z.looseObject(Object.fromEntries(SURFACES.map((surface) => [surface, names])))),
  missing: names,
  queuedUjet: lenient(z.looseObject({ keys: names })),
  httpRequest: lenient(z.looseObject({ status: lenient(z.number()) })),
})

/** Reads a line as it was written, or an entry of Cloud Logging around it; undefined for all lines but those of calls in a session. */
export function readLogLine(value: unknown): LoggedCall | undefined {
  if (!isMap(value)) return undefined
  const entry = isMap(value.jsonPayload) ? value : undefined
  const parsed = lineSchema.safeParse(
    entry ? { httpRequest: entry.httpRequest, ...(entry.jsonPayload as object) } : value,
  )
  if (!parsed.success) return undefined
  const { session, requestId, flow, tag, variables, missing, queuedUjet } = parsed.data
  const { timestamp } = entry ?? {}
  const failure = failureOf(parsed.data)
  const of = (surface: string): readonly string[] => (failure ? [] : ((variables?.[surface] as string[] | null) ?? []))
  return {
    id: requestId ?? undefined,
    conversation: conversationKey(session),
    atMs: typeof timestamp === 'string' ? parseInstant(timestamp)?.ms : undefined,
    flow: flow ?? undefined,
    tag: tag ?? undefined,
    failure,
    sent: [...new Set(SURFACES.flatMap(of))],
    sentToEvents: of('event'),
    missing: missing ?? [],
    hasConsolePayload: queuedUjet?.keys?.includes('session_variable') ?? false,
  }
}

/** What a failure or a caller that hung up did not get was not sent. */
function failureOf({ failure, httpRequest }: z.output<typeof lineSchema>): string | undefined {
  if (failure) return failure
  if (!httpRequest || httpRequest.status === 200) return undefined
  return httpRequest.status ? `status ${httpRequest.status}` : 'aborted by the caller'
}

import { createHash } from 'node:crypto'
import winston from 'winston'
import type { AnswerEvent } from '../webhook/answer-event.ts'
import type { Ids } from '../webhook/request.ts'
import type { Settings } from './settings.ts'

/** Cloud Logging's words for winston's levels. */
const SEVERITIES: Readonly<Record<string, string>> = { error: 'ERROR', warn: 'WARNING', info: 'INFO', http: 'INFO' }

export type Logger = winston.Logger

/** One JSON line an entry on standard output, as Cloud Logging reads it. */
export function createLogger(level: Settings['logLevel']): Logger {
  const line = winston.format.printf(({ level: name, message, ...fields }) =>
    JSON.stringify({ severity: SEVERITIES[name] ?? 'DEBUG', message, ...fields }),
  )
  return winston.createLogger({ level, format: line, transports: [new winston.transports.Console()] })
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Dialogflow's own names for pages without an id. */
const SYMBOLIC = new Set(['START_PAGE', 'END_FLOW', 'END_SESSION', 'CURRENT_PAGE', 'PREVIOUS_PAGE'])

/** An id as it may stand in a log: as it is where it has a platform id's form, else its SHA-256, since anything could be in it. */
export function loggableId(id: string | undefined): string | undefined {
  if (id === undefined || UUID.test(id) || SYMBOLIC.has(id)) return id
  return createHash('sha256').update(id).digest('hex')
}

/** The fields of a log line for an answer; absent ones are left out by JSON. */
export function fieldsOf(event: AnswerEvent): Record<string, unknown> {
  const { ids, ...rest } = event
  return { ...(ids ? loggableIds(ids) : {}), ...rest }
}

const loggableIds = ({ session, agent, flow, page }: Ids): Record<string, string | undefined> => ({
  session: loggableId(session),
  agentId: loggableId(agent),
  flowId: loggableId(flow),
  pageId: loggableId(page),
})

/** The trace of a call, by W3C's header first, then Google's; only its hexadecimal id is taken over. */
export function traceOf(
  traceparent: unknown,
  cloudTrace: unknown,
  project: string | undefined,
): Record<string, string> {
  const id =
    /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}/i.exec(String(traceparent ?? ''))?.[1] ??
    /^([\da-f]{32})(?:\/|$)/i.exec(String(cloudTrace ?? ''))?.[1]
  if (!id) return {}
  return { 'logging.googleapis.com/trace': project ? `projects/${project}/traces/${id}` : id }
}

/** An unexpected error without its message, which may quote values: its class, and where it was thrown. */
export function describeError(error: unknown): { error: string; stack: string[] } {
  if (!(error instanceof Error)) return { error: typeof error, stack: [] }
  const { message, stack = '' } = error
  const at = stack.indexOf(message)
  const frames = at < 0 ? [] : stack.slice(at + message.length).split('\n')
  const places = frames.filter((line) => /^\s+at /.test(line))
  return { error: error.constructor.name, stack: places.map((line) => line.trim()) }
}

import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import sonicBoom, { type SonicBoom } from 'sonic-boom'
import winston from 'winston'
import type { AnswerEvent } from '../webhook/answer-event.ts'
import type { Ids } from '../webhook/request.ts'
import type { Settings } from './settings.ts'

/** Cloud Logging's words for winston's levels. */
const SEVERITIES: Readonly<Record<string, string>> = { error: 'ERROR', warn: 'WARNING', info: 'INFO', http: 'INFO' }

/** Where log lines go, whole lines at a time. */
export interface Destination {
  readonly write: (lines: string) => unknown
  /** Waits until what is waiting has been written, or cannot be, or nobody takes it. */
  readonly flush: () => Promise<void>
}

const CALL_LEVELS = ['error', 'warn', 'info'] as const
export type CallLevel = (typeof CALL_LEVELS)[number]

/** Writes the one line of a call. */
export type LogCall = (level: CallLevel, fields: object) => void

export type Logger = winston.Logger

/** JSON lines as Cloud Logging reads them: winston for what happens now and then, and a line a call past it, which is most of them. */
export interface Log {
  readonly logger: Logger
  readonly logCall: LogCall
  readonly flush: () => Promise<void>
}

export function createLog(level: Settings['logLevel'], destination: Destination): Log {
  const line = winston.format.printf(({ level: name, message, ...fields }) =>
    JSON.stringify({ severity: SEVERITIES[name] ?? 'DEBUG', message, ...fields }),
  )
  const stream = new Writable({ decodeStrings: false, write: (text, _, done) => done(void destination.write(text)) })
  const logger = winston.createLogger({ level, format: line, transports: [new winston.transports.Stream({ stream })] })
  const isWanted = new Set<string>(CALL_LEVELS.filter((name) => logger.isLevelEnabled(name)))
  return {
    logger,
    logCall(name, fields) {
      if (isWanted.has(name))
        destination.write(`${JSON.stringify(Object.assign({ severity: SEVERITIES[name] }, fields))}\n`)
    },
    flush: () => destination.flush(),
  }
}

/** More than this waits for nobody: a log that is not read must not use up the memory that calls need. Bytes. */
const MAX_WAITING = 16 * 1024 * 1024

/**
 * How often the end of the process tries again, every 100 ms, to write what nobody has read on for. Tries and no time: a machine
 * that stood still has not waited.
 */
const LAST_TRIES = 10

/** Lines wait for each other this long, or until there are so many: a write costs more than the lines in it. Milliseconds; characters. */
const BATCH_TIME = 10
const BATCH_SIZE = 64 * 1024

/** Standard output, written in batches beside the answers instead of before them. What it does not take in time is counted, and told. */
export function createOutput({ fd } = process.stdout): Destination {
  /** How often a full pipe is still tried again. */
  let tries = Number.POSITIVE_INFINITY
  const retryEAGAIN = (): boolean => tries-- > 0
  // A pipe no longer blocks once `process.stdout` is looked at: a write that blocks would keep the process from ending.
  const output = new sonicBoom.SonicBoom({ fd, sync: false, maxLength: MAX_WAITING, retryEAGAIN })
  let batch = ''
  let timer: NodeJS.Timeout | undefined
  const passOn = (): void => {
    clearTimeout(timer)
    timer = undefined
    output.write(batch)
    batch = ''
  }
  let dropped = 0
  output.on('drop', (lines: string) => {
    dropped += countLines(lines)
    // After an error it would try again with the next line that it takes: there is room for none.
    output.flush()
  })
  // A pipe that closed, a disk that is full: calls go on being answered, and what is waiting is tried again with the next line.
  output.on('error', () => {})
  output.on('drain', () => {
    if (dropped === 0) return
    output.write(`${JSON.stringify({ severity: 'ERROR', message: 'Log lines were lost.', lost: dropped })}\n`)
    dropped = 0
  })
  // Somebody's own program may end without a flush. Who has waited for a reader in vain does not wait once more.
  process.once('exit', () => {
    tries = Math.min(tries, LAST_TRIES)
    writeAtOnce(output, new sonicBoom.SonicBoom({ fd, sync: true, retryEAGAIN }), batch)
  })
  return {
    write(lines) {
      batch += lines
      if (batch.length >= BATCH_SIZE) passOn()
      else timer ??= setTimeout(passOn, BATCH_TIME)
    },
    flush() {
      if (batch) passOn()
      tries = LAST_TRIES
      output.on('write', () => {
        tries = LAST_TRIES
      })
      return new Promise((done) => output.flush(() => done()))
    },
  }
}

/** Writes what is waiting and what comes last by the only writes that are made when a process ends: those that it waits for. */
function writeAtOnce(waiting: SonicBoom, output: SonicBoom, last: string): void {
  output.on('error', () => {})
  try {
    waiting.flushSync()
    output.write(last)
  } catch {
    // Nobody takes it, and nobody is left to be told.
  }
}

const countLines = (lines: string): number => lines.split('\n').length - 1

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** Dialogflow's own names for pages without an id. */
const SYMBOLIC = new Set(['START_PAGE', 'END_FLOW', 'END_SESSION', 'CURRENT_PAGE', 'PREVIOUS_PAGE'])

/** An id as it may stand in a log: as it is where it has a platform id's form, else its SHA-256, since anything could be in it. */
export function loggableId(id: string | undefined): string | undefined {
  if (id === undefined || UUID.test(id) || SYMBOLIC.has(id)) return id
  return createHash('sha256').update(id).digest('hex')
}

/** The fields of a log line for an answer; absent ones are left out by JSON. */
export const fieldsOf = (event: AnswerEvent): Record<string, unknown> =>
  Object.assign(event.ids ? loggableIds(event.ids) : {}, event, { ids: undefined })

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

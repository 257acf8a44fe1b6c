import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { FAILURES, type FailureCode } from '../webhook/failure.ts'
import type { Lifecycle } from './lifecycle.ts'
import { type CallLevel, describeError, type LogCall, traceOf } from './log.ts'

/** What every exchange needs of the server around it. */
export interface Surroundings {
  readonly lifecycle: Lifecycle
  readonly logCall: LogCall
  readonly project: string | undefined
}

/** One HTTP call and its answer: counted while it lasts, answered once, and logged when it is over. */
export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly #id = randomUUID()
  readonly #started = performance.now()
  readonly #around: Surroundings
  /** Ours, never the caller's: undefined for a path that is none of ours. */
  readonly #path: string | undefined
  #failure: FailureCode | undefined
  #fields: object | undefined
  /** Bytes. */
  #size: number | undefined

  constructor(request: IncomingMessage, response: ServerResponse, path: string | undefined, around: Surroundings) {
    this.request = request
    this.response = response
    this.#path = path
    this.#around = around
    // A response that stands in line behind another of its connection is not told when the connection ends.
    const connection = response.socket ? undefined : request.socket
    if (response.closed || connection?.closed) {
      // The caller was gone before the call came here: nobody will tell of it once more.
      this.#log()
      return
    }
    const counted = !around.lifecycle.draining
    if (counted) around.lifecycle.begin()
    const over = (): void => {
      response.off('close', over)
      connection?.off('close', over)
      if (counted) around.lifecycle.end()
      this.#log()
    }
    response.once('close', over)
    connection?.setMaxListeners(0).once('close', over)
  }

  /** Adds to what the log line will say. */
  note(fields: object): void {
    this.#fields = this.#fields ? { ...this.#fields, ...fields } : fields
  }

  /** Answers JSON text. */
  send(status: number, text: string): void {
    const { response } = this
    if (this.#around.lifecycle.draining) response.setHeader('connection', 'close')
    this.#size = Buffer.byteLength(text)
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': this.#size })
    response.end(text)
  }

  fail(code: FailureCode): void {
    this.#failure = code
    const { status, message } = FAILURES[code]
    this.send(status, JSON.stringify({ error: { code, message, request_id: this.#id } }))
  }

  /** Answers for a bug: of the error no more is told than where it was thrown. */
  failUnexpectedly(error: unknown): void {
    this.note(describeError(error))
    if (this.response.headersSent) this.response.destroy()
    else this.fail('internal')
  }

  #log(): void {
    const { request, response } = this
    const status = response.writableFinished ? response.statusCode : undefined
    const milliseconds = performance.now() - this.#started
    const unanswered = this.#around.lifecycle.hasCutOff ? 'cut off by the shutdown' : 'aborted by the caller'
    const outcome = `${status ?? unanswered}${this.#failure ? ` ${this.#failure}` : ''}`
    const line = {
      message: `${request.method} ${this.#path ?? '(unknown path)'} ${outcome}`,
      httpRequest: {
        requestMethod: request.method,
        requestUrl: this.#path,
        status,
        responseSize: this.#size?.toString(),
        latency: `${(milliseconds / 1000).toFixed(6)}s`,
        protocol: `HTTP/${request.httpVersion}`,
      },
      requestId: this.#id,
      failure: this.#failure,
    }
    const trace = traceOf(request.headers.traceparent, request.headers['x-cloud-trace-context'], this.#around.project)
    const rest = { milliseconds: Math.round(milliseconds * 1000) / 1000 }
    // Not `...`: a second one takes Node 20 forty times as long.
    this.#around.logCall(levelOf(status, this.#failure), Object.assign(line, trace, this.#fields, rest))
  }
}

function levelOf(status: number | undefined, failure: FailureCode | undefined): CallLevel {
  if (status !== undefined && status < 400) return 'info'
  return status !== undefined && status >= 500 && failure !== 'draining' ? 'error' : 'warn'
}

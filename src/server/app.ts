import { randomUUID } from 'node:crypto'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import type { Configuration } from '../core/configuration.ts'
import { answer, parseBody } from '../webhook/answer.ts'
import type { AnswerEvent } from '../webhook/answer-event.ts'
import { FAILURES, type FailureCode } from '../webhook/failure.ts'
import { isJson, readBody } from './body.ts'
import type { Doorkeeper } from './credentials.ts'
import type { Lifecycle } from './lifecycle.ts'
import { describeError, fieldsOf, type Logger, traceOf } from './log.ts'

/** What the application answers with; `current` is asked once for each call, so that none sees half a change. */
export interface Serving {
  readonly current: () => { readonly configuration: Configuration; readonly lastReload: 'none' | 'worked' | 'failed' }
  readonly doorkeeper: Doorkeeper
  /** What `WWW-Authenticate` offers. */
  readonly challenge: string
  /** Whether everything that a call could wait for is there. */
  readonly warmUp: () => Promise<boolean>
  readonly lifecycle: Lifecycle
  readonly logger: Logger
  readonly maxBodyBytes: number
  readonly version: string
  readonly project: string | undefined
}

/** What one call comes to, for its log line. */
interface Call {
  readonly id: string
  readonly started: bigint
  /** Ours, never the caller's: undefined for a path that is none of ours. */
  path?: string
  failure?: FailureCode
  fields: Record<string, unknown>
}

type Locals = { call: Call }
type Answering = Response<unknown, Locals>

/** The Express application: the checks of the status table in their order, each a step of its own. */
export function createApp(serving: Serving): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('strict routing', true)
  app.set('case sensitive routing', true)
  app.use(observe(serving), refuseWhileDraining(serving))
  app.all('/webhook', only(serving, 'POST'), admit(serving), answerCall(serving))
  app.all('/health', only(serving, 'GET', 'HEAD'), showHealth(serving))
  app.all('/_ah/warmup', only(serving, 'GET', 'HEAD'), warmUp(serving))
  app.use((_request, response: Answering) => fail(serving, response, 'not_found'))
  app.use(reportBug(serving))
  return app
}

/** One log line a call, when it is over. */
function observe({ logger, lifecycle, project }: Serving): RequestHandler<object, unknown, unknown, object, Locals> {
  return (request, response, next) => {
    const call: Call = { id: randomUUID(), started: process.hrtime.bigint(), fields: {} }
    response.locals.call = call
    const counted = !lifecycle.draining
    if (counted) lifecycle.begin()
    response.once('close', () => {
      if (counted) lifecycle.end()
      const aborted = !response.writableFinished
      const status = aborted ? undefined : response.statusCode
      const milliseconds = Number(process.hrtime.bigint() - call.started) / 1e6
      const level =
        aborted || (status ?? 0) >= 400
          ? (status ?? 0) >= 500 && call.failure !== 'draining'
            ? 'error'
            : 'warn'
          : 'info'
      logger.log({
        level,
        message: `${request.method} ${call.path ?? '(unknown path)'} ${aborted ? 'aborted by the caller' : status}${call.failure ? ` ${call.failure}` : ''}`,
        httpRequest: {
          requestMethod: request.method,
          requestUrl: call.path,
          status,
          responseSize: response.getHeader('content-length')?.toString(),
          latency: `${(milliseconds / 1000).toFixed(6)}s`,
          protocol: `HTTP/${request.httpVersion}`,
        },
        ...traceOf(request.headers.traceparent, request.headers['x-cloud-trace-context'], project),
        requestId: call.id,
        failure: call.failure,
        ...call.fields,
        milliseconds: Math.round(milliseconds * 1000) / 1000,
      })
    })
    next()
  }
}

const refuseWhileDraining =
  (serving: Serving): RequestHandler<object, unknown, unknown, object, Locals> =>
  (_request, response, next) =>
    serving.lifecycle.draining ? fail(serving, response, 'draining') : next()

const only =
  (serving: Serving, ...methods: string[]): RequestHandler<object, unknown, unknown, object, Locals> =>
  (request, response, next) => {
    response.locals.call.path = request.path
    if (methods.includes(request.method)) return next()
    response.setHeader('allow', methods.join(', '))
    fail(serving, response, 'method_not_allowed')
  }

const admit =
  (serving: Serving): RequestHandler<object, unknown, unknown, object, Locals> =>
  async (request, response, next) => {
    const admission = await serving.doorkeeper(request.headers)
    if (admission.admitted) return next()
    response.locals.call.fields = { refusal: admission.refusal }
    if (admission.failure === 'unauthenticated') response.setHeader('www-authenticate', serving.challenge)
    fail(serving, response, admission.failure)
  }

const answerCall =
  (serving: Serving): RequestHandler<object, unknown, unknown, object, Locals> =>
  async (request, response) => {
    if (!isJson(request)) return fail(serving, response, 'unsupported_media_type')
    const body = await readBody(request, serving.maxBodyBytes)
    if (body === 'aborted') return
    if (body === 'body_too_large') return fail(serving, response, body)
    const parsed = parseBody(body)
    if (!parsed) return fail(serving, response, 'bad_json')
    const answered = answer(serving.current().configuration, parsed.body)
    response.locals.call.fields = fieldsOf(answered.event satisfies AnswerEvent)
    if ('failure' in answered) return fail(serving, response, answered.failure)
    send(serving, response, 200, answered.text)
  }

const showHealth =
  (serving: Serving): RequestHandler<object, unknown, unknown, object, Locals> =>
  (_request, response) => {
    const { configuration, lastReload } = serving.current()
    const health = {
      status: 'ok',
      version: serving.version,
      flows: configuration.flows,
      captures: configuration.plans.length,
      configuration: configuration.hash,
      last_reload: lastReload,
    }
    send(serving, response, 200, JSON.stringify(health))
  }

const warmUp =
  (serving: Serving): RequestHandler<object, unknown, unknown, object, Locals> =>
  async (_request, response) => {
    if (await serving.warmUp()) send(serving, response, 200, '{"status":"ok"}')
    else fail(serving, response, 'keys_unavailable')
  }

/** Express knows an error handler by its four parameters. */
const reportBug =
  (serving: Serving): ErrorRequestHandler<object, unknown, unknown, object, Locals> =>
  (error: unknown, _request: Request<object, unknown, unknown, object, Locals>, response: Answering, _next) => {
    response.locals.call.fields = { ...response.locals.call.fields, ...describeError(error) }
    if (response.headersSent) response.destroy()
    else fail(serving, response, 'internal')
  }

function fail(serving: Serving, response: Answering, code: FailureCode): void {
  const { call } = response.locals
  call.failure = code
  const { status, message } = FAILURES[code]
  send(serving, response, status, JSON.stringify({ error: { code, message, request_id: call.id } }))
}

function send({ lifecycle }: Serving, response: Answering, status: number, text: string): void {
  if (lifecycle.draining) response.setHeader('connection', 'close')
  response.statusCode = status
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { Exchange } from './exchange.ts'
import type { LiveConfiguration } from './live-configuration.ts'
import { createWebhookHandler, type Webhook } from './webhook-handler.ts'

/** What the server answers with. */
export interface Serving extends Webhook {
  readonly lastReload: () => LiveConfiguration['lastReload']
  /** Whether everything that a call could wait for is there. */
  readonly warmUp: () => Promise<boolean>
  readonly version: string
}

type Locals = { exchange: Exchange }
type Handler = RequestHandler<object, unknown, unknown, object, Locals>

/** The Express application: the webhook, for those who mount it in their own, and what is asked about it. */
export function createApp(serving: Serving): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('strict routing', true)
  app.set('case sensitive routing', true)
  app.all('/webhook', createWebhookHandler(serving))
  app.all('/health', begin(serving, '/health'), onlyGet, showHealth(serving))
  app.all('/_ah/warmup', begin(serving, '/_ah/warmup'), onlyGet, warmUp(serving))
  app.use(begin(serving, undefined), (_request, { locals }) => locals.exchange.fail('not_found'))
  app.use(reportBug)
  return app
}

const begin =
  (serving: Serving, path: string | undefined): Handler =>
  (request, response, next) => {
    response.locals.exchange = new Exchange(request, response, path, serving)
    if (serving.lifecycle.draining) response.locals.exchange.fail('draining')
    else next()
  }

const onlyGet: Handler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'HEAD') return next()
  response.setHeader('allow', 'GET, HEAD')
  response.locals.exchange.fail('method_not_allowed')
}

const showHealth =
  (serving: Serving): Handler =>
  (_request, { locals }) => {
    const { flows, plans, hash } = serving.configuration()
    const health = {
      status: 'ok',
      version: serving.version,
      flows,
      captures: plans.length,
      configuration: hash,
      last_reload: serving.lastReload(),
    }
    locals.exchange.send(200, JSON.stringify(health))
  }

const warmUp =
  (serving: Serving): Handler =>
  async (_request, { locals }) => {
    if (await serving.warmUp()) locals.exchange.send(200, '{"status":"ok"}')
    else locals.exchange.fail('keys_unavailable')
  }

/** Express knows an error handler by its four parameters. */
const reportBug: ErrorRequestHandler<object, unknown, unknown, object, Locals> = (error, _request, { locals }, _next) =>
  locals.exchange.failUnexpectedly(error)

import type { RequestListener } from 'node:http'
import type { Serving } from './app.ts'
import { Exchange } from './exchange.ts'
import { createWebhookHandler } from './webhook-handler.ts'

/**
 * Answers `POST /webhook` itself and leaves everything else to the Express application: a call by way of it takes twice as long. The
 * application is loaded when it is first asked for, by App Engine's warm-up as a rule, so that the first call need not wait for it.
 */
export function createListener(serving: Serving): RequestListener {
  const handleWebhook = createWebhookHandler(serving)
  let app: Promise<RequestListener> | undefined
  return (request, response) => {
    if (request.url === '/webhook' && request.method === 'POST') handleWebhook(request, response)
    else {
      request.url = pathOf(request.url)
      app ??= import('./app.ts').then(({ createApp }) => createApp(serving))
      void app.then(
        (handle) => handle(request, response),
        (error: unknown) => {
          app = undefined
          new Exchange(request, response, undefined, serving).failUnexpectedly(error)
        },
      )
    }
  }
}

const PLAIN_PATH = /^\/[^\s#]*$/

/** Of the forms that a request may name its target in, the one that Express reads by itself: for others it asks what Node deprecates. */
function pathOf(target = '/'): string {
  if (PLAIN_PATH.test(target)) return target
  if (!URL.canParse(target, 'http://localhost')) return `/${encodeURIComponent(target)}`
  const { pathname, search } = new URL(target, 'http://localhost')
  return `${pathname || '/'}${search}`
}

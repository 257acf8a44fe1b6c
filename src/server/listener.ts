import type { RequestListener } from 'node:http'
import type { Serving } from './app.ts'
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
      app ??= import('./app.ts').then(({ createApp }) => createApp(serving))
      void app.then((handle) => handle(request, response))
    }
  }
}

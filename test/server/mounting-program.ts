import { createServer } from 'node:http'
import { createWebhook } from '../../src/server/index.ts'

/** Somebody's own program around the webhook, which ends without asking anybody when it is called at `/end`. */
const handle = await createWebhook()
createServer((request, response) => {
  if (request.url === '/end') process.exit(0)
  handle(request, response)
}).listen(0, '127.0.0.1')

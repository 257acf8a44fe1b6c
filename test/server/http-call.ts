import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** No wait of a test is longer. Milliseconds. */
export const GUARD_MS = 30_000

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Call {
  readonly method?: string
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
  /** Anything but text and bytes is sent as JSON. */
  readonly body?: unknown
  readonly agent?: Agent
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Calls the webhook, by default with POST where there is a body; the path goes out as it is written. */
export function call(url: string, { path = '/webhook', body, agent, ...rest }: Call): Promise<Reply> {
  const { method = body === undefined ? 'GET' : 'POST', headers = JSON_TYPE } = rest
  return new Promise((done, failed) => {
    const sent = request(url, { method, path, headers, agent: agent ?? new Agent(), timeout: GUARD_MS })
    sent.once('timeout', () => sent.destroy(new Error(`no answer within ${GUARD_MS} ms`)))
    replyTo(sent).then(done, failed)
    sent.end(toBytes(body))
  })
}

/** The answer to a request that is under way. */
export function replyTo(sent: ReturnType<typeof request>): Promise<Reply> {
  return new Promise((done, failed) => {
    sent.once('error', failed)
    sent.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', failed)
      response.once('end', () => {
        const { statusCode = 0, headers } = response
        done({ status: statusCode, headers, text: Buffer.concat(chunks).toString() })
      })
    })
  })
}

/** Bytes, because Node would send header values in UTF-8 too if they left together with a text. */
function toBytes(body: unknown): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

/** The code of an error body. */
export const codeOf = ({ text }: Reply): string => (JSON.parse(text) as { error: { code: string } }).error.code

export const basicFor = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

/** Asks again and again until there is something, or the guard has passed. */
export async function until<T>(probe: () => Promise<T | undefined> | T | undefined, guard = GUARD_MS): Promise<T> {
  const deadline = Date.now() + guard
  for (;;) {
    const found = await probe()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`nothing within ${guard} ms`)
    await setTimeout(20)
  }
}

const AGENT = 'projects/example/locations/global/agents/0c1d2e3f-1111-4222-8333-444455556666'
export const FLOW_ID = '3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11'

/** A `WebhookRequest` for a tag. */
export const requestWith = (tag: string, parameters: object = {}, more: object = {}): object => ({
  languageCode: 'en',
  fulfillmentInfo: { tag },
  pageInfo: { currentPage: `${AGENT}/flows/${FLOW_ID}/pages/START_PAGE` },
  sessionInfo: { session: `${AGENT}/sessions/555-0100`, parameters },
  ...more,
})

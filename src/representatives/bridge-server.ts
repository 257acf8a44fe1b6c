import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { parseBody } from '../webhook/answer.ts'
import type { Bridge, Log } from './bridge.ts'
import type { BridgeSettings, SecretHeader } from './bridge-settings.ts'
import { type FailureCode, failed } from './failure.ts'
import { HUMAN_ACTS, type HumanActName, readChannelCall, readHumanCall } from './incoming.ts'
import { bringsOne } from './secret-headers.ts'
import { isLonger } from './split-text.ts'
import { sessionIdOf } from './stable-id.ts'
import type { NumberedNews, Outcome } from './store.ts'

export interface BridgeServing {
  readonly bridge: Bridge
  readonly settings: Pick<BridgeSettings, 'channelHeaders' | 'humanHeaders' | 'maxBodyBytes' | 'channelMaxText'>
  readonly log: Log
  /** Ends when the bridge shuts down. */
  readonly draining: AbortSignal
  readonly version: string
  /** Told of a bug, or of a store that fails. */
  readonly fail: (error: unknown) => void
}

/** A call that cannot be worked off, and why. */
class Refused extends Error {
  readonly outcome: Outcome

  constructor(code: FailureCode, detail?: string) {
    super(code)
    this.outcome = failed(code, detail)
  }
}

/** The caller is gone, and the rest of the call with it. */
class HungUp extends Error {}

interface Route {
  /** For the log: ours, without what the caller put in it. */
  readonly path: string
  readonly method: 'GET' | 'POST'
  /** What lets a call in; undefined where anybody may ask. */
  readonly headers: readonly SecretHeader[] | undefined
  readonly conversationId?: string
  readonly answer: (body: unknown, query: URLSearchParams, gone: AbortSignal) => Promise<Outcome> | Outcome
}

/** The two edges of the bridge: the channel's webhook, and the API of the human side. */
export const createBridgeListener =
  (serving: BridgeServing): RequestListener =>
  (request, response) =>
    void answer(serving, request, response)

async function answer(serving: BridgeServing, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const started = performance.now()
  const [path = '', query] = (request.url ?? '').split('?', 2)
  const route = routeOf(serving, path)
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const outcome = await outcomeOf(serving, route, request, response, new URLSearchParams(query), gone.signal)
  if (outcome && !gone.signal.aborted) send(response, outcome, serving.draining.aborted)
  if (route?.method === 'GET' && outcome?.status === 200) return
  const fields = {
    path: route?.path,
    session: route?.conversationId && sessionIdOf(route.conversationId),
    milliseconds: Math.round(performance.now() - started),
  }
  if (!outcome) return serving.log('WARNING', 'A caller hung up in the middle of a call.', fields)
  const { error } = outcome.body as { error?: { code: FailureCode } }
  serving.log(severityOf(outcome), 'A call came in.', { ...fields, status: outcome.status, failure: error?.code })
}

function severityOf({ status }: Outcome): Parameters<Log>[0] {
  if (status < 400) return 'INFO'
  return status < 500 || status === 503 ? 'WARNING' : 'ERROR'
}

/** In the order of the webhook's contract; undefined where the caller hung up. */
async function outcomeOf(
  { settings, draining, fail }: BridgeServing,
  route: Route | undefined,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  gone: AbortSignal,
): Promise<Outcome | undefined> {
  try {
    if (draining.aborted) throw new Refused('draining')
    if (!route) throw new Refused('not_found')
    if (request.method !== route.method) {
      response.setHeader('allow', route.method)
      throw new Refused('method_not_allowed')
    }
    if (route.headers && !bringsOne(request.headers, route.headers)) throw new Refused('unauthenticated')
    const body = route.method === 'POST' ? await readBody(request, settings.maxBodyBytes) : undefined
    return await route.answer(body, query, gone)
  } catch (error) {
    if (error instanceof Refused) return error.outcome
    if (error instanceof HungUp) return undefined
    fail(error)
    return failed('internal')
  }
}

function send(response: ServerResponse, { status, body }: Outcome, isLast: boolean): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(isLast ? { connection: 'close' } : {}),
  })
  response.end(text)
}

async function readBody(request: IncomingMessage, max: number): Promise<unknown> {
  const { 'content-type': type = '', 'content-encoding': encoding } = request.headers
  if (encoding !== undefined || !/^application\/json\s*(?:;\s*charset="?utf-?8"?\s*)?$/i.test(type))
    throw new Refused('unsupported_media_type')
  const parsed = parseBody(await readBytes(request, max))
  if (!parsed) throw new Refused('bad_json')
  return parsed.body
}

/** More than `max` bytes are refused as soon as they came; the rest is thrown away, so that the connection can bring the next call. */
function readBytes(request: IncomingMessage, max: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= max) chunks.push(chunk)
      else reject(new Refused('body_too_large'))
    })
    request.once('end', () => resolve(Buffer.concat(chunks)))
    for (const event of ['close', 'error']) request.once(event, () => reject(new HungUp()))
  })
}

// ---- what there is

function routeOf(serving: BridgeServing, path: string): Route | undefined {
  const { channelHeaders, humanHeaders: headers } = serving.settings
  if (path === '/channel')
    return { path, method: 'POST', headers: channelHeaders, answer: (body) => takeFromChannel(serving, body) }
  if (path === '/humans/news')
    return { path, method: 'GET', headers, answer: (_, query, gone) => tellNews(serving, query, gone) }
  if (path === '/health') return { path, method: 'GET', headers: undefined, answer: () => healthOf(serving) }
  const [, id, act] = /^\/humans\/conversations\/([^/]+)\/([a-z]+)$/.exec(path) ?? []
  const conversationId = decode(id)
  if (conversationId === undefined || !isAct(act)) return undefined
  return {
    path: `/humans/conversations/…/${act}`,
    method: 'POST',
    headers,
    conversationId,
    answer: (body) => takeFromHuman(serving, conversationId, act, body),
  }
}

const healthOf = ({ version }: BridgeServing): Outcome => ({ status: 200, body: { status: 'ok', version } })

const isAct = (word: string | undefined): word is HumanActName => HUMAN_ACTS.some((act) => act === word)

function decode(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part)
  } catch {
    return undefined
  }
}

/** Answered as soon as it is kept: what comes of it goes to the channel by itself. */
function takeFromChannel({ bridge }: BridgeServing, body: unknown): Outcome {
  const read = readChannelCall(body)
  if ('problem' in read) throw new Refused('bad_request', read.problem)
  if ('ignored' in read) return { status: 200, body: { ignored: 'neither a message nor typing' } }
  const { item } = read
  const isNeeded = !('isTyping' in item.call) || bridge.knows(item.conversationId)
  if (isNeeded) bridge.take(item)
  return { status: 200, body: {} }
}

function takeFromHuman(
  serving: BridgeServing,
  conversationId: string,
  act: HumanActName,
  body: unknown,
): Promise<Outcome> {
  const { bridge, settings } = serving
  const read = readHumanCall(conversationId, act, body)
  if ('problem' in read) throw new Refused('bad_request', read.problem)
  const { call } = read.item
  if ('text' in call && isLonger(call.text ?? '', settings.channelMaxText))
    throw new Refused('text_too_long', `at most ${settings.channelMaxText} characters`)
  if (!bridge.knows(conversationId)) throw new Refused('unknown_conversation')
  return bridge.settle(read.item)
}

const MAX_NEWS = 100
const MAX_WAIT = 30

async function tellNews(
  { bridge, draining }: BridgeServing,
  query: URLSearchParams,
  gone: AbortSignal,
): Promise<Outcome> {
  const after = numberIn(query, 'after', Number.MAX_SAFE_INTEGER)
  const seconds = numberIn(query, 'wait', MAX_WAIT)
  const over = AbortSignal.any([gone, draining])
  const patience = wait(seconds * 1000, undefined, { signal: over }).catch(() => {})
  const news = await bridge.news(after, MAX_NEWS, seconds ? patience : Promise.resolve())
  return { status: 200, body: { news: news.map(toPlain), after: news.at(-1)?.number ?? after } }
}

const toPlain = ({ news, ...where }: NumberedNews) => ({ ...where, ...news })

function numberIn(query: URLSearchParams, name: string, max: number): number {
  const text = query.get(name) ?? '0'
  if (!/^\d{1,16}$/.test(text) || Number(text) > max)
    throw new Refused('bad_request', `${name}: expected a whole number from 0 to ${max}`)
  return Number(text)
}

import { once } from 'node:events'
import { get as getPlain, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { get as getSecure } from 'node:https'
import { type CryptoKey, importJWK } from 'jose'
import * as z from 'zod'
import type { Logger } from './log.ts'

/** Milliseconds. A call waits less long than a fetch may take: keys that come late are there for the next call. */
const PATIENCE = 1_000
const FETCH_TIMEOUT = 5_000
const BETWEEN_FETCHES = 10_000
/** Google's keys hold for hours: a key server that says less than this is not asked more often for it. */
const SHORTEST_REFRESH = 60_000
const LONGEST_REFRESH = 86_400_000
const LONGEST_RETRY = 600_000
const DEFAULT_LIFETIME = 3_600_000
/** Which part of the keys' lifetime passes before the next ones are fetched. */
const REFRESH_AFTER = 0.8
/** Google's two or three keys take 1 KB. */
const MAX_BYTES = 65_536

/** Time for intervals, in milliseconds, which no setting of the machine's clock changes. */
export interface Clock {
  readonly now: () => number
  /** Does something later, without keeping the process alive for it; the answer calls it off. */
  readonly after: (milliseconds: number, job: () => void) => () => void
}

const MONOTONIC: Clock = {
  now: () => performance.now(),
  after(milliseconds, job) {
    const timer = setTimeout(job, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}

type Keys = ReadonlyMap<string, CryptoKey>

/**
 * The public keys of identity tokens, by id. Only a good set of keys takes the place of another: while the key server is away, or
 * answers nonsense, the known keys stay in force.
 */
export class GoogleKeys {
  readonly #url: URL
  readonly #logger: Logger | undefined
  readonly #clock: Clock
  #keys: Keys = new Map()
  #isFetching = false
  #lastFetch = Number.NEGATIVE_INFINITY
  /** What calls wait for: the end of the last fetch, or of their patience with it. */
  #awaited: Promise<unknown> = Promise.resolve()
  #failures = 0
  #cancelRefresh = (): void => {}

  constructor(url: URL, logger?: Logger, clock = MONOTONIC) {
    this.#url = url
    this.#logger = logger
    this.#clock = clock
  }

  get areKnown(): boolean {
    return this.#keys.size > 0
  }

  /** The key of an id; of the network's time, an unknown one may take a second in ten. */
  async find(id: string): Promise<CryptoKey | undefined> {
    if (!this.#keys.has(id)) await this.#fetchIfDue()
    return this.#keys.get(id)
  }

  /** Fetches the keys unless there are some; whether there are then. */
  async load(): Promise<boolean> {
    if (!this.areKnown) await this.#fetchIfDue()
    return this.areKnown
  }

  async #fetchIfDue(): Promise<void> {
    if (this.#clock.now() - this.#lastFetch >= BETWEEN_FETCHES) this.#fetch()
    await this.#awaited
  }

  #fetch(): void {
    if (this.#isFetching) return
    this.#isFetching = true
    this.#lastFetch = this.#clock.now()
    const timeout = new AbortController()
    const cancelTimeout = this.#clock.after(FETCH_TIMEOUT, () => timeout.abort())
    const fetched = fetchKeys(this.#url, timeout.signal)
      .then(
        ({ keys, lifetime }) => this.#replace(keys, lifetime),
        (error: unknown) => this.#keep(reasonFor(error)),
      )
      .finally(() => {
        this.#isFetching = false
        cancelTimeout()
      })
    this.#awaited = this.#orPatience(fetched)
  }

  #orPatience(fetched: Promise<void>): Promise<void> {
    return new Promise((done) => {
      const cancel = this.#clock.after(PATIENCE, done)
      void fetched.then(cancel).then(done)
    })
  }

  #replace(keys: Keys, lifetime: number): void {
    if (this.#failures > 0) this.#logger?.info({ message: "Google's keys can be fetched again." })
    this.#keys = keys
    this.#failures = 0
    this.#fetchAfter(Math.min(Math.max(lifetime * REFRESH_AFTER, SHORTEST_REFRESH), LONGEST_REFRESH))
  }

  /** Only the first failure in a row is told: the others say nothing new. */
  #keep(reason: string): void {
    const consequence = this.areKnown
      ? 'the known ones stay in force'
      : 'calls with identity tokens are answered 503 until they can'
    const level = this.areKnown ? 'warn' : 'error'
    if (this.#failures === 0)
      this.#logger?.log({ level, message: `Google's keys cannot be fetched; ${consequence}.`, reason })
    this.#fetchAfter(Math.min(BETWEEN_FETCHES * 2 ** this.#failures, LONGEST_RETRY))
    this.#failures++
  }

  #fetchAfter(milliseconds: number): void {
    this.#cancelRefresh()
    this.#cancelRefresh = this.#clock.after(milliseconds, () => this.#fetch())
  }
}

/** What is wrong with the key server's answer; the message is ours. */
class KeyServerError extends Error {}

/** In fixed words or Node's own code: the message of an error may quote what came. */
function reasonFor(error: unknown): string {
  if (error instanceof KeyServerError) return error.message
  const { code } = error as NodeJS.ErrnoException
  return typeof code === 'string' && /^[A-Z][A-Z\d_]{1,50}$/.test(code) ? code : 'the request failed'
}

async function fetchKeys(url: URL, signal: AbortSignal): Promise<{ keys: Keys; lifetime: number }> {
  try {
    const response = await getFrom(url, signal)
    return { keys: await readKeys(await readBody(response)), lifetime: lifetimeOf(response.headers) }
  } catch (error) {
    throw signal.aborted ? new KeyServerError('no whole answer in time') : error
  }
}

/** By `node:https`, since the signal of the global `fetch` may be collected before a slow body has ended. */
async function getFrom(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? getSecure : getPlain
  const request = get(url, { signal, agent: false, headers: { accept: 'application/json' } })
  // What fails after the first byte fails the reading, too.
  request.on('error', () => {})
  const [response] = (await once(request, 'response', { signal })) as [IncomingMessage]
  if (response.statusCode === 200) return response
  response.destroy()
  throw new KeyServerError(`status ${response.statusCode}`)
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw new KeyServerError(`more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

const absent = z.never().optional()

/** A key for RS256 of which only the public half is public: any other says nothing about who signed. */
const SigningKey = z.object({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z.string(),
  e: z.string(),
  alg: z.literal('RS256').optional(),
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((operations) => operations.includes('verify'))
    .optional(),
  d: absent,
  p: absent,
  q: absent,
})
type SigningKey = z.output<typeof SigningKey>

const KeySet = z.object({ keys: z.array(z.unknown()) })

/** The usable keys of a set, of which there is one at least; keys of other kinds may stand beside them. */
async function readKeys(text: string): Promise<Keys> {
  const { data } = KeySet.safeParse(parse(text))
  if (!data) throw new KeyServerError('no set of keys')
  const imported = await Promise.all(data.keys.map(importKey))
  const usable = imported.filter((entry) => entry !== undefined)
  const keys = new Map(usable)
  if (keys.size === 0) throw new KeyServerError('no usable key')
  if (keys.size < usable.length) throw new KeyServerError('two keys with one id')
  return keys
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new KeyServerError('no JSON')
  }
}

async function importKey(given: unknown): Promise<[id: string, key: CryptoKey] | undefined> {
  const { data } = SigningKey.safeParse(given)
  const key = data && (await importRsa(data))
  return key && hasUsualLength(key) ? [data.kid, key] : undefined
}

const importRsa = ({ n, e }: SigningKey): Promise<CryptoKey | undefined> =>
  importJWK({ kty: 'RSA', n, e }, 'RS256').catch(() => undefined)

/** Shorter ones RS256 does not allow; the time that a signature takes grows with the length. Bits. */
function hasUsualLength({ algorithm }: CryptoKey): boolean {
  const { modulusLength } = algorithm as { readonly modulusLength?: number }
  return modulusLength !== undefined && modulusLength >= 2048 && modulusLength <= 8192
}

/** How long the keys may be kept, in milliseconds, by `Cache-Control` and `Age`. */
function lifetimeOf({ 'cache-control': cacheControl = '', age = '' }: IncomingHttpHeaders): number {
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(cacheControl)?.[1]
  const elapsed = /^\d{1,9}$/.test(age) ? Number(age) : 0
  return maxAge === undefined ? DEFAULT_LIFETIME : (Number(maxAge) - elapsed) * 1000
}

import { connect, type Socket } from 'node:net'
import { until } from './http-call.ts'

export interface RawReply {
  readonly status: number
  /** The status line and the headers, in lower case. */
  readonly head: string
  readonly text: string
}

/** A connection on which a test sends what no HTTP client would, and sees what comes back. */
export class RawSocket {
  readonly #socket: Socket
  readonly #replies: RawReply[] = []
  #received = ''
  #isClosed = false

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.setEncoding('latin1').on('data', (text: string) => {
      this.#received += text
      this.#parse()
    })
    // Being cut off is what many tests wait for.
    this.#socket.on('error', () => undefined)
    this.#socket.once('close', () => {
      this.#isClosed = true
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Every whole reply so far, interim ones too. */
  get replies(): readonly RawReply[] {
    return this.#replies
  }

  send(...parts: readonly (string | Uint8Array)[]): this {
    for (const part of parts) this.#socket.write(part)
    return this
  }

  /** Says that nothing more will be sent; what comes back is still read. */
  end(): this {
    this.#socket.end()
    return this
  }

  /** Takes in nothing of what comes back. */
  pause(): this {
    this.#socket.pause()
    return this
  }

  /** Hangs up, without a word. */
  destroy(): void {
    this.#socket.resetAndDestroy()
  }

  /** The first `count` replies. */
  take(count: number): Promise<RawReply[]> {
    return until(() => {
      const { replies } = this
      if (replies.length >= count) return replies.slice(0, count)
      if (this.#isClosed) throw new Error(`closed after ${replies.length} of ${count} replies`)
      return undefined
    })
  }

  /** Every reply, once the server has closed the connection. */
  async takeAll(): Promise<readonly RawReply[]> {
    await until(() => this.#isClosed || undefined)
    return this.replies
  }

  #parse(): void {
    for (let found = firstReply(this.#received); found; found = firstReply(this.#received)) {
      this.#replies.push(found.reply)
      this.#received = found.rest
    }
  }
}

/** All that comes in chunks: what Node refuses by itself has no body. */
const LAST_CHUNK = '0\r\n\r\n'

/** The first reply, if it is whole, and what follows. Bytes are Latin-1 here, so that lengths are those of bytes. */
function firstReply(received: string): { reply: RawReply; rest: string } | undefined {
  const end = received.indexOf('\r\n\r\n') + 4
  const head = received.slice(0, end).toLowerCase()
  const isEmpty = head.includes('transfer-encoding: chunked')
  const length = isEmpty ? LAST_CHUNK.length : Number(/\r\ncontent-length: (\d+)/.exec(head)?.[1] ?? 0)
  if (end < 4 || received.length < end + length) return undefined
  const text = isEmpty ? '' : Buffer.from(received.slice(end, end + length), 'latin1').toString()
  const status = Number(/^http\/1\.1 (\d{3})/.exec(head)?.[1])
  return { reply: { status, head, text }, rest: received.slice(end + length) }
}

/** A POST of the webhook as it goes over the wire; headers stand behind those that every call has. */
export const rawCall = (body: string | Uint8Array, headers: readonly string[] = []): string =>
  rawRequest('POST /webhook HTTP/1.1', body, [
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
  ])

/** Any request, with no more headers than these and `Host`. */
export const rawRequest = (line: string, body: string | Uint8Array = '', headers: readonly string[] = []): string =>
  `${[line, 'host: webhook.example.com', ...headers].join('\r\n')}\r\n\r\n${body}`

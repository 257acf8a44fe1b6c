import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Emission } from '../../src/representatives/conversation.ts'

export const CHANNEL_TOKEN = 'channel-token-of-the-tests'

/** A call as the channel got it. */
export interface ChannelCall {
  readonly conversationId: string
  /** The `messageId`, or the `eventId`. */
  readonly id: string
  readonly body: Emission
}

/** What the channel does with its next call: answers with a status, takes it and answers nothing, or neither. */
export type ChannelFault = number | 'answer lost' | 'hang'

/** The channel's side of the contract, on a port of its own. */
export class ChannelServer {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  /** As they came, repeats too. */
  readonly received: ChannelCall[] = []
  readonly faults: ChannelFault[] = []
  /** Told of each call before it is taken; `drop`: it never arrives; `silent`: it does, and is not answered. */
  onCall: (call: ChannelCall) => 'drop' | 'silent' | undefined = () => undefined
  url = ''

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  /** Without repeats: what the person sees. */
  shown(conversationId = '3333'): ChannelCall[] {
    const seen = new Set<string>()
    const isFirst = ({ id }: ChannelCall): boolean => !seen.has(id) && Boolean(seen.add(id))
    return this.received.filter((call) => call.conversationId === conversationId && isFirst(call))
  }

  /** Who does what, in words. */
  story(conversationId?: string): string[] {
    return this.shown(conversationId).map(({ body }) => {
      const { displayName, representativeType } = body.representative
      return `${representativeType} ${displayName}: ${'text' in body ? body.text : body.eventType}`
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const { pathname, searchParams } = new URL(request.url ?? '', this.url)
    const [, conversation = '', kind] = /^\/v1\/conversations\/([^/]+)\/(messages|events)$/.exec(pathname) ?? []
    const isRight = request.method === 'POST' && request.headers.authorization === `Bearer ${CHANNEL_TOKEN}`
    if (!kind || !isRight) return void response.writeHead(kind ? 401 : 404).end()
    const parsed = JSON.parse(body)
    const id = kind === 'messages' ? parsed.messageId : searchParams.get('eventId')
    const call = { conversationId: decodeURIComponent(conversation), id, body: parsed }
    const fault = this.faults.shift()
    if (typeof fault === 'number') return void response.writeHead(fault).end()
    if (fault === 'hang') return
    const told = this.onCall(call)
    if (told !== 'drop') this.received.push(call)
    if (told) return
    if (fault === 'answer lost') return void request.socket.destroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
}

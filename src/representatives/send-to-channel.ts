import type { Peers, Sent } from './bridge.ts'
import type { Emission } from './conversation.ts'

export interface ChannelOptions {
  /** Up to and without `/v1/conversations/…`. */
  readonly url: string
  readonly token: string
  /** Milliseconds, for each try. */
  readonly timeout: number
}

/** Statuses that another try may change: our credentials, which somebody is about to mend, and what passes by itself. */
const PASSING: ReadonlySet<number> = new Set([401, 403, 408, 425, 429])

/** Makes the calls of the channel's contract, each with the id by which the channel knows a repeat. */
export function createChannel({ url, token, timeout }: ChannelOptions): Peers['send'] {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return async ({ id, conversationId, emission }): Promise<Sent> => {
    const { path, body } = requestOf(id, emission)
    try {
      const response = await fetch(`${url}/v1/conversations/${encodeURIComponent(conversationId)}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeout),
      })
      await response.body?.cancel()
      return sentAs(response.status)
    } catch {
      // No connection, no answer in time, or half of one: whether it has arrived nobody knows.
      return 'again'
    }
  }
}

function sentAs(status: number): Sent {
  if (status >= 200 && status < 300) return 'taken'
  return status >= 400 && status < 500 && !PASSING.has(status) ? { refused: status } : 'again'
}

function requestOf(id: string, emission: Emission): { path: string; body: object } {
  const { representative } = emission
  if ('text' in emission) return { path: '/messages', body: { messageId: id, text: emission.text, representative } }
  return { path: `/events?eventId=${id}`, body: { eventType: emission.eventType, representative } }
}

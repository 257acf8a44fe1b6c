import assert from 'node:assert/strict'
import { until } from '../server/http-call.ts'
import type { ChannelServer } from './channel-server.ts'
import { fromChannel, fromHuman, JANE, messageBody, newsOf, shown, typingBody } from './local-bridge.ts'

/** What the person sees of the contract's walk-through, with the bot's typing around what it says. */
export const WALK_THROUGH = [
  'BOT Hello World Agent: TYPING_STARTED',
  "BOT Hello World Agent: Thanks for contacting us. I'll pass this along when a live agent is available to chat with you.",
  'BOT Hello World Agent: TYPING_STOPPED',
  'HUMAN Jane Doe: REPRESENTATIVE_JOINED',
  'HUMAN Jane Doe: I see you have a problem. How can I help?',
  'HUMAN Jane Doe: REPRESENTATIVE_LEFT',
  'BOT Hello World Agent: TYPING_STARTED',
  'BOT Hello World Agent: You are welcome.',
  'BOT Hello World Agent: TYPING_STOPPED',
]

/** Plays it; every call is made until it is answered, as channels and humans do. */
export async function walkThrough(url: string, channel: ChannelServer): Promise<void> {
  const [typing, problem, thanks] = [typingBody(), messageBody('Hi, I have a problem'), messageBody('Thank you')]
  await insist(() => fromChannel(url, typing))
  await insist(() => fromChannel(url, problem))
  await insist(() => newsOf(url, 'requested'))
  for (const [act, body] of [
    ['join', { requestId: 'walk-1', representative: JANE }],
    ['say', { requestId: 'walk-2', representativeId: 'jane', text: 'I see you have a problem. How can I help?' }],
    ['leave', { requestId: 'walk-3', representativeId: 'jane' }],
  ] as const) {
    const { status, text } = await insist(() => fromHuman(url, act, body))
    assert.equal(status, 200, text)
  }
  await insist(() => fromChannel(url, thanks))
  await shown(channel, WALK_THROUGH.length)
}

/** Again and again, while there is no connection. */
const insist = <T>(work: () => Promise<T>): Promise<T> => until(() => work().catch(() => undefined))

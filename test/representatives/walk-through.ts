import assert from 'node:assert/strict'
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
  await fromChannel(url, typingBody())
  await fromChannel(url, messageBody('Hi, I have a problem'))
  await newsOf(url, 'requested')
  for (const [act, body] of [
    ['join', { representative: JANE }],
    ['say', { representativeId: 'jane', text: 'I see you have a problem. How can I help?' }],
    ['leave', { representativeId: 'jane' }],
  ] as const) {
    const { status, text } = await fromHuman(url, act, body)
    assert.equal(status, 200, text)
  }
  await fromChannel(url, messageBody('Thank you'))
  await shown(channel, WALK_THROUGH.length)
}

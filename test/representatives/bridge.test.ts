import assert from 'node:assert/strict'
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { serveAgent } from '../dialogflow/agent-server.ts'
import { madeAgent } from '../dialogflow/made-agent.ts'
import { call, codeOf, GUARD_MS, until } from '../server/http-call.ts'
import { RawSocket, rawRequest } from '../server/raw-socket.ts'
import { RunningServer } from '../server/running-server.ts'
import { ChannelServer } from './channel-server.ts'
import {
  callNews,
  environmentOf,
  fromChannel,
  fromHuman,
  JANE,
  messageBody,
  newsAfter,
  newsOf,
  runBridge,
  SECRETS,
  shown,
  TURNS,
  turn,
  typingBody,
} from './local-bridge.ts'
import { policyOf } from './policy-of.ts'
import { REPRESENTATIVES } from './representatives-yaml.ts'
import { WALK_THROUGH, walkThrough } from './walk-through.ts'

const folder = temporaryFolder()
const GUARD = { timeout: 2 * GUARD_MS }

describe('the bridge', () => {
  test("the contract's walk-through gives its sequence of calls", async (context) => {
    const { url, channel } = await runBridge(context)
    await walkThrough(url, channel)
    assert.deepEqual(channel.story(), WALK_THROUGH)
    const bodies = channel.shown().map(({ body }) => body)
    const bot = {
      representativeType: 'BOT',
      displayName: 'Hello World Agent',
      avatarImage: 'https://live.agent/bot-avatar.jpg',
    }
    const human = {
      representativeType: 'HUMAN',
      displayName: 'Jane Doe',
      avatarImage: 'https://live.agent/human-avatar.jpg',
    }
    const [, message, , joined, said] = bodies
    assert.deepEqual(Object.keys(message ?? {}), ['messageId', 'text', 'representative'])
    assert.deepEqual(message?.representative, bot)
    assert.deepEqual(joined, { eventType: 'REPRESENTATIVE_JOINED', representative: human })
    assert.deepEqual(said?.representative, human)
  })

  test('a real webhook and its flow file decide what the human side sees', async (context) => {
    const flows = folder.flow(
      'flows',
      `flow: Book a trip
captures:
  - tag: hand-over
    variables:
      problem: { from: $session.params.problem, visible_to: [agent, comment] }
      loyalty: { from: $session.params.loyalty, visible_to: [event, data_parameters, comment] }
    then: { action: escalation, escalation_reason: by_consumer, menu_id: 90 }
`,
    )
    const webhook = new RunningServer({ FLOWS_DIR: flows, WEBHOOK_AUTH: 'none', HOST: '127.0.0.1', PORT: '0' })
    context.after(() => webhook.stop())
    const uri = `${await webhook.listening()}/webhook`
    const made = madeAgent()
    const webhooks = made.webhooks.map((one) =>
      one.displayName === 'Carryover' ? { ...one, genericWebService: { uri } } : one,
    )
    const handOver = {
      ...turn({ text: { text: ['One moment, please.'] } }),
      parameters: { problem: 'lost suitcase', loyalty: 'CANARY-gold' },
    }
    const { url, channel } = await runBridge(context, {
      made: { ...made, webhooks },
      turns: {
        'Help me': { ...handOver, fulfillment: { ...handOver.fulfillment, webhook: 'Carryover', tag: 'hand-over' } },
      },
    })
    await fromChannel(url, messageBody('Help me'))
    const { variables, handoff, language } = await newsOf(url, 'requested')
    assert.deepEqual(variables, { problem: 'lost suitcase' })
    assert.deepEqual(handoff, { escalation_reason: 'by_consumer', menu_id: 90 })
    assert.equal(language, 'en')
    assert.deepEqual((await shown(channel, 3)).slice(1), [
      'BOT Hello World Agent: One moment, please.',
      'BOT Hello World Agent: TYPING_STOPPED',
    ])
  })

  test('the detectors of the policy see all that the human side gets of an answer', async (context) => {
    const ujet = {
      type: 'action',
      action: 'escalation',
      menu_id: '4111111111111111',
      escalation_reason: 'the card is 4111111111111111',
      session_variable: { payload: { note: '4111111111111111' }, capture_type: ['agent'] },
    }
    const { url } = await runBridge(context, {
      policy: policyOf('values: [{ detect: payment_card, action: mask }]\n'),
      turns: { 'Help me': turn({ payload: { ujet } }) },
    })
    await fromChannel(url, messageBody('Help me'))
    const { variables, handoff } = await newsOf(url, 'requested')
    assert.deepEqual(variables, { note: '************1111' })
    assert.deepEqual(handoff, { menu_id: '************1111', escalation_reason: 'the card is ************1111' })
  })

  test('a repeated requestId is answered once, by the channel and by humans', async (context) => {
    const { url, channel, agent } = await runBridge(context)
    const thanks = messageBody('Thank you')
    await Promise.all([fromChannel(url, thanks), fromChannel(url, thanks)])
    await fromChannel(url, thanks)
    await shown(channel, 3)
    assert.equal((await fromChannel(url, thanks)).status, 200)
    const join = { requestId: 'j1', representative: JANE }
    const [first, second] = [await fromHuman(url, 'join', join), await fromHuman(url, 'join', join)]
    assert.equal(first.status, 200)
    assert.equal(second.text, first.text)
    assert.match(first.text, /^\{"eventId":"[0-9a-f-]{36}"\}$/)
    const say = { requestId: 's1', representativeId: 'jane', text: 'Hello' }
    const said = [await fromHuman(url, 'say', say), await fromHuman(url, 'say', say)].map(({ text }) => text)
    assert.equal(said[0], said[1])
    const story = await shown(channel, 5)
    assert.deepEqual(story.slice(3), ['HUMAN Jane Doe: REPRESENTATIVE_JOINED', 'HUMAN Jane Doe: Hello'])
    assert.equal(agent.received.length, 1)
    assert.equal(channel.received.length, 5)
  })

  test('order within a conversation is kept, however slow the agent is', async (context) => {
    const { url, channel, agent } = await runBridge(context, {
      turns: { one: turn({ text: { text: ['re: one'] } }), two: turn({ text: { text: ['re: two'] } }) },
    })
    agent.faults.set('detectIntent', [{ code: 14, details: 'busy' }])
    await fromChannel(url, messageBody('one'))
    await fromChannel(url, messageBody('two'))
    const joined = fromHuman(url, 'join', { representative: JANE })
    await fromChannel(url, messageBody('Thank you', {}, 'other'))
    const other = await shown(channel, 3, 'other')
    assert.match(String(other[1]), /You are welcome/)
    assert.equal((await joined).status, 200)
    const said = (await shown(channel, 7)).filter((line) => !line.includes('TYPING'))
    assert.deepEqual(said, [
      'BOT Hello World Agent: re: one',
      'BOT Hello World Agent: re: two',
      'HUMAN Jane Doe: REPRESENTATIVE_JOINED',
    ])
  })

  test('what the person writes while a human is awaited or there goes to the human side', async (context) => {
    const { url, agent } = await runBridge(context)
    await fromChannel(url, messageBody('Hi, I have a problem'))
    const { number } = await newsOf(url, 'requested')
    await fromChannel(url, messageBody('Is anybody there?'))
    await fromChannel(url, typingBody())
    await fromHuman(url, 'join', { representative: JANE })
    await fromChannel(url, messageBody('x'.repeat(5000), { media: { contentType: 'image/png' } }))
    const { news, after } = await newsAfter(url, Number(number))
    assert.deepEqual(
      news.map(({ type, text, isTyping, attachmentLeftOut }) => [type, text ?? isTyping, attachmentLeftOut]),
      [
        ['message', 'Is anybody there?', false],
        ['typing', true, undefined],
        ['joined', undefined, undefined],
        ['message', 'x'.repeat(5000), true],
      ],
    )
    assert.equal(agent.received.length, 1)
    const waiting = newsAfter(url, after, 30)
    await fromHuman(url, 'leave', { representativeId: 'jane' })
    assert.deepEqual(
      (await waiting).news.map(({ type, timedOut }) => [type, timedOut]),
      [['left', false]],
    )
  })

  test('a human who vanishes has left, and when nobody comes the bot says so', async (context) => {
    const { url, channel } = await runBridge(context, { environment: { WAIT_TIMEOUT_MS: '1', HUMAN_TIMEOUT_MS: '1' } })
    await fromChannel(url, messageBody('Hi, I have a problem'))
    await newsOf(url, 'withdrawn')
    assert.equal((await shown(channel, 4)).at(-1), 'BOT Hello World Agent: Nobody is there now.')
    await fromHuman(url, 'join', { representative: { id: 'joe' } })
    const left = await newsOf(url, 'left')
    assert.equal(left.timedOut, true)
    assert.deepEqual((await shown(channel, 6)).slice(4), [
      'HUMAN Support: REPRESENTATIVE_JOINED',
      'HUMAN Support: REPRESENTATIVE_LEFT',
    ])
    const late = await fromHuman(url, 'say', { representativeId: 'joe', text: 'Too late' })
    assert.equal(late.status, 409)
    assert.match(
      late.text,
      /\\"human says\\" \(\\"joe\\"\) cannot be made while the bot writes: \\"joe\\" has not joined/,
    )
  })

  test("a clock that is set forward ends nobody's patience", async (context) => {
    const { now } = Date
    let ahead = 0
    context.mock.method(Date, 'now', () => now() + ahead)
    const { url } = await runBridge(context, { environment: { HUMAN_TIMEOUT_MS: '1' } })
    await fromChannel(url, messageBody('Hi, I have a problem'))
    await fromChannel(url, messageBody('Hi, I have a problem', {}, 'other'))
    await until(async () => (await newsAfter(url)).news.filter(({ type }) => type === 'requested')[1])
    ahead = 3_600_000
    await fromHuman(url, 'join', { representative: JANE }, 'other')
    await newsOf(url, 'left')
    assert.ok(!(await newsAfter(url)).news.some(({ type }) => type === 'withdrawn'))
  })

  test('where the agent cannot answer, a human is asked for', async (context) => {
    const { url, channel, agent, lines } = await runBridge(context)
    agent.faults.set('detectIntent', [{ code: 3, details: 'CANARY in the words of Dialogflow' }])
    await fromChannel(url, messageBody('CANARY text'))
    assert.deepEqual((await newsOf(url, 'requested')).handoff, {})
    assert.match(String((await shown(channel, 3))[1]), /Thanks for contacting us/)
    assert.match(lines.join('\n'), /The agent did not answer\./)
    assert.ok(!lines.join('\n').includes('CANARY'), 'the log holds a value')
  })

  test('a quota that stays used up keeps nobody waiting: after three tries a human is asked for', async (context) => {
    const { url, agent } = await runBridge(context)
    const quota = { code: 8, details: 'quota' }
    agent.faults.set('detectIntent', [quota, quota, quota])
    await fromChannel(url, messageBody('Thank you'))
    assert.deepEqual((await newsOf(url, 'requested')).handoff, {})
    assert.equal(agent.received.length, 3)
  })

  test('the walk-through is the same when the system kills the process at its calls', {
    timeout: 60_000,
  }, async (context) => {
    const channel = await new ChannelServer().start()
    const agent = await serveAgent(madeAgent(), { turns: TURNS })
    const flows = folder.write('flows/representatives.yaml', REPRESENTATIVES)
    const port = await freePort()
    const environment = {
      ...environmentOf(channel, agent, join(folder.path, 'killed.sqlite')),
      PORT: String(port),
      FLOWS_DIR: join(flows, '..'),
    }
    let child = run(environment)
    let kills = 0
    const kill = (): void => {
      kills++
      const dying = child
      dying.kill('SIGKILL')
      child = run(environment)
    }
    context.after(async () => {
      channel.stop()
      await agent.close()
      child.kill('SIGKILL')
      await once(child, 'close')
    })
    agent.faults.set('detectIntent', ['hang'])
    const asked = until(() => (agent.received.length ? true : undefined)).then(kill)
    const dies: Record<string, 'drop' | 'silent'> = {
      [String(WALK_THROUGH[1])]: 'silent',
      [String(WALK_THROUGH[3])]: 'drop',
    }
    channel.onCall = ({ body }) => {
      const { representativeType, displayName } = body.representative
      const line = `${representativeType} ${displayName}: ${'text' in body ? body.text : body.eventType}`
      const how = dies[line]
      delete dies[line]
      if (how) kill()
      return how
    }
    await walkThrough(`http://127.0.0.1:${port}`, channel)
    await asked
    assert.deepEqual(channel.story(), WALK_THROUGH)
    assert.equal(kills, 3)
    assert.ok(channel.received.length > WALK_THROUGH.length, 'nothing was repeated')
  })
})

describe('carryover bridge', () => {
  test('goes on where nobody reads its log any more, and ends when it is told to', GUARD, async (context) => {
    const { url, channel, child } = await runProcess(context)
    child.stdout.destroy()
    for (const conversation of ['one', 'two']) {
      await fromChannel(url, messageBody('Thank you', {}, conversation))
      await shown(channel, 3, conversation)
    }
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'close'), [0, null])
  })

  test('goes on where its log has no room left', { ...GUARD, skip: !existsSync('/dev/full') }, async (context) => {
    const PORT = String(await freePort())
    const full = openSync('/dev/full', 'w')
    context.after(() => closeSync(full))
    const { channel, child } = await startProcess(context, { PORT }, full)
    const url = `http://127.0.0.1:${PORT}`
    await until(() =>
      callNews(url, 'after=0').then(
        () => true,
        () => undefined,
      ),
    )
    await fromChannel(url, messageBody('Thank you', {}, 'one'))
    await shown(channel, 3, 'one')
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'close'), [0, null])
  })

  test('neither an agent nor a channel that never answers holds the shutdown', GUARD, async (context) => {
    const patience = { SHUTDOWN_GRACE_MS: '100', CHANNEL_TIMEOUT_MS: '600000' }
    const { url, agent, channel, lines, child } = await runProcess(context, patience)
    agent.faults.set('detectIntent', ['hang'])
    channel.faults.push('hang')
    await fromChannel(url, messageBody('Thank you'))
    await until(() => (agent.received.length && channel.faults.length === 0) || undefined)
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'close'), [0, null])
    assert.ok(!lines.some((line) => line.includes('The agent did not answer')), lines.join('\n'))
  })
})

describe('what does not fit', () => {
  test('attachments and text too long for the agent: the bot says what it can read', async (context) => {
    const { url, channel, agent } = await runBridge(context)
    await fromChannel(url, messageBody(undefined, { attachment: { url: 'https://example.com/a.pdf' } }))
    await fromChannel(url, messageBody('x'.repeat(257)))
    await fromChannel(url, messageBody('Thank you', { location: { latitude: 1 } }))
    await fromChannel(url, messageBody('Thank you', { attachment: 'https://example.com/a.pdf' }))
    await fromChannel(url, messageBody('Thank you', { attachments: [], type: 'TEXT', sequence: 3, isEcho: false }))
    const story = await shown(channel, 13)
    const textOnly = 'BOT Hello World Agent: I can read short texts alone.'
    const welcome = 'BOT Hello World Agent: You are welcome.'
    assert.deepEqual(
      story.filter((line) => !line.includes('TYPING')),
      [textOnly, textOnly, textOnly, welcome, textOnly, welcome, welcome],
    )
    assert.equal(agent.received.length, 3)
  })

  test("the agent's long text is sent in parts, and nothing of it is lost", async (context) => {
    const long = 'word '.repeat(50).trim()
    const { url, channel } = await runBridge(context, {
      turns: { Tell: turn({ text: { text: [long] } }) },
      environment: { CHANNEL_MAX_TEXT: '100' },
    })
    await fromChannel(url, messageBody('Tell'))
    await shown(channel, 5)
    const texts = channel.shown().flatMap(({ body }) => ('text' in body ? [body.text] : []))
    assert.deepEqual(
      texts.map((text) => text.length),
      [99, 99, 49],
    )
    assert.equal(texts.join(' '), long)
    const refused = await fromHuman(url, 'say', { representativeId: 'jane', text: 'x'.repeat(101) })
    assert.equal(codeOf(refused), 'text_too_long')
    assert.match(refused.text, /at most 100 characters/)
    const counted = await fromHuman(url, 'say', { representativeId: 'jane', text: '👍'.repeat(100) })
    assert.equal(codeOf(counted), 'impossible_move')
  })

  test('a slow or broken channel gets the same call again, with the same id', async (context) => {
    const { url, channel } = await runBridge(context, { environment: { CHANNEL_TIMEOUT_MS: '100' } })
    await fromChannel(url, messageBody('Thank you'))
    await shown(channel, 3)
    channel.faults.push('hang', 503, 'answer lost')
    await fromHuman(url, 'join', { representative: JANE })
    await fromHuman(url, 'say', { representativeId: 'jane', text: 'Hello' })
    assert.deepEqual((await shown(channel, 5)).slice(3), [
      'HUMAN Jane Doe: REPRESENTATIVE_JOINED',
      'HUMAN Jane Doe: Hello',
    ])
    assert.equal(channel.received.length, 6)
    assert.equal(channel.received[3]?.id, channel.received[4]?.id)
  })

  test('a channel without typing events gets each of them once, and what stands behind them', async (context) => {
    const { url, channel } = await runBridge(context)
    channel.faults.push(501)
    await fromChannel(url, messageBody('Thank you'))
    assert.deepEqual(await shown(channel, 2), [
      'BOT Hello World Agent: You are welcome.',
      'BOT Hello World Agent: TYPING_STOPPED',
    ])
  })

  test('an outage of the channel closes no conversation: who asked for a human gets one', async (context) => {
    const { url, channel } = await runBridge(context, { environment: { CHANNEL_TRIES: '2' } })
    channel.faults.push(500, 500, 401, 500)
    await fromChannel(url, messageBody('Hi, I have a problem'))
    await until(() => channel.faults.length === 0 || undefined)
    assert.equal((await fromHuman(url, 'join', { representative: JANE })).status, 200)
    await fromHuman(url, 'say', { representativeId: 'jane', text: 'Hello' })
    assert.deepEqual(await shown(channel, 2), ['HUMAN Jane Doe: REPRESENTATIVE_JOINED', 'HUMAN Jane Doe: Hello'])
  })

  test('a message of a human that was tried in vain is told of; the conversation goes on', async (context) => {
    const { url, channel } = await runBridge(context, { environment: { CHANNEL_TRIES: '2' } })
    await fromChannel(url, messageBody('Thank you'))
    await shown(channel, 3)
    await fromHuman(url, 'join', { representative: JANE })
    await shown(channel, 4)
    channel.faults.push(503, 503)
    const said = await fromHuman(url, 'say', { representativeId: 'jane', text: 'in vain' })
    await fromHuman(url, 'say', { representativeId: 'jane', text: 'Hello' })
    const { messageId } = await newsOf(url, 'undelivered')
    assert.equal(messageId, JSON.parse(said.text).messageId)
    assert.equal((await shown(channel, 5)).at(-1), 'HUMAN Jane Doe: Hello')
  })

  test('a channel that has closed the conversation: the human side is told, and nothing more is sent until the person writes', async (context) => {
    const { url, channel, lines } = await runBridge(context)
    await fromChannel(url, messageBody('Hi, I have a problem'))
    await newsOf(url, 'requested')
    await fromHuman(url, 'join', { representative: JANE })
    await shown(channel, 4)
    channel.faults.push(404)
    const said = await fromHuman(url, 'say', { representativeId: 'jane', text: 'CANARY' })
    const { undelivered } = await newsOf(url, 'closed')
    assert.deepEqual(undelivered, [JSON.parse(said.text).messageId])
    const late = await fromHuman(url, 'join', { representative: { id: 'joe' } })
    assert.equal(late.status, 409)
    assert.equal(codeOf(late), 'conversation_closed')
    assert.equal(
      codeOf(await fromHuman(url, 'say', { representativeId: 'jane', text: 'Hello?' })),
      'conversation_closed',
    )
    assert.equal(channel.shown().length, 4)
    await fromChannel(url, messageBody('Thank you'))
    assert.deepEqual((await shown(channel, 8)).slice(4), [
      'HUMAN Jane Doe: REPRESENTATIVE_LEFT',
      'BOT Hello World Agent: TYPING_STARTED',
      'BOT Hello World Agent: You are welcome.',
      'BOT Hello World Agent: TYPING_STOPPED',
    ])
    assert.ok(!lines.join('\n').includes('CANARY'), 'the log holds a value')
  })

  test('a human whose joining the channel refused at once does not leave either', async (context) => {
    const { url, channel } = await runBridge(context)
    await fromChannel(url, messageBody('Thank you'))
    await shown(channel, 3)
    channel.faults.push(410)
    await fromHuman(url, 'join', { representative: JANE })
    await newsOf(url, 'closed')
    await fromChannel(url, messageBody('Thank you'))
    await shown(channel, 6)
    channel.faults.push('answer lost', 410)
    await fromHuman(url, 'join', { representative: JANE })
    await until(async () => (await newsAfter(url)).news.filter(({ type }) => type === 'closed')[1])
    await fromChannel(url, messageBody('Thank you'))
    const story = await shown(channel, 11)
    assert.deepEqual(
      story.filter((line) => line.includes('HUMAN')),
      ['HUMAN Jane Doe: REPRESENTATIVE_JOINED', 'HUMAN Jane Doe: REPRESENTATIVE_LEFT'],
    )
  })

  test('a message that the channel will not have is told of; the conversation goes on', async (context) => {
    const { url, channel } = await runBridge(context)
    await fromChannel(url, messageBody('Thank you'))
    await shown(channel, 3)
    await fromHuman(url, 'join', { representative: JANE })
    await shown(channel, 4)
    channel.faults.push(400)
    const said = await fromHuman(url, 'say', { representativeId: 'jane', text: 'no good' })
    const { messageId } = await newsOf(url, 'undelivered')
    assert.equal(messageId, JSON.parse(said.text).messageId)
    await fromHuman(url, 'say', { representativeId: 'jane', text: 'better' })
    assert.equal((await shown(channel, 5)).at(-1), 'HUMAN Jane Doe: better')
  })

  test('a human whose joining the channel never takes cannot write: the human side is told', async (context) => {
    const { url, channel } = await runBridge(context, { environment: { CHANNEL_TRIES: '2' } })
    await fromChannel(url, typingBody('unheard of'))
    await fromChannel(url, messageBody('Thank you'))
    await shown(channel, 3)
    channel.faults.push(503, 503)
    await fromHuman(url, 'join', { representative: JANE })
    await newsOf(url, 'closed')
    assert.equal(channel.shown().length, 3)
  })

  test('behind a body that is too large the connection brings the next call', async (context) => {
    const { url, channel } = await runBridge(context)
    const socket = new RawSocket(url).send(rawMessage(messageBody('x'.repeat(2_000_000))))
    const [refused] = await socket.take(1)
    assert.equal(refused?.status, 413)
    const [, taken] = await socket.send(rawMessage(messageBody('Thank you'))).take(2)
    assert.equal(taken?.status, 200)
    await shown(channel, 3)
    socket.destroy()
  })

  test('who hangs up in the middle of a call is no error of the bridge', async (context) => {
    const { url, channel, lines } = await runBridge(context)
    const whole = rawMessage(messageBody('CANARY'))
    const chunked = ['content-type: application/json', 'transfer-encoding: chunked', CHANNEL_SECRET]
    const head = rawRequest('POST /channel HTTP/1.1', '', chunked)
    const hungUp = (): string[] => lines.filter((line) => line.includes('A caller hung up in the middle of a call.'))
    const reset = new RawSocket(url).send(whole.slice(0, -9))
    await call(url, { path: '/health' })
    reset.destroy()
    await until(() => hungUp().length === 1 || undefined)
    await new RawSocket(url).send(whole.slice(0, -9)).end().takeAll()
    await new RawSocket(url).send(head, 'no length\r\n').takeAll()
    await until(() => hungUp().length === 3 || undefined)
    await fromChannel(url, messageBody('Thank you'))
    await shown(channel, 3)
    assert.ok(!lines.some((line) => line.includes('ERROR') || line.includes('CANARY')), lines.join('\n'))
  })

  test('every other bad call: what is wrong, and where', async (context) => {
    const { url, lines, agent } = await runBridge(context, { environment: { MAX_BODY_BYTES: '2000' } })
    const CANARY = 'CANARY-4242'
    await fromChannel(url, messageBody('Thank you'))
    const noSecret = { headers: { 'content-type': 'application/json', 'x-channel-secret': `${CANARY}-wrong` } }
    const json = { 'content-type': 'application/json', 'x-human-secret': 'secret-of-the-humans' }
    const cases: [reply: Promise<{ status: number; text: string }>, status: number, says: RegExp][] = [
      [fromChannel(url, messageBody('x'), noSecret), 401, /"unauthenticated"/],
      [
        fromChannel(url, messageBody('x'), { headers: { 'content-type': 'application/json' } }),
        401,
        /"unauthenticated"/,
      ],
      [fromChannel(url, messageBody('x'), { headers: { ...json } }), 401, /"unauthenticated"/],
      [fromHuman(url, 'join', {}, '3333', noSecret), 401, /"unauthenticated"/],
      [fromChannel(url, undefined, { method: 'GET' }), 405, /"method_not_allowed"/],
      [fromChannel(url, messageBody('x'), { path: '/elsewhere' }), 404, /"not_found"/],
      [fromChannel(url, messageBody('x'), { path: '//' }), 404, /"not_found"/],
      [fromHuman(url, 'dance', {}), 404, /"not_found"/],
      [fromHuman(url, 'join', {}, '3333', { path: '/humans/conversations/%E0%A4/join' }), 404, /"not_found"/],
      [
        fromChannel(url, 'text', {
          headers: { 'x-channel-secret': 'secret-of-the-channel', 'content-type': 'text/plain' },
        }),
        415,
        /"unsupported_media_type"/,
      ],
      [fromChannel(url, `{"${CANARY}`), 400, /"bad_json"/],
      [fromChannel(url, messageBody(CANARY.repeat(500))), 413, /"body_too_large"/],
      [fromChannel(url, []), 400, /"detail":"the body: expected object, received array"/],
      [fromChannel(url, { conversationId: '1' }), 400, /"detail":"requestId: expected string, received undefined"/],
      [
        fromChannel(url, { ...messageBody('x'), conversationId: '..' }),
        400,
        /conversationId: expected an id: 1 to 256 characters/,
      ],
      [fromChannel(url, { ...messageBody('x'), requestId: 'a\u0000b' }), 400, /requestId: expected an id/],
      [
        fromChannel(url, { ...messageBody('x'), message: { text: CANARY } }),
        400,
        /message\.messageId: expected string/,
      ],
      [
        fromChannel(url, { conversationId: '1', requestId: '2', receipts: {} }),
        200,
        /^\{"ignored":"neither a message nor typing"\}$/,
      ],
      [
        fromHuman(url, 'join', { representative: { id: 'a', avatarImage: 'http://x' } }),
        400,
        /representative\.avatarImage: expected a public https address/,
      ],
      [fromHuman(url, 'say', { representativeId: 'jane', text: '  ' }), 400, /"detail":"text: expected text"/],
      [
        fromHuman(url, 'typing', { representativeId: 'jane', isTyping: 'true' }),
        400,
        /isTyping: expected boolean, received string/,
      ],
      [fromHuman(url, 'leave', { representativeId: 'jane' }, 'nobody'), 404, /"unknown_conversation"/],
      [fromHuman(url, 'leave', { representativeId: 'jane' }), 409, /"impossible_move"/],
    ]
    for (const [reply, status, says] of cases) {
      const { status: came, text } = await reply
      assert.match(text, says)
      assert.equal(came, status, text)
      assert.ok(!text.includes('CANARY'), text)
    }
    const noNews = ['after=-1', 'after=x', 'after=1e3', 'wait=31'].map((query) => callNews(url, query))
    for (const { status, text } of await Promise.all(noNews)) {
      assert.equal(status, 400)
      assert.match(text, /expected a whole number from 0 to \d+/)
    }
    assert.ok(!lines.join('\n').includes('CANARY'), 'the log holds a value')
    assert.equal(agent.received.length, 1)
  })
})

const CHANNEL_SECRET = `x-channel-secret: ${SECRETS['x-channel-secret']}`

function rawMessage(body: object): string {
  const text = JSON.stringify(body)
  const headers = ['content-type: application/json', `content-length: ${Buffer.byteLength(text)}`, CHANNEL_SECRET]
  return rawRequest('POST /channel HTTP/1.1', text, headers)
}

const run = (environment: Record<string, string>): ChildProcess => spawnBridge(environment, 'ignore')

function spawnBridge(environment: Record<string, string>, log: 'pipe' | 'ignore' | number) {
  return spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'bridge'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { PATH: process.env.PATH, METADATA_SERVER_DETECTION: 'none', ...environment },
    stdio: ['ignore', log, 'inherit'],
  }) as ChildProcessByStdio<null, Readable, null>
}

/** The command in a process of its own, between a channel and an agent. */
async function startProcess(context: TestContext, more: Record<string, string>, log: 'pipe' | number = 'pipe') {
  const channel = await new ChannelServer().start()
  const agent = await serveAgent(madeAgent(), { turns: TURNS })
  const flows = folder.write('process/representatives.yaml', REPRESENTATIVES)
  const store = join(folder.path, `${basename(channel.url)}.sqlite`)
  const child = spawnBridge({ ...environmentOf(channel, agent, store), FLOWS_DIR: join(flows, '..'), ...more }, log)
  context.after(async () => {
    child.kill('SIGKILL')
    await agent.close()
    channel.stop()
  })
  return { channel, agent, child }
}

/** The same once it listens; its log is `lines`. */
async function runProcess(context: TestContext, more: Record<string, string> = {}) {
  const { channel, agent, child } = await startProcess(context, more)
  const lines: string[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(line))
  const url = await until(() => /Listening on (\S+)\./.exec(lines.join())?.[1])
  return { channel, agent, url, lines, child }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

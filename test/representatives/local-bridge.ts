import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parse } from 'yaml'
import { NO_POLICY } from '../../src/core/policy.ts'
import type { Log } from '../../src/representatives/bridge.ts'
import { readBridgeSettings } from '../../src/representatives/bridge-settings.ts'
import { type BridgeInput, startBridge } from '../../src/representatives/start-bridge.ts'
import { AGENT, type AgentServer, serveAgent, type Turn } from '../dialogflow/agent-server.ts'
import { type MadeAgent, madeAgent } from '../dialogflow/made-agent.ts'
import { type Call, call, type Reply, until } from '../server/http-call.ts'
import { CHANNEL_TOKEN, ChannelServer } from './channel-server.ts'
import { REPRESENTATIVES } from './representatives-yaml.ts'

// The client library would look for Google's machines around this one.
process.env.METADATA_SERVER_DETECTION ??= 'none'

export const SECRETS = { 'x-channel-secret': 'secret-of-the-channel', 'x-human-secret': 'secret-of-the-humans' }

/** What the agent says, by what it is told; `human` in it asks for one. */
export const TURNS: Readonly<Record<string, Turn>> = {
  'Hi, I have a problem': turn({ payload: { ujet: { type: 'action', action: 'escalation', menu_id: 90 } } }),
  'Thank you': turn({ text: { text: ['You are welcome.'] } }),
}

export function turn(...messages: Record<string, unknown>[]): Turn {
  return { flow: 'Book a trip', page: 'Done', fulfillment: { messages } }
}

/** The settings of a bridge between local peers. */
export const environmentOf = (channel: ChannelServer, agent: AgentServer, store: string): Record<string, string> => ({
  PORT: '0',
  HOST: '127.0.0.1',
  BRIDGE_AGENT: AGENT,
  BRIDGE_STORE: store,
  DIALOGFLOW_ENDPOINT: agent.endpoint,
  CHANNEL_URL: channel.url,
  CHANNEL_TOKEN,
  CHANNEL_HEADER: `X-Channel-Secret: ${SECRETS['x-channel-secret']}`,
  HUMAN_HEADER: `X-Human-Secret: ${SECRETS['x-human-secret']}\nAuthorization: Bearer the-next-one`,
})

export interface LocalBridge {
  readonly channel: ChannelServer
  readonly agent: AgentServer
  readonly url: string
  readonly lines: string[]
}

interface Options extends Partial<Pick<BridgeInput, 'policy'>> {
  readonly turns?: Readonly<Record<string, Turn>>
  readonly made?: MadeAgent
  readonly environment?: Record<string, string>
}

/** A bridge in this process, between a channel over HTTP and an agent over gRPC. */
export async function runBridge(context: TestContext, options: Options = {}): Promise<LocalBridge> {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-bridge-'))
  const channel = await new ChannelServer().start()
  const agent = await serveAgent(options.made ?? madeAgent(), { turns: { ...TURNS, ...options.turns } })
  const environment = { ...environmentOf(channel, agent, join(folder, 'bridge.sqlite')), ...options.environment }
  const read = readBridgeSettings(environment)
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  const lines: string[] = []
  const log: Log = (...line) => lines.push(JSON.stringify(line))
  const running = await startBridge({
    settings: read.settings,
    representatives: parse(REPRESENTATIVES),
    policy: options.policy ?? NO_POLICY,
    log,
    version: '0.0.0',
  })
  context.after(async () => {
    await running.stop()
    await agent.close()
    channel.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { channel, agent, url: running.url, lines }
}

// ---- who calls it

let requests = 0

/** A message as the channel's webhook brings it. */
export const messageBody = (text: string | undefined, more: Record<string, unknown> = {}, conversationId = '3333') => ({
  agent: 'brands/1111/agents/2222',
  conversationId,
  customAgentId: 'live-agent-handoff',
  requestId: `request-${++requests}`,
  message: {
    messageId: `message-${requests}`,
    name: 'conversations/1/messages/2',
    text,
    createTime: '2020-10-02T15:05:23Z',
    ...more,
  },
  context: {
    entryPoint: 'PLACESHEET',
    userInfo: { displayName: 'Michael', userDeviceLocale: 'en' },
    resolvedLocale: 'en',
  },
  sendTime: '2020-10-02T15:05:24Z',
})

export const typingBody = (conversationId = '3333', isTyping: unknown = 'true') => ({
  conversationId,
  requestId: `request-${++requests}`,
  userStatus: { isTyping, createTime: '2020-10-02T15:01:23Z' },
})

const JSON_TYPE = { 'content-type': 'application/json' }

export const fromChannel = (url: string, body: unknown, more: Partial<Call> = {}): Promise<Reply> =>
  call(url, {
    path: '/channel',
    headers: { ...JSON_TYPE, 'x-channel-secret': SECRETS['x-channel-secret'] },
    body,
    ...more,
  })

export const JANE = { id: 'jane', displayName: 'Jane Doe', avatarImage: 'https://live.agent/human-avatar.jpg' }

export const fromHuman = (
  url: string,
  act: string,
  body: object,
  conversationId = '3333',
  more: Partial<Call> = {},
): Promise<Reply> =>
  call(url, {
    path: `/humans/conversations/${encodeURIComponent(conversationId)}/${act}`,
    headers: { ...JSON_TYPE, 'x-human-secret': SECRETS['x-human-secret'] },
    body: { requestId: `request-${++requests}`, ...body },
    ...more,
  })

export interface NewsPage {
  readonly news: readonly Record<string, unknown>[]
  readonly after: number
}

export const callNews = (url: string, query: string): Promise<Reply> =>
  call(url, { path: `/humans/news?${query}`, method: 'GET', headers: { 'x-human-secret': SECRETS['x-human-secret'] } })

export async function newsAfter(url: string, after = 0, wait = 0): Promise<NewsPage> {
  const { text } = await callNews(url, `after=${after}&wait=${wait}`)
  return JSON.parse(text)
}

/** Waits for news of a kind. */
export const newsOf = (url: string, type: string): Promise<Record<string, unknown>> =>
  until(async () => (await newsAfter(url)).news.find((news) => news.type === type))

/** Waits until the person has seen so much. */
export const shown = (channel: ChannelServer, count: number, conversationId?: string): Promise<string[]> =>
  until(() => (channel.shown(conversationId).length >= count ? channel.story(conversationId) : undefined))

import { once, setMaxListeners } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Policy } from '../core/policy.ts'
import { type Connection, connect } from '../dialogflow/connect.ts'
import { createAgent } from './ask-agent.ts'
import { Bridge, type Clock, type Log } from './bridge.ts'
import { createBridgeListener } from './bridge-server.ts'
import type { BridgeSettings } from './bridge-settings.ts'
import { DEFAULT_LANGUAGE, mannerOf, type RepresentativesFile } from './representatives-file.ts'
import { createChannel } from './send-to-channel.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Manner } from './step.ts'
import type { Store } from './store.ts'

export interface BridgeInput {
  readonly settings: BridgeSettings
  readonly representatives: RepresentativesFile
  readonly policy: Policy
  readonly log: Log
  readonly version: string
}

export interface RunningBridge {
  readonly url: string
  /** Resolves with an error where the bridge cannot go on. */
  readonly failed: Promise<unknown>
  /** Finishes what has begun, within SHUTDOWN_GRACE_MS. */
  readonly stop: () => Promise<void>
}

/** The bridge cannot listen; the message is for people. */
export class BridgeError extends Error {}

/** Milliseconds. A chat waits less long for an answer than an administrator, and tries again by itself. */
const AGENT_TIMEOUT = 20_000
const REQUEST_TIMEOUT = 30_000
const TICK = 1_000
const FORGETTING = 3_600_000

/** Goes on evenly from the start of the process, whatever the machine's clock is set to; what it makes wait ends with the bridge. */
const clockUntil = (signal: AbortSignal): Clock => ({
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  wait: (milliseconds) => wait(milliseconds, undefined, { signal }),
})

/** Starts the bridge. Throws a StoreError, an AgentError or a BridgeError. */
export async function startBridge(input: BridgeInput): Promise<RunningBridge> {
  const { settings, log, version } = input
  const connection = await connect(settings.agent.name, {
    endpoint: settings.dialogflowEndpoint,
    timeoutMs: AGENT_TIMEOUT,
    tries: 1,
  })
  const store = await openSqliteStore(settings.store)
  const draining = new AbortController()
  setMaxListeners(0, draining.signal)
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise((resolve) => {
    fail = resolve
  })
  const clock = clockUntil(draining.signal)
  const bridge = makeBridge(input, connection, store, clock, fail)
  const listener = createBridgeListener({ bridge, settings, log, draining: draining.signal, version, fail })
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT }, listener)
  const url = await listen(server, settings).catch((error: unknown) => {
    store.close()
    throw error
  })
  bridge.resume()
  const forget = (): void => store.forget(clock.now() - settings.keepHours * 3_600_000)
  const endTicking = tick(bridge, forget, fail)
  const stop = async (): Promise<void> => {
    draining.abort()
    endTicking()
    const isOver = wait(settings.shutdownGrace, undefined, { ref: false })
    await Promise.race([Promise.all([bridge.stop(), close(server)]), isOver])
    server.closeAllConnections()
    await connection.close()
    store.close()
  }
  return { url, failed, stop }
}

function makeBridge(
  { settings, representatives, policy, log }: BridgeInput,
  connection: Connection,
  store: Store,
  clock: Clock,
  fail: (error: unknown) => void,
): Bridge {
  const { channelUrl, channelToken, channelTimeout, channelTries, agent } = settings
  const { language = DEFAULT_LANGUAGE } = representatives
  const peers = {
    send: createChannel({ url: channelUrl, token: channelToken, timeout: channelTimeout }),
    ask: createAgent({ connection, agent: agent.path, language, clock, log }),
  }
  const manner = mannerFor(settings, representatives, policy)
  return new Bridge({ store, peers, manner, clock, log, maxTries: channelTries, fail })
}

async function listen(server: Server, { port, host }: BridgeSettings): Promise<string> {
  server.listen(port, host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new BridgeError(`nothing can listen on ${host}:${port} (${error.code}); set PORT or HOST to another`)
  })
  const address = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`
}

/** Waits for the answers that are under way. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await closed
}

function mannerFor(settings: BridgeSettings, representatives: RepresentativesFile, policy: Policy): Manner {
  return {
    ...mannerOf(representatives),
    patience: { wait: settings.waitTimeout, silence: settings.humanTimeout },
    maxAsked: settings.agentMaxText,
    maxSaid: settings.channelMaxText,
    policy,
  }
}

/** Lets time pass for the conversations, and forgets what is over; the answer ends it. */
function tick(bridge: Bridge, forget: () => void, fail: (error: unknown) => void): () => void {
  const orFail = (work: () => void) => (): void => {
    try {
      work()
    } catch (error) {
      fail(error)
    }
  }
  orFail(forget)()
  const timers = [
    setInterval(
      orFail(() => bridge.passTime()),
      TICK,
    ),
    setInterval(orFail(forget), FORGETTING),
  ]
  return () => timers.forEach(clearInterval)
}

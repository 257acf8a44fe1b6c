import { once, setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Policy } from '../core/policy.ts'
import { connect } from '../dialogflow/connect.ts'
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

/** Milliseconds. A chat waits less long for an answer than an administrator. */
const AGENT_TIMEOUT = 20_000
const REQUEST_TIMEOUT = 30_000
const TICK = 1_000
const FORGETTING = 3_600_000

/** What it makes wait ends with the bridge. */
const clockUntil = (signal: AbortSignal): Clock => ({
  now: Date.now,
  wait: (milliseconds) => wait(milliseconds, undefined, { signal }),
})

/** Starts the bridge. Throws a StoreError, an AgentError or a BridgeError. */
export async function startBridge({
  settings,
  representatives,
  policy,
  log,
  version,
}: BridgeInput): Promise<RunningBridge> {
  const { name, path } = settings.agent
  const tell = (text: string): void => log('WARNING', text)
  const connection = await connect(name, { endpoint: settings.dialogflowEndpoint, timeoutMs: AGENT_TIMEOUT, tell })
  const store = await openSqliteStore(settings.store)
  const draining = new AbortController()
  setMaxListeners(0, draining.signal)
  const clock = clockUntil(draining.signal)
  const { language = DEFAULT_LANGUAGE } = representatives
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise((resolve) => {
    fail = resolve
  })
  const peers = {
    send: createChannel({ url: settings.channelUrl, token: settings.channelToken, timeout: settings.channelTimeout }),
    ask: createAgent({ connection, agent: path, language, clock, log }),
  }
  const manner = mannerFor(settings, representatives, policy)
  const bridge = new Bridge({ store, peers, manner, clock, log, maxTries: settings.channelTries, fail })
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT },
    createBridgeListener({ bridge, settings, log, draining: draining.signal, version, fail }),
  )
  server.listen(settings.port, settings.host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    store.close()
    throw new BridgeError(
      `nothing can listen on ${settings.host}:${settings.port} (${error.code}); set PORT or HOST to another`,
    )
  })
  bridge.resume()
  const endTicking = tick(bridge, store, settings, fail)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`,
    failed,
    stop: async () => {
      draining.abort()
      endTicking()
      await Promise.race([bridge.stop(), wait(settings.shutdownGrace, undefined, { ref: false })])
      server.closeAllConnections()
      server.close()
      await connection.close()
      store.close()
    },
  }
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
function tick(bridge: Bridge, store: Store, { keepHours }: BridgeSettings, fail: (error: unknown) => void): () => void {
  const forget = (): void => store.forget(Date.now() - keepHours * 3_600_000)
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

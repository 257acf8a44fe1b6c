import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Configuration } from '../core/configuration.ts'
import { createListener } from './listener.ts'
import type { ShowProblems } from './live-configuration.ts'
import { describeError, type Log, type Logger } from './log.ts'
import { prepare, StartError } from './prepare.ts'
import type { Environment, Settings } from './settings.ts'

/** An import would read every export, of which one loads a whole HTTP client on Node 24: half as long again as the rest of a start. */
const { createServer } = createRequire(import.meta.url)('node:http') as typeof import('node:http')

/** Slow and idle callers are let go: Dialogflow itself waits 30 s at most. Milliseconds. */
const REQUEST_TIMEOUT = 30_000
const HEADERS_TIMEOUT = 10_000
const KEEP_ALIVE_TIMEOUT = 65_000
/** How often Node looks for them: by itself every 30 s, so that a limit of 10 s may take 40. */
const CHECKING_INTERVAL = 1_000

export interface StartOptions {
  readonly watch: boolean
  /** Called with the address once the server listens. */
  readonly onListening?: (url: string) => void
  /** Called with diagnostics as text, beside the log. */
  readonly showProblems?: ShowProblems
}

/** Starts the webhook with the settings of `environment`, and ends the process after SIGTERM or SIGINT. */
export async function start(environment: Environment, options: StartOptions): Promise<void> {
  const prepared = await prepare(environment, options.showProblems)
  const { settings, log, live, lifecycle, serving } = prepared
  const { logger } = log
  dieQuietly(log)
  const listener = createListener(serving)
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT,
      headersTimeout: HEADERS_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      connectionsCheckingInterval: CHECKING_INTERVAL,
    },
    listener,
  )
  // Node would refuse by itself, without a body or a line in the log, what a server may as well not heed: RFC 9110, 10.1.1.
  server.on('checkExpectation', listener)
  server.listen(settings.port, settings.host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(
      `The server cannot listen on ${settings.host}:${settings.port} (${error.code}); set PORT or HOST to another.`,
    )
  })
  void serving.warmUp()
  const watcher = options.watch ? live.watch(settings) : undefined
  let isStopping = false
  const stop = async (signal: string): Promise<void> => {
    // A second signal changes nothing: npm hands on what the terminal has sent to both.
    if (isStopping) return
    isStopping = true
    watcher?.stop()
    logger.info({ message: `${signal}: shutting down.` })
    await lifecycle.drain(server, settings.shutdownGrace)
    await log.flush()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal))
  const { port } = server.address() as AddressInfo
  const url = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`
  announce(logger, settings, live.configuration, url)
  options.onListening?.(url)
}

function announce(logger: Logger, settings: Settings, { hash, flows, plans }: Configuration, url: string): void {
  if (settings.auth.includes('google') && settings.googleAudiences.length === 0)
    logger.warn({
      message:
        'GOOGLE_AUDIENCES is not set: identity tokens made for any audience are accepted from the accounts named.',
    })
  logger.info({
    message: `Listening on ${url}.`,
    configuration: hash,
    flows,
    captures: plans.length,
    auth: settings.auth,
  })
}

/** Node prints an uncaught error with its message, which may quote a value. */
function dieQuietly({ logger, flush }: Log): void {
  const die = (error: unknown): void => {
    logger.error({ message: 'The server ends after an unexpected error.', ...describeError(error) })
    void flush().then(() => process.exit(1))
  }
  process.on('uncaughtException', die)
  process.on('unhandledRejection', die)
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FolderError, readFolder } from '../config/folder.ts'
import { recallConfiguration } from '../config/kept-configuration.ts'
import { VERSION } from '../config/version.ts'
import type { Configuration } from '../core/configuration.ts'
import { challengeFor, createDoorkeeper } from './credentials.ts'
import type { GoogleTokens } from './google-tokens.ts'
import { Lifecycle } from './lifecycle.ts'
import { createListener } from './listener.ts'
import { LiveConfiguration, type ShowProblems, showDiagnostics } from './live-configuration.ts'
import { createLog, createOutput, describeError, type Log, type Logger } from './log.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'

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

/** The webhook could not start; the message is for people, and complete. */
export class StartError extends Error {}

/** Starts the webhook with the settings of `environment`, and ends the process after SIGTERM or SIGINT. */
export async function start(environment: Environment, options: StartOptions): Promise<void> {
  const settings = settingsFrom(environment)
  const log = createLog(settings.logLevel, createOutput())
  const { logger } = log
  dieQuietly(log)
  const showProblems = options.showProblems ?? (() => {})
  const live = new LiveConfiguration(await loadOrStop(settings, logger, showProblems), logger, showProblems)
  const lifecycle = new Lifecycle()
  const tokens = settings.auth.includes('google') ? await loadGoogleTokens(settings, logger) : undefined
  const listener = createListener({
    configuration: () => live.configuration,
    lastReload: () => live.lastReload,
    doorkeeper: createDoorkeeper(settings, tokens),
    challenge: challengeFor(settings),
    warmUp: async () => (tokens ? tokens.warmUp() : true),
    lifecycle,
    logCall: log.logCall,
    maxBodyBytes: settings.maxBodyBytes,
    version: VERSION,
    project: environment.GOOGLE_CLOUD_PROJECT,
  })
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT,
      headersTimeout: HEADERS_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      connectionsCheckingInterval: CHECKING_INTERVAL,
    },
    listener,
  )
  server.listen(settings.port, settings.host)
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(
      `The server cannot listen on ${settings.host}:${settings.port} (${error.code}); set PORT or HOST to another.`,
    )
  })
  void tokens?.warmUp()
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

/** Only where they are asked for: they bring the packages of cryptography. */
async function loadGoogleTokens(settings: Settings, logger: Logger): Promise<GoogleTokens> {
  const { createGoogleTokens } = await import('./google-tokens.ts')
  return createGoogleTokens(settings, { logger })
}

function settingsFrom(environment: Environment): Settings {
  const read = readSettings(environment)
  if ('problems' in read) throw new StartError(read.problems.join('\n'))
  return read.settings
}

async function loadOrStop(settings: Settings, logger: Logger, showProblems: ShowProblems): Promise<Configuration> {
  const folder = await readFolder(settings.flowsDir, settings.policyFile).catch((error: unknown) => {
    throw error instanceof FolderError ? new StartError(error.message) : error
  })
  const loaded = (await recallConfiguration(folder)) ?? (await import('../config/load.ts')).load(folder)
  const problems = await showDiagnostics(loaded, settings.flowsDir)
  if (!loaded.configuration)
    throw new StartError(`${problems.join('\n')}\nThe flow files do not load; nothing is served.`)
  if (problems.length) showProblems(problems)
  if (problems.length) logger.warn({ message: 'The flow files load with warnings.', problems })
  return loaded.configuration
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

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { readFolder } from '../../src/config/folder.ts'
import { load } from '../../src/config/load.ts'
import type { Configuration } from '../../src/core/configuration.ts'
import { createApp, type Serving } from '../../src/server/app.ts'
import { challengeFor, createDoorkeeper } from '../../src/server/credentials.ts'
import { createGoogleTokens } from '../../src/server/google-tokens.ts'
import { Lifecycle } from '../../src/server/lifecycle.ts'
import { createListener } from '../../src/server/listener.ts'
import { createLog, type Log } from '../../src/server/log.ts'
import { readSettings, type Settings } from '../../src/server/settings.ts'
import { createWebhookHandler } from '../../src/server/webhook-handler.ts'
import { FLOWS, LOCAL } from './running-server.ts'

export interface TestApp {
  readonly url: string
  /** Everything that was logged. */
  readonly logged: () => string
  readonly close: () => Promise<void>
}

export async function configurationIn(folder: string): Promise<Configuration> {
  const { configuration, diagnostics } = load(readFolder(folder))
  if (!configuration) throw new Error(diagnostics.map(({ code }) => code).join(', '))
  return configuration
}

export function settingsOf(environment: Record<string, string>): Settings {
  const read = readSettings(environment)
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return read.settings
}

/** The webhook by itself, and in somebody's own Express application, which may have read or parsed the body already. */
export const MOUNTS = [
  'alone',
  'in Express',
  'with the bytes read',
  'with the text read',
  'with the body parsed',
] as const
export type Mount = (typeof MOUNTS)[number]

/** Where the webhook stands; a handler stands before it in somebody's own application. */
function mounted(mount: Mount | RequestHandler, serving: Serving): RequestListener {
  if (mount === 'alone') return createListener(serving)
  if (mount === 'in Express') return createApp(serving)
  const type = 'application/json'
  const limit = '1mb'
  const read = {
    'with the bytes read': express.raw({ type, limit, inflate: false }),
    'with the text read': express.text({ type, limit, inflate: false }),
    'with the body parsed': express.json({ type, limit, strict: false, inflate: false }),
  }
  const theirs = express().enable('strict routing').enable('case sensitive routing')
  const before = typeof mount === 'string' ? read[mount] : mount
  return theirs.post('/webhook', before, createWebhookHandler(serving)).use(createApp(serving))
}

/** The webhook in this process, on a free port, with settings as in production and any part of it replaced. */
export async function serve(
  environment: Record<string, string> = {},
  replaced: Partial<Serving> = {},
  mount: Mount | RequestHandler = 'alone',
): Promise<TestApp> {
  const settings = settingsOf({ ...LOCAL, ...environment })
  const configuration = await configurationIn(FLOWS)
  const tokens = settings.auth.includes('google') ? createGoogleTokens(settings) : undefined
  const { log, logged } = memoryLog()
  const serving: Serving = {
    configuration: () => configuration,
    lastReload: () => 'none',
    doorkeeper: createDoorkeeper(settings, tokens),
    challenge: challengeFor(settings),
    warmUp: async () => (tokens ? tokens.warmUp() : true),
    lifecycle: new Lifecycle(),
    logCall: log.logCall,
    maxBodyBytes: settings.maxBodyBytes,
    version: '1.2.3',
    project: undefined,
    ...replaced,
  }
  const server = createServer(mounted(mount, serving)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    logged,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

export function memoryLog(): { log: Log; logged: () => string } {
  let logged = ''
  const write = (lines: string): void => {
    logged += lines
  }
  return { log: createLog('silly', { write, flush: async () => undefined }), logged: () => logged }
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import winston from 'winston'
import { readFolder } from '../../src/config/folder.ts'
import { load } from '../../src/config/load.ts'
import type { Configuration } from '../../src/core/configuration.ts'
import { createApp, type Serving } from '../../src/server/app.ts'
import { challengeFor, createDoorkeeper } from '../../src/server/credentials.ts'
import { createGoogleTokens } from '../../src/server/google-tokens.ts'
import { Lifecycle } from '../../src/server/lifecycle.ts'
import { readSettings, type Settings } from '../../src/server/settings.ts'
import { FLOWS, LOCAL } from './running-server.ts'

export interface TestApp {
  readonly url: string
  /** Everything that was logged. */
  readonly logged: () => string
  readonly close: () => Promise<void>
}

export async function configurationIn(folder: string): Promise<Configuration> {
  const { configuration, diagnostics } = load(await readFolder(folder))
  if (!configuration) throw new Error(diagnostics.map(({ code }) => code).join(', '))
  return configuration
}

export function settingsOf(environment: Record<string, string>): Settings {
  const read = readSettings(environment)
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return read.settings
}

/** The application in this process, on a free port, with settings as in production and any part of it replaced. */
export async function serve(
  environment: Record<string, string> = {},
  replaced: Partial<Serving> = {},
): Promise<TestApp> {
  const settings = settingsOf({ ...LOCAL, ...environment })
  const configuration = await configurationIn(FLOWS)
  const tokens = settings.auth.includes('google') ? createGoogleTokens(settings) : undefined
  const { logger, logged } = memoryLogger()
  const app = createApp({
    current: () => ({ configuration, lastReload: 'none' }),
    doorkeeper: createDoorkeeper(settings, tokens),
    challenge: challengeFor(settings),
    warmUp: async () => (tokens ? tokens.warmUp() : true),
    lifecycle: new Lifecycle(),
    logger,
    maxBodyBytes: settings.maxBodyBytes,
    version: '1.2.3',
    project: undefined,
    ...replaced,
  })
  const server = createServer(app).listen(0, '127.0.0.1')
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

export function memoryLogger(): { logger: winston.Logger; logged: () => string } {
  let logged = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk
      done()
    },
  })
  const transports = [new winston.transports.Stream({ stream })]
  return {
    logger: winston.createLogger({ level: 'silly', format: winston.format.json(), transports }),
    logged: () => logged,
  }
}

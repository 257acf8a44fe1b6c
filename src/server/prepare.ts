import { type FlowFolder, FolderError, readFolder } from '../config/folder.ts'
import { recallConfiguration } from '../config/kept-configuration.ts'
import { VERSION } from '../config/version.ts'
import type { Configuration } from '../core/configuration.ts'
import type { Serving } from './app.ts'
import { challengeFor, createDoorkeeper } from './credentials.ts'
import type { GoogleTokens } from './google-tokens.ts'
import { Lifecycle } from './lifecycle.ts'
import { drawDiagnostics, LiveConfiguration, type ShowProblems } from './live-configuration.ts'
import { createLog, createOutput, type Log, type Logger } from './log.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'

/** The webhook could not start; the message is for people, and complete. */
export class StartError extends Error {}

/** Everything that answers calls, with the settings of an environment; nothing listens yet. */
export interface Prepared {
  readonly settings: Settings
  readonly log: Log
  readonly live: LiveConfiguration
  readonly lifecycle: Lifecycle
  readonly serving: Serving
}

export async function prepare(environment: Environment, showProblems: ShowProblems = () => {}): Promise<Prepared> {
  const settings = settingsFrom(environment)
  const log = createLog(settings.logLevel, createOutput())
  const { logger } = log
  const live = new LiveConfiguration(await loadOrStop(settings, logger, showProblems), logger, showProblems)
  const lifecycle = new Lifecycle()
  const tokens = settings.auth.includes('google') ? await loadGoogleTokens(settings, logger) : undefined
  const serving: Serving = {
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
  }
  return { settings, log, live, lifecycle, serving }
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
  const folder = readOrStop(settings)
  const loaded = recallConfiguration(folder) ?? (await import('../config/load.ts')).load(folder)
  const problems = await drawDiagnostics(loaded, settings.flowsDir)
  if (!loaded.configuration)
    throw new StartError(`${problems.join('\n')}\nThe flow files do not load; nothing is served.`)
  if (problems.length) showProblems(problems)
  if (problems.length) logger.warn({ message: 'The flow files load with warnings.', problems })
  return loaded.configuration
}

function readOrStop({ flowsDir, policyFile }: Settings): FlowFolder {
  try {
    return readFolder(flowsDir, policyFile)
  } catch (error) {
    throw error instanceof FolderError ? new StartError(error.message) : error
  }
}

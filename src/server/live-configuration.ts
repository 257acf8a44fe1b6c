import { FolderError, readFolder } from '../config/folder.ts'
import type { Loaded } from '../config/loaded.ts'
import { watchFolder } from '../config/watch.ts'
import type { Configuration } from '../core/configuration.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { describeError, type Logger } from './log.ts'
import type { Settings } from './settings.ts'

/** Shows what is wrong with flow files to a person who is looking; a log line for each holds the same. */
export type ShowProblems = (problems: readonly string[]) => void

/** The configuration in force. It changes as a whole, and only for one that loads without an error. */
export class LiveConfiguration {
  #configuration: Configuration
  #lastReload: 'none' | 'worked' | 'failed' = 'none'

  readonly #logger: Logger
  readonly #showProblems: ShowProblems

  constructor(configuration: Configuration, logger: Logger, showProblems: ShowProblems) {
    this.#configuration = configuration
    this.#logger = logger
    this.#showProblems = showProblems
  }

  get configuration(): Configuration {
    return this.#configuration
  }

  get lastReload(): 'none' | 'worked' | 'failed' {
    return this.#lastReload
  }

  /** Takes over what changes in the folder of flow files; what does not load is reported, and the last good one stays. */
  watch({ flowsDir, policyFile }: Settings): { stop: () => void } {
    const read = async (): Promise<unknown> => {
      try {
        const { load } = await import('../config/load.ts')
        return load(readFolder(flowsDir, policyFile))
      } catch (error) {
        return error
      }
    }
    const take = (next: unknown): Promise<void> => this.#take(next, flowsDir).catch((error) => this.#keepFor(error))
    return watchFolder(flowsDir, policyFile, read, take)
  }

  async #take(next: unknown, folder: string): Promise<void> {
    if (!isLoaded(next)) this.#keepFor(next)
    else if (this.#lastReload === 'failed' || next.configuration?.hash !== this.#configuration.hash)
      await this.#replace(next, folder)
  }

  async #replace(next: Loaded, folder: string): Promise<void> {
    const problems = await drawDiagnostics(next, folder)
    const { configuration } = next
    const lostPolicy = this.#configuration.policy.file !== undefined && configuration?.policy.file === undefined
    if (!configuration) this.#keep(problems)
    else if (lostPolicy) this.#keep(['The policy has disappeared. To serve without one, restart the server.'])
    else {
      this.#configuration = configuration
      this.#lastReload = 'worked'
      this.#showProblems(problems)
      const { hash, flows } = configuration
      this.#logger.info({ message: 'Flow files reloaded.', configuration: hash, flows, problems })
    }
  }

  #keepFor(error: unknown): void {
    this.#keep([error instanceof FolderError ? error.message : describeError(error).error])
  }

  #keep(problems: readonly string[]): void {
    this.#lastReload = 'failed'
    this.#showProblems(problems)
    this.#logger.error({ message: 'The changed flow files do not load; the last good ones stay in force.', problems })
  }
}

const isLoaded = (value: unknown): value is Loaded => typeof value === 'object' && value !== null && 'texts' in value

/** Nobody reads more of them in a log, and an entry of Cloud Logging holds 256 KB. */
const MOST_TOLD = 50

/** Errors first where not all are told. Drawing them takes packages of its own, which are loaded where there is something to draw. */
export async function drawDiagnostics({ diagnostics, texts }: Loaded, folder: string): Promise<string[]> {
  if (diagnostics.length === 0) return []
  const { showDiagnostics } = await import('../config/show-diagnostic.ts')
  const untold = diagnostics.length - MOST_TOLD
  if (untold <= 0) return showDiagnostics(diagnostics, { folder, texts })
  const isError = ({ severity }: Diagnostic): boolean => severity === 'error'
  const told = [...diagnostics.filter(isError), ...diagnostics.filter((found) => !isError(found))].slice(0, MOST_TOLD)
  return [...showDiagnostics(told, { folder, texts }), `… and ${untold} more; "carryover validate" tells all of them`]
}

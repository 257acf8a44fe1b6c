import { showDiagnostic } from '../config/show-diagnostic.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { SessionsError } from '../sessions/find-files.ts'
import type { Reading } from '../sessions/read-document.ts'
import { type ReadOptions, readSessions } from '../sessions/read-sessions.ts'
import { CannotRunError, EXIT, type Io, UsageError } from './command.ts'
import { plural } from './report-diagnostics.ts'
import { showProgress } from './show-progress.ts'

/** The words of `--help` for what every command of sessions reads. */
export const PATHS_HELP = `PATH is a file of session metadata, a folder with all below it, a glob in quotes ('2026/**/call-*.json'), or - for standard input:
JSON, or JSON lines, any of it compressed by gzip. What cannot be read is told, and the rest is read all the same.`

/** More of them would hide what else a command says. */
const MAX_TOLD = 20

/** The records that paths stand for; what is wrong with any of them is told on standard error while they are read, unless somebody else tells it. */
export class SessionFiles {
  readonly #paths: readonly string[]
  readonly #io: Io
  readonly #isTold: boolean
  #told = 0
  #errors = 0

  constructor(paths: readonly string[], io: Io, { isTold = true } = {}) {
    if (paths.length === 0) throw new UsageError('name what to read: files, folders, or - for standard input')
    this.#paths = paths
    this.#io = io
    this.#isTold = isTold
  }

  /** Every record, read once; sessions as well as what is none. */
  async *read(): AsyncGenerator<Reading> {
    const { stdin } = this.#io
    const options: ReadOptions = { progress: showProgress(this.#io), ...(stdin ? { standardInput: stdin } : {}) }
    try {
      for await (const reading of readSessions(this.#paths, options)) {
        if (this.#isTold) for (const diagnostic of reading.diagnostics) this.#tell(diagnostic)
        yield reading
      }
    } catch (error) {
      throw error instanceof SessionsError ? new CannotRunError(error.message) : error
    }
    if (this.#told > MAX_TOLD)
      this.#io.stderr.write(`… and ${plural(this.#told - MAX_TOLD, 'more place')} like these.\n`)
  }

  /** What the command ends with, if nothing else is wrong. */
  get code(): number {
    return this.#errors ? EXIT.problems : EXIT.fine
  }

  /** Without the line of the file: values of a conversation stand in it. */
  #tell(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') this.#errors++
    if (++this.#told > MAX_TOLD) return
    this.#io.stderr.write(`${showDiagnostic(diagnostic, { folder: '', texts: new Map() })}\n`)
  }
}

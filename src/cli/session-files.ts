import { showDiagnostics } from '../config/show-diagnostic.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { SessionsError } from '../sessions/find-files.ts'
import type { Reading } from '../sessions/read-document.ts'
import type { RecordKey } from '../sessions/read-record.ts'
import { type ReadOptions, readSessions } from '../sessions/read-sessions.ts'
import { CannotRunError, EXIT, type Io, UsageError } from './command.ts'
import { plural } from './report-diagnostics.ts'
import { showProgress } from './show-progress.ts'

/** The words of `--help` for what every command of sessions reads. */
export const PATHS_HELP = `PATH is a file of session metadata, a folder with all below it, a glob in quotes ('2026/**/call-*.json'), or - for standard input:
JSON, or JSON lines, any of it compressed by gzip. What cannot be read is told, and the rest is read all the same.`

/** More of them would hide what else a command says. */
const MAX_TOLD = 20

/** Tells on standard error what cannot be read, by its place alone: values of a conversation stand in the lines themselves. */
export class Complaints {
  readonly #io: Io
  #told = 0
  #errors = 0

  constructor(io: Io) {
    this.#io = io
  }

  tell(diagnostic: Diagnostic): void {
    if (diagnostic.severity === 'error') this.#errors++
    if (++this.#told > MAX_TOLD) return
    const [shown] = showDiagnostics([diagnostic], { folder: '', texts: new Map() })
    this.#io.stderr.write(`${shown}\n`)
  }

  /** How many were not told. */
  end(): void {
    if (this.#told > MAX_TOLD)
      this.#io.stderr.write(`… and ${plural(this.#told - MAX_TOLD, 'more place')} like these.\n`)
  }

  /** What the command ends with, if nothing else is wrong. */
  get code(): number {
    return this.#errors ? EXIT.problems : EXIT.fine
  }
}

/** The records that paths stand for, read once: sessions, and what is none. */
export function readSessionFiles(
  paths: readonly string[],
  io: Io,
  keys?: readonly RecordKey[],
): AsyncGenerator<Reading> {
  if (paths.length === 0) throw new UsageError('name what to read: files, folders, or - for standard input')
  const options: ReadOptions = { keys, progress: showProgress(io), ...(io.stdin ? { standardInput: io.stdin } : {}) }
  return orTellNone(readSessions(paths, options))
}

/** Where paths stand for nothing, the command could not run. */
export async function* orTellNone<T>(reading: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* reading
  } catch (error) {
    throw error instanceof SessionsError ? new CannotRunError(error.message) : error
  }
}

/** Nothing was looked at: no finding is then no good news. */
export function tellNoSession(command: string, io: Io): number {
  io.stderr.write(`carryover sessions ${command}: there is no session in what was read.\n`)
  return EXIT.problems
}

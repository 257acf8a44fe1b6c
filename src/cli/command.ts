/** Where a command reads and writes; injected, so that tests need no process. */
export interface Io {
  readonly stdout: { write: (text: string) => unknown }
  readonly stderr: { write: (text: string) => unknown }
  /** What a path of `-` stands for; without it, that of the process. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What standard output can show. */
  readonly screen: Screen
}

export interface Screen {
  readonly colour: boolean
  /** In columns. */
  readonly width: number
}

/** A pipe or a file takes any width, without colours; tables fit into this many columns there. */
export const NO_SCREEN: Screen = { colour: false, width: 120 }

export interface Command {
  /** How it is called, and what it does, for `--help`. */
  readonly usage: string
  readonly summary: string
  readonly details?: string
  /** Gives the exit code. */
  readonly run: (args: readonly string[], io: Io) => Promise<number>
}

/** Exit codes, the same for every command; warnings are fine. */
export const EXIT = { fine: 0, problems: 1, usage: 2, cannotRun: 3 } as const

/** The command was called wrongly; exit code 2. */
export class UsageError extends Error {}

/** The command could not do its work at all; exit code 3. */
export class CannotRunError extends Error {}

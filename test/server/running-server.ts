import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { DEPLOYED_WITH } from '../deployed-with.ts'
import { ROOT } from '../run-build.ts'
import { until } from './http-call.ts'
import { builtServer } from './server-program.ts'

export const FLOWS = fileURLToPath(new URL('../fixtures/server-flows', import.meta.url))

export type LogLine = Readonly<Record<string, unknown>>

/** Node's options that load modules before a program; they may be TypeScript. */
export const optionsFor = (imports: readonly string[]): string[] =>
  (imports.length ? ['tsx', ...imports] : []).flatMap((name) => ['--import', name])

/** A webhook in a process of its own. */
export class RunningServer {
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>
  #stdout = ''
  #stderr = ''

  /** `environment` is all that the process gets besides its path; `imports` are loaded before `program`. */
  constructor(
    environment: Record<string, string>,
    args: readonly string[] = [],
    imports: readonly string[] = [],
    program = builtServer(),
  ) {
    this.#child = spawn(process.execPath, [...DEPLOYED_WITH, ...optionsFor(imports), program, ...args], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#ended = new Promise((done) => this.#child.once('close', done))
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  get lines(): LogLine[] {
    return this.#stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogLine)
  }

  /** The address that it says it listens on. */
  listening(): Promise<string> {
    return until(() => {
      if (this.#child.exitCode !== null) throw new Error(`the server ended: ${this.#stderr}`)
      return /Listening on (http:[^"]+)\."/.exec(this.#stdout)?.[1]
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** The exit code, once the process has ended and everything it wrote has been read; null for one that was killed. */
  exitCode(): Promise<number | null> {
    return this.#ended
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) this.signal('SIGKILL')
    await this.#ended
  }
}

/** What a server on a free port of this machine needs. */
export const LOCAL = { HOST: '127.0.0.1', PORT: '0', WEBHOOK_AUTH: 'none', FLOWS_DIR: FLOWS }

import { type ChildProcess, spawn } from 'node:child_process'
import { DEPLOYED_WITH } from '../deployed-with.ts'
import { ROOT } from '../run-build.ts'
import { until } from './http-call.ts'
import { LOCAL, optionsFor } from './running-server.ts'
import { builtServer } from './server-program.ts'

const TELL_TALE = new URL('./tell-tale.ts', import.meta.url).href

/** In bytes: what no garbage collection gives back, and what the machine has given to the process. */
export interface Memory {
  readonly used: number
  readonly resident: number
}

/** A webhook in a process of its own that writes its log wherever a test likes, and can be asked for its memory. */
export class WatchedServer {
  readonly #child: ChildProcess
  readonly #ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  #stderr = ''

  /** `stdout` is an open file; `imports` are loaded before `program`. */
  constructor(
    stdout: number | 'ignore',
    environment: Record<string, string> = {},
    imports: readonly string[] = [],
    program = builtServer(),
  ) {
    this.#child = spawn(process.execPath, [...DEPLOYED_WITH, ...optionsFor([TELL_TALE, ...imports]), program], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...LOCAL, ...environment },
      stdio: ['ignore', stdout, 'pipe'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#ended = new Promise((done) => this.#child.once('close', (code, signal) => done({ code, signal })))
  }

  listening(): Promise<string> {
    return until(() => {
      if (this.#child.exitCode !== null) throw new Error(`the server ended: ${this.#stderr}`)
      const port = this.#told('listening')[0]?.listening.port
      return port && `http://127.0.0.1:${port}`
    })
  }

  async memory(): Promise<Memory> {
    const before = this.#told('used').length
    this.signal('SIGUSR2')
    return until(() => this.#told('used')[before])
  }

  /** What it wrote to standard error without being asked. */
  get complaints(): string {
    return this.#lines.filter((line) => !/^\{"(?:listening|resident)"/.test(line)).join('\n')
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** How it ended, once it has. */
  ended(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#ended
  }

  async stop(): Promise<void> {
    this.signal('SIGKILL')
    await this.#ended
  }

  get #lines(): string[] {
    return this.#stderr.split('\n').slice(0, -1)
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the tell-tale writes
  #told(what: string): any[] {
    return this.#lines.filter((line) => line.includes(`"${what}"`)).map((line) => JSON.parse(line))
  }
}

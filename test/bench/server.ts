import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DEPLOYED_WITH } from '../deployed-with.ts'
import { ANSWER, HEADER, type RequestName } from './case.ts'
import { Connection } from './connection.ts'
import { type Core, end, hasEnded, start } from './processes.ts'

const PATIENCE = 30_000

/** Ours, by its entry point, with a folder of flow files; or one of `peers/`. */
export type Kind = { readonly program: string; readonly flows: string } | 'bare-http' | 'bare-express' | 'hand-written'

const scriptOf = (kind: Kind): string =>
  typeof kind === 'string' ? join(import.meta.dirname, 'peers', `${kind}.mjs`) : kind.program

/** Ours runs with what it is deployed with. */
const flagsOf = (kind: Kind): readonly string[] => (typeof kind === 'string' ? [] : DEPLOYED_WITH)

const settingsOf = (kind: Kind): Record<string, string> =>
  typeof kind === 'string'
    ? { ANSWER: ANSWER.toString(), HEADER_NAME: HEADER.name, HEADER_VALUE: HEADER.value }
    : {
        FLOWS_DIR: kind.flows,
        HOST: '127.0.0.1',
        WEBHOOK_AUTH: 'header',
        WEBHOOK_HEADER: `${HEADER.name}: ${HEADER.value}`,
      }

export interface Options {
  /** The Node that runs it. */
  readonly node: string
  /** A folder for its log. */
  readonly folder: string
  readonly core: Core
}

let logs = 0

/** A process of its own that serves on a free port. Its standard output is a file, whether it writes lines or not. */
export class Server {
  readonly port: number
  readonly started = performance.now()
  readonly #kind: Kind
  readonly #child: ChildProcess
  readonly #log: string
  /** Answers whose lines the log has not been searched for. */
  #unchecked = 0

  /** Starts a server, and waits for its first answer. */
  static async start(kind: Kind, options: Options): Promise<Server> {
    const server = new Server(kind, await freePort(), options)
    await server.call('usual')
    return server
  }

  private constructor(kind: Kind, port: number, { node, folder, core }: Options) {
    this.#kind = kind
    this.port = port
    this.#log = join(folder, `server-${logs++}.log`)
    const output = openSync(this.#log, 'a')
    this.#child = start([node, ...flagsOf(kind), scriptOf(kind)], core, {
      stdio: ['ignore', output, 'inherit'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), ...settingsOf(kind) },
    })
    closeSync(output)
  }

  get name(): string {
    return typeof this.#kind === 'string' ? this.#kind : 'Carryover'
  }

  get pid(): number {
    if (hasEnded(this.#child) || !this.#child.pid) throw new Error(`${this.name} has ended.`)
    return this.#child.pid
  }

  /** Calls once, as soon as the server listens: it is tried every millisecond. Throws unless the answer is the expected one. */
  async call(request: RequestName): Promise<void> {
    for (const begin = performance.now(); performance.now() - begin < PATIENCE; await sleep(1)) {
      if (hasEnded(this.#child)) break
      const connection = await Connection.open(this.port).catch(() => undefined)
      if (!connection) continue
      const problem = await new Promise<Error | undefined>((resolve) => connection.call(request, resolve))
      connection.close()
      if (problem) throw new Error(`${this.name} ${problem.message}`)
      this.#unchecked++
      return
    }
    throw new Error(`${this.name} does not listen.`)
  }

  /** Throws unless each answer has its line, these and those of the calls before; the lines have served their purpose then. */
  async checkLog(answers: number): Promise<void> {
    this.#unchecked += answers
    if (this.#kind === 'bare-http' || this.#kind === 'bare-express') return
    for (const begin = performance.now(); countLines(this.#log) !== this.#unchecked; await sleep(50))
      if (performance.now() - begin > PATIENCE)
        throw new Error(`${this.name} wrote ${countLines(this.#log)} log lines for ${this.#unchecked} answers.`)
    truncateSync(this.#log)
    this.#unchecked = 0
  }

  stop(): Promise<void> {
    return end(this.#child)
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}

/** In the one line of an answer, ours and the hand-written one's. */
const LINE = 'POST /webhook 200'

function countLines(log: string): number {
  const bytes = readFileSync(log)
  let count = 0
  for (let at = bytes.indexOf(LINE); at >= 0; at = bytes.indexOf(LINE, at + LINE.length)) count++
  return count
}

import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LogLine } from './running-server.ts'

/** A pipe as a container's log is one, between a server and whoever reads it, or does not. */
export class LogPipe {
  readonly #reader: Socket
  readonly #writeEnd: number
  readonly #lines: LogLine[] = []
  #rest = ''

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'carryover-log-'))
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    this.#writeEnd = openSync(path, 'w')
    rmSync(folder, { recursive: true })
    this.#reader = new Socket({ fd: readEnd, readable: true, writable: false }).setEncoding('utf8')
    this.#reader.on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#lines.push(JSON.parse(line) as LogLine)
    })
    this.#reader.pause()
  }

  /** Hands the end for writing to whoever `start` starts. */
  give<T>(start: (fd: number) => T): T {
    try {
      return start(this.#writeEnd)
    } finally {
      closeSync(this.#writeEnd)
    }
  }

  read(): void {
    this.#reader.resume()
  }

  /** Reads no more; the pipe fills up. */
  pause(): void {
    this.#reader.pause()
  }

  /** Ends reading for good. */
  close(): void {
    this.#reader.destroy()
  }

  /** Every whole line that was read. */
  get lines(): readonly LogLine[] {
    return this.#lines
  }
}

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Job, Load, Report } from './load.ts'
import { type Core, cpuSeconds, startWorker } from './processes.ts'
import type { Server } from './server.ts'

/** What a server did under a load. */
export interface Sample extends Load {
  readonly perSecond: number
  readonly cpuPerAnswer: number
  /** The part of its core that the server took. */
  readonly serverUse: number
}

/** The load generator, seen from the benchmark. */
export class Generator {
  readonly #worker: ChildProcess
  readonly #ended: Promise<never>

  constructor(core: Core) {
    this.#worker = startWorker(join(import.meta.dirname, 'load.ts'), core)
    this.#ended = once(this.#worker, 'exit').then(() => {
      throw new Error('The load generator ended.')
    })
    this.#ended.catch(() => {})
  }

  /** Loads a server, and sees to it that each answer has its log line. */
  async sample(server: Server, job: Omit<Job, 'port'>): Promise<Sample> {
    const before = cpuSeconds(server.pid)
    const load = await this.#run(server, job)
    await server.checkLog(load.answers)
    const cpu = cpuSeconds(server.pid) - before
    const { answers, seconds } = load
    return { ...load, perSecond: answers / seconds, cpuPerAnswer: cpu / answers, serverUse: cpu / seconds }
  }

  async #run({ name, port }: Server, job: Omit<Job, 'port'>): Promise<Load> {
    this.#worker.send({ port, ...job })
    const [report] = (await Promise.race([once(this.#worker, 'message'), this.#ended])) as [Report]
    if ('problem' in report) throw new Error(`${name} ${report.problem}`)
    return report.load
  }
}

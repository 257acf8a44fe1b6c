// The load generator, a process of its own: does the jobs that its parent sends, one at a time.
// It is written for this benchmark because it has to take much less time for a call than the barest server does,
// hold every answer against the expected bytes, and keep a rate evenly, to the microsecond.
import type { RequestName } from './case.ts'
import { Connection } from './connection.ts'
import { percentile } from './statistics.ts'

export interface Job {
  readonly port: number
  readonly request: RequestName
  readonly until: { readonly seconds: number } | { readonly answers: number }
  /** Calls a second, evenly. Without it, each connection sends its next call as soon as it has its answer. */
  readonly rate?: number
}

export interface Load {
  readonly answers: number
  readonly seconds: number
  /** In milliseconds, from when the call was due: a server that stalls is charged for the calls that had to wait. */
  readonly p99: number
  /** The part of its core that the generator took. */
  readonly generatorUse: number
}

export type Report = { readonly load: Load } | { readonly problem: string }

const CONNECTIONS = 16

async function run(job: Job): Promise<Load> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => Connection.open(job.port)))
  const used = process.cpuUsage()
  const start = performance.now()
  try {
    const latencies = await callAll(connections, job)
    const milliseconds = performance.now() - start
    const { user, system } = process.cpuUsage(used)
    return {
      answers: latencies.length,
      seconds: milliseconds / 1000,
      p99: percentile(latencies, 0.99),
      generatorUse: (user + system) / 1000 / milliseconds,
    }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** Makes the calls of a job and gives their latencies, in milliseconds. */
function callAll(connections: readonly Connection[], { request, until, rate }: Job): Promise<readonly number[]> {
  const idle = [...connections]
  const latencies: number[] = []
  const start = performance.now()
  let sent = 0
  let isDone = false
  const nextDue = (): number => (rate ? start + (sent * 1000) / rate : performance.now())
  const isOver = (due: number): boolean =>
    'seconds' in until ? due - start >= until.seconds * 1000 : sent >= until.answers
  return new Promise((resolve, reject) => {
    const finish = (error?: Error): void => {
      isDone = true
      if (error) reject(error)
      else resolve(latencies)
    }
    const call = (connection: Connection, due: number): void =>
      connection.call(request, (error) => {
        if (error) return finish(error)
        latencies.push(performance.now() - due)
        idle.push(connection)
        callIdle()
      })
    const callIdle = (): void => {
      for (let due = nextDue(); due <= performance.now() && !isOver(due); due = nextDue()) {
        const connection = idle.pop()
        if (!connection) return
        sent++
        call(connection, due)
      }
      if (isOver(nextDue()) && idle.length === connections.length) finish()
    }
    // A timer is a millisecond late; the generator has a core to itself, and looks at the clock all the time.
    const keepPace = (): void => {
      callIdle()
      if (!isDone) setImmediate(keepPace)
    }
    if (rate) keepPace()
    else callIdle()
  })
}

process.on('message', async (job: Job) => {
  const report: Report = await run(job).then(
    (load) => ({ load }),
    (error: Error) => ({ problem: error.message }),
  )
  process.send?.(report)
})
process.on('disconnect', () => process.exit())

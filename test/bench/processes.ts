import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const running = new Set<ChildProcess>()

/** Nothing that the benchmark starts outlives it, however it ends. */
export function endAllOnExit(): void {
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL')
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
}

function watch(child: ChildProcess): ChildProcess {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** A core that a process keeps to; undefined for any. */
export type Core = string | undefined

const onCore = (core: Core, command: readonly string[]): readonly string[] =>
  core === undefined ? command : ['taskset', '--cpu-list', core, ...command]

export function start(command: readonly string[], core: Core, options: SpawnOptions): ChildProcess {
  const [program = '', ...args] = onCore(core, command)
  return watch(spawn(program, args, options))
}

/** Starts a TypeScript file of ours, with a channel to it. */
export function startWorker(file: string, core: Core): ChildProcess {
  const [execPath = '', ...execArgv] = onCore(core, [process.execPath, '--import', 'tsx'])
  return watch(fork(file, { execPath, execArgv }))
}

export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

export async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

// ---- what Linux says

/** The first and the last core that may be used; undefined where they are the same. */
export function twoCores(): readonly [string, string] | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const [first, last] = [/^\d+/.exec(allowed)?.[0], /\d+$/.exec(allowed)?.[0]]
  return first && last && first !== last ? [first, last] : undefined
}

/** Linux counts a program's time in hundredths of a second, whatever the machine. */
const TICKS = 100

/** Processor time that a process has used. */
export function cpuSeconds(pid: number): number {
  const [, afterName = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user, system] = afterName.split(' ').slice(11, 13)
  return (Number(user) + Number(system)) / TICKS
}

/** Kilobytes of a process in memory: now (`VmRSS`), or at most so far (`VmHWM`). */
export function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
}

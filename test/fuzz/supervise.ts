import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** How a process ended: with an exit code, or because it gave no sign of life for so many milliseconds. */
export type End = { readonly code: number | null } | { readonly silence: number }

/** Hears what a process says through its channel, and ends it where it says nothing for `guard` milliseconds. */
export async function supervise(child: ChildProcess, guard: number, hear: (message: unknown) => void): Promise<End> {
  let isSilent = false
  const kill = (): void => {
    isSilent = true
    child.kill('SIGKILL')
  }
  let timer = setTimeout(kill, guard)
  child.on('message', (message) => {
    clearTimeout(timer)
    timer = setTimeout(kill, guard)
    hear(message)
  })
  const [[code]] = await Promise.all([once(child, 'close'), once(child, 'disconnect')])
  clearTimeout(timer)
  return isSilent ? { silence: guard } : { code }
}

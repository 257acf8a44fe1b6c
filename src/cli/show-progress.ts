import type { Progress } from '../core/progress.ts'
import type { Io } from './command.ts'

const INTERVAL_MS = 1000

/** Tells on standard error how far a long work is, at most once a second; a short one is silent. */
export function showProgress({ stderr }: Io, now: () => number = () => performance.now()): Progress {
  let last = now()
  return (read) => {
    if (now() - last < INTERVAL_MS) return
    last = now()
    const { of, ...counted } = read
    const whole = of === undefined ? '' : ` of ${of.toLocaleString('en-US')}`
    const counts = Object.entries(counted).map(
      ([what, count]) =>
        `${count.toLocaleString('en-US')}${whole} ${count === 1 && !whole ? what.replace(/s(?= of|$)/, '') : what}`,
    )
    stderr.write(`Read ${counts.join(', ')} …\n`)
  }
}

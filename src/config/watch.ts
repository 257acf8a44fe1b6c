import { fingerprint } from './folder.ts'

const INTERVAL_MS = 300

/**
 * Reads at once, and again whenever a file of the folder has changed and then stood still for one interval; takes what was read unless
 * something changed meanwhile. It looks instead of being told: editors that replace files, links, mounted volumes and folders that vanish
 * and return all work, alike on every system.
 */
export function watchFolder<T>(
  folder: string,
  policyFile: string | undefined,
  read: () => T | Promise<T>,
  take: (whole: T) => unknown = () => {},
): { stop: () => void } {
  let stopped = false
  let taken: string | undefined
  let last: string | undefined
  const now = (): string => {
    try {
      return fingerprint(folder, policyFile)
    } catch {
      return 'unreadable'
    }
  }
  const look = async (): Promise<void> => {
    const seen = now()
    if (seen !== taken && (seen === last || taken === undefined)) {
      const whole = await read()
      if (seen === now()) {
        taken = seen
        await take(whole)
      }
    }
    last = seen
    if (!stopped) setTimeout(() => void look(), INTERVAL_MS).unref()
  }
  void look()
  return {
    stop: () => {
      stopped = true
    },
  }
}

import { fingerprint } from './folder.ts'

const INTERVAL_MS = 300

/**
 * Calls `changed` at once, and again whenever a file of the folder has changed and then stood still for one interval. It looks instead
 * of being told: editors that replace files, links, mounted volumes and folders that vanish and return all work, alike on every system.
 */
export function watchFolder(
  folder: string,
  policyFile: string | undefined,
  changed: () => Promise<void>,
): { stop: () => void } {
  let stopped = false
  let acted: string | undefined
  let last: string | undefined
  const look = async (): Promise<void> => {
    const seen = await fingerprint(folder, policyFile).catch(() => 'unreadable')
    if (seen !== acted && (seen === last || acted === undefined)) {
      acted = seen
      await changed()
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

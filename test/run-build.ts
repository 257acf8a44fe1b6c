import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

/** An empty folder that is gone when the process ends. */
export function folderOfProcess(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs one step of `npm run build`, with more options for its command. */
export function runBuild(step: string, options: readonly string[]): void {
  const run = spawnSync('npm', ['run', '--silent', step, '--', ...options], { cwd: ROOT, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`${step} fails: ${run.stderr}`)
}

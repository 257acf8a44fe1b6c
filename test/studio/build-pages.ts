import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** The pages as `npm run build` makes them, in a folder that is gone when the process ends; `--metafile` is made there too. */
export function buildPages(...options: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-pages-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const run = spawnSync(
    'npm',
    [
      'run',
      '--silent',
      'build:studio',
      '--',
      `--outdir=${folder}`,
      ...options.map((option) => option.replace('--metafile=', `--metafile=${folder}/`)),
    ],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  if (run.status !== 0) throw new Error(`the pages do not build: ${run.stderr}`)
  return folder
}

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { folderOfProcess, ROOT, runBuild } from '../run-build.ts'

/** The server's program from its sources, for what has to reach into them. */
export const FROM_SOURCES = join(ROOT, 'src', 'server', 'main.ts')

let built: string | undefined

/** The server's program as `npm run build` makes it, in a folder that is gone when the process ends. */
export function builtServer(): string {
  built ??= build()
  return built
}

function build(): string {
  const folder = folderOfProcess('carryover-server-')
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  runBuild('build:server', [`--outdir=${join(folder, 'dist', 'server')}`])
  return join(folder, 'dist', 'server', 'main.js')
}

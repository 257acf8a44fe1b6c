import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { test } from 'node:test'

const SRC = join(import.meta.dirname, '..', 'src')

/** Rows may import columns. The table is a triangle: no two rooms can depend on each other. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  config: ['core'],
  webhook: ['core'],
  server: ['core', 'config', 'webhook'],
  dialogflow: ['core'],
  adapter: ['core'],
  representatives: ['core', 'webhook', 'dialogflow'],
  sessions: ['core', 'adapter'],
  studio: ['core', 'config', 'webhook', 'adapter', 'sessions'],
  cli: ['core', 'config', 'webhook', 'server', 'dialogflow', 'adapter', 'sessions', 'representatives', 'studio'],
}

/** The one file of `cli` that may reach the server. */
const SERVES = 'cli/serve.ts'

/** What a deployed webhook loads; a new name here is a decision, not an accident. */
const SERVING_PACKAGES = [
  'express',
  'jose',
  'libphonenumber-js/min',
  'sonic-boom',
  'string-width',
  'winston',
  'yaml',
  'zod',
]

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => file.replaceAll('\\', '/'))

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  const statements = text.matchAll(
    /^(?:import|export)\b(?<type> type\b)?[^'"]*?from\s+['"](?<from>[^'"]+)['"]|^import\s+['"](?<bare>[^'"]+)['"]|\bimport\(\s*['"](?<dynamic>[^'"]+)['"]/gm,
  )
  return [...statements].map(({ groups = {} }) => ({
    specifier: groups.from ?? groups.bare ?? groups.dynamic ?? '',
    typeOnly: groups.type !== undefined,
  }))
}

const resolveFrom = (file: string, specifier: string): string =>
  relative(SRC, normalize(join(SRC, dirname(file), specifier))).replaceAll('\\', '/')

const roomOf = (file: string): string => file.split('/')[0] ?? ''

test('rooms import what the table allows', () => {
  for (const file of files) {
    const room = roomOf(file)
    assert.ok(MAY_IMPORT[room], `src/${room} is not in the table: give it a row, and say in the commit what it is for`)
    for (const { specifier } of importsOf(file)) {
      if (!specifier.startsWith('.')) continue
      const target = resolveFrom(file, specifier)
      const other = roomOf(target)
      assert.ok(files.includes(target), `src/${file} imports ${specifier}, which is no source file`)
      if (other === room) continue
      assert.ok(
        MAY_IMPORT[room]?.includes(other),
        `src/${file} imports src/${target}: ${room} may import ${MAY_IMPORT[room]?.join(', ') || 'nothing'}. Hand it over as an argument, or move what both need into core.`,
      )
      if (room === 'cli' && other === 'server') assert.equal(file, SERVES, `only src/${SERVES} starts the server`)
    }
  }
})

test('core knows no files, clock, network or Google', () => {
  const outside = files.filter((file) => roomOf(file) === 'core').flatMap(importsOf)
  const packages = new Set(outside.map(({ specifier }) => specifier).filter((specifier) => !specifier.startsWith('.')))
  assert.deepEqual([...packages].sort(), ['libphonenumber-js/min', 'zod'])
})

function reachableFrom(entry: string): { files: Set<string>; packages: Set<string> } {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const { specifier, typeOnly } of importsOf(file)) {
      if (typeOnly) continue
      if (specifier.startsWith('.')) visit(resolveFrom(file, specifier))
      else if (!specifier.startsWith('node:')) packages.add(specifier)
    }
  }
  visit(entry)
  return { files: seen, packages }
}

test('the server reaches what it serves with, and nothing else', () => {
  const reached = reachableFrom('server/main.ts')
  assert.deepEqual([...reached.packages].sort(), SERVING_PACKAGES)
  const rooms = new Set([...reached.files].map(roomOf))
  assert.deepEqual([...rooms].sort(), ['config', 'core', 'server', 'webhook'])
})

test('what a CRM page loads comes without any package', () => {
  const { files, packages } = reachableFrom('adapter/script.ts')
  assert.deepEqual([...packages], [])
  assert.deepEqual([...files].sort(), ['adapter/listen-to-virtual-agent.ts', 'adapter/script.ts'])
})

/** What no deployment has: a command that needs one says so where it is absent, and no other code may touch it. */
const OPTIONAL_PACKAGES: Readonly<Record<string, string>> = {
  '@duckdb/node-api': 'sessions/report-database.ts',
  '@google-cloud/dialogflow-cx': 'dialogflow/connect.ts',
  '@grpc/grpc-js': 'dialogflow/connect.ts',
  fflate: 'dialogflow/read-export.ts',
  libsql: 'representatives/sqlite-store.ts',
  vega: 'studio/draw-chart.ts',
}

test('optional packages are loaded where they are needed, and only then', () => {
  for (const file of files)
    for (const { specifier, typeOnly } of importsOf(file)) {
      if (typeOnly || !Object.hasOwn(OPTIONAL_PACKAGES, specifier)) continue
      assert.equal(file, OPTIONAL_PACKAGES[specifier], `src/${file} loads ${specifier}`)
      const text = readFileSync(join(SRC, file), 'utf8')
      assert.match(text, new RegExp(`\\bimport\\('${specifier}'\\)`), `${specifier} is loaded by a dynamic import`)
    }
})

test('the walk sees dynamic imports', () => {
  assert.ok(reachableFrom('cli/main.ts').files.has('server/start.ts'))
})

test('every package is pinned exactly, and the serving ones are dependencies', () => {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(SRC, '..', 'package.json'), 'utf8'),
  )
  for (const version of Object.values({ ...dependencies, ...devDependencies }))
    assert.match(String(version), /^\d+\.\d+\.\d+(?:-[\w.]+)?$/)
  for (const name of SERVING_PACKAGES) assert.ok(dependencies[name.split('/')[0] ?? ''], `${name} is no dependency`)
  for (const [name, version] of Object.entries(peerDependencies))
    assert.equal(devDependencies[name], version, `${name} is optional, and here for development`)
})

test('the page of the studio reaches its own packages and nothing of Node', () => {
  const { files: reached, packages } = reachableFrom('studio/page/studio.tsx')
  assert.deepEqual([...packages].sort(), [
    '@codemirror/autocomplete',
    '@codemirror/commands',
    '@codemirror/lang-yaml',
    '@codemirror/language',
    '@codemirror/lint',
    '@codemirror/search',
    '@codemirror/state',
    '@codemirror/view',
    '@lezer/highlight',
    'preact',
    'preact/hooks',
  ])
  for (const file of reached)
    assert.ok(!importsOf(file).some(({ specifier, typeOnly }) => !typeOnly && specifier.startsWith('node:')), file)
  const others = files.filter((file) => !file.startsWith('studio/page/'))
  for (const file of others)
    for (const { specifier, typeOnly } of importsOf(file))
      assert.ok(
        typeOnly || !/^(?:preact|@codemirror|@lezer)|\/page\//.test(specifier),
        `src/${file} imports ${specifier}`,
      )
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { BRIDGE_SETTING_NAMES, readBridgeSettings } from '../../src/representatives/bridge-settings.ts'
import { bringsOne } from '../../src/representatives/secret-headers.ts'
import { REPRESENTATIVES } from '../representatives/representatives-yaml.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const folder = temporaryFolder()
folder.write('flows/representatives.yaml', REPRESENTATIVES)

const ENVIRONMENT = {
  HOST: '127.0.0.1',
  PORT: '0',
  FLOWS_DIR: join(folder.path, 'flows'),
  BRIDGE_AGENT: 'projects/example/locations/global/agents/0c1d2e3f-1111-4222-8333-444455556666',
  BRIDGE_STORE: join(folder.path, 'bridge.sqlite'),
  DIALOGFLOW_ENDPOINT: '127.0.0.1:9',
  CHANNEL_URL: 'https://channel.example.com/',
  CHANNEL_TOKEN: 'CANARY-token',
  CHANNEL_HEADER: 'X-Channel: CANARY-channel',
  HUMAN_HEADER: 'Authorization: Bearer CANARY-1\nAuthorization: Bearer CANARY-2',
}

const problemsOf = (changed: Record<string, string>): string[] => {
  const read = readBridgeSettings({ ...ENVIRONMENT, ...changed })
  return 'problems' in read ? read.problems : []
}

describe('the settings of the bridge', () => {
  test('are read once, with defaults for most', () => {
    const read = readBridgeSettings({ ...ENVIRONMENT, PORT: '', POLICY_FILE: ' ' })
    assert.ok('settings' in read)
    const { settings } = read
    assert.equal(settings.port, 8080)
    assert.equal(settings.policyFile, undefined)
    assert.equal(settings.channelUrl, 'https://channel.example.com')
    assert.equal(settings.agent.name.project, 'example')
    assert.deepEqual(
      settings.humanHeaders.map(({ name, value }) => [name, value.slice(-1)]),
      [
        ['authorization', '1'],
        ['authorization', '2'],
      ],
    )
    const { channelTries, waitTimeout, humanTimeout, keepHours, agentMaxText } = settings
    assert.deepEqual(
      [channelTries, waitTimeout, humanTimeout, keepHours, agentMaxText],
      [100, 300_000, 900_000, 72, 256],
    )
  })

  test('what cannot be read, or is missing, is told all at once, and never quoted', () => {
    const bad: Record<string, string> = {
      PORT: '80 80',
      BRIDGE_AGENT: 'CANARY',
      CHANNEL_URL: 'http://channel.example.com',
      CHANNEL_TOKEN: 'CANARY token',
      CHANNEL_HEADER: 'CANARY without a colon',
      HUMAN_HEADER: '',
      CHANNEL_TRIES: '0',
      KEEP_HOURS: '3d',
    }
    const problems = problemsOf(bad)
    assert.equal(problems.length, Object.keys(bad).length, problems.join('\n'))
    assert.ok(!problems.join().includes('CANARY'), problems.join('\n'))
    assert.ok(problems.includes('HUMAN_HEADER is not set, and must be: Name: value; several, one a line.'))
    for (const url of [
      'https://u:p@channel.example.com',
      'https://channel.example.com/?a=1',
      'ftp://channel.example.com',
      'x',
    ])
      assert.equal(problemsOf({ CHANNEL_URL: url }).length, 1, url)
    assert.deepEqual(problemsOf({ CHANNEL_URL: 'http://127.0.0.1:8081/base/' }), [])
    assert.deepEqual(problemsOf({ BRIDGE_AGENT: `${ENVIRONMENT.BRIDGE_AGENT}/environments/e1` }), [])
  })

  test('every setting of the README is one that is read, and the other way round', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const section = readme.slice(readme.indexOf("### The bridge's settings"), readme.indexOf('## Settings\n'))
    const named = [...section.matchAll(/^\| `(.*?)` \|/gm)].flatMap(([, names = '']) => names.split('`, `'))
    const others = ['POLICY_FILE', 'DIALOGFLOW_ENDPOINT']
    assert.deepEqual(named.sort(), [...BRIDGE_SETTING_NAMES, ...others].sort())
  })
})

test('one of the headers that were agreed on lets a call in, whole and under its name', () => {
  const agreed = [
    { name: 'x-key', value: 'old' },
    { name: 'x-key', value: 'nächster' },
    { name: 'authorization', value: 'Bearer b' },
  ]
  const latin1 = Buffer.from('nächster').toString('latin1')
  for (const given of [{ 'x-key': 'old' }, { 'x-key': latin1 }, { authorization: 'Bearer b' }])
    assert.equal(bringsOne(given, agreed), true)
  const digest = createHash('sha256').update('old').digest('hex')
  for (const value of ['', 'ol', 'old ', 'Old', 'Bearer b', digest])
    assert.equal(bringsOne({ 'x-key': value }, agreed), false, value)
  assert.equal(bringsOne({}, agreed), false)
  assert.equal(bringsOne({ 'x-key': undefined }, agreed), false)
})

describe('carryover bridge', () => {
  test('says what keeps it from starting, in a few lines, with the exit codes of every command', async () => {
    const empty = join(folder.write('empty/x.txt', ''), '..')
    const bad = join(folder.write('bad/representatives.yaml', REPRESENTATIVES.replace('bot:', 'bott:')), '..')
    const policy = join(folder.write('policy/policy.yaml', 'parametres: []\n'), '..')
    folder.write('policy/representatives.yaml', REPRESENTATIVES)
    const cases: [changed: Record<string, string>, code: number, says: RegExp][] = [
      [
        { CHANNEL_TOKEN: '', PORT: 'x' },
        3,
        /^carryover bridge: the settings are not complete:\nPORT cannot be read: .*\nCHANNEL_TOKEN is not set, and must be: a bearer token\.\n$/,
      ],
      [
        { FLOWS_DIR: empty },
        3,
        /^carryover bridge: there is no .*\/representatives\.yaml, which says how the bot and the humans are shown/,
      ],
      [{ FLOWS_DIR: '/nowhere' }, 3, /There is no folder \/nowhere/],
      [{ FLOWS_DIR: bad }, 1, /representatives\.yaml:2:1: error: unknown key "bott"/],
      [{ FLOWS_DIR: policy }, 1, /policy\.yaml:1:1: error: unknown key "parametres"/],
      [
        { BRIDGE_STORE: folder.path },
        3,
        /^carryover bridge: .* cannot be used: it is a folder; name a file in BRIDGE_STORE\n$/,
      ],
      [
        { HOST: '203.0.113.1' },
        3,
        /^carryover bridge: nothing can listen on 203\.0\.113\.1:0 \(EADDRNOTAVAIL\); set PORT or HOST to another\n$/,
      ],
    ]
    for (const [changed, code, says] of cases) {
      const ran = await runCli(['bridge'], { ...ENVIRONMENT, ...changed })
      assert.match(ran.stdout + ran.stderr, says)
      assert.equal(ran.code, code)
      assert.ok(!(ran.stdout + ran.stderr).includes('CANARY'), 'a secret is printed')
    }
    assert.equal((await runCli(['bridge', '--prot', '1'], ENVIRONMENT)).code, 2)
    assert.match((await runCli(['bridge', '--help'])).stdout, /^Usage: carryover bridge\n/)
  })

  test('names the package that is absent', () => {
    const hooks = `export function resolve(specifier, context, next) {
      if (specifier !== 'libsql') return next(specifier, context)
      throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })
    }`
    const url = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`
    const without = url(`import { register } from 'node:module'; register(${JSON.stringify(url(hooks))})`)
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--no-deprecation', '--import', without, 'src/cli/main.ts', 'bridge'],
      {
        cwd: ROOT,
        encoding: 'utf8',
        timeout: 30_000,
        env: { PATH: process.env.PATH, METADATA_SERVER_DETECTION: 'none', ...ENVIRONMENT },
      },
    )
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    assert.equal(status, 3, stderr)
    assert.ok(
      stderr.endsWith(`needs a package for it: npm install --no-save libsql@${devDependencies.libsql}\n`),
      stderr,
    )
  })
})

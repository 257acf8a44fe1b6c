import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isLoopback, readSettings, type Settings } from '../../src/server/settings.ts'
import { LOCAL, RunningServer } from './running-server.ts'
import { settingsOf } from './test-app.ts'

const OPEN = { HOST: '127.0.0.1', WEBHOOK_AUTH: 'none' }
const SECRET = 'kept:to-ourselves'

const problemsOf = (environment: Record<string, string | undefined>): string[] => {
  const read = readSettings(environment)
  return 'problems' in read ? read.problems : []
}

test('the defaults', () => {
  assert.deepEqual(settingsOf({ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'example:555-0100' }), {
    port: 8080,
    host: '0.0.0.0',
    flowsDir: 'flows',
    policyFile: undefined,
    auth: ['basic'],
    basic: ['example:555-0100'],
    headers: [],
    googleAccounts: [],
    googleAudiences: [],
    googleCertsUrl: new URL('https://www.googleapis.com/oauth2/v3/certs'),
    maxBodyBytes: 262_144,
    logLevel: 'info',
    shutdownGrace: 2500,
  })
})

const good: [environment: Record<string, string>, key: keyof Settings, value: unknown][] = [
  [{ PORT: '0' }, 'port', 0],
  [{ PORT: '65535' }, 'port', 65_535],
  [{ PORT: ' 8081 ' }, 'port', 8081],
  [{ PORT: '' }, 'port', 8080],
  [{ HOST: '::1' }, 'host', '::1'],
  [{ HOST: 'localhost' }, 'host', 'localhost'],
  [{ FLOWS_DIR: '/srv/flows' }, 'flowsDir', '/srv/flows'],
  [{ FLOWS_DIR: '' }, 'flowsDir', 'flows'],
  [{ POLICY_FILE: '/srv/policy.yaml' }, 'policyFile', '/srv/policy.yaml'],
  [{ POLICY_FILE: ' ' }, 'policyFile', undefined],
  [{ WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: 'X-Key:  a b ' }, 'headers', [{ name: 'x-key', value: 'a b' }]],
  [
    { WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: 'X-Key: old\r\n\nX-Key: new: er' },
    'headers',
    [
      { name: 'x-key', value: 'old' },
      { name: 'x-key', value: 'new: er' },
    ],
  ],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'a:b\nc:d:e\n' }, 'basic', ['a:b', 'c:d:e']],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: ' a: b é \r\n \n\tc:d\n' }, 'basic', ['a: b é ', 'c:d']],
  [{ WEBHOOK_AUTH: ' basic , header,', WEBHOOK_BASIC: 'a:b', WEBHOOK_HEADER: 'X-Key: a' }, 'auth', ['basic', 'header']],
  [
    { WEBHOOK_AUTH: 'google', GOOGLE_SERVICE_ACCOUNTS: 'a@example.com, b@example.com' },
    'googleAccounts',
    ['a@example.com', 'b@example.com'],
  ],
  [{ GOOGLE_AUDIENCES: 'https://a.example.com,b' }, 'googleAudiences', ['https://a.example.com', 'b']],
  [{ GOOGLE_CERTS_URL: 'http://[::1]:81/c' }, 'googleCertsUrl', new URL('http://[::1]:81/c')],
  [{ GOOGLE_CERTS_URL: 'http://127.0.0.1/' }, 'googleCertsUrl', new URL('http://127.0.0.1/')],
  [{ MAX_BODY_BYTES: '1' }, 'maxBodyBytes', 1],
  [{ LOG_LEVEL: 'debug' }, 'logLevel', 'debug'],
  [{ SHUTDOWN_GRACE_MS: '0' }, 'shutdownGrace', 0],
]

for (const [environment, key, value] of good)
  test(`accepted: ${JSON.stringify(environment)}`, () => {
    assert.deepEqual(settingsOf({ ...OPEN, ...environment })[key], value)
  })

const bad: [environment: Record<string, string>, problem: RegExp][] = [
  [{ PORT: '65536' }, /^PORT cannot be read: it accepts a port, a whole number from 0 to 65535\.$/],
  [{ PORT: '-1' }, /^PORT .*whole number/],
  [{ PORT: '80.5' }, /^PORT .*whole number/],
  [{ PORT: '0x50' }, /^PORT .*whole number/],
  [{ PORT: '/run/socket' }, /^PORT .*whole number/],
  [{ WEBHOOK_AUTH: 'kept:to-ourselves' }, /^WEBHOOK_AUTH .*comma list of basic, header and google/],
  [{ WEBHOOK_AUTH: 'Basic' }, /^WEBHOOK_AUTH .*comma list/],
  [{ WEBHOOK_AUTH: ',' }, /^WEBHOOK_AUTH .*comma list/],
  [{ WEBHOOK_AUTH: '' }, /^WEBHOOK_AUTH is not set.*comma list/],
  [{ WEBHOOK_AUTH: 'none,basic', WEBHOOK_BASIC: SECRET }, /^WEBHOOK_AUTH .*none alone/],
  [{ WEBHOOK_AUTH: 'none,none' }, /^WEBHOOK_AUTH .*none alone/],
  [{ HOST: '0.0.0.0' }, /^WEBHOOK_AUTH=none .*HOST is a loopback address/],
  [{ HOST: '' }, /^WEBHOOK_AUTH=none .*HOST is a loopback address/],
  [{ HOST: '127.0.0.1.example.com' }, /^WEBHOOK_AUTH=none .*HOST is a loopback address/],
  [{ WEBHOOK_AUTH: 'basic' }, /^WEBHOOK_AUTH=basic needs WEBHOOK_BASIC: user:password/],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: ' ' }, /^WEBHOOK_AUTH=basic needs WEBHOOK_BASIC/],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'to-ourselves' }, /^WEBHOOK_BASIC .*user:password/],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: ':to-ourselves' }, /^WEBHOOK_BASIC .*user:password/],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'to-ourselves:' }, /^WEBHOOK_BASIC .*user:password/],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: `${SECRET}\nto-ourselves` }, /^WEBHOOK_BASIC .*user:password/],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: ' :to-ourselves' }, /^WEBHOOK_BASIC .*user:password/],
  [{ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'to-ourselves: ' }, /^WEBHOOK_BASIC .*user:password/],
  [{ WEBHOOK_BASIC: 'to-ourselves' }, /^WEBHOOK_BASIC .*user:password/],
  [{ WEBHOOK_AUTH: 'header' }, /^WEBHOOK_AUTH=header needs WEBHOOK_HEADER: Name: value/],
  [{ WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: 'to-ourselves' }, /^WEBHOOK_HEADER .*Name: value/],
  [{ WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: 'X-Key:' }, /^WEBHOOK_HEADER .*Name: value/],
  [{ WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: 'X Key: to-ourselves' }, /^WEBHOOK_HEADER .*Name: value/],
  [{ WEBHOOK_AUTH: 'google' }, /^WEBHOOK_AUTH=google needs GOOGLE_SERVICE_ACCOUNTS: a comma list of e-mail/],
  [{ WEBHOOK_AUTH: 'google', GOOGLE_SERVICE_ACCOUNTS: 'nobody' }, /^GOOGLE_SERVICE_ACCOUNTS .*e-mail/],
  [{ GOOGLE_AUDIENCES: ',' }, /^GOOGLE_AUDIENCES .*comma list/],
  [{ GOOGLE_CERTS_URL: 'certs' }, /^GOOGLE_CERTS_URL .*https URL/],
  [{ GOOGLE_CERTS_URL: 'http://example.com/certs' }, /^GOOGLE_CERTS_URL .*https URL/],
  [{ GOOGLE_CERTS_URL: 'file:///etc/passwd' }, /^GOOGLE_CERTS_URL .*https URL/],
  [{ MAX_BODY_BYTES: '256kb' }, /^MAX_BODY_BYTES .*digits only/],
  [{ MAX_BODY_BYTES: '0' }, /^MAX_BODY_BYTES .*bytes from 1 to 1000000000, digits only/],
  [{ MAX_BODY_BYTES: '1000000001' }, /^MAX_BODY_BYTES .*bytes from 1 to 1000000000, digits only/],
  [{ MAX_BODY_BYTES: '1e6' }, /^MAX_BODY_BYTES .*digits only/],
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL .*error, warn, info/],
  [{ SHUTDOWN_GRACE_MS: '2.5s' }, /^SHUTDOWN_GRACE_MS .*digits only/],
  [{ SHUTDOWN_GRACE_MS: '3600001' }, /^SHUTDOWN_GRACE_MS .*milliseconds from 0 to 3600000, digits only/],
]

for (const [environment, problem] of bad)
  test(`refused: ${JSON.stringify(environment)}`, () => {
    const problems = problemsOf({ ...OPEN, ...environment })
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', problem)
    assert.doesNotMatch(problems[0] ?? '', /to-ourselves/)
  })

test('everything that is wrong is said at once', () => {
  const problems = problemsOf({
    PORT: 'x',
    WEBHOOK_AUTH: 'basic,header,google',
    WEBHOOK_BASIC: 'to-ourselves',
    MAX_BODY_BYTES: '256kb',
  })
  assert.deepEqual(
    problems.map((problem) => /(?:PORT|WEBHOOK_BASIC|WEBHOOK_HEADER|MAX_BODY_BYTES|GOOGLE_\w+)/.exec(problem)?.[0]),
    ['PORT', 'WEBHOOK_BASIC', 'MAX_BODY_BYTES', 'WEBHOOK_HEADER', 'GOOGLE_SERVICE_ACCOUNTS'],
  )
})

test('what only this machine can reach', () => {
  for (const host of ['localhost', '::1', '127.0.0.1', '127.8.0.255']) assert.equal(isLoopback(host), true, host)
  for (const host of ['', '0.0.0.0', '::', '128.0.0.1', '127.0.0.256', '127.example.com', 'localhost.example.com'])
    assert.equal(isLoopback(host), false, host)
})

/** Starts the webhook, waits for its end and gives what it wrote to standard error. */
async function refusal(environment: Record<string, string>, args: string[] = []): Promise<string> {
  const server = new RunningServer(environment, args)
  const url = await Promise.race([server.exitCode().then(() => undefined), server.listening().catch(() => undefined)])
  await server.stop()
  assert.equal(url, undefined, 'it listens')
  assert.equal(await server.exitCode(), 1)
  assert.equal(server.stdout, '')
  return server.stderr
}

const folder = await mkdtemp(join(tmpdir(), 'carryover-settings-'))
test.after(() => rm(folder, { recursive: true }))
await writeFile(join(folder, 'one.yaml'), 'flow: One\ncaptures:\n  - tag: a\n    variables: { x: $sesion.params.x }\n')
await writeFile(join(folder, 'two.yaml'), 'flow: Two\ncaptures: [\n')
await writeFile(join(folder, 'three.json'), '{"flow": "Three", "capture": []}')

const warnings = Array.from({ length: 60 }, (_, i) => `      value_${i}: session.params.x\n`)
await mkdir(join(folder, 'many'))
await writeFile(
  join(folder, 'many', 'one.yaml'),
  `flow: One\ncaptures:\n  - tag: a\n    visible_to: [agent]\n    variables:\n${warnings.join('')}`,
)
await writeFile(join(folder, 'many', 'two.yaml'), 'flow: Two\n')

const { WEBHOOK_AUTH: _, ...withoutAuth } = LOCAL
const { HOST: __, ...everywhere } = LOCAL

const refused: [what: string, environment: Record<string, string>, said: RegExp[]][] = [
  ['no WEBHOOK_AUTH', withoutAuth, [/WEBHOOK_AUTH is not set.*basic, header and google/]],
  ['an empty WEBHOOK_AUTH', { ...LOCAL, WEBHOOK_AUTH: '' }, [/WEBHOOK_AUTH is not set/]],
  ['WEBHOOK_AUTH=none for everybody', everywhere, [/WEBHOOK_AUTH=none.*loopback/]],
  ['a mode without its setting', { ...LOCAL, WEBHOOK_AUTH: 'basic' }, [/needs WEBHOOK_BASIC: user:password/]],
  [
    'two settings that cannot be read',
    { ...LOCAL, MAX_BODY_BYTES: '256kb', PORT: 'x' },
    [/MAX_BODY_BYTES.*digits only/, /PORT/],
  ],
  [
    'a POLICY_FILE that is absent',
    { ...LOCAL, POLICY_FILE: join(folder, 'absent.yaml') },
    [/absent\.yaml.*ENOENT.*POLICY_FILE.*leave it unset/],
  ],
  ['a FLOWS_DIR that is absent', { ...LOCAL, FLOWS_DIR: join(folder, 'absent') }, [/There is no folder .*absent/]],
  ['a FLOWS_DIR that is a file', { ...LOCAL, FLOWS_DIR: join(folder, 'one.yaml') }, [/one\.yaml is a file/]],
  [
    'flow files with mistakes',
    { ...LOCAL, FLOWS_DIR: folder },
    [
      /one\.yaml:4:21: error: .*\[reference\/unknown-scope\]/,
      /one\.yaml:4:18: error: .*\[visibility\/not-declared\]/,
      /two\.yaml:2:\d+: error: .*\[file\/syntax\]/,
      /three\.json:1:19: error: .*"captures".*\[config\/unknown-key\]/,
      /nothing is served/,
    ],
  ],
  [
    'flow files with more warnings than are told, and an error behind them',
    { ...LOCAL, FLOWS_DIR: join(folder, 'many') },
    [
      /^\S*two\.yaml:1:1: error: /,
      /value_48: session\.params\.x\n.*\n… and 11 more; "carryover validate" tells all of them\n/,
    ],
  ],
]

test('the process refuses to start, with exit code 1, and says why', { concurrency: 2 }, async (t) => {
  await Promise.all(
    refused.map(([what, environment, said]) =>
      t.test(what, async () => {
        const stderr = await refusal(environment)
        for (const expected of said) assert.match(stderr, expected)
        assert.doesNotMatch(stderr, /^\s+at /m)
      }),
    ),
  )
})

test('a port that is taken', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.after(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  assert.match(await refusal({ ...LOCAL, PORT: String(port) }), /cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)/)
})

test('an argument that it does not know', async () => {
  assert.match(await refusal(LOCAL, ['--wach']), /usage: .*--watch/)
})

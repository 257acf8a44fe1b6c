import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { answer } from '../../src/webhook/answer.ts'
import { requestFor } from '../../src/webhook/request-for.ts'
import { FLOWS } from '../server/running-server.ts'
import { configurationIn, serve } from '../server/test-app.ts'
import { googleWithDeployer, inFrontOf, listen } from './local-servers.ts'
import { type Ran, runProgram } from './run-program.ts'
import { ROOT } from './workflow-files.ts'

const configuration = await configurationIn(FLOWS)
const { hash } = configuration
const OTHER_HASH = 'f'.repeat(64)
const BASIC = { WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'dialogflow:open-sesame' }

const google = await googleWithDeployer()
const closed = await serve(BASIC)
const open = await serve()
const admitting = await serve(google.settings)
after(() => Promise.all([closed.close(), open.close(), admitting.close()]))

/** The script's own words for `environment`, in a process of its own; `preload` is loaded before it. */
function tryVersion(args: readonly string[], environment: Record<string, string> = {}, preload?: string): Promise<Ran> {
  const imports = preload ? ['--import', `data:text/javascript,${encodeURIComponent(preload)}`] : []
  const surroundings = { cwd: ROOT, environment: { TRY_SECONDS: '0', ...environment } }
  return runProgram(process.execPath, [...imports, '.github/try-version.mjs', ...args], surroundings)
}

function assertFails({ code, stdout, stderr }: Ran, why: RegExp): void {
  assert.match(stderr, why)
  assert.equal(stdout, '')
  assert.equal(code, 1)
}

test('the right flow files, and strangers kept out', async () => {
  const { code, stdout, stderr } = await tryVersion([closed.url, hash])
  assert.equal(stdout, `${hash}\n`)
  assert.match(stderr, /ok {2}GET \/health: \d+ flows, \d+ captures.*\nok {2}POST \/webhook without credentials/)
  assert.match(stderr, /not tried, there is no token/)
  assert.equal(code, 0)
})

test('any flow files, where none are expected', async () => {
  for (const args of [[`${closed.url}/`], [closed.url, '']]) {
    const { code, stdout } = await tryVersion(args)
    assert.deepEqual([code, stdout], [0, `${hash}\n`])
  }
})

test('other flow files', async () => {
  const before = closed.logged()
  assertFails(await tryVersion([closed.url, OTHER_HASH]), /FAIL GET \/health: it serves other flow files.*FLOWS_DIR/)
  assert.doesNotMatch(closed.logged().slice(before.length), /POST/)
})

test('a webhook that lets everybody in', async () => {
  assertFails(
    await tryVersion([open.url, hash]),
    /it let a call in that has no credentials \(400 bad_request\).*WEBHOOK_AUTH/,
  )
})

test('nobody there', async () => {
  const gone = await serve()
  await gone.close()
  assertFails(
    await tryVersion([gone.url, hash]),
    /FAIL GET \/health: nobody listens at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/,
  )
})

test('no such name', async () => {
  const preload = `globalThis.fetch = async () => { throw new TypeError('', { cause: { code: 'ENOTFOUND' } }) }`
  const ran = await tryVersion(['https://c-1-dot-project.example.com', hash], {}, preload)
  assertFails(ran, /the name c-1-dot-project\.example\.com is not known \(ENOTFOUND\).*63 letters/)
})

test('no answer in time', async () => {
  const silent = await listen(() => {})
  const preload = `const { timeout } = AbortSignal; AbortSignal.timeout = () => timeout.call(AbortSignal, 50)`
  assertFails(await tryVersion([silent, hash], {}, preload), /FAIL GET \/health: no answer within 10 seconds/)
})

test('503 at first is waited out', async () => {
  let calls = 0
  const waking = await inFrontOf(closed.url, (_request, response) => {
    if (++calls > 2) return false
    response.writeHead(503).end('{"error":{"code":"draining"}}')
    return true
  })
  const { code, stdout, stderr } = await tryVersion([waking, hash], { TRY_SECONDS: '20' })
  assert.match(
    stderr,
    /GET \/health: it answered 503 draining instead of 200; again in 0\.25 s\n.*again in 0\.5 s\nok {2}GET/,
  )
  assert.deepEqual([code, stdout], [0, `${hash}\n`])
})

test('503 for ever is given up', async () => {
  const down = await listen((_request, response) => response.writeHead(503).end('Service Unavailable'))
  assertFails(
    await tryVersion([down, hash], { TRY_SECONDS: '1' }),
    /FAIL GET \/health: it answered 503 instead of 200\./,
  )
})

test('503 of the webhook alone is waited out too', async () => {
  let calls = 0
  const busy = await inFrontOf(closed.url, ({ url }, response) => {
    if (url !== '/webhook' || ++calls > 1) return false
    response.writeHead(503).end()
    return true
  })
  const { code, stderr } = await tryVersion([busy, hash], { TRY_SECONDS: '20' })
  assert.match(stderr, /POST \/webhook without credentials: it answered 503 instead of 401; again/)
  assert.equal(code, 0)
})

test('an older version still answers: the calls take a moment to move', async () => {
  let calls = 0
  const moving = await inFrontOf(closed.url, (_request, response) => {
    if (++calls > 1) return false
    response.end(JSON.stringify({ configuration: OTHER_HASH }))
    return true
  })
  const { code, stderr } = await tryVersion([moving, hash], { TRY_SECONDS: '20' })
  assert.match(stderr, /it serves other flow files.*again/)
  assert.equal(code, 0)
})

for (const page of ['<p>secret page</p>', '{}', 'null', '{"configuration":"4cffc95c11e3"}'])
  test(`another page at /health: ${page}`, async () => {
    const other = await listen((_request, response) => response.end(page))
    const ran = await tryVersion([other, hash], { TRY_SECONDS: '20' })
    assertFails(ran, /FAIL GET \/health: the answer is not that of Carryover\.\n$/)
    assert.doesNotMatch(ran.stderr, /secret/)
  })

for (const [status, body] of [
  [302, ''],
  [403, 'Forbidden'],
  [401, 'Invalid IAP credentials'],
  [404, '<p>secret page</p>'],
] as const)
  test(`something in front of the webhook answers ${status}`, async () => {
    let followed = 0
    const elsewhere = await listen((_request, response) => response.end(String(++followed)))
    const guarded = await inFrontOf(closed.url, ({ url }, response) => {
      if (url !== '/webhook') return false
      response.writeHead(status, { location: elsewhere }).end(body)
      return true
    })
    const ran = await tryVersion([guarded, hash], { TRY_SECONDS: '20' })
    assertFails(ran, new RegExp(`answered ${status} instead of 401: something stands in front of the webhook`))
    assert.doesNotMatch(ran.stderr, /secret/)
    assert.equal(followed, 0)
  })

const plan = configuration.plans.find(({ tag }) => tag === 'echo')
assert.ok(plan)
const request = requestFor(plan, { said: 'hello' })
const answered = answer(configuration, request)
assert.ok('text' in answered)
const example = { name: 'somebody calls', request, answer: answered.text }
const withToken = (more: object = {}, token = google.token) => ({
  TRY_TOKEN: token,
  TRY_EXAMPLE: JSON.stringify({ ...example, ...more }),
})

test('an example with a token has the same answer there', async () => {
  const { code, stderr } = await tryVersion([admitting.url, hash], withToken())
  assert.match(stderr, /ok {2}POST \/webhook with a token: "somebody calls" has the answer that it has here/)
  assert.equal(code, 0)
})

test('an example with a token has another answer there', async () => {
  assertFails(
    await tryVersion([admitting.url, hash], withToken({ answer: '{}' })),
    /"somebody calls" has another answer there/,
  )
})

test('an example that is not answered', async () => {
  const ran = await tryVersion([admitting.url, hash], withToken({ request: { fulfillmentInfo: { tag: 'nothing' } } }))
  assertFails(ran, /"somebody calls" was answered 404 unknown_tag instead of 200/)
})

test('a token that is refused, and repeated nowhere', async () => {
  for (const [url, token] of [
    [admitting.url, `${google.token.slice(0, -4)}AAAA`],
    [closed.url, google.token],
  ] as const) {
    const ran = await tryVersion([url, hash], withToken({}, token))
    assertFails(ran, /the token was refused \(401\): look at GOOGLE_SERVICE_ACCOUNTS and GOOGLE_AUDIENCES/)
    assert.ok(!ran.stderr.includes(token.slice(0, 20)))
  }
})

test('a token without an example', async () => {
  const { code, stderr } = await tryVersion([admitting.url, hash], { TRY_TOKEN: google.token })
  assert.match(stderr, /not tried, there is no example/)
  assert.equal(code, 0)
})

const misused: [args: string[], environment?: Record<string, string>][] = [
  [[]],
  [['--help']],
  [['--hash', 'more']],
  [['example.com']],
  [['http://example.com']],
  [['ftp://127.0.0.1']],
  [['http://127.0.0.1.example.com']],
  [['https://example.com', 'abc']],
  [['https://example.com', hash, 'more']],
  [['https://example.com', hash], { TRY_SECONDS: 'soon' }],
  [['https://example.com', hash], { TRY_TOKEN: 'x', TRY_EXAMPLE: '{}' }],
]

for (const [args, environment] of misused)
  test(`wrong usage: ${args.join(' ').slice(0, 40)} ${Object.keys(environment ?? {})}`, async () => {
    const preload = `globalThis.fetch = () => { throw new Error('it was called') }`
    const { code, stdout, stderr } = await tryVersion(args, environment, preload)
    assert.match(stderr, /^Usage: node \.github\/try-version\.mjs URL \[HASH\] \| --hash \| --example\n$/m)
    assert.deepEqual([code, stdout], [2, ''])
  })

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { type Admission, createDoorkeeper } from '../../src/server/credentials.ts'
import { createGoogleTokens, type GoogleTokens } from '../../src/server/google-tokens.ts'
import { call, GUARD_MS, requestWith, until } from './http-call.ts'
import {
  answerJson,
  answerKeys,
  claims,
  EMAIL,
  FakeClock,
  type KeyServer,
  newSigner,
  type Signer,
  signWith,
  startKeyServer,
} from './key-server.ts'
import { LOCAL, RunningServer } from './running-server.ts'
import { memoryLog, serve, settingsOf } from './test-app.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const GUARD = { timeout: GUARD_MS }

const first = await newSigner('key-1')
const second = await newSigner('key-2')
const stranger = await newSigner('key-3')

interface Setting {
  readonly server: KeyServer
  readonly clock: FakeClock
  readonly tokens: GoogleTokens
  readonly logged: () => string
}

const settingsFor = (url: string): Record<string, string> => ({
  WEBHOOK_AUTH: 'google',
  GOOGLE_SERVICE_ACCOUNTS: EMAIL,
  GOOGLE_CERTS_URL: url,
})

/** A key server, and who asks it: time passes when the test says so. */
async function setUp(t: TestContext, answer: RequestListener = answerKeys(first)): Promise<Setting> {
  const server = await startKeyServer(answer)
  t.after(server.close)
  const clock = new FakeClock()
  const { log, logged } = memoryLog()
  const settings = settingsOf({ ...LOCAL, ...settingsFor(server.url) })
  return { server, clock, logged, tokens: createGoogleTokens(settings, { logger: log.logger, clock }) }
}

const verdictOf = (admission: Admission): string => (admission.admitted ? 'admitted' : admission.failure)

const verdict = async ({ tokens }: Setting, signer: Signer, header: object = {}): Promise<string> =>
  verdictOf(await tokens.admit(await signWith(signer, {}, header)))

async function verdicts(setting: Setting, count: number, signer: Signer, header: object = {}): Promise<string[]> {
  const token = await signWith(signer, {}, header)
  const all = await Promise.all(Array.from({ length: count }, () => setting.tokens.admit(token)))
  return [...new Set(all.map(verdictOf))]
}

const asked = ({ server }: Setting, times: number): Promise<true> =>
  until(() => server.requests() === times || undefined)

/** Lets the next background fetch begin, and end. */
async function passToNextFetch(setting: Setting): Promise<number> {
  const { clock, server } = setting
  const wait = clock.untilNext()
  const before = server.requests()
  clock.advance(wait)
  await asked(setting, before + 1)
  await isScheduled(clock)
  return wait
}

const isScheduled = (clock: FakeClock): Promise<number> =>
  until(() => {
    try {
      return clock.untilNext()
    } catch {
      return undefined
    }
  })

const entriesIn = (logged: string): Record<string, unknown>[] =>
  logged
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('1,000 calls with known keys ask the key server nothing', GUARD, async (t) => {
  const setting = await setUp(t)
  assert.equal(await setting.tokens.warmUp(), true)
  assert.deepEqual(await verdicts(setting, 1000, first), ['admitted'])
  setting.clock.advance(10 * SECOND)
  assert.deepEqual(await verdicts(setting, 10, stranger, { kid: 'key-1' }), ['unauthenticated'])
  assert.equal(setting.server.requests(), 1)
})

test('1,000 calls with an unknown key share one fetch, and there is none within 10 s of the last', GUARD, async (t) => {
  const setting = await setUp(t)
  const { clock, server } = setting
  await setting.tokens.warmUp()
  const counts: number[] = []
  for (const seconds of [0, 9, 1, 0, 9.999, 0.001]) {
    clock.advance(seconds * SECOND)
    assert.deepEqual(await verdicts(setting, 1000, stranger), ['unauthenticated'])
    counts.push(server.requests())
  }
  assert.deepEqual(counts, [1, 1, 2, 2, 2, 3])
})

test('without keys, 1,000 calls share one fetch, and are all answered by it', GUARD, async (t) => {
  const setting = await setUp(t)
  assert.deepEqual(await verdicts(setting, 1000, first), ['admitted'])
  assert.equal(setting.server.requests(), 1)
})

test('without keys and key server, calls ask once in 10 s', GUARD, async (t) => {
  const setting = await setUp(t, (request) => request.socket.destroy())
  const counts: number[] = []
  for (const seconds of [0, 5, 4.999]) {
    setting.clock.advance(seconds * SECOND)
    assert.deepEqual(await verdicts(setting, 100, first), ['keys_unavailable'])
    counts.push(setting.server.requests())
  }
  assert.deepEqual(counts, [1, 1, 1])
  setting.server.answer = answerKeys(first)
  setting.clock.advance(1)
  assert.deepEqual(await verdicts(setting, 100, first), ['admitted'])
  assert.equal(setting.server.requests(), 2)
})

test('a token that cannot be good asks nothing', GUARD, async (t) => {
  const setting = await setUp(t)
  const pem = new TextEncoder().encode(await exportSPKI(first.publicKey))
  const tokens = [
    'x',
    new UnsecuredJWT(claims()).encode(),
    await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(pem),
    await signWith(first, {}, { kid: undefined }),
    await signWith(first, {}, { crit: ['exp'], exp: 1 }).catch(() => 'x'),
  ]
  for (const token of tokens) assert.equal(verdictOf(await setting.tokens.admit(token)), 'unauthenticated')
  assert.equal(setting.server.requests(), 0)
})

test('a warm-up fetches the keys once; what was down may come back', GUARD, async (t) => {
  const setting = await setUp(t, answerJson({}))
  const { tokens, clock, server } = setting
  assert.deepEqual([await tokens.warmUp(), await tokens.warmUp(), server.requests()], [false, false, 1])
  server.answer = answerKeys(first)
  clock.advance(10 * SECOND)
  assert.deepEqual([await tokens.warmUp(), await tokens.warmUp()], [true, true])
  await asked(setting, 2)
  assert.equal(await verdict(setting, first), 'admitted')
  assert.equal(server.requests(), 2)
})

test('rotation: a new key is known from its first call, and one that is gone is refused', GUARD, async (t) => {
  const setting = await setUp(t)
  const { clock, server } = setting
  await setting.tokens.warmUp()
  server.answer = answerKeys(first, second)
  clock.advance(10 * SECOND)
  assert.deepEqual([await verdict(setting, second), await verdict(setting, first)], ['admitted', 'admitted'])
  server.answer = answerKeys(second)
  await passToNextFetch(setting)
  assert.deepEqual([await verdict(setting, second), await verdict(setting, first)], ['admitted', 'unauthenticated'])
  assert.equal(server.requests(), 3)
})

test('a new key under the id of an old one takes its place', GUARD, async (t) => {
  const setting = await setUp(t)
  await setting.tokens.warmUp()
  setting.server.answer = answerJson({ keys: [{ ...second.jwk, kid: 'key-1' }] })
  await passToNextFetch(setting)
  assert.equal(await verdict(setting, second, { kid: 'key-1' }), 'admitted')
  assert.equal(await verdict(setting, first), 'unauthenticated')
})

const lifetimes: [headers: Record<string, string>, refreshedAfter: number][] = [
  [{ 'cache-control': 'public, max-age=18000, must-revalidate, no-transform' }, 4 * HOUR],
  [{ 'cache-control': 'max-age=18000', age: '3600' }, 3.2 * HOUR],
  [{ 'cache-control': 'MAX-AGE="1000"' }, 800 * SECOND],
  [{ 'cache-control': 'public,max-age=1000' }, 800 * SECOND],
  [{ 'cache-control': 'max-age=1000', age: 'old' }, 800 * SECOND],
  [{ 'cache-control': 'max-age=75' }, MINUTE],
  [{ 'cache-control': 'max-age=1' }, MINUTE],
  [{ 'cache-control': 'max-age=0' }, MINUTE],
  [{ 'cache-control': 'max-age=100', age: '5000' }, MINUTE],
  [{ 'cache-control': 'max-age=999999999' }, DAY],
  [{}, 48 * MINUTE],
  [{ 'cache-control': 's-maxage=5' }, 48 * MINUTE],
  [{ 'cache-control': 'max-age=soon' }, 48 * MINUTE],
  [{ 'cache-control': 'max-age=-5' }, 48 * MINUTE],
  [{ 'cache-control': `max-age=${'9'.repeat(400)}` }, DAY],
]

for (const [headers, expected] of lifetimes)
  test(`keys are fetched again before they expire: ${JSON.stringify(headers).slice(0, 80)}`, GUARD, async (t) => {
    const setting = await setUp(t, answerJson({ keys: [first.jwk] }, headers))
    const { clock, server } = setting
    await setting.tokens.warmUp()
    assert.equal(Math.round(clock.untilNext()), expected)
    clock.advance(clock.untilNext() - 1)
    assert.deepEqual(await verdicts(setting, 100, first), ['admitted'])
    assert.equal(server.requests(), 1)
    clock.advance(1)
    assert.deepEqual(await verdicts(setting, 100, first), ['admitted'])
    await asked(setting, 2)
    assert.equal(Math.round(await isScheduled(clock)), expected)
  })

test('with the key server away, known keys keep working, and it is asked ever more rarely', GUARD, async (t) => {
  const setting = await setUp(t)
  const { server, logged } = setting
  await setting.tokens.warmUp()
  server.answer = (request) => request.socket.destroy()
  const waits: number[] = []
  for (let fetch = 0; fetch < 12; fetch++) {
    waits.push((await passToNextFetch(setting)) / SECOND)
    assert.equal(await verdict(setting, first), 'admitted')
  }
  assert.deepEqual(waits.slice(1), [10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 600])
  setting.clock.advance(10 * SECOND)
  assert.equal(await verdict(setting, stranger), 'unauthenticated')
  server.answer = answerKeys(first, second)
  await passToNextFetch(setting)
  assert.deepEqual([await verdict(setting, second), await verdict(setting, first)], ['admitted', 'admitted'])
  assert.equal(setting.clock.untilNext(), 48 * MINUTE)
  assert.deepEqual(entriesIn(logged()), [
    {
      severity: 'WARNING',
      message: "Google's keys cannot be fetched; the known ones stay in force.",
      reason: 'ECONNRESET',
    },
    { severity: 'INFO', message: "Google's keys can be fetched again." },
  ])
})

const CANARY = 'Kanarienvogel-7Q9Z'
const elliptic = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)
const pem = Buffer.from(await exportSPKI(first.publicKey)).toString('base64url')
const short = 'A'.repeat(171)
const { jwk } = first
const both = JSON.stringify({ keys: [jwk, second.jwk] })

const raw =
  (text: string): RequestListener =>
  (request) =>
    request.socket.end(text)

const html = `<html><title>${CANARY}</title>`
const lies: [what: string, answer: RequestListener, reason: string | RegExp][] = [
  ['nothing', (request) => request.socket.destroy(), 'ECONNRESET'],
  ['no HTTP', raw(`${CANARY}\r\n\r\n`), /^HPE_/],
  ['a redirect', (_, response) => response.writeHead(302, { location: `/${CANARY}` }).end(both), 'status 302'],
  ['not modified', (_, response) => response.writeHead(304).end(), 'status 304'],
  ['no content', (_, response) => response.writeHead(204).end(), 'status 204'],
  ['an error with keys', (_, response) => response.writeHead(500, CANARY).end(both), 'status 500'],
  ['not found', (_, response) => response.writeHead(404).end(html), 'status 404'],
  ['HTML', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html), 'no JSON'],
  [
    'HTML by another name',
    (_, response) => response.setHeader('content-type', 'application/json').end(html),
    'no JSON',
  ],
  ['an empty body', (_, response) => response.end(), 'no JSON'],
  ['bytes', (_, response) => response.end(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 255, 254])), 'no JSON'],
  ['deep JSON', (_, response) => response.end('['.repeat(60_000)), 'no JSON'],
  ['half a body', (_, response) => response.writeHead(200, { 'content-length': 9999 }).end(both), 'ECONNRESET'],
  ['half a chunked body', raw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n${both}`), 'ECONNRESET'],
  ['half a body of unknown length', raw(`HTTP/1.1 200 OK\r\n\r\n${both.slice(0, -2)}`), 'no JSON'],
  ['a huge body', (_, response) => response.end(both + ' '.repeat(65_536)), 'more than 65536 bytes'],
  ['a body without end', endless, 'more than 65536 bytes'],
  ['a huge header', (_, response) => response.setHeader('x', 'x'.repeat(60_000)).end(both), /^HPE_HEADER_OVERFLOW$/],
  ['null', answerJson(null), 'no set of keys'],
  ['a list', answerJson([jwk]), 'no set of keys'],
  ['text', answerJson(CANARY), 'no set of keys'],
  ['certificates', answerJson({ 'key-1': '-----BEGIN CERTIFICATE-----' }), 'no set of keys'],
  ['keys that are no list', answerJson({ keys: { 'key-1': jwk } }), 'no set of keys'],
  ['no keys', answerJson({ keys: [] }), 'no usable key'],
  ['keys that are none', answerJson({ keys: [null, 5, CANARY, [], {}] }), 'no usable key'],
  ['keys of another type', answerJson({ keys: [{ ...elliptic, kid: 'key-1' }] }), 'no usable key'],
  ['a secret', answerJson({ keys: [{ kty: 'oct', k: pem, alg: 'HS256', kid: 'key-1' }] }), 'no usable key'],
  ['a key to encrypt', answerJson({ keys: [{ ...jwk, use: 'enc' }] }), 'no usable key'],
  ['a key to sign', answerJson({ keys: [{ ...jwk, key_ops: ['sign'] }] }), 'no usable key'],
  ['a key for another algorithm', answerJson({ keys: [{ ...jwk, alg: 'RS512' }] }), 'no usable key'],
  ['a private key', answerJson({ keys: [first.privateJwk] }), 'no usable key'],
  ['half a private key', answerJson({ keys: [{ ...jwk, p: first.privateJwk.p }] }), 'no usable key'],
  ['a key without an id', answerJson({ keys: [{ ...jwk, kid: undefined }] }), 'no usable key'],
  ['a key with a number for an id', answerJson({ keys: [{ ...jwk, kid: 1 }] }), 'no usable key'],
  ['a key without its number', answerJson({ keys: [{ ...jwk, n: undefined }] }), 'no usable key'],
  ['rubbish for a number', answerJson({ keys: [{ ...jwk, n: `%${CANARY}` }] }), 'no usable key'],
  ['an empty number', answerJson({ keys: [{ ...jwk, n: '' }] }), 'no usable key'],
  ['a short key', answerJson({ keys: [{ ...jwk, n: `w${short}` }] }), 'no usable key'],
  ['a short key with zeros before', answerJson({ keys: [{ ...jwk, n: 'A'.repeat(200) + short }] }), 'no usable key'],
  ['a giant key', answerJson({ keys: [{ ...jwk, n: `w${'A'.repeat(2800)}` }] }), 'no usable key'],
  ['one id twice', answerJson({ keys: [jwk, { ...second.jwk, kid: 'key-1' }] }), 'two keys with one id'],
]

function endless(...[, response]: Parameters<RequestListener>): void {
  const timer = setInterval(() => response.write('x'.repeat(1000)), 1)
  response.once('close', () => clearInterval(timer))
}

for (const [what, answer, reason] of lies) {
  const isTold = ({ reason: told }: Record<string, unknown>): void =>
    typeof reason === 'string' ? assert.equal(told, reason) : assert.match(String(told), reason)

  test(`the key server lies to who knows keys: ${what}`, GUARD, async (t) => {
    const setting = await setUp(t)
    await setting.tokens.warmUp()
    setting.server.answer = answer
    await passToNextFetch(setting)
    assert.deepEqual([await verdict(setting, first), await verdict(setting, second)], ['admitted', 'unauthenticated'])
    const [entry, ...others] = entriesIn(setting.logged())
    isTold(entry ?? {})
    assert.deepEqual([entry?.severity, others], ['WARNING', []])
    assert.doesNotMatch(setting.logged(), new RegExp(CANARY))
  })

  test(`the key server lies to who knows none: ${what}`, GUARD, async (t) => {
    const setting = await setUp(t, answer)
    assert.deepEqual([await setting.tokens.warmUp(), await verdict(setting, first)], [false, 'keys_unavailable'])
    assert.equal(setting.server.requests(), 1)
    const [entry] = entriesIn(setting.logged())
    isTold(entry ?? {})
    assert.equal(entry?.severity, 'ERROR')
  })
}

function inPieces(response: ServerResponse, text: string): void {
  for (const piece of text.match(/.{1,20}/g) ?? []) response.write(piece)
  response.end()
}

const good: [what: string, answer: RequestListener][] = [
  ['no content type', (_, response) => response.end(both)],
  ['another content type', (_, response) => response.setHeader('content-type', 'text/html').end(both)],
  ['no length', raw(`HTTP/1.0 200 OK\r\n\r\n${both}`)],
  ['in pieces', (_, response) => inPieces(response, both)],
  ['keys for whatever', answerJson({ keys: [jwk, second.jwk].map(({ kty, kid, n, e }) => ({ kty, kid, n, e })) })],
  ['more about keys', answerJson({ x: 1, keys: [jwk, second.jwk].map((key) => ({ ...key, x5c: ['x'], ext: 5 })) })],
  ['keys to verify', answerJson({ keys: [jwk, second.jwk].map((key) => ({ ...key, key_ops: ['verify'] })) })],
  [
    'other keys beside them',
    answerJson({ keys: [null, { ...elliptic, kid: 'key-1' }, stranger.privateJwk, jwk, second.jwk] }),
  ],
]

for (const [what, answer] of good)
  test(`a good answer of an odd look: ${what}`, GUARD, async (t) => {
    const setting = await setUp(t, answer)
    for (const [signer, expected] of [
      [first, 'admitted'],
      [second, 'admitted'],
      [stranger, 'unauthenticated'],
    ] as const)
      assert.equal(await verdict(setting, signer), expected)
    assert.deepEqual([setting.server.requests(), setting.logged()], [1, ''])
  })

/** Whether there is a result although no time passes: everything that needs none is let through first. */
const isDone = (wait: Promise<unknown>): Promise<boolean> =>
  Promise.race([wait.then(() => true), setTimeout(20).then(() => false)])

/** An answer that is held back until the test lets it go. */
function holdBack(answer: RequestListener): { held: RequestListener; letGo: () => void } {
  let letGo = (): void => {}
  const gone = new Promise<void>((done) => {
    letGo = done
  })
  return { held: (request, response) => void gone.then(() => answer(request, response)), letGo }
}

test(
  'a slow key server: a call waits for 1 s, the next ones not at all, and the keys come all the same',
  GUARD,
  async (t) => {
    const { held, letGo } = holdBack(answerKeys(first))
    const setting = await setUp(t, held)
    const waiting = verdicts(setting, 100, first)
    await asked(setting, 1)
    setting.clock.advance(0.999 * SECOND)
    assert.equal(await isDone(waiting), false)
    setting.clock.advance(0.001 * SECOND)
    assert.deepEqual(await waiting, ['keys_unavailable'])
    assert.deepEqual(await verdicts(setting, 100, first), ['keys_unavailable'])
    letGo()
    await until(async () => (await setting.tokens.warmUp()) || undefined)
    assert.equal(await verdict(setting, first), 'admitted')
    assert.equal(setting.server.requests(), 1)
  },
)

test('a slow key server: calls with known keys do not wait', GUARD, async (t) => {
  const setting = await setUp(t)
  await setting.tokens.warmUp()
  setting.server.answer = () => undefined
  setting.clock.advance(10 * SECOND)
  const unknown = verdicts(setting, 100, stranger)
  await asked(setting, 2)
  assert.deepEqual(await verdicts(setting, 100, first), ['admitted'])
  assert.equal(await isDone(unknown), false)
  setting.clock.advance(SECOND)
  assert.deepEqual(await unknown, ['unauthenticated'])
})

test('a key server that never answers: real time passes, too', GUARD, async (t) => {
  const { server } = await setUp(t, () => undefined)
  const tokens = createGoogleTokens(settingsOf({ ...LOCAL, ...settingsFor(server.url) }))
  assert.equal(await tokens.warmUp(), false)
})

const slow: [what: string, answer: RequestListener][] = [
  ['changes the protocol', raw('HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')],
  ['never answers', () => undefined],
  ['never ends', (_, response) => void response.writeHead(200).write('{"keys":')],
  [
    'drips',
    (_, response) => {
      const timer = setInterval(() => response.write(' '), 50)
      response.once('close', () => clearInterval(timer))
    },
  ],
]

for (const [what, answer] of slow)
  test(`a fetch ends in time: a key server that ${what}`, GUARD, async (t) => {
    const setting = await setUp(t, answer)
    const { clock, logged, server } = setting
    const warm = setting.tokens.warmUp()
    await asked(setting, 1)
    clock.advance(SECOND)
    assert.equal(await warm, false)
    clock.advance(3.999 * SECOND)
    await setTimeout(20)
    assert.equal(logged(), '')
    clock.advance(0.001 * SECOND)
    await until(() => logged() || undefined)
    assert.equal(entriesIn(logged())[0]?.reason, 'no whole answer in time')
    server.answer = answerKeys(first)
    clock.advance(10 * SECOND)
    assert.equal(await verdict(setting, first), 'admitted')
  })

for (const days of [1, -1])
  test(`the machine's clock jumps by ${days} day: known keys work, and nothing is fetched for it`, GUARD, async (t) => {
    const setting = await setUp(t)
    const { clock, server } = setting
    const settings = settingsOf({ ...LOCAL, ...settingsFor(server.url) })
    const inRealTime = { ...setting, tokens: createGoogleTokens(settings) }
    for (const { tokens } of [setting, inRealTime]) await tokens.warmUp()
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + days * DAY })
    for (const one of [setting, inRealTime]) {
      assert.deepEqual(await verdicts(one, 100, first), ['admitted'])
      assert.deepEqual(await verdicts(one, 100, stranger), ['unauthenticated'])
    }
    assert.deepEqual([server.requests(), clock.untilNext()], [2, 48 * MINUTE])
    clock.advance(10 * SECOND)
    assert.deepEqual(await verdicts(setting, 100, stranger), ['unauthenticated'])
    assert.equal(server.requests(), 3)
  })

/** Every part of a token that could tell something. */
const partsOf = (token: string): string[] => [token, ...token.split('.')].filter((part) => part.length > 8)

async function everyKindOfToken(): Promise<string[]> {
  const tokens = [first, second, stranger].flatMap((signer) => [
    signWith(signer),
    signWith(signer, { aud: 'https://nobody.example.com', email: 'nobody@example.com' }),
    signWith(signer, { iss: 'https://evil.example.com' }),
    signWith(signer, { exp: 5 }),
    signWith(signer, {}, { kid: CANARY }),
    signWith(signer, { [CANARY]: CANARY }, { [CANARY]: CANARY }),
  ])
  return [...(await Promise.all(tokens)), new UnsecuredJWT(claims()).encode(), CANARY.repeat(20)]
}

test('no log line and no answer has a token or a part of it, whatever the key server does', {
  timeout: 2 * GUARD_MS,
}, async (t) => {
  const tokens = await everyKindOfToken()
  const answers = [answerKeys(first), ...lies.filter((_, index) => index % 4 === 0).map(([, answer]) => answer)]
  for (const answer of [...answers, answerKeys(second)]) {
    const { server, clock } = await setUp(t, answer)
    const { log, logged } = memoryLog()
    const environment = settingsFor(server.url)
    const settings = settingsOf({ ...LOCAL, ...environment })
    const google = createGoogleTokens(settings, { logger: log.logger, clock })
    const app = await serve(environment, { doorkeeper: createDoorkeeper(settings, google), logCall: log.logCall })
    t.after(app.close)
    for (const token of tokens) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const { text } = await call(app.url, { headers, body: requestWith('echo') })
      clock.advance(3 * SECOND)
      for (const part of partsOf(token)) assert.ok(!text.includes(part) && !logged().includes(part))
    }
    await until(
      () => entriesIn(logged()).filter(({ httpRequest }) => httpRequest).length === tokens.length || undefined,
    )
    assert.doesNotMatch(logged(), new RegExp(`eyJ|${CANARY}`))
  }
})

test('anything for a token is refused, and nothing is thrown', GUARD, async (t) => {
  const setting = await setUp(t)
  await setting.tokens.warmUp()
  const good = await signWith(first)
  const json = fc.json().map((text) => Buffer.from(text).toString('base64url'))
  const header = fc
    .record(
      {
        alg: fc.constantFrom('RS256', 'none', 5),
        kid: fc.constantFrom('key-1', 1),
        crit: fc.jsonValue(),
        b64: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((fields) => Buffer.from(JSON.stringify(fields)).toString('base64url'))
  const part = fc.oneof(fc.constantFrom(...good.split('.')), fc.base64String(), json, header, fc.string())
  const token = fc.oneof(
    fc.string(),
    fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
  )
  await fc.assert(
    fc.asyncProperty(token, async (text) => {
      fc.pre(text !== good)
      assert.equal(verdictOf(await setting.tokens.admit(text)), 'unauthenticated')
    }),
    { numRuns: 2000 },
  )
})

async function started(t: TestContext, url: string): Promise<RunningServer> {
  const server = new RunningServer({ ...LOCAL, ...settingsFor(url) })
  t.after(() => server.stop())
  return server
}

const callWith = async (url: string, signer: Signer): Promise<number> => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${await signWith(signer)}` }
  return (await call(url, { headers, body: requestWith('echo') })).status
}

test('a server fetches the keys when it starts', GUARD, async (t) => {
  const keys = await startKeyServer(answerKeys(first))
  t.after(keys.close)
  const server = await started(t, keys.url)
  const url = await server.listening()
  await until(() => keys.requests() === 1 || undefined)
  assert.equal((await call(url, { path: '/_ah/warmup' })).status, 200)
  assert.deepEqual([await callWith(url, first), await callWith(url, stranger)], [200, 401])
  assert.equal(keys.requests(), 1)
})

test('a server starts without the key server, says so once, and ends at once', GUARD, async (t) => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  silent.close()
  const server = await started(t, `http://127.0.0.1:${port}/${CANARY}`)
  const url = await server.listening()
  for (let round = 0; round < 3; round++) assert.equal(await callWith(url, first), 503)
  assert.equal((await call(url, { path: '/health' })).status, 200)
  const told = server.lines.filter(({ reason }) => reason !== undefined)
  assert.deepEqual(
    told.map(({ severity, reason }) => [severity, reason]),
    [['ERROR', 'ECONNREFUSED']],
  )
  server.signal('SIGTERM')
  assert.equal(await server.exitCode(), 0)
  assert.doesNotMatch(server.stdout + server.stderr, new RegExp(`eyJ|${CANARY}`))
})

test('a key server that never answers holds up neither start nor end', GUARD, async (t) => {
  const keys = await startKeyServer(() => undefined)
  t.after(keys.close)
  const server = await started(t, keys.url)
  await server.listening()
  await until(() => keys.requests() === 1 || undefined)
  server.signal('SIGTERM')
  assert.equal(await server.exitCode(), 0)
  assert.doesNotMatch(server.stdout, /no whole answer in time/)
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describeError } from '../../src/server/log.ts'
import { basicFor, type Call, call, GUARD_MS, type Reply, requestWith, until } from './http-call.ts'
import { LOCAL, RunningServer } from './running-server.ts'
import { serve } from './test-app.ts'

/** One for values, with letters that encodings change; one of the letters that header names and ids may have. */
const CANARIES = ['Kanarienvögel 7Q9Z/+?&="', 'Canary-7Q9Z-Vogel']
const NUMBER = 7_193_558_201_467
const SECRET = 'Canary-of-ours-3XK7'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const base64url = (text: string): string => Buffer.from(text).toString('base64url')
const everyByteEscaped = (text: string): string => Buffer.from(text).toString('hex').replace(/../g, '%$&')

const sent = [...CANARIES, ...CANARIES.flatMap((c) => [encodeURIComponent(c), everyByteEscaped(c), base64(c)])]

/** The part of a text's base64 form that is the same whatever stands before and behind it, for each place it may begin at. */
const insideBase64 = (text: string): string[] =>
  [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
    return bytes.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6))
  })

const inOtherLetters = (text: string): string[] => [text, text.replaceAll('+', '-').replaceAll('/', '_')]

const forbidden = [...CANARIES, String(NUMBER), SECRET].flatMap((text) => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  encodeURI(text),
  everyByteEscaped(text),
  Buffer.from(text).toString('latin1'),
  Buffer.from(text).toString('hex'),
  ...insideBase64(text).flatMap(inOtherLetters),
  ...insideBase64(encodeURIComponent(text)).flatMap(inOtherLetters),
])

/** Which forms of a canary are in a text, in any case of letters. */
function found(text: string): string[] {
  const lower = text.toLowerCase()
  return forbidden.filter((form) => lower.includes(form.toLowerCase()))
}

const AGENT = 'projects/example/locations/global/agents'
const PARAMETERS = [
  'location',
  'nickname',
  'budget',
  'startdate',
  'phone',
  'email',
  'traveller',
  'companions',
  'extras',
]
const OTHERS = ['card_number', 'reason', 'said', 'favfood', 'menu', 'secret', 'carryover_missing']
const TAGS = ['trip-details', 'trip-details-classic', 'hand-over', 'escalate', 'echo', 'switched-off']

const shapesOf = (c: string): unknown[] => [
  c,
  NUMBER,
  [c, NUMBER],
  [[c], { [c]: c }],
  { [c]: c },
  { [c]: { [c]: [NUMBER, { [c]: c }] } },
  {
    name: c,
    original: c,
    amount: c,
    currency: c,
    unit: c,
    year: c,
    month: NUMBER,
    day: c,
    hours: c,
    'street-address': c,
  },
  { amount: NUMBER, currency: c, startDate: { year: NUMBER }, endDate: c },
  { [`card_${c}`]: c, [`${c}cvv`]: NUMBER, secret: { [c]: c }, [`$session.params.${c}`]: `$session.params.${c}` },
  `4111 1111 1111 1111 ${c}`,
  `078-05-1120 ${c}`,
  `${c}@example.com`,
]

const parametersOf = (value: unknown): object =>
  Object.fromEntries([...PARAMETERS, ...OTHERS].map((name) => [name, value]))

const ujetOf = (c: string): object => ({
  type: c,
  [c]: c,
  session_variable: { [c]: c, payload: { [c]: NUMBER, destination: c }, capture_type: [c], capture_key: c },
})

/** Everything else that a `WebhookRequest` can carry. */
const fieldsWith = (c: string): object[] => [
  { languageCode: c },
  { text: c },
  { transcript: c, triggerEvent: c, detectIntentResponseId: c, [c]: c },
  { dtmfDigits: String(NUMBER) },
  { fulfillmentInfo: { tag: 'echo', [c]: c } },
  { sessionInfo: { session: c } },
  { sessionInfo: { session: `${AGENT}/${c}/sessions/${c}`, parameters: { [c]: c } } },
  { pageInfo: { currentPage: c, displayName: c } },
  { pageInfo: { currentPage: `${AGENT}/${c}/flows/${c}/pages/${c}`, displayName: c } },
  {
    pageInfo: {
      formInfo: {
        parameterInfo: [
          { displayName: 'location', value: c },
          { displayName: c, value: c },
        ],
      },
    },
  },
  {
    intentInfo: {
      lastMatchedIntent: c,
      displayName: c,
      parameters: { location: { originalValue: c, [c]: c }, [c]: c },
    },
  },
  { messages: [{ payload: { ujet: ujetOf(c) } }, { text: { text: [c] } }, { payload: { [c]: c } }, c] },
  { payload: { telephony: { caller_id: c }, [c]: c } },
  { sentimentAnalysisResult: { score: c } },
]

const requestsWith = (c: string): object[] => [
  ...TAGS.flatMap((tag) => shapesOf(c).map((value) => requestWith(tag, parametersOf(value), { text: c }))),
  ...fieldsWith(c).flatMap((fields) => ['trip-details', 'no-such-tag'].map((tag) => requestWith(tag, {}, fields))),
  ...[c, `trip-details${c}`, `${c}\n`].map((tag) => requestWith(tag)),
  requestWith('echo', { said: `${c}${'x'.repeat(65_536)}` }),
  requestWith('echo', JSON.parse(`{"a":${'['.repeat(70)}${JSON.stringify(c)}${']'.repeat(70)}}`)),
  { fulfillmentInfo: { tag: { [c]: c } } },
  { fulfillmentInfo: { tag: 'echo' }, sessionInfo: { parameters: [c] } },
  { [c]: c },
]

const brokenBodiesWith = (c: string): (string | Buffer)[] => [
  c,
  `{"fulfillmentInfo":{"tag":${JSON.stringify(c)}}`,
  `{${c}`,
  `"${c}\n    at ${c} (${c}:1:1)"`,
  Buffer.concat([Buffer.from(c), Buffer.from([0xff])]),
  `"${c}${'x'.repeat(300_000)}"`,
]

const pathsWith = (c: string): string[] => {
  const part = encodeURIComponent(c)
  return [`/${part}`, `/webhook/${part}`, `/webhook?${part}=${part}`, `/health?${part}`, `/_ah/${part}`, `/%ZZ${part}`]
}

const HEADERS = ['x-key', 'traceparent', 'x-cloud-trace-context', 'user-agent', 'cookie', 'referer', 'x-forwarded-for']
const TYPES = ['content-type', 'content-encoding', 'accept', 'accept-language', 'if-none-match', 'authorization']
const PREFIXES = ['', 'Basic ', 'Bearer ', 'application/json; charset=', '00-', 'gzip, ']

const inUtf8 = (text: string): string => Buffer.from(text).toString('latin1')

function headersWith(c: string): OutgoingHttpHeaders[] {
  const value = inUtf8(c)
  const values = [...HEADERS, ...TYPES].flatMap((name) => PREFIXES.map((prefix) => ({ [name]: prefix + value })))
  const pairs = [{ authorization: basicFor(c) }, { authorization: basicFor(`example:${c}`) }]
  return [...values, ...pairs, ...(/^[\w-]+$/.test(c) ? [{ [c]: value }] : [])]
}

const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256' }] })
const keyServer = createServer((_request, response) => response.end(jwks)).listen(0, '127.0.0.1')
await once(keyServer, 'listening')

const ENVIRONMENT = {
  ...LOCAL,
  WEBHOOK_AUTH: 'basic,header,google',
  WEBHOOK_BASIC: `example:${SECRET}`,
  WEBHOOK_HEADER: `X-Key: ${SECRET}`,
  GOOGLE_SERVICE_ACCOUNTS: 'bot@example.com',
  GOOGLE_CERTS_URL: `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}/`,
  GOOGLE_CLOUD_PROJECT: 'example-project',
  LOG_LEVEL: 'silly',
}
const ADMITTED = { 'content-type': 'application/json', authorization: basicFor(`example:${SECRET}`) }

after(() => {
  keyServer.close()
  keyServer.closeAllConnections()
})

/** A token of each kind that is refused, with the canary wherever it may be: not in what is logged of a token that Google signed. */
async function tokensWith(c: string): Promise<string[]> {
  const claims = { iss: c, aud: c, sub: c, email: c, email_verified: true, [c]: c }
  const vouchedFor = { iss: 'accounts.google.com', aud: 'https://webhook.example.com', email: 'stranger@example.com' }
  const good = { ...claims, ...vouchedFor, iat: Math.floor(Date.now() / 1000) }
  const sign = (payload: object, header: object): Promise<string> =>
    new SignJWT({ ...payload })
      .setProtectedHeader({ alg: 'RS256', kid: 'key-1', ...header })
      .setExpirationTime('1h')
      .sign(privateKey)
  return [
    await sign(claims, {}),
    await sign(good, {}),
    await sign({ ...good, exp: c, iat: c }, {}).catch(() => c),
    await sign(good, { kid: c, [c]: c }),
    `${base64url(JSON.stringify({ alg: c, kid: c }))}.${base64url(JSON.stringify(claims))}.${base64url(c)}`,
    `${base64url(`{${c}`)}.${base64url(c)}.${base64url(c)}`,
    `${c}.${c}.${c}`,
  ].map(inUtf8)
}

async function callsWith(c: string): Promise<Call[]> {
  const echo = requestWith('echo', { said: 'hello' })
  const tokens = await tokensWith(c)
  return [
    ...requestsWith(c).map((body) => ({ headers: ADMITTED, body })),
    ...brokenBodiesWith(c).map((body) => ({ headers: ADMITTED, body })),
    ...pathsWith(c).flatMap((path) => [{ path }, { headers: ADMITTED, path, body: echo }]),
    ...headersWith(c).map((headers) => ({ headers: { ...ADMITTED, ...headers }, body: echo })),
    ...headersWith(c).map((headers) => ({ headers, path: '/health' })),
    ...tokens.map((token) => ({ headers: { ...ADMITTED, authorization: `Bearer ${token}` }, body: echo })),
  ]
}

const isAnswer = ({ method, path }: Call, { status }: Reply): boolean =>
  status === 200 && method === undefined && !path?.startsWith('/health')

test('a value from outside is in no log line, error body, header or health page', {
  timeout: 2 * GUARD_MS,
}, async (t) => {
  const server = new RunningServer(ENVIRONMENT)
  t.after(() => server.stop())
  const url = await server.listening()
  const seen = new Map<number, number>()
  let calls = 0
  let carried = 0
  for (const c of sent)
    for (const made of await callsWith(c)) {
      const reply = await call(url, made)
      calls++
      seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1)
      assert.deepEqual(found(JSON.stringify(reply.headers)), [])
      if (!isAnswer(made, reply)) assert.deepEqual(found(reply.text), [], `${reply.status} ${made.path ?? ''}`)
      else if (found(reply.text).length) carried++
    }
  assert.deepEqual([...seen.keys()].sort(), [200, 400, 401, 404, 405, 413, 415, 500])
  assert.ok(carried > 100, 'the canary did not go through')
  await until(() => server.lines.filter(({ httpRequest }) => httpRequest).length >= calls || undefined)
  assert.deepEqual(found(server.stdout + server.stderr), [])
  const health = await call(url, { path: '/health' })
  assert.deepEqual(found(health.text), [])
})

test('a bug that throws a value: neither the answer nor the log has it', async (t) => {
  for (const c of CANARIES) {
    const configuration = () => {
      throw new SyntaxError(`Unexpected token in ${c}`, { cause: c })
    }
    const app = await serve({}, { configuration })
    t.after(app.close)
    const reply = await call(app.url, { body: requestWith(c) })
    assert.equal(reply.status, 500)
    assert.deepEqual(found(reply.text + app.logged()), [])
  }
})

class OwnError extends Error {
  override name = CANARIES[1] ?? ''
}

const parseError = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}

const FRAME = `${CANARIES[1]}\n    at ${CANARIES[1]} (file.ts:1:1)`
const thrown: [what: string, error: unknown, name: string][] = [
  ['a message', new RangeError(CANARIES[0]), 'RangeError'],
  ['a cause', new Error('x', { cause: CANARIES[0] }), 'Error'],
  ['a property', Object.assign(new Error('x'), { body: CANARIES[0] }), 'Error'],
  ['its name', new OwnError('x'), 'OwnError'],
  ['several errors', new AggregateError([new Error(CANARIES[0])], CANARIES[0]), 'AggregateError'],
  ['a parser that quotes its input', parseError(CANARIES[1] ?? ''), 'SyntaxError'],
  ['text', CANARIES[0], 'string'],
  ['a map', { message: CANARIES[0] }, 'object'],
  ['a message that looks like a stack', new Error(FRAME), 'Error'],
  ['a parser that quotes what looks like a stack', parseError(`{\n    at ${CANARIES[1]}`), 'SyntaxError'],
]

for (const [what, error, name] of thrown)
  test(`an error is described by class and place: ${what}`, () => {
    const described = describeError(error)
    assert.equal(described.error, name)
    assert.deepEqual(found(JSON.stringify(described)), [])
    assert.equal(described.stack.length > 0, error instanceof Error)
  })

const crashes: [what: string, handler: string][] = [
  ['thrown', '() => { throw new TypeError(process.env.MESSAGE) }'],
  ['rejected', '() => Promise.reject(new TypeError(process.env.MESSAGE, { cause: process.env.MESSAGE }))'],
]

for (const [what, handler] of crashes)
  test(`a crash (${what}) is logged without its message, with exit code 1`, { timeout: GUARD_MS }, async (t) => {
    const preload = `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', ${handler})`)}`
    const server = new RunningServer({ ...LOCAL, MESSAGE: CANARIES.join(' ') }, [], [preload])
    t.after(() => server.stop())
    await server.listening()
    server.signal('SIGUSR2')
    assert.equal(await server.exitCode(), 1)
    const { severity, error, stack } = server.lines.at(-1) ?? {}
    assert.deepEqual([severity, error, Array.isArray(stack)], ['ERROR', 'TypeError', true])
    assert.deepEqual(found(server.stdout + server.stderr), [])
  })

const malformed = [
  { WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: SECRET },
  { WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: `X Key: ${SECRET}` },
  { WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: SECRET },
  { WEBHOOK_AUTH: `basic:${SECRET}`, WEBHOOK_BASIC: `:${SECRET}`, PORT: SECRET, LOG_LEVEL: SECRET },
  { WEBHOOK_AUTH: 'google', GOOGLE_SERVICE_ACCOUNTS: SECRET, GOOGLE_CERTS_URL: `http://${SECRET}@example.com/` },
]

test('a secret that is malformed is not quoted at the start', { timeout: GUARD_MS }, async (t) => {
  for (const environment of malformed) {
    const server = new RunningServer({ ...LOCAL, ...environment })
    t.after(() => server.stop())
    assert.equal(await server.exitCode(), 1)
    assert.match(server.stderr, /cannot be read/)
    assert.deepEqual(found(server.stdout + server.stderr), [])
  }
})

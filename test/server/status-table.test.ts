import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, test } from 'node:test'
import type { Configuration } from '../../src/core/configuration.ts'
import type { Plan } from '../../src/core/plan.ts'
import { surfaceSet } from '../../src/core/surface.ts'
import { Lifecycle } from '../../src/server/lifecycle.ts'
import { basicFor, type Call, call, codeOf, replyTo, requestWith } from './http-call.ts'
import { FLOWS } from './running-server.ts'
import { configurationIn, MOUNTS, type Mount, serve } from './test-app.ts'

const apps = await Promise.all(
  MOUNTS.map(async (mount) => [mount, await serve({ MAX_BODY_BYTES: '100000' }, {}, mount)] as const),
)
const open = await serve({ MAX_BODY_BYTES: '100000' })
const guarded = await serve({ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'example:555-0100' })
after(() => Promise.all([open, guarded, ...apps.map(([, app]) => app)].map((app) => app.close())))

const ECHO = requestWith('echo', { said: 'hello' })
const JSON_TYPE = { 'content-type': 'application/json' }
const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)])
const tooLarge = `"${'x'.repeat(100_000)}"`

const rows: [status: number, code: string, what: string, Call][] = [
  [404, 'not_found', 'an unknown path', { path: '/nowhere' }],
  [404, 'not_found', 'an unknown path before a wrong method', { method: 'DELETE', path: '/nowhere' }],
  [404, 'not_found', 'a slash at the end', { path: '/webhook/', body: ECHO }],
  [404, 'not_found', 'another case', { path: '/WEBHOOK', body: ECHO }],
  [404, 'not_found', 'two slashes', { path: '//webhook', body: ECHO }],
  [404, 'not_found', 'an escaped letter', { path: '/%77ebhook', body: ECHO }],
  [404, 'not_found', 'something below the path', { path: '/webhook/x', body: ECHO }],
  [404, 'not_found', 'health with a slash', { path: '/health/' }],
  [404, 'not_found', 'health in capitals', { path: '/Health' }],
  [404, 'not_found', 'malformed percent-encoding', { path: '/%ZZ%' }],
  [404, 'not_found', 'malformed percent-encoding behind a path of ours', { path: '/webhook%', body: ECHO }],
  [404, 'not_found', 'the root', { path: '/' }],
  [404, 'not_found', 'no path at all', { method: 'OPTIONS', path: '*' }],
  [405, 'method_not_allowed', 'GET', {}],
  [405, 'method_not_allowed', 'PUT', { method: 'PUT', body: ECHO }],
  [405, 'method_not_allowed', 'OPTIONS', { method: 'OPTIONS' }],
  [405, 'method_not_allowed', 'POST to health', { path: '/health', body: {} }],
  [405, 'method_not_allowed', 'POST to warm-up', { path: '/_ah/warmup', body: {} }],
  [415, 'unsupported_media_type', 'no type', { method: 'POST', headers: {} }],
  [415, 'unsupported_media_type', 'text', { headers: { 'content-type': 'text/plain' }, body: ECHO }],
  [415, 'unsupported_media_type', 'a longer type', { headers: { 'content-type': 'application/jsonx' }, body: ECHO }],
  [415, 'unsupported_media_type', 'a kind of JSON', { headers: { 'content-type': 'application/a+json' }, body: ECHO }],
  [
    415,
    'unsupported_media_type',
    'another charset',
    { headers: { 'content-type': 'application/json; charset=iso-8859-1' }, body: ECHO },
  ],
  [
    415,
    'unsupported_media_type',
    'a content encoding',
    { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: ECHO },
  ],
  [415, 'unsupported_media_type', 'before too large', { headers: { 'content-type': 'text/plain' }, body: tooLarge }],
  [413, 'body_too_large', 'a known length', { body: tooLarge }],
  [413, 'body_too_large', 'before broken JSON', { body: tooLarge.slice(1).padEnd(100_001, 'x') }],
  [
    413,
    'body_too_large',
    'an unknown length',
    { headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, body: tooLarge },
  ],
  [400, 'bad_json', 'nothing', { method: 'POST' }],
  [400, 'bad_json', 'half a body', { body: '{"fulfillmentInfo":' }],
  [400, 'bad_json', 'bytes that are no UTF-8', { body: Buffer.from('{"fulfillmentInfo":{"tag":"\xff"}}', 'latin1') }],
  [400, 'bad_json', 'a lone surrogate in UTF-8', { body: Buffer.from('"\xed\xa0\x80"', 'latin1') }],
  [400, 'bad_json', 'UTF-16', { body: Buffer.from('{}', 'utf16le') }],
  [400, 'bad_json', 'text behind the JSON', { body: '{} {}' }],
  [400, 'too_deep', '65 levels', { body: requestWith('echo', { said: nested(62) }) }],
  [400, 'too_deep', '65 levels where nothing is read', { body: { ...ECHO, other: nested(64) } }],
  [400, 'too_deep', '90,000 levels', { body: '['.repeat(45_000) + ']'.repeat(45_000) }],
  [400, 'too_deep', 'before being no request', { body: nested(65) }],
  [400, 'bad_request', 'null', { body: 'null' }],
  [400, 'bad_request', 'a list', { body: [] }],
  [400, 'bad_request', 'text', { body: '"text"' }],
  [400, 'bad_request', 'an empty map', { body: {} }],
  [400, 'bad_request', 'no tag', { body: { fulfillmentInfo: {} } }],
  [400, 'bad_request', 'a tag that is no text', { body: { fulfillmentInfo: { tag: 5 } } }],
  [400, 'bad_request', 'parameters that are no map', { body: { ...ECHO, sessionInfo: { parameters: [1] } } }],
  [404, 'unknown_tag', 'a tag of nobody', { body: requestWith('ecko') }],
  [404, 'unknown_tag', 'an empty tag', { body: requestWith('') }],
  [404, 'unknown_tag', 'a name of every object', { body: requestWith('constructor') }],
  [404, 'unknown_tag', 'a tag of another flow', { body: requestWith('here-alone', {}, { pageInfo: {} }) }],
  [500, 'response_too_large', 'an answer over 64 KiB', { body: requestWith('echo', { said: 'x'.repeat(65_536) }) }],
]

/** What a framework that reads bodies refuses or mends by itself; text in JSON cannot be told from JSON in text. */
const NOT_OURS: { readonly [M in Mount]?: readonly string[] } = {
  'with the bytes read': ['a content encoding'],
  'with the text read': ['a content encoding', 'bytes that are no UTF-8', 'a lone surrogate in UTF-8'],
  'with the body parsed': [
    'before broken JSON',
    'an unknown length',
    'bad_json',
    'a content encoding',
    'another charset',
    'text',
  ],
}
const isOurs = (mount: Mount, ...names: string[]): boolean => !names.some((name) => NOT_OURS[mount]?.includes(name))

for (const [mount, { url }] of apps)
  for (const [status, code, what, made] of rows.filter(([, code, what]) => isOurs(mount, code, what)))
    test(`${mount}: ${status} ${code}: ${what}`, async () => {
      const reply = await call(url, made)
      assert.deepEqual([reply.status, codeOf(reply)], [status, code])
      const { error } = JSON.parse(reply.text)
      assert.deepEqual(Object.keys(error), ['code', 'message', 'request_id'])
      assert.match(error.request_id, /^[0-9a-f-]{36}$/)
      assert.match(error.message, /\.$/)
      assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
    })

const answered: [what: string, Call][] = [
  ['a plain request', { body: ECHO }],
  ['a query', { path: '/webhook?x=1', body: ECHO }],
  ['a query that is malformed', { path: '/webhook?%ZZ', body: ECHO }],
  ['UTF-8 named', { headers: { 'content-type': 'application/json; charset=UTF-8' }, body: ECHO }],
  ['UTF-8 in quotes', { headers: { 'content-type': 'Application/JSON;charset="utf-8"' }, body: ECHO }],
  ['another parameter of the type', { headers: { 'content-type': 'application/json; v=1' }, body: ECHO }],
  ['no encoding, said aloud', { headers: { ...JSON_TYPE, 'content-encoding': 'identity' }, body: ECHO }],
  ['an unknown length', { headers: { ...JSON_TYPE, 'transfer-encoding': 'chunked' }, body: ECHO }],
  ['64 levels', { body: { ...ECHO, other: nested(63) } }],
  ['exactly MAX_BODY_BYTES', { body: JSON.stringify(ECHO).padEnd(100_000) }],
  ['absent and null fields', { body: { ...ECHO, pageInfo: null, intentInfo: null, messages: null, payload: null } }],
  ['fields of the wrong type that we can do without', { body: { ...ECHO, languageCode: 5, messages: {}, text: [] } }],
]

for (const [mount, { url }] of apps)
  for (const [what, made] of answered)
    test(`${mount}: 200: ${what}`, async () => {
      const reply = await call(url, made)
      const ujet = {
        session_variable: { payload: { said: 'hello' }, capture_type: ['agent'], capture_target: 'payload' },
      }
      assert.equal(reply.status, 200)
      assert.deepEqual(JSON.parse(reply.text), { fulfillmentResponse: { messages: [{ payload: { ujet } }] } })
    })

test('200: parameters nested to the 64th level', async () => {
  const { status } = await call(open.url, { body: requestWith('echo', { said: nested(61) }) })
  assert.equal(status, 200)
})

test('200: with nothing to say the answer is an empty map', async () => {
  for (const tag of ['echo', 'switched-off'])
    assert.equal((await call(open.url, { body: requestWith(tag) })).text, '{}', tag)
})

test('200: the same request gives the same bytes', async () => {
  const body = requestWith('trip-details', { location: 'Osaka', budget: { amount: 1200, currency: 'USD' } })
  const [first, second] = [await call(open.url, { body }), await call(open.url, { body })]
  assert.equal(first.text, second.text)
})

for (const [letter, size] of [
  ['x', 1],
  ['é', 2],
] as const)
  test(`an answer of 65536 bytes passes, one more does not: ${letter}`, async () => {
    const said = (bytes: number): object =>
      requestWith('echo', { said: letter.repeat(bytes / size) + 'x'.repeat(bytes % size) })
    const { text } = await call(open.url, { body: said(2) })
    const room = 65_536 - Buffer.byteLength(text) + 2
    const fits = await call(open.url, { body: said(room) })
    const over = await call(open.url, { body: said(room + 1) })
    assert.deepEqual([fits.status, Buffer.byteLength(fits.text)], [200, 65_536])
    assert.deepEqual([over.status, codeOf(over)], [500, 'response_too_large'])
  })

test('the Allow header names the methods', async () => {
  const allow = async (made: Call) => (await call(open.url, made)).headers.allow
  assert.equal(await allow({}), 'POST')
  assert.equal(await allow({ path: '/health', body: {} }), 'GET, HEAD')
  assert.equal(await allow({ path: '/_ah/warmup', body: {} }), 'GET, HEAD')
})

const withoutCredentials: [status: number, code: string, what: string, Call][] = [
  [404, 'not_found', 'an unknown path', { path: '/nowhere', body: ECHO }],
  [405, 'method_not_allowed', 'a wrong method', {}],
  [401, 'unauthenticated', 'nothing else wrong', { body: ECHO }],
  [401, 'unauthenticated', 'a wrong type', { headers: { 'content-type': 'text/plain' }, body: 'x' }],
  [401, 'unauthenticated', 'a body too large', { body: 'x'.repeat(300_000) }],
  [401, 'unauthenticated', 'broken JSON', { body: '{' }],
]

for (const [status, code, what, made] of withoutCredentials)
  test(`without credentials, ${what}: ${status} ${code}`, async () => {
    const reply = await call(guarded.url, made)
    assert.deepEqual([reply.status, codeOf(reply)], [status, code])
  })

test('with credentials a request passes', async () => {
  const headers = { ...JSON_TYPE, authorization: basicFor('example:555-0100') }
  assert.equal((await call(guarded.url, { headers, body: ECHO })).status, 200)
})

for (const [code, server, headers] of [
  ['unauthenticated', guarded, JSON_TYPE],
  ['unsupported_media_type', open, { 'content-type': 'text/plain' }],
  ['body_too_large', open, { ...JSON_TYPE, 'content-length': 100_001 }],
] as const)
  test(`${code} is answered before the body is read`, async () => {
    const sent = request(`${server.url}/webhook`, { method: 'POST', headers: { 'content-length': 100, ...headers } })
    sent.flushHeaders()
    assert.equal(codeOf(await replyTo(sent)), code)
    sent.on('error', () => undefined).destroy()
  })

test('a caller who hangs up in the middle is logged and nothing else happens', async () => {
  const sent = request(`${open.url}/webhook`, {
    method: 'POST',
    headers: { ...JSON_TYPE, 'content-length': 100, expect: '100-continue' },
  })
  sent.on('error', () => undefined).flushHeaders()
  await once(sent, 'continue')
  sent.destroy()
  assert.equal((await call(open.url, { body: ECHO })).status, 200)
})

test('HEAD and GET of health and warm-up need no credentials', async () => {
  for (const path of ['/health', '/_ah/warmup', '/health?x=1']) {
    const [get, head] = [await call(guarded.url, { path }), await call(guarded.url, { method: 'HEAD', path })]
    assert.deepEqual([get.status, head.status, head.text], [200, 200, ''], path)
    assert.equal(head.headers['content-length'], String(Buffer.byteLength(get.text)))
  }
})

test('health tells version, numbers, hash and the last reload', async () => {
  const { flows, plans, hash } = await configurationIn(FLOWS)
  assert.deepEqual(JSON.parse((await call(open.url, { path: '/health' })).text), {
    status: 'ok',
    version: '1.2.3',
    flows,
    captures: plans.length,
    configuration: hash,
    last_reload: 'none',
  })
  assert.deepEqual([flows, plans.length, hash.length], [3, 7, 64])
})

test('warm-up: 503 keys_unavailable', async (t) => {
  const app = await serve({}, { warmUp: async () => false })
  t.after(app.close)
  const reply = await call(app.url, { path: '/_ah/warmup' })
  assert.deepEqual([reply.status, codeOf(reply)], [503, 'keys_unavailable'])
})

test('503 draining comes before everything, with Connection: close', async (t) => {
  const lifecycle = new Lifecycle()
  Object.defineProperty(lifecycle, 'draining', { value: true })
  const app = await serve({ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'example:555-0100' }, { lifecycle })
  t.after(app.close)
  for (const path of ['/webhook', '/nowhere', '/health', '/_ah/warmup', '/%ZZ'])
    for (const method of ['GET', 'POST', 'DELETE']) {
      const reply = await call(app.url, { method, path })
      assert.deepEqual([reply.status, codeOf(reply), reply.headers.connection], [503, 'draining', 'close'], path)
    }
})

test('a bug: 500 internal, and its class and place in the log without its message', async (t) => {
  const configuration = () => {
    throw new RangeError('this quotes a value')
  }
  const app = await serve({}, { configuration })
  t.after(app.close)
  for (const made of [{ body: ECHO }, { path: '/health' }]) {
    const reply = await call(app.url, made)
    assert.deepEqual([reply.status, codeOf(reply)], [500, 'internal'])
    assert.doesNotMatch(reply.text, /quotes/)
  }
  assert.match(app.logged(), /"error":"RangeError".*"stack":\["at .*status-table/)
  assert.doesNotMatch(app.logged(), /quotes/)
})

test('a configuration that is broken: 500 internal', async (t) => {
  const app = await serve({}, { configuration: () => ({}) as Configuration })
  t.after(app.close)
  assert.equal(codeOf(await call(app.url, { body: ECHO })), 'internal')
})

test('an answer that would show too much is never sent: 500 internal', async (t) => {
  const sound = await configurationIn(FLOWS)
  const plan = sound.plans.find(({ tag }) => tag === 'echo') as Plan
  const lying = { ...plan, declared: new Map([['said', surfaceSet(['comment'])]]) }
  const configuration = { ...sound, routes: new Map([['echo', new Map([['*/*', lying]])]]) }
  const app = await serve({}, { configuration: () => configuration })
  t.after(app.close)
  const reply = await call(app.url, { body: ECHO })
  assert.deepEqual([reply.status, codeOf(reply)], [500, 'internal'])
  assert.doesNotMatch(reply.text, /hello/)
  assert.match(app.logged(), /"violations":\[\{.*"variable":"said"/)
})

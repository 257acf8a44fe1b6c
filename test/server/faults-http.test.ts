import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { assertAnswers, echo, echoed } from './good-call.ts'
import { GUARD_MS, until } from './http-call.ts'
import { type RawReply, RawSocket, rawCall, rawRequest } from './raw-socket.ts'
import { LOCAL, RunningServer } from './running-server.ts'

const server = new RunningServer(LOCAL)
const impatient = new RunningServer(LOCAL, [], [new URL('./short-limits.ts', import.meta.url).href])
after(() => Promise.all([server.stop(), impatient.stop()]))
const [url, impatientUrl] = await Promise.all([server.listening(), impatient.listening()])

afterEach(async () => {
  await assertAnswers(url)
  assert.equal(server.stderr, '')
})

const GUARD = { timeout: GUARD_MS }
const POST = 'POST /webhook HTTP/1.1'
const JSON_TYPE = 'content-type: application/json'
const CHUNKED = 'transfer-encoding: chunked'
const FIRST = echo('first')
const LENGTH = `content-length: ${FIRST.length}`
/** A whole call of the webhook that stands where no call is: whoever answers it was talked into it. */
const SMUGGLED = rawCall(echo('smuggled'))

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`
const inChunks = (text: string): string => `${chunk(text)}${chunk('')}`

/** Sends a text letter by letter until it is through, or the server hangs up. */
async function drip(socket: RawSocket, text: string, pause: number): Promise<void> {
  for (const letter of text) {
    if (socket.isClosed) return
    socket.send(letter)
    await setTimeout(pause)
  }
}

/** What a reply comes to: its code where it is an error of ours, what was said where it is an answer. */
const gistOf = ({ status, text }: RawReply): string =>
  [status, /"(?:said|code|status)":"([^"]*)"/.exec(text)?.[1]].join(' ').trim()

const gists = (replies: readonly RawReply[]): string[] => replies.map(gistOf)

// ---- slow callers

const slow: [what: string, begun: string, dripped: string][] = [
  ['nothing at all', '', ''],
  ['headers that drip', `${POST}\r\nhost: webhook.example.com\r\nx-drip: `, 'x'.repeat(1_000)],
  ['a body that drips', rawRequest(POST, '', [JSON_TYPE, 'content-length: 100000']), ' '.repeat(1_000)],
  ['chunks that drip', rawRequest(POST, '', [JSON_TYPE, CHUNKED]), '1\r\n \r\n'.repeat(200)],
]

describe('slow callers are cut off, here in a tenth of the time', { concurrency: true }, () => {
  for (const [what, begun, dripped] of slow)
    test(what, GUARD, async () => {
      const socket = new RawSocket(impatientUrl).send(begun)
      await drip(socket, dripped, 30)
      assert.deepEqual(gists(await socket.takeAll()), ['408'])
    })
})

test('their server answers others, and has a line for each whose headers were whole', GUARD, async () => {
  await assertAnswers(impatientUrl)
  const message = 'POST /webhook aborted by the caller'
  await until(() => impatient.lines.filter((line) => line.message === message).length === 2 || undefined)
  assert.equal(impatient.stderr, '')
})

test('a hundred callers that drip hinder nobody, and are answered when they are done', GUARD, async (t) => {
  const sockets = Array.from({ length: 100 }, () => new RawSocket(url))
  t.after(() => sockets.forEach((socket) => void socket.destroy()))
  const texts = sockets.map((_, i) => rawCall(echo(`slow ${i}`)))
  let stopped = false
  const dripping = sockets.map(async (socket, i) => {
    for (const letter of texts[i] ?? '') {
      socket.send(letter)
      if (!stopped) await setTimeout(10)
    }
    return (await socket.take(1))[0]?.text
  })
  for (let i = 0; i < 50; i++) await assertAnswers(url)
  stopped = true
  assert.deepEqual(
    await Promise.all(dripping),
    sockets.map((_, i) => echoed(`slow ${i}`)),
  )
})

// ---- many connections

const IDLE = 2_000
const { open_files: openFiles } = (process.report.getReport() as unknown as Report).userLimits
const tooFew = Number(openFiles.soft) < IDLE + 500 && `this machine allows ${openFiles.soft} open files`

interface Report {
  readonly userLimits: { readonly open_files: { readonly soft: string | number } }
}

test('2,000 idle connections, half of which have had an answer', { ...GUARD, skip: tooFew }, async (t) => {
  const sockets = Array.from({ length: IDLE }, () => new RawSocket(url))
  t.after(() => sockets.forEach((socket) => void socket.destroy()))
  const used = sockets.filter((_, i) => i % 2 === 0)
  for (const [i, socket] of used.entries()) socket.send(rawCall(echo(`idle ${i}`)))
  for (const [i, socket] of used.entries()) assert.equal((await socket.take(1))[0]?.text, echoed(`idle ${i}`))
  await assertAnswers(url)
  for (const [i, socket] of used.entries()) socket.send(rawCall(echo(`again ${i}`)))
  for (const [i, socket] of used.entries()) assert.equal((await socket.take(2))[1]?.text, echoed(`again ${i}`))
  assert.ok(sockets.every(({ isClosed }) => !isClosed))
})

test('1,000 uploads that are aborted, and others in between', GUARD, async () => {
  for (let round = 0; round < 10; round++) {
    const sockets = Array.from({ length: 100 }, (_, i) =>
      new RawSocket(url).send(rawRequest(POST, FIRST.slice(0, i), [JSON_TYPE, LENGTH, 'expect: 100-continue'])),
    )
    for (const socket of sockets) assert.deepEqual(gists(await socket.take(1)), ['100'])
    for (const [i, socket] of sockets.entries()) i % 2 ? socket.end() : socket.destroy()
    await assertAnswers(url)
  }
  const aborted = 'POST /webhook aborted by the caller'
  await until(() => server.lines.filter(({ message }) => message === aborted).length === 1_000 || undefined)
})

// ---- several requests in one packet

test('100 calls in one packet are answered in their order', GUARD, async () => {
  const names = Array.from({ length: 100 }, (_, i) => `call ${i}`)
  const socket = new RawSocket(url).send(names.map((name) => rawCall(echo(name))).join(''))
  const replies = await socket.take(100)
  assert.deepEqual(
    replies.map(({ text }) => text),
    names.map(echoed),
  )
  socket.destroy()
})

const tooLarge = 'x'.repeat(300_000)

test('refused calls among them keep their places', GUARD, async () => {
  const requests: [request: string, gist: string][] = [
    [rawCall(echo('one')), '200 one'],
    [rawCall('{'), '400 bad_json'],
    [rawCall(echo('two')), '200 two'],
    [rawRequest('GET /nowhere HTTP/1.1'), '404 not_found'],
    [rawCall(tooLarge), '413 body_too_large'],
    [rawCall(echo('three')), '200 three'],
    [rawRequest(POST, inChunks(tooLarge), [JSON_TYPE, CHUNKED]), '413 body_too_large'],
    [rawRequest('DELETE /webhook HTTP/1.1'), '405 method_not_allowed'],
    [rawCall(echo('four')), '200 four'],
    [rawRequest(POST, FIRST, [LENGTH]), '415 unsupported_media_type'],
    [rawRequest('GET /health HTTP/1.1'), '200 ok'],
    [rawCall(JSON.stringify({ fulfillmentInfo: { tag: 'nobody' } })), '404 unknown_tag'],
    [rawCall(echo('five')), '200 five'],
  ]
  const socket = new RawSocket(url).send(requests.map(([request]) => request).join(''))
  assert.deepEqual(
    gists(await socket.take(requests.length)),
    requests.map(([, gist]) => gist),
  )
  socket.destroy()
})

test(
  'one that is no HTTP ends the connection: none behind it is answered, none before it with the answer of another',
  GUARD,
  async () => {
    const socket = new RawSocket(url).send(rawCall(echo('one')) + rawCall(echo('two')), 'no HTTP\r\n\r\n', SMUGGLED)
    const all = gists(await socket.takeAll())
    assert.equal(all.pop(), '400')
    assert.deepEqual(all, ['200 one', '200 two'].slice(0, all.length))
  },
)

// ---- what no well-behaved client sends

const refused: [what: string, gist: string, request: string][] = [
  ['a header of 20,000 letters', '431', rawCall(FIRST, [`x-long: ${'x'.repeat(20_000)}`])],
  [
    '10,000 headers',
    '431',
    rawCall(
      FIRST,
      Array.from({ length: 10_000 }, () => 'x: y'),
    ),
  ],
  ['a path of 20,000 letters', '431', rawRequest(`GET /${'x'.repeat(20_000)} HTTP/1.1`)],
  ['no Host', '400', `${POST}\r\n${JSON_TYPE}\r\n${LENGTH}\r\n\r\n${FIRST}`],
  ['an unknown method', '400', rawRequest('BREW /webhook HTTP/1.1')],
  ['bytes beyond ASCII in the path', '400', rawRequest('GET /\xff HTTP/1.1')],
  ['a NUL in a header', '400', rawCall(FIRST, ['x: \0'])],
  ['an unknown version', '400', rawRequest('POST /webhook HTTP/3.0', FIRST, [JSON_TYPE, LENGTH])],
  ['the beginning of TLS', '400', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
]

const both = (length: number): string[] => [JSON_TYPE, `content-length: ${length}`, CHUNKED]
const chunkedBy = (value: string): string => rawRequest(POST, inChunks(FIRST) + SMUGGLED, [JSON_TYPE, value])
const lengthBy = (...values: string[]): string => rawRequest(POST, FIRST + SMUGGLED, [JSON_TYPE, ...values])

/** Servers read these in different ways: whoever stands before this one may see another request than it does. */
const smuggling: [what: string, request: string][] = [
  ['a length beside chunks, which are longer', rawRequest(POST, inChunks(FIRST) + SMUGGLED, both(5))],
  ['a length beside chunks, which are shorter', rawRequest(POST, chunk('') + SMUGGLED, both(5 + SMUGGLED.length))],
  ['two lengths', lengthBy(LENGTH, `content-length: ${FIRST.length + SMUGGLED.length}`)],
  ['one length twice', lengthBy(LENGTH, LENGTH)],
  ['a list of lengths', lengthBy(`${LENGTH}, ${FIRST.length}`)],
  ['a length with a sign', lengthBy(`content-length: +${FIRST.length}`)],
  ['a length below none', lengthBy('content-length: -1')],
  ['a length in hexadecimal', lengthBy(`content-length: 0x${FIRST.length.toString(16)}`)],
  ['a length without digits', lengthBy('content-length: ')],
  ['a length beyond 64 bits', lengthBy('content-length: 99999999999999999999999')],
  ['a space before the colon', lengthBy(`content-length : ${FIRST.length}`)],
  ['line feeds alone', lengthBy(LENGTH).replaceAll('\r\n', '\n')],
  ['a carriage return alone', lengthBy(LENGTH).replace('\r\n', '\r')],
  ['an encoding that is none', chunkedBy('transfer-encoding: identity')],
  ['an unknown encoding', chunkedBy('transfer-encoding: xchunked')],
  ['chunks inside of an encoding', chunkedBy('transfer-encoding: chunked, identity')],
  ['two encodings', chunkedBy('transfer-encoding: chunked\r\ntransfer-encoding: x')],
  ['an encoding behind a vertical tab', chunkedBy('transfer-encoding: \x0bchunked')],
  ['an encoding on a line of its own', chunkedBy('transfer-encoding:\r\n chunked')],
  ['a chunk with a sign', rawRequest(POST, `-1\r\n${inChunks(FIRST)}${SMUGGLED}`, [JSON_TYPE, CHUNKED])],
  ['a chunk beyond 64 bits', rawRequest(POST, `fffffffffffffffff\r\n${FIRST}${SMUGGLED}`, [JSON_TYPE, CHUNKED])],
  ['a chunk longer than it says', rawRequest(POST, `5\r\n${FIRST}\r\n0\r\n\r\n${SMUGGLED}`, [JSON_TYPE, CHUNKED])],
  ['a line feed in a chunk extension', rawRequest(POST, `1;a\nb\r\n ${SMUGGLED}`, [JSON_TYPE, CHUNKED])],
  ['chunks in HTTP/1.0', rawRequest('POST /webhook HTTP/1.0', inChunks(FIRST) + SMUGGLED, [JSON_TYPE, CHUNKED])],
]

for (const [what, gist, request] of [...refused, ...smuggling.map(([what, text]) => [what, '400', text] as const)])
  test(`${what}: ${gist}, and the connection ends`, GUARD, async () => {
    const socket = new RawSocket(url).send(Buffer.from(request, 'latin1'))
    assert.deepEqual(gists(await socket.takeAll()), [gist])
  })

const insideBody: [what: string, gists: string[], request: string][] = [
  ['a body of GET', ['200 ok'], rawRequest('GET /health HTTP/1.1', SMUGGLED, [`content-length: ${SMUGGLED.length}`])],
  ['a body of GET in chunks', ['200 ok'], rawRequest('GET /health HTTP/1.1', inChunks(SMUGGLED), [CHUNKED])],
  ['a body that is no JSON', ['400 bad_json'], rawCall(SMUGGLED)],
  ['a body that nobody reads', ['404 not_found'], rawCall(SMUGGLED).replace('/webhook', '/nowhere')],
  ['a body of an unknown type', ['415 unsupported_media_type'], rawCall(SMUGGLED).replace('/json', '/text')],
  ['a body with an unknown expectation', ['200 first'], rawCall(FIRST, ['expect: 200-ok'])],
  ['a body that is no JSON, with an unknown expectation', ['400 bad_json'], rawCall(SMUGGLED, ['expect: 200-ok'])],
  [
    'an extension of a chunk',
    ['200 first'],
    rawRequest(POST, inChunks(FIRST).replace('\r', ';a=b\r'), [JSON_TYPE, CHUNKED]),
  ],
  ['a whole address for a path', ['200 first'], rawCall(FIRST).replace('/webhook', 'http://example.com/webhook')],
  ['a body after the go-ahead', ['100', '200 first'], rawCall(FIRST, ['expect: 100-continue'])],
]

const targets: [target: string, method: string, status: number][] = [
  ['http://example.com/health', 'GET', 200],
  ['http://example.com/health?probe=1#part', 'GET', 200],
  ['/health#part', 'GET', 200],
  ['http://example.com', 'GET', 404],
  ['http://example.com:port/health', 'GET', 404],
  ['other://example.com', 'GET', 404],
  ['*', 'OPTIONS', 404],
]

for (const [target, method, status] of targets)
  test(`${method} ${target}: ${status}`, GUARD, async () => {
    const socket = new RawSocket(url).send(rawRequest(`${method} ${target} HTTP/1.1`, '', []))
    const [reply] = await socket.take(1)
    assert.equal(reply?.status, status)
    assert.doesNotThrow(() => JSON.parse(reply?.text ?? ''), reply?.text)
    socket.destroy()
  })

for (const [what, expected, request] of insideBody)
  test(`${what}: ${expected.join(', ')}, and the next call on the connection is answered`, GUARD, async () => {
    const socket = new RawSocket(url).send(request, rawCall(echo('next')))
    assert.deepEqual(gists(await socket.take(expected.length + 1)), [...expected, '200 next'])
    socket.destroy()
  })

test('a caller that waits for the go-ahead before it sends its body', GUARD, async () => {
  const socket = new RawSocket(url).send(rawRequest(POST, '', [JSON_TYPE, LENGTH, 'expect: 100-continue']))
  assert.deepEqual(gists(await socket.take(1)), ['100'])
  assert.equal((await socket.send(FIRST).take(2))[1]?.text, echoed('first'))
  socket.destroy()
})

test('an offer of another protocol is not taken up', GUARD, async () => {
  const socket = new RawSocket(url).send(rawCall(FIRST, ['connection: upgrade', 'upgrade: h2c']))
  assert.deepEqual(gists(await socket.take(1)), ['200 first'])
  assert.deepEqual(gists(await socket.send(rawCall(echo('next'))).take(2)), ['200 first', '200 next'])
  socket.destroy()
})

// ---- HTTP/1.0

const old = (headers: readonly string[]): string =>
  rawRequest('POST /webhook HTTP/1.0', FIRST, [JSON_TYPE, LENGTH, ...headers])

test('HTTP/1.0: the connection ends after the answer', GUARD, async () => {
  const [reply, ...more] = await new RawSocket(url).send(old([])).takeAll()
  assert.equal(reply?.text, echoed('first'))
  assert.match(reply?.head ?? '', /\r\nconnection: close\r\n/)
  assert.deepEqual(more, [])
})

test('HTTP/1.0 with keep-alive: it stays', GUARD, async () => {
  const socket = new RawSocket(url)
  for (const count of [1, 2, 3])
    assert.equal((await socket.send(old(['connection: keep-alive'])).take(count)).at(-1)?.text, echoed('first'))
  assert.match(socket.replies[0]?.head ?? '', /\r\nconnection: keep-alive\r\n/)
  socket.destroy()
})

test('none of all this was a bug', () => {
  for (const { message } of server.lines) assert.doesNotMatch(String(message), / 5\d\d|unexpected/)
})

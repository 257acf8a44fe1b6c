import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { assertAnswers, echo, echoed } from './good-call.ts'
import { call, codeOf, GUARD_MS, requestWith } from './http-call.ts'
import { LOCAL, RunningServer } from './running-server.ts'

const server = new RunningServer(LOCAL)
after(() => server.stop())
const url = await server.listening()

afterEach(async () => {
  await assertAnswers(url)
  assert.equal(server.stderr, '')
})

const GUARD = { timeout: GUARD_MS }
const MAX_BODY = 262_144

/** The body of `echo` with `json`, as it is written, for what is said. */
const saying = (json: string): string => echo('SAID').replace('"SAID"', () => json)
/** The same, with `json` for all session parameters. */
const withParameters = (json: string): string => saying('0').replace('{"said":0}', () => json)
/** A whole body of `echo` with these members before its own. */
const withMembers = (json: string): string => `{${json},${echo('hello').slice(1)}`

// ---- bodies that are refused

const deep = (levels: number, open: string, close: string, inner = ''): string =>
  open.repeat(levels) + inner + close.repeat(levels)

const refused: [what: string, code: string, body: string | Uint8Array][] = [
  ['lists to the last byte, never closed', 'bad_json', '['.repeat(MAX_BODY)],
  ['maps to the last byte, never closed', 'bad_json', '{"":'.repeat(MAX_BODY / 4)],
  ['lists to the last byte', 'too_deep', deep(MAX_BODY / 2, '[', ']')],
  ['maps to the last byte', 'too_deep', deep(40_000, '{"":', '}', '0')],
  ['lists where a value is', 'too_deep', saying(deep(100_000, '[', ']'))],
  ['maps named __proto__', 'too_deep', saying(deep(10_000, '{"__proto__":', '}', '0'))],
  ['a string that never ends', 'bad_json', saying(`"${'x'.repeat(100_000)}`).slice(0, -100)],
  ['one byte over the limit', 'body_too_large', ' '.repeat(MAX_BODY + 1)],
  ['invalid UTF-8 in a value', 'bad_json', Buffer.from(saying('"\xc3\x28"'), 'latin1')],
  ['UTF-8 longer than it need be', 'bad_json', Buffer.from(saying('"\xc0\xaf"'), 'latin1')],
  ['UTF-8 beyond Unicode', 'bad_json', Buffer.from(saying('"\xf4\x90\x80\x80"'), 'latin1')],
  ['a letter that is cut in two', 'bad_json', Buffer.from(echo('é')).subarray(0, -6)],
  ['a surrogate as bytes', 'bad_json', Buffer.from(saying('"\xed\xa0\x80"'), 'latin1')],
  ['invalid UTF-8 in a key', 'bad_json', Buffer.from(withMembers('"\xff":0'), 'latin1')],
  ['NUL bytes', 'bad_json', Buffer.alloc(1_000)],
  ['a line feed in a string', 'bad_json', saying('"\n"')],
  ['no number', 'bad_json', saying('NaN')],
  ['a number that begins with 0', 'bad_json', saying('007')],
  ['half an escape', 'bad_json', saying('"\\u12"')],
  ['a comma too many', 'bad_json', saying('[1,]')],
  ['a prototype for the whole request', 'bad_request', `{"__proto__":${echo('hello')}}`],
  ['a prototype for the tag', 'bad_request', '{"fulfillmentInfo":{"__proto__":{"tag":"echo"}}}'],
  ['a tag of the prototype', 'unknown_tag', echo('hello').replace('"echo"', '"__proto__"')],
  ['a tag that is a lone surrogate', 'unknown_tag', echo('hello').replace('"echo"', '"\\ud800"')],
  ['a tag of 200,000 letters', 'unknown_tag', echo('hello').replace('"echo"', `"${'echo'.repeat(50_000)}"`)],
  ['the later of two tags', 'unknown_tag', withMembers('"x":0').replace('"echo"', '"echo","tag":"nobody"')],
]

for (const [what, code, body] of refused)
  test(`${code}: ${what}`, GUARD, async () => {
    assert.equal(codeOf(await call(url, { body })), code)
  })

// ---- bodies that are answered, to the byte

const nothing = '{}'
const keys = (count: number, key: (i: number) => string): string =>
  `{${Array.from({ length: count }, (_, i) => `${JSON.stringify(key(i))}:0`).join(',')}}`
/** As many keys as fit into a body, each as short as can be. */
const manyKeys = keys(28_000, (i) => i.toString(36))
/** V8 has hashed numbers of this many digits by their lower 24 bits alone. */
const collidingKeys = keys(9_000, (i) => String(1_000_000_000_000_000 + i * 2 ** 24))
const sparseKeys = keys(15_000, (i) => String((i * 104_729) % 4_294_967_291))

const answered: [what: string, body: string, answer: string][] = [
  // The last of equal keys counts, as for everybody who reads JSON with JavaScript; what is screened is what is sent.
  ['the later of two values', withParameters('{"said":"one","said":"two"}'), echoed('two')],
  [
    'a card number behind another value',
    withParameters('{"said":"one","said":"4111 1111 1111 1111"}'),
    echoed('**** **** **** 1111'),
  ],
  ['a card number before another value', withParameters('{"said":"4111 1111 1111 1111","said":"two"}'), echoed('two')],
  [
    'the later of two maps of parameters',
    saying('"one"').replace('"parameters":', '"parameters":{"said":"two"},"parameters":'),
    echoed('one'),
  ],
  ['the later of two tags', echo('hello').replace('"echo"', '"nobody","tag":"echo"'), echoed('hello')],
  ['one key that is escaped, too', withParameters('{"said":"one","\\u0073aid":"two"}'), echoed('two')],
  [
    'a key in its own case before one in another',
    withParameters('{"SAID":"one","said":"two","Said":"three"}'),
    echoed('two'),
  ],
  ['the first of two keys in other cases', withParameters('{"SAID":"one","Said":"two"}'), echoed('one')],
  ['a key that the policy hides, twice', saying('{"cvv":"1","x":2,"cvv":"3"}'), echoed({ x: 2 })],

  ['a lone surrogate', saying('"\\ud800"'), echoed('\ud800')],
  ['surrogates in the wrong order', saying('"\\udc00\\ud800"'), echoed('\udc00\ud800')],
  ['a lone surrogate in a key', saying('{"\\udfff":1}'), echoed({ '\udfff': 1 })],
  ['a whole pair', saying('"\\ud83d\\ude00"'), echoed('😀')],
  [
    'lone surrogates where nothing is sent',
    echo('hello').replace('555-0100', '\\ud800').replace('"en"', '"\\udc00"'),
    echoed('hello'),
  ],
  ['a NUL', saying('"\\u0000"'), echoed('\u0000')],
  ['separators that end lines in scripts', saying('"\u2028\u2029"'), echoed('\u2028\u2029')],

  ['a number beyond all', saying('1e999'), nothing],
  ['a number below all', saying('-1e999'), nothing],
  ['numbers beyond all inside', saying('[1e999,{"x":-1e999},1]'), echoed([null, { x: null }, 1])],
  ['a whole number of too many digits', saying('12345678901234567890'), echoed(12345678901234567000)],
  ['the largest number', saying('1.7976931348623157e308'), echoed(Number.MAX_VALUE)],
  ['a number that is next to nothing', saying('1e-400'), echoed(0)],
  ['nothing, negative', saying('-0'), echoed(0)],
  ['a number of 100,000 digits', saying('1'.repeat(100_000)), nothing],
  ['a fraction of 100,000 digits', saying(`0.${'1'.repeat(100_000)}`), echoed(1 / 9)],

  ['__proto__ among the parameters', withParameters('{"__proto__":{"said":"no"},"said":"yes"}'), echoed('yes')],
  ['__proto__ in place of the parameter', withParameters('{"__proto__":{"said":"no"}}'), nothing],
  ['constructor in place of the parameter', withParameters('{"constructor":{"prototype":{"said":"no"}}}'), nothing],
  [
    'a prototype for everything',
    withMembers('"__proto__":{"languageCode":"de","payload":1,"text":"no"}'),
    echoed('hello'),
  ],
  [
    'a value with names of every object',
    saying('{"constructor":1,"toString":2,"hasOwnProperty":3}'),
    echoed({ constructor: 1, toString: 2, hasOwnProperty: 3 }),
  ],

  ['as many parameters as fit', withParameters(manyKeys.replace(/}$/, ',"said":"hello"}')), echoed('hello')],
  ['keys that would collide', withParameters(collidingKeys.replace(/}$/, ',"said":"hello"}')), echoed('hello')],
  ['keys far apart', withParameters(sparseKeys.replace(/}$/, ',"said":"hello"}')), echoed('hello')],
  ['as many members as fit', withMembers(manyKeys.slice(1, -1)), echoed('hello')],
  ['the same key, as often as it fits', withParameters(`{${'"said":1,'.repeat(28_000)}"said":2}`), echoed(2)],
  ['17,000 parameters in other cases', withParameters(keys(17_000, (i) => i.toString(36).toUpperCase())), nothing],
  ['a list of 100,000 numbers where nothing is read', withMembers(`"x":[${'0,'.repeat(100_000)}0]`), echoed('hello')],
  ['100,000 queued messages', withMembers(`"messages":[${'0,'.repeat(100_000)}0]`), echoed('hello')],
  ['a language of 200,000 letters', echo('hello').replace('"en"', `"${'en-'.repeat(60_000)}"`), echoed('hello')],
  ['white space to the last byte', echo('hello').padEnd(MAX_BODY), echoed('hello')],
]

for (const [what, body, answer] of answered)
  test(`200: ${what}`, GUARD, async () => {
    assert.ok(Buffer.byteLength(body) <= MAX_BODY, `${Buffer.byteLength(body)} bytes`)
    const { status, text } = await call(url, { body })
    assert.deepEqual([status, text], [200, answer])
    assert.equal((await call(url, { body })).text, answer)
  })

test('a value of as many keys as fit into an answer', GUARD, async () => {
  for (const json of [keys(7_000, (i) => i.toString(36)), keys(3_000, (i) => String(1e15 + i * 2 ** 24))])
    assert.equal((await call(url, { body: saying(json) })).text, echoed(JSON.parse(json)))
})

for (const [what, json] of [
  ['many keys', manyKeys],
  ['keys that would collide', collidingKeys],
] as const)
  test(`a value of ${what}, more than fit into an answer: 500 response_too_large`, GUARD, async () => {
    assert.equal(codeOf(await call(url, { body: saying(json) })), 'response_too_large')
  })

test('numbers beyond all in every format', GUARD, async () => {
  const huge = '1e999'
  const parameters = JSON.stringify({
    budget: { amount: 'HUGE', currency: 'USD' },
    startdate: { year: 'HUGE', month: 'HUGE', day: 'HUGE' },
    traveller: { name: 'HUGE', original: 'HUGE' },
    companions: ['HUGE', 1],
    extras: ['HUGE'],
    phone: 'HUGE',
    email: 'HUGE',
  })
  const body = JSON.stringify(requestWith('trip-details')).replace('"parameters":{}', `"parameters":${parameters}`)
  const { status, text } = await call(url, { body: body.replaceAll('"HUGE"', huge) })
  assert.equal(status, 200)
  assert.doesNotMatch(text, /Infinity|NaN|∞/)
})

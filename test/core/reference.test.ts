import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Names, neutralise, parseReferences, type Reference, resolve, type Turn } from '../../src/core/reference.ts'

const ref = (text: string) => ({ ref: text })
const partsOf = (text: string) =>
  parseReferences(text).parts.map((part) => (typeof part === 'string' ? part : ref(part.text)))

const PARTS: readonly (readonly [text: string, parts: readonly unknown[]])[] = [
  ['', ['']],
  ['plain', ['plain']],
  ['$session.params.a', [ref('session.params.a')]],
  ['$page.params.a', [ref('page.params.a')]],
  ['$intent.params.a.original', [ref('intent.params.a.original')]],
  ['$intent.params.a.resolved.city', [ref('intent.params.a.resolved.city')]],
  ['$intent.params.a.resolved[0]', [ref('intent.params.a.resolved[0]')]],
  ['$request.user-utterance', [ref('request.user-utterance')]],
  ['$request.user-utterance.', [ref('request.user-utterance'), '.']],
  ['$request.payload.telephony.caller_id', [ref('request.payload.telephony.caller_id')]],
  ['$session.params.a.b-c_d.0', [ref('session.params.a.b-c_d.0')]],
  ['$session.params.a[0].b[12][3].c', [ref('session.params.a[0].b[12][3].c')]],
  ['to $session.params.a.', ['to ', ref('session.params.a'), '.']],
  ['$session.params.a...', [ref('session.params.a'), '...']],
  ['$session.params.a- b', [ref('session.params.a'), '- b']],
  ['$session.params.a.-', [ref('session.params.a'), '.-']],
  ['$session.params.a[0].', [ref('session.params.a[0]'), '.']],
  ['$session.params.a[x]', [ref('session.params.a'), '[x]']],
  ['$session.params.a[]', [ref('session.params.a'), '[]']],
  ['$session.params.a$session.params.b', [ref('session.params.a'), ref('session.params.b')]],
  ['$session.params.größe', [ref('session.params.gr'), 'öße']],
  ['$session.params.__proto__', [ref('session.params.__proto__')]],
  ['$$', ['$']],
  ['$$session.params.a', ['$session.params.a']],
  ['$$$session.params.a', ['$', ref('session.params.a')]],
  ['$5 and 5$', ['$5 and 5$']],
  ['costs $$5', ['costs $5']],
  ['$', ['$']],
  ['$USD', ['$USD']],
  ['$ session.params.a', ['$ session.params.a']],
  ['$total. Then', ['$total. Then']],
]

for (const [text, parts] of PARTS)
  test(`the parts of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(partsOf(text), parts)
    assert.deepEqual(parseReferences(text).bad, [])
  })

const BAD: readonly (readonly [text: string, code: string, quoted?: string])[] = [
  ['$sesion.params.x', 'reference/unknown-scope', '$sesion.params.x'],
  ['see $Session.params.x, please', 'reference/unknown-scope', '$Session.params.x'],
  ['$session.param.x', 'reference/unknown-scope'],
  ['$session.params.', 'reference/unknown-scope'],
  ['$session.params', 'reference/unknown-scope'],
  ['$params.x', 'reference/unknown-scope'],
  ['$request.body.x', 'reference/unknown-scope'],
  ['$request.user-utterances', 'reference/unknown-scope'],
  ['$request.user-utterance.text', 'reference/unknown-scope'],
  ['$intent.params.x', 'reference/unknown-scope'],
  ['$intent.params.x.originals', 'reference/unknown-scope'],
  ['$intent.params.x[0].resolved', 'reference/unknown-scope'],
  [`\${session.params.x}`, 'reference/unknown-scope', '${'],
  ['$flow.x', 'reference/not-available', '$flow.x'],
  ['$sys.func.NOW()', 'reference/not-available', '$sys.func.NOW'],
  ['$sys.date', 'reference/unknown-scope'],
  [`$session.params.${'a.'.repeat(64)}a`, 'reference/unknown-scope'],
  [`$session.params.a${'[0]'.repeat(64)}`, 'reference/unknown-scope'],
  [`$intent.params.a.resolved${'.a'.repeat(64)}`, 'reference/unknown-scope'],
]

for (const [text, code, quoted] of BAD)
  test(`${JSON.stringify(text)} is ${code}`, () => {
    const [bad, ...more] = parseReferences(text).bad
    assert.equal(bad?.code, code)
    assert.equal(more.length, 0)
    if (quoted) assert.equal(bad?.text, quoted)
  })

test('a path of 64 parts is a reference, and of one more it is told', () => {
  const path = `session.params.${'a.'.repeat(63)}a`
  assert.deepEqual(partsOf(`$${path}`), [ref(path)])
  assert.match(parseReferences(`$${path}.a`).bad[0]?.advice ?? '', /at most 64 parts/)
})

const FIRST = ['$session.params.a', '$a.', '${a.b.c.d', '$session.params.', '${', '$intent.params.a']
const MORE = ['.a', '.', '-', '[0]', '${a.b', '$session.params.', '$', ' ', '[9', '.original']

test('text of any kind is read before anybody stops waiting, however long it is', () => {
  const start = Date.now()
  for (const first of FIRST) for (const more of MORE) parseReferences(`${first}${more.repeat(20_000)}_`)
  assert.ok(Date.now() - start < 30_000)
})

test('every near miss of a text is told', () =>
  assert.equal(parseReferences(`$a.b $session.params.ok \${x} $flow.y`).bad.length, 3))

function referenceIn(text: string): Reference {
  const [reference] = parseReferences(text).parts
  assert.ok(typeof reference === 'object', text)
  return reference
}

const TURN: Turn = {
  session: {
    city: 'Osaka',
    City: 'Kyoto',
    Name: 'Ada',
    trip: { city: 'Nara', Legs: [{ to: 'Kobe' }, { to: null }], 'a.b': 1, nested: [[1, 2]] },
    'trip.day': 'Monday',
    'a.b': null,
    a: { b: 5 },
    empty: '',
    zero: 0,
    no: false,
    nothing: null,
    huge: Number.POSITIVE_INFINITY,
    list: ['x'],
    text: 'abc',
  },
  intent: { city: { originalValue: 'osaka!', resolvedValue: { name: 'Osaka' } }, 'a.b': { originalValue: 1 } },
  page: { city: 'page' },
  payload: { telephony: { caller_id: '+12025550123' } },
  utterance: 'to Osaka',
}

const VALUES: readonly (readonly [text: string, value: unknown])[] = [
  ['$session.params.city', 'Osaka'],
  ['$session.params.City', 'Kyoto'],
  ['$session.params.CITY', 'Osaka'],
  ['$session.params.name', 'Ada'],
  ['$session.params.trip.city', 'Nara'],
  ['$session.params.TRIP.legs[0].TO', 'Kobe'],
  ['$session.params.trip.legs[1].to', undefined],
  ['$session.params.trip.legs[2].to', undefined],
  ['$session.params.trip.legs.to', undefined],
  ['$session.params.trip.nested[0][1]', 2],
  ['$session.params.trip[0]', undefined],
  ['$session.params.trip.day', 'Monday'],
  ['$session.params.trip.day.x', undefined],
  ['$session.params.a.b', undefined],
  ['$session.params.a', { b: 5 }],
  ['$session.params.empty', ''],
  ['$session.params.zero', 0],
  ['$session.params.no', false],
  ['$session.params.nothing', undefined],
  ['$session.params.absent', undefined],
  ['$session.params.huge', undefined],
  ['$session.params.list.length', undefined],
  ['$session.params.text[0]', undefined],
  ['$session.params.text.length', undefined],
  ['$session.params.__proto__', undefined],
  ['$session.params.constructor', undefined],
  ['$session.params.toString', undefined],
  ['$session.params.trip.__proto__', undefined],
  ['$session.params.trip.constructor.name', undefined],
  ['$intent.params.city.original', 'osaka!'],
  ['$intent.params.CITY.resolved.name', 'Osaka'],
  ['$intent.params.a.b.original', 1],
  ['$intent.params.a.b.resolved', undefined],
  ['$page.params.city', 'page'],
  ['$request.payload.telephony.caller_id', '+12025550123'],
  ['$request.user-utterance', 'to Osaka'],
]

for (const [text, value] of VALUES)
  test(`${text} is ${JSON.stringify(value)}`, () =>
    assert.deepEqual(resolve(referenceIn(text), TURN, new Names()), value))

test('a parameter named __proto__ is one like any other', () => {
  const session = JSON.parse('{"__proto__":{"a":1}}')
  assert.equal(resolve(referenceIn('$session.params.__proto__.a'), { ...TURN, session }, new Names()), 1)
})

test('without an utterance there is none', () =>
  assert.equal(
    resolve(referenceIn('$request.user-utterance'), { ...TURN, utterance: undefined }, new Names()),
    undefined,
  ))

const NAMED: readonly (readonly [text: string, names: readonly string[], prefix?: string])[] = [
  ['$session.params.a', ['a'], 'a'],
  ['$session.params.a.b[0].c', ['a', 'a.b', 'b', 'c']],
  ['$session.params.a[0].b.c', ['a', 'b', 'c']],
  ['$session.params.a.b.c', ['a', 'a.b', 'a.b.c', 'b', 'c'], 'a.b.c'],
  ['$page.params.a.b', ['a', 'a.b', 'b'], 'a.b'],
  ['$request.payload.a.b', ['a', 'a.b', 'b'], 'a.b'],
  ['$request.user-utterance', ['user-utterance']],
  ['$intent.params.a.original', ['a'], 'a'],
  ['$intent.params.a.b.resolved', ['a', 'a.b', 'b'], 'a.b'],
  ['$intent.params.a.resolved.b', ['a', 'a.b', 'b'], 'a.b'],
  ['$intent.params.a.resolved.b.c', ['a', 'a.b', 'a.b.c', 'b', 'c'], 'a.b.c'],
  ['$intent.params.a.resolved[0].b', ['a', 'b']],
]

for (const [text, names, prefix] of NAMED)
  test(`the policy sees the names on the path of ${text}`, () => {
    const reference = referenceIn(text)
    assert.deepEqual([...reference.names].sort(), [...names].sort())
    assert.equal(reference.prefix, prefix)
  })

const NEUTRAL: readonly (readonly [text: string, written: string])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['$5 and $', '$5 and $'],
  ['$session.params.a', '＄session.params.a'],
  ['$Session.Params.a', '＄Session.Params.a'],
  ['a$session.params.a$page.params.b', 'a＄session.params.a＄page.params.b'],
  ['$$session.params.a', '$＄session.params.a'],
  ['$intent.params.a', '＄intent.params.a'],
  ['$flow.a', '＄flow.a'],
  ['$request.user-utterance', '＄request.user-utterance'],
  ['$request.anything', '＄request.anything'],
  ['$sys.func.NOW()', '＄sys.func.NOW()'],
  ['$session.params.', '$session.params.'],
  ['$session params', '$session params'],
  ['＄session.params.a', '＄session.params.a'],
]

for (const [text, written] of NEUTRAL)
  test(`${JSON.stringify(text)} leaves as ${JSON.stringify(written)}`, () => {
    assert.equal(neutralise(text), written)
    assert.equal(neutralise(written), written)
  })

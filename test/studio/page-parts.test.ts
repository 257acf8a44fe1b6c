import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Address, hashOf, packShared, parseAddress, unpackShared } from '../../src/studio/page/address.ts'
import { kindOf, readTyped, typedOf } from '../../src/studio/page/values.ts'

const ADDRESSES: readonly Address[] = [
  { view: 'flow', policy: true },
  { view: 'crm', file: 'sub/ä & b.yaml', tag: 'a#b', example: '50 % & more', policy: false },
  { view: 'matrix', filter: 'card', policy: true },
  { view: 'flow', file: 'a.yaml', tag: 'one', given: { parameters: { city: 'Osaka' }, said: 'hello' }, policy: true },
]

test('an address comes back as it was written', () => {
  const plain = (address: Address): unknown => JSON.parse(JSON.stringify(address))
  for (const address of ADDRESSES) assert.deepEqual(plain(parseAddress(hashOf(address))), plain(address))
})

test('made-up values of another shape are none', () => {
  for (const given of [
    '',
    '[]',
    '{}',
    '{"parameters":7}',
    '{"parameters":{},"said":1}',
    '{"parameters":{},"page":[]}',
    'x',
  ])
    assert.equal(parseAddress(`#given=${encodeURIComponent(given)}`).given, undefined, given)
})

test('a text goes into an address and comes out; anything else comes to nothing', async () => {
  const shared = { file: 'a.yaml', text: 'flow: Ä\n'.repeat(500) }
  const packed = await packShared(shared)
  assert.match(packed, /^[\w-]{1,200}$/)
  assert.deepEqual(await unpackShared(packed), shared)
  for (const other of ['', 'x', '%%%', packed.slice(0, 20), await packShared({ file: 1, text: [] } as never)])
    assert.equal(await unpackShared(other), undefined)
  assert.equal(await unpackShared(await packShared({ file: 'a.yaml', text: 'x'.repeat(2_000_000) })), undefined)
})

const TYPED: readonly (readonly [typed: string, value: unknown, kind: string])[] = [
  ['Osaka', 'Osaka', 'text'],
  ['12', 12, 'number'],
  ['-1.5', -1.5, 'number'],
  ['"12"', '12', 'text'],
  ['007', '007', 'text'],
  ['4242424242424242', '4242424242424242', 'text'],
  ['true', true, 'true/false'],
  ['{"amount":5}', { amount: 5 }, 'map'],
  ['["a"]', ['a'], 'list'],
  ['{ not json', '{ not json', 'text'],
  ['2026-11-20', '2026-11-20', 'text'],
  ['', undefined, 'not set'],
]

test('what is typed is a value of the kind that one would think', () => {
  for (const [typed, value, kind] of TYPED) {
    assert.deepEqual(readTyped(typed), value, typed)
    assert.equal(kindOf(readTyped(typed)), kind, typed)
    if (value !== undefined) assert.deepEqual(readTyped(typedOf(value)), value, typed)
  }
  assert.equal(typedOf(''), '""')
})

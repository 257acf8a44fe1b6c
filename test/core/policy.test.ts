import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFile } from '../../src/config/parse-file.ts'
import { compilePolicyFile } from '../../src/core/compile-flow.ts'
import { compileGlob, fold, NO_POLICY, type Policy } from '../../src/core/policy.ts'
import { EVERYBODY, surfaceSet, surfacesOf } from '../../src/core/surface.ts'

const GLOBS: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
  ['ssn', ['ssn'], ['ssn2', 'my_ssn', '']],
  ['card_*', ['card_', 'card_number', 'card_*'], ['card', 'a_card_number']],
  ['*cvv*', ['cvv', 'my_cvv_code', 'cvcvv'], ['cv', 'cvcv']],
  ['*', ['', 'anything', 'a.b'], []],
  ['**', ['', 'x'], []],
  ['a*b*c', ['abc', 'axxbxxc', 'abcbc'], ['ab', 'abcd', 'acb']],
  ['c?rd', ['card', 'c.rd', 'c?rd'], ['crd', 'caard']],
  ['?', ['x'], ['', 'xy']],
  ['a.b', ['a.b'], ['axb']],
  ['(a|b)+', ['(a|b)+'], ['a', 'aa']],
  ['CARD', ['card'], ['cards']],
  ['*a', ['a', 'aa', 'ba'], ['ab', '']],
  ['constructor', ['constructor'], ['tostring']],
  ['ΑΡΙΘΜΟΣ*', ['ΑΡΙΘΜΟΣ', 'ΑΡΙΘΜΟΣΚΑΡΤΑΣ', 'αριθμος_καρτας'], ['ΑΡΙΘΜΟ']],
  ['n*\u00e9ro', ['nume\u0301ro', 'NUM\u00c9RO'], ['numero']],
  ['nume\u0301ro', ['num\u00e9ro', 'NUME\u0301RO'], ['numero']],
  ['STRASSE', ['straße', 'Strasse'], ['strase']],
  ['straße', ['STRASSE', 'STRAẞE'], ['straẞ']],
  ['ssn', ['ｓｓｎ', 'ſsn'], ['sſ']],
  ['?', ['😀', 'é'], ['😀😀']],
]

for (const [pattern, matching, others] of GLOBS)
  test(`the glob ${pattern}`, () => {
    const matches = compileGlob(pattern)
    for (const name of matching) assert.ok(matches(fold(name)), name)
    for (const name of others) assert.ok(!matches(fold(name)), name)
  })

const TEXT = `parameters:
  - match: [card_number, "card_*"]
    visible_to: []
    reason: PCI DSS 3.2
  - match: [ssn, "*born*", trip.home]
    visible_to: [agent, comment]
  - match: ["s*"]
    visible_to: [comment, event]
values:
  - { detect: email, action: mask }
platform: { payloads_per_answer: one, display_order: off }
`

function policyOf(text: string): Policy {
  const parsed = parseFile({ path: 'policy.yaml', bytes: Buffer.from(text) })
  assert.ok('source' in parsed)
  const { policy, diagnostics } = compilePolicyFile(parsed.source)
  assert.deepEqual(diagnostics, [])
  return policy
}

const policy = policyOf(TEXT)

for (const [name, surfaces] of [
  ['card_number', []],
  ['CARD_Number', []],
  ['ssn', ['comment']],
  ['born_on', ['agent', 'comment']],
  ['street', ['comment', 'event']],
  ['city', ['agent', 'comment', 'event', 'data_parameters']],
  ['constructor', ['agent', 'comment', 'event', 'data_parameters']],
] as const)
  test(`the rules allow ${name} to ${surfaces.join(', ') || 'nobody'}`, () =>
    assert.deepEqual(surfacesOf(policy.limitOf(name)), surfaces))

test('without rules everybody may see everything', () => assert.equal(NO_POLICY.limitOf('card_number'), EVERYBODY))

test('a rule knows its pattern, its line and its reason', () => {
  const [rule] = policy.rulesFor('card_number')
  assert.deepEqual([rule?.pattern, rule?.line, rule?.reason], ['card_number', 2, 'PCI DSS 3.2'])
  assert.equal(policy.rulesFor('card_number').length, 2)
})

test('the rule against a name is the first that keeps it from one of the surfaces', () => {
  assert.equal(policy.ruleAgainst('ssn', surfaceSet(['comment'])), undefined)
  assert.equal(policy.ruleAgainst('ssn', surfaceSet(['agent']))?.pattern, 's*')
  assert.equal(policy.ruleAgainst('ssn', surfaceSet(['event']))?.pattern, 'ssn')
})

test('more names than are remembered', () => {
  for (let i = 0; i < 10_050; i++) policy.rulesFor(`name${i}`)
  assert.equal(policy.limitOf('card_number'), 0)
})

test('what the platform does, and the values rules', () => {
  assert.deepEqual([policy.onePayload, policy.displayOrder], [true, false])
  assert.deepEqual([NO_POLICY.onePayload, NO_POLICY.displayOrder], [false, true])
  assert.deepEqual(
    policy.values.map(({ detect, action }) => [detect, action]),
    [['email', 'mask']],
  )
})

const AGENT = surfaceSet(['agent'])
const without = (value: unknown, prefix?: string) => {
  const patterns: string[] = []
  const against = (name: string) => policy.ruleAgainst(name, AGENT)
  const left = policy.withoutKeys(value, against, prefix, ({ pattern }) => patterns.push(pattern))
  return { left: JSON.parse(JSON.stringify(left)), patterns }
}

for (const [value, prefix, left, patterns] of [
  ['card_number', undefined, 'card_number', []],
  [{ city: 'Osaka', Card_Number: '4' }, undefined, { city: 'Osaka' }, ['card_number']],
  [[{ card_a: { city: 1 } }, 2], undefined, [{}, 2], ['card_*']],
  [{ a: { b: [{ street: 1, c: 2 }] } }, undefined, { a: { b: [{ c: 2 }] } }, ['s*']],
  [{ born: 1 }, undefined, { born: 1 }, []],
] as const)
  test(`without the keys that a rule keeps from the agent: ${JSON.stringify(value)}`, () =>
    assert.deepEqual(without(value, prefix), { left, patterns }))

test('a dotted rule follows the path into a value, and no further than a list', () => {
  const value = { home: 1, list: [{ home: 2 }] }
  const events = (name: string) => policy.ruleAgainst(name, surfaceSet(['event']))
  const cut = (prefix: string | undefined) => {
    const left = policy.withoutKeys(value, events, prefix, () => {})
    return JSON.stringify(left)
  }
  assert.equal(cut('trip'), '{"list":[{"home":2}]}')
  assert.equal(cut('Trip'), '{"list":[{"home":2}]}')
  assert.equal(cut('visit'), JSON.stringify(value))
  assert.equal(cut(undefined), JSON.stringify(value))
})

test('__proto__ is a key like any other', () => {
  const value = JSON.parse('{"__proto__":{"card_number":1,"city":2}}')
  assert.equal(
    JSON.stringify(
      policy.withoutKeys(
        value,
        (name) => policy.ruleAgainst(name, AGENT),
        undefined,
        () => {},
      ),
    ),
    '{"__proto__":{"city":2}}',
  )
})

test('a policy with mistakes has no rules, and says why', () => {
  const parsed = parseFile({
    path: 'policy.yaml',
    bytes: Buffer.from('parameters: [{ match: ["[a]"], visible_to: [agents] }]'),
  })
  assert.ok('source' in parsed)
  const { policy: none, diagnostics } = compilePolicyFile(parsed.source)
  assert.equal(none, NO_POLICY)
  assert.deepEqual(diagnostics.map(({ code }) => code).sort(), ['config/wrong-type', 'visibility/unknown-surface'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowFileEditorSchema, policyEditorSchema } from '../../src/core/editor-schema.ts'
import { explain, offersAt } from '../../src/studio/page/schema-guide.ts'
import { type Spot, spotAt } from '../../src/studio/page/yaml-spot.ts'

/** The spot of `|` in a text. */
function spotIn(text: string): Spot | undefined {
  const at = text.indexOf('|')
  return spotAt(text.replace('|', ''), at)
}

const SPOTS: readonly (readonly [text: string, kind: string, path: string, word: string])[] = [
  ['fl|', 'key', '', 'fl'],
  ['flow: B|', 'value', 'flow', 'B'],
  ['flow: A\ncaptures:\n  - t|', 'value', 'captures.0', 't'],
  ['flow: A\ncaptures:\n  - tag: one\n    vis|', 'key', 'captures.0', 'vis'],
  ['flow: A\ncaptures:\n  - tag: one\n    |', 'key', 'captures.0', ''],
  ['captures:\n- tag: one\n  variables:\n    a: $|', 'value', 'captures.0.variables.a', '$'],
  ['captures:\n  - tag: one\n  - tag: two\n    visible_to: [agent, com|', 'value', 'captures.1.visible_to.1', 'com'],
  ['captures:\n  - tag: one\n    visible_to:\n      - ag|', 'value', 'captures.0.visible_to.0', 'ag'],
  ['captures:\n  - variables:\n      a: { from: $session.params.a, for|', 'key', 'captures.0.variables.a', 'for'],
  [
    'captures:\n  - variables:\n      a: { from: "x, y: {", format: mon|',
    'value',
    'captures.0.variables.a.format',
    'mon',
  ],
  [
    'captures:\n  - variables:\n      a: { from: [1, { b: 2 }],\n           mask: |',
    'value',
    'captures.0.variables.a.mask',
    '',
  ],
  ['captures:\n  - variables:\n      a: { from: b }\n      c:\n        |', 'key', 'captures.0.variables.c', ''],
  ['captures:\n  - description: |>\n', 'value', 'captures.0.description', ''],
  ['a: >\n  some: text\nb: x\nc|', 'key', '', 'c'],
  ['"a": { "b": { "c": "|', 'value', 'a.b.c', '"'],
  ['# a comment: {\nflow|', 'key', '', 'flow'],
]

for (const [text, kind, path, word] of SPOTS)
  test(`the spot in ${JSON.stringify(text)}`, () => {
    const spot = spotIn(text)
    assert.deepEqual([spot?.kind, spot?.path.join('.'), spot?.word], [kind, path, word])
    assert.equal(spot?.from, text.indexOf('|') - word.length)
  })

test('no spot in comments and texts over several lines', () => {
  for (const text of ['# fl|', 'a: b # c|', 'a: >\n  te|', 'a: [b, # c|']) assert.equal(spotIn(text), undefined, text)
})

const offered = (text: string, schema = flowFileEditorSchema(), references: string[] = []): string[] => {
  const spot = spotIn(text)
  assert.ok(spot)
  return offersAt(schema, spot, references).map(({ label }) => label)
}

test('keys are offered where they belong, without those that are there', () => {
  assert.deepEqual(offered('flow: A\n|'), ['flow_id', 'agent_id', 'locale', 'captures', 'examples'])
  assert.ok(offered('captures:\n  - |').includes('tag'))
  const inCapture = offered('captures:\n  - tag: one\n    |')
  assert.ok(inCapture.includes('variables') && !inCapture.includes('tag') && !inCapture.includes('flow'))
  const inVariable = offered('captures:\n  - variables:\n      a: { from: $session.params.a, |')
  assert.deepEqual(inVariable, ['format', 'mask', 'visible_to', 'default', 'required', 'description'])
  assert.ok(offered('captures:\n  - ujet:\n      session_variable:\n        |').includes('invisible_to_agent'))
  assert.deepEqual(offered('parameters:\n  - |', policyEditorSchema()), ['match', 'visible_to', 'reason'])
})

test('words are offered where the schema knows them', () => {
  const SURFACES = ['agent', 'comment', 'event', 'data_parameters']
  assert.deepEqual(offered('captures:\n  - visible_to: [|'), SURFACES)
  assert.deepEqual(offered('captures:\n  - visible_to:\n      - |'), SURFACES)
  assert.ok(offered('captures:\n  - variables:\n      a: { format: |').includes('money'))
  assert.deepEqual(offered('captures:\n  - variables:\n      a: { required: |'), ['true', 'false'])
  assert.ok(offered('captures:\n  - then:\n      action: |').includes('escalation'))
})

test('references are offered for values, and not for words of the schema', () => {
  const references = ['$session.params.city']
  assert.deepEqual(offered('captures:\n  - variables:\n      a: $|', undefined, references), references)
  assert.deepEqual(offered('captures:\n  - variables:\n      a: { from: |', undefined, references), references)
  assert.deepEqual(
    offered('captures:\n  - ujet:\n      session_variable:\n        payload: { a: |', undefined, references),
    references,
  )
  assert.deepEqual(offered('captures:\n  - tag: |', undefined, references), [])
})

test('keys and words are explained', () => {
  const explained = (text: string) => {
    const spot = spotIn(text)
    return spot && explain(flowFileEditorSchema(), spot)
  }
  assert.match(explained('captures:\n  - tag|')?.text ?? '', /Dialogflow/)
  assert.match(explained('captures:\n  - variables:\n      a: { mask: last4|')?.text ?? '', /4242/)
  assert.deepEqual(explained('captures:\n  - visible_to: [comment|'), {
    title: 'comment',
    text: 'The comment of the CRM record.',
  })
  assert.equal(explained('captures:\n  - tag: a\n    nonsense|'), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { applyEdits, TextEditor } from '../../src/config/edit-text.ts'
import { parseFile } from '../../src/config/parse-file.ts'
import { nodeAt, type Path, type SourceFile, toData } from '../../src/core/source.ts'

function parse(text: string, path = 'a.yaml'): SourceFile {
  const parsed = parseFile({ path, bytes: Buffer.from(text) })
  assert.ok('source' in parsed, JSON.stringify(parsed))
  return parsed.source
}

function change(text: string, at: Path, value: unknown, path?: string): string {
  const file = parse(text, path)
  const editor = new TextEditor(file)
  const node = nodeAt(file.root, at)
  assert.ok(node)
  editor.change(node, value)
  return applyEdits(text, editor.edits)
}

const CASES: readonly (readonly [what: string, text: string, at: Path, value: unknown, edited: string])[] = [
  ['a scalar', 'a: 1 # one\nb: 2\n', ['a'], 'x', 'a: x # one\nb: 2\n'],
  ['a scalar that needs quotes', 'a: 1\n', ['a'], 'x: y', 'a: "x: y"\n'],
  ['text that looks like a number', 'a: 1\n', ['a'], '12', 'a: "12"\n'],
  ['nothing', 'a:\nb: 1\n', ['a'], 5, 'a: 5\nb: 1\n'],
  ['a block scalar', 'a: |\n  one\n  two\nb: 1\n', ['a'], 'x', 'a: x\nb: 1\n'],
  [
    'an entry of a block map',
    'm:\n  # about a\n  a: 1 # one\n  b: 2\n',
    ['m'],
    { a: 3, b: 2 },
    'm:\n  # about a\n  a: 3 # one\n  b: 2\n',
  ],
  [
    'an entry that goes',
    'm:\n  a: 1\n  # about b\n  b: 2 # two\n  c: 3\n',
    ['m'],
    { a: 1, c: 3 },
    'm:\n  a: 1\n  # about b\n  # two\n  c: 3\n',
  ],
  [
    'an entry that comes',
    'm:\n  a: 1 # one\nn: 2\n',
    ['m'],
    { a: 1, b: [1, { c: 'd' }] },
    'm:\n  a: 1 # one\n  b: [ 1, { c: d } ]\nn: 2\n',
  ],
  ['the end of a file without a line end', 'm:\n  a: 1', ['m'], { a: 1, b: 2, c: 3 }, 'm:\n  a: 1\n  b: 2\n  c: 3'],
  ['all entries', 'm:\n  a: 1 # one\n  b: 2\nn: 2\n', ['m'], {}, 'm:\n  # one\n  {}\nn: 2\n'],
  ['a flow map', 'm: { a: 1, b: 2, c: 3 } # m\n', ['m'], { a: 9, c: 3, d: 4 }, 'm: { a: 9, c: 3, d: 4 } # m\n'],
  ['the end of a flow map', 'm: { a: 1, b: 2, c: 3 }\n', ['m'], { a: 1 }, 'm: { a: 1 }\n'],
  ['all of a flow map', 'm: { a: 1, b: 2 }\n', ['m'], { c: 1 }, 'm: { c: 1 }\n'],
  ['an empty map', 'm: {}\n', ['m'], { c: 1 }, 'm: { c: 1 }\n'],
  [
    'a flow map with comments',
    'm: {\n  a: 1, # one\n  b: 2, # two\n  c: 3 # three\n}\n',
    ['m'],
    { a: 1, c: 4 },
    'm: {\n  a: 1, # one\n   # two\nc: 4 # three\n}\n',
  ],
  ['a block list', 'l:\n  - a # a\n  - b\n  - c # c\n', ['l'], ['a', 'x'], 'l:\n  - a # a\n  - x\n  # c\n'],
  ['a longer block list', 'l:\n- a\n', ['l'], ['a', { b: 1 }], 'l:\n- a\n- { b: 1 }\n'],
  [
    'a map behind a dash',
    'l:\n  - a: 1\n    b: 2\n',
    ['l', 0],
    { a: 1, b: 3, c: 4 },
    'l:\n  - a: 1\n    b: 3\n    c: 4\n',
  ],
  ['the first entry behind a dash', 'l:\n  - a: 1\n    b: 2 # two\n', ['l', 0], { b: 2 }, 'l:\n  - { b: 2 } # two\n'],
  ['what an alias stands for', 'x: &x { a: 1 }\ny: *x\n', ['y'], { a: 2 }, 'x: &x { a: 1 }\ny: { a: 2 }\n'],
  ['CRLF', 'm:\r\n  a: 1\r\nn: 2\r\n', ['m'], { a: 1, b: 2 }, 'm:\r\n  a: 1\r\n  b: 2\r\nn: 2\r\n'],
]

for (const [what, text, at, value, edited] of CASES)
  test(`an edit of ${what}`, () => assert.equal(change(text, at, value), edited))

test('a long map that comes takes several lines', () => {
  const long = { agent: { a: 'x'.repeat(70) }, comment: { b: 'y'.repeat(70) } }
  assert.equal(
    change('m:\n  a: 1\n', ['m'], { a: 1, sees: long }),
    `m:\n  a: 1\n  sees:\n    agent: { a: ${'x'.repeat(70)} }\n    comment: { b: ${'y'.repeat(70)} }\n`,
  )
})

test('JSON stays JSON', () => {
  const text = '{\n  "a": [1, 2, 3],\n  "b": { "c": "x" }\n}\n'
  const edited = change(text, [], { a: [1], b: { c: 'y', d: null } }, 'a.json')
  assert.equal(edited, '{\n  "a": [1],\n  "b": { "c": "y", "d": null }\n}\n')
})

const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(
      0,
      -1.5,
      true,
      null,
      '',
      'a',
      '12',
      'x: y',
      '- z',
      '# no',
      'a #b',
      '$5',
      '"q"',
      "it's",
      'ü\n한',
      '{',
      '*x',
      '~',
    ),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c d', '1', 'x:y', '#k', 'true'), tie('any'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).any

test('whatever was written and is wanted, the edited text says what is wanted, and keeps the comment behind', () =>
  fc.assert(
    fc.property(value, value, fc.boolean(), (before, after, isFlow) => {
      const written = stringify({ v: before }, { lineWidth: 60 })
      const flow = `v: ${stringify([before], { collectionStyle: 'flow', lineWidth: 0 })}`
      const text = `top: 1\n${isFlow ? flow : written}# the end\nlast: 2\n`
      const edited = change(text, isFlow ? ['v', 0] : ['v'], after)
      const data = JSON.parse(JSON.stringify(toData(parse(edited).root)))
      assert.deepEqual(data, { top: 1, v: isFlow ? [after] : after, last: 2 }, edited)
      assert.ok(edited.startsWith('top: 1\n') && edited.endsWith('# the end\nlast: 2\n'), edited)
    }),
    { numRuns: 2_000 },
  ))

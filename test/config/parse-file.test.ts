import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFile } from '../../src/config/parse-file.ts'
import { toData } from '../../src/core/source.ts'
import { insideOf } from './hold-loaded.ts'

/** The parser of YAML itself goes no deeper than the stack, which is no word for designers. */
const DEPTHS = [65, 1_000, 10_000, 50_000]

const indented = (depth: number): string =>
  Array.from({ length: Math.min(depth, 2_000) }, (_, i) => `${' '.repeat(i)}a:\n`).join('')

const NESTED: readonly (readonly [kind: string, path: string, nested: (depth: number) => string])[] = [
  ['lists', 'a.yaml', (depth) => '['.repeat(depth) + ']'.repeat(depth)],
  ['maps', 'a.yaml', (depth) => '{ a: '.repeat(depth) + '}'.repeat(depth)],
  ['dashes', 'a.yaml', (depth) => `${'- '.repeat(depth)}a`],
  ['dashes before a line further left', 'a.yaml', (depth) => `- - ${'- '.repeat(depth - 2)}a\n- a`],
  ['ever deeper lines', 'a.yaml', (depth) => indented(depth)],
  ['lists of JSON', 'a.json', (depth) => '['.repeat(depth) + ']'.repeat(depth)],
  ['maps of JSON', 'a.json', (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`],
]

for (const [kind, path, nested] of NESTED)
  test(`${kind} inside of each other: 64 levels are read, more are told`, () => {
    assert.ok('source' in parseFile({ path, bytes: Buffer.from(nested(64)) }))
    for (const depth of DEPTHS) {
      const parsed = parseFile({ path, bytes: Buffer.from(nested(depth)) })
      const [found, ...more] = 'diagnostics' in parsed ? parsed.diagnostics : []
      assert.equal(more.length, 0)
      assert.deepEqual(found?.finding, { problem: 'this is nested deeper than 64 levels' })
    }
  })

test('a key of whatever length and way of writing that stands twice is told, with its place', () => {
  for (const [written, key] of [
    [`"${'long '.repeat(300)}"`, 'long '.repeat(300)],
    ["'two\n  lines'", 'two lines'],
    ['!!str "tagged"', 'tagged'],
    ['', ''],
  ]) {
    const text = `? ${written}\n: 1\n? ${written}`
    const parsed = parseFile({ path: 'a.yaml', bytes: Buffer.from(text) })
    const found = 'diagnostics' in parsed ? parsed.diagnostics : []
    assert.deepEqual(
      found.map(({ code, finding }) => [code, finding]),
      [['file/duplicate-key', { key }]],
    )
    found.forEach(insideOf(new Map([['a.yaml', text]])))
  }
})

const FOREIGN_TAGS = [
  '!!binary eA==',
  '!!timestamp 2001-12-14',
  '!!omap [a: 1]',
  '!!pairs [a: 1]',
  '!!set {a}',
  '!!merge a',
  '!own a',
]

test('a tag that makes something else than JSON is refused at its place', () => {
  for (const tagged of FOREIGN_TAGS) {
    const parsed = parseFile({ path: 'a.yaml', bytes: Buffer.from(`a: ${tagged}`) })
    const [found] = 'diagnostics' in parsed ? parsed.diagnostics : []
    assert.deepEqual(found?.finding, { problem: 'text that begins with ! needs quotes' }, tagged)
    assert.deepEqual([found?.line, found?.column], [1, 4])
  }
})

const parsedData = (text: string): unknown => {
  const parsed = parseFile({ path: 'a.yaml', bytes: Buffer.from(text) })
  return 'source' in parsed ? toData(parsed.source.root) : parsed.diagnostics.map(({ finding }) => finding)
}

const repeated = (alias: string, times: number): string => `[${Array(times).fill(alias).join(', ')}]`

test('an alias is what its name stood for where the alias was written', () => {
  assert.deepEqual(parsedData('a: &x 1\nb: &y [*x]\nc: &x 2\nd: [*y, *x]\n&k key: *k\n'), {
    a: 1,
    b: [1],
    c: 2,
    d: [[1], 2],
    key: 'key',
  })
})

test('10,000 values by aliases are read, inside of each other as well, and each counts once', () => {
  for (const [text, isRead] of [
    [`a: &a x\nb: ${repeated('*a', 10_000)}`, true],
    [`a: &a x\nb: ${repeated('*a', 10_001)}`, false],
    [`a: &a x\nb: { c: &b ${repeated('*a', 99)} }\nd: ${repeated('*b', 99)}\ne: *a`, true],
    [`a: &a x\nb: { c: &b ${repeated('*a', 99)} }\nd: ${repeated('*b', 99)}\ne: [*a, *a]`, false],
    ['a: &a [*a]', false],
  ] as const) {
    const data = parsedData(text)
    if (!isRead) assert.deepEqual(data, [{ limit: 10_000 }])
    else assert.ok(!Array.isArray(data), JSON.stringify(data))
  }
})

test('aliases count for the depth', () => {
  const chain = (length: number): string =>
    Array.from({ length }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1}` : 'x'}]\n`).join('')
  assert.ok(!Array.isArray(parsedData(chain(63))))
  assert.deepEqual(parsedData(chain(64)), [{ problem: 'this is nested deeper than 64 levels' }])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isLonger, splitText } from '../../src/representatives/split-text.ts'

test('long text is cut at lines, else at words, else anywhere', () => {
  assert.deepEqual(splitText('one two three', 8), ['one two', 'three'])
  assert.deepEqual(splitText('one two\nthree four', 12), ['one two', 'three four'])
  assert.deepEqual(splitText('abcdefghij', 4), ['abcd', 'efgh', 'ij'])
  assert.deepEqual(splitText('ab😀cd', 3), ['ab😀', 'cd'])
  assert.deepEqual(splitText(' short ', 8), ['short'])
  assert.deepEqual(splitText(' \n ', 8), [])
})

test('what people see as one character is cut only where it alone is too long', () => {
  const family = '👩‍👩‍👧‍👦'
  assert.deepEqual(splitText(family.repeat(3), 15), [family.repeat(2), family])
  assert.deepEqual(splitText('🇩🇪'.repeat(4), 5), ['🇩🇪🇩🇪', '🇩🇪🇩🇪'])
  assert.deepEqual(splitText('abe\u0301f', 3), ['ab', 'e\u0301f'])
  assert.deepEqual(splitText(`${family}a`, 4), ['👩‍👩‍', '👧‍👦a'])
})

test('a limit counts characters, not what they take in memory', () => {
  for (const character of ['x', 'ä', '👍']) {
    assert.equal(isLonger(character.repeat(16), 16), false)
    assert.equal(isLonger(character.repeat(17), 16), true)
  }
  assert.deepEqual(splitText('👍'.repeat(16), 16), ['👍'.repeat(16)])
})

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
const seenIn = (text: string): string[] =>
  [...segmenter.segment(text)].map(({ segment }) => segment).filter((segment) => segment.trim())

test('no part is too long, no letter is lost, and no character is cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 2, max: 20 }), (text, max) => {
      const parts = splitText(text, max)
      for (const part of parts) assert.ok([...part].length <= max && part !== '', 'a part of another length')
      assert.equal(parts.join('').replace(/\s/g, ''), text.replace(/\s/g, ''))
      assert.ok(
        parts.every((part) => !/\p{Cs}/u.test(part)),
        'a code point was cut',
      )
      if (seenIn(text).every((character) => [...character].length <= max))
        assert.deepEqual(parts.flatMap(seenIn), seenIn(text))
    }),
    { numRuns: 1000 },
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { splitText } from '../../src/representatives/split-text.ts'

test('long text is cut at lines, else at words, else anywhere', () => {
  assert.deepEqual(splitText('one two three', 8), ['one two', 'three'])
  assert.deepEqual(splitText('one two\nthree four', 12), ['one two', 'three four'])
  assert.deepEqual(splitText('abcdefghij', 4), ['abcd', 'efgh', 'ij'])
  assert.deepEqual(splitText('ab😀cd', 3), ['ab', '😀c', 'd'])
  assert.deepEqual(splitText(' short ', 8), ['short'])
  assert.deepEqual(splitText(' \n ', 8), [])
})

test('no part is too long, and no letter is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 2, max: 20 }), (text, max) => {
      const parts = splitText(text, max)
      for (const part of parts) assert.ok(part.length <= max && part !== '', 'a part of another length')
      assert.equal(parts.join('').replace(/\s/g, ''), text.replace(/\s/g, ''))
      assert.ok(
        parts.every((part) => !/\p{Cs}/u.test(part)),
        'a character was cut',
      )
    }),
  )
})

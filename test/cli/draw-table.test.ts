import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { drawTable } from '../../src/cli/draw-table.ts'

test('a word is broken only where no column has room to spare', () => {
  const rows = [
    ['', 'agent', 'comment', 'event'],
    ['card', '************4242', 'INV-1001-4711 as well', 'nobody but all of them'],
  ]
  assert.deepEqual(drawTable(rows, 50), [
    '      agent             comment        event',
    '────  ────────────────  ─────────────  ───────────',
    'card  ************4242  INV-1001-4711  nobody but',
    '                        as well        all of them',
  ])
  assert.deepEqual(drawTable(rows, 40)?.slice(2, 4), [
    'card  **********  INV-1001-4  nobody but',
    '      **4242      711 as      all of',
  ])
  assert.equal(drawTable(rows, 39), undefined)
})

test('of the words that have to be broken, the longest is the first', () => {
  const rows = [
    ['agent', 'comment', 'event'],
    ['************4242', 'nobody but all of them', 'https://example.com/records/4711'],
  ]
  assert.deepEqual(drawTable(rows, 46)?.slice(2), [
    '************4242  nobody but  https://example.',
    '                  all of      com/records/4711',
    '                  them',
  ])
})

test('a table that is drawn fits, and loses nothing', () => {
  const word = fc.stringMatching(/^[a-z*–]{1,14}$/)
  const cell = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '))
  const rows = fc
    .integer({ min: 1, max: 5 })
    .chain((count) => fc.array(fc.array(cell, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 4 }))
  fc.assert(
    fc.property(rows, fc.integer({ min: 10, max: 120 }), (cells, width) => {
      const drawn = drawTable(cells, width)
      if (!drawn) return
      for (const line of drawn) assert.ok(stringWidth(line) <= width, line)
      const letters = (text: string): string => [...text.replace(/[\s─]/g, '')].sort().join('')
      assert.equal(letters(drawn.join('')), letters(cells.flat().join('')))
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suggest } from '../../src/core/suggest.ts'

const SURFACES = ['agent', 'comment', 'event', 'data_parameters']

const ROWS: readonly (readonly [word: string, known: readonly string[], near: readonly string[]])[] = [
  ['agents', SURFACES, ['agent']],
  ['Agent', SURFACES, ['agent']],
  ['agnet', SURFACES, ['agent']],
  ['evnt', SURFACES, ['event']],
  ['coment', SURFACES, ['comment']],
  ['data_parameter', SURFACES, ['data_parameters']],
  ['crm', SURFACES, []],
  ['', SURFACES, []],
  ['a', ['b'], []],
  ['a', ['A', 'b', 'ab'], ['A', 'ab']],
  ['ab', ['xy'], []],
  ['cart', ['card', 'care', 'cat', 'cars', 'dog'], ['card', 'care', 'cat']],
  ['card', ['cart', 'card'], ['card', 'cart']],
  ['x'.repeat(257), ['x'.repeat(257)], []],
  ['agent', [], []],
]

for (const [word, known, near] of ROWS)
  test(`${JSON.stringify(word.slice(0, 20))} is near ${near.join(', ') || 'nothing'}`, () =>
    assert.deepEqual(suggest(word, known), near))

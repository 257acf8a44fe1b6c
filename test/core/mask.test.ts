import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyMask } from '../../src/core/mask.ts'
import type { Mask } from '../../src/core/schema.ts'

const ROWS: readonly (readonly [mask: Mask, text: string, masked: string])[] = [
  ['last4', '4242424242424242', '************4242'],
  ['last4', '12345678', '****5678'],
  ['last4', '1234567', '*******'],
  ['last4', 'a', '*'],
  ['last4', '', ''],
  ['last4', '4242 4242', '*****4242'],
  ['last4', '😀😀😀😀😀😀😀😀', '****😀😀😀😀'],
  ['last4', '😀😀😀😀', '****'],
  ['email', 'jane.doe@example.com', 'j***@example.com'],
  ['email', 'j@example.com', 'j***@example.com'],
  ['email', 'my name is Jane, write to jane@example.com please', 'j***@example.com'],
  ['email', 'jane@example.com or joe@example.org', 'j***@example.com, j***@example.org'],
  ['email', '{"mail":"jane@example.com"}', 'j***@example.com'],
  ['email', 'müller@example.com', 'm***@example.com'],
  ['email', 'jane at example.com', '****'],
  ['email', 'jane@localhost', '****'],
  ['email', '@', '****'],
  ['email', '', '****'],
  ['all', 'anything at all', '****'],
  ['all', '', '****'],
]

for (const [mask, text, masked] of ROWS)
  test(`${mask} of ${JSON.stringify(text)} is ${JSON.stringify(masked)}`, () =>
    assert.equal(applyMask(text, mask), masked))

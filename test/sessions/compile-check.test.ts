import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { isMap, type JsonMap } from '../../src/core/json.ts'
import { compileCheck } from '../../src/sessions/compile-check.ts'
import { type ReadRecord, readRecord, recordReader, unwrap } from '../../src/sessions/read-record.ts'
import { REPORT_KEYS, REPORT_TABLES } from '../../src/sessions/report-rows.ts'
import { sessionSchema } from '../../src/sessions/session-schema.ts'
import { arbitraryRecord } from './arbitrary-record.ts'
import { FULL_CALL, FULL_CHAT } from './full-record.ts'

const fits = compileCheck(sessionSchema)

describe('a compiled check', () => {
  test('says of everything what the schema says', () => {
    let odd = 0
    const place = fc.tuple(fc.constantFrom(FULL_CALL, FULL_CHAT), fc.nat(), fc.nat(), fc.jsonValue()).map(plant)
    fc.assert(
      fc.property(fc.oneof(arbitraryRecord, place, fc.jsonValue()), (value) => {
        const { success } = sessionSchema.safeParse(value)
        assert.equal(fits(value), success)
        if (!success) odd++
      }),
      { numRuns: 2000 },
    )
    assert.ok(odd > 200, 'many of them are odd')
  })

  test('is refused for what it does not know', () => {
    assert.throws(() => compileCheck(z.object({ a: z.string() })), TypeError)
  })
})

/** A value put in place of another one of a record, or of a row of one of its lists. */
function plant([record, first, second, value]: [JsonMap, number, number, unknown]): JsonMap {
  const copy = structuredClone(record)
  const keys = Object.keys(copy)
  const key = keys[first % keys.length] ?? ''
  const [row] = Array.isArray(copy[key]) ? copy[key] : []
  const inner = isMap(row) ? Object.keys(row) : []
  if (inner.length) row[inner[second % inner.length] ?? ''] = value
  else copy[key] = value
  return copy
}

test('the keys of the report are all that its rows are made of, and what is wrong with them is told as ever', () => {
  const readSome = recordReader(REPORT_KEYS)
  fc.assert(
    fc.property(arbitraryRecord, (record) => {
      const [all, some] = [readRecord(record), readSome(record)]
      for (const { rowsOf } of REPORT_TABLES)
        assert.deepEqual(some && rowsOf(some.session, 1), all && rowsOf(all.session, 1))
      const { wrapper } = unwrap(record as JsonMap)
      const isAsked = (path: readonly PropertyKey[]) =>
        (REPORT_KEYS as readonly PropertyKey[]).includes(path[wrapper ? 1 : 0] ?? '')
      const inOrder = (odd: ReadRecord['odd'] = []) => odd.map((one) => JSON.stringify(one)).sort()
      assert.deepEqual(inOrder(some?.odd), inOrder(all?.odd.filter(({ path }) => isAsked(path))))
    }),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseInstant } from '../../src/sessions/instant.ts'

const cases: [text: string, iso: string, offsetMinutes: number][] = [
  ['2023-09-11T09:42:01.000+03:00', '2023-09-11T06:42:01.000Z', 180],
  ['2026-03-23T20:15:35Z', '2026-03-23T20:15:35.000Z', 0],
  ['2026-03-23 20:15:35 UTC', '2026-03-23T20:15:35.000Z', 0],
  ['2026-03-23T20:15:35.1Z', '2026-03-23T20:15:35.100Z', 0],
  ['2026-03-23T20:15:35,123456-0530', '2026-03-24T01:45:35.123Z', -330],
  ['2026-03-23T20:15+09', '2026-03-23T11:15:00.000Z', 540],
  ['2026-03-23t20:15z', '2026-03-23T20:15:00.000Z', 0],
  ['2026-03-23T20:15:35', '2026-03-23T20:15:35.000Z', 0],
  ['2026-03-23', '2026-03-23T00:00:00.000Z', 0],
  ['2028-02-29T24:00:00Z', '2028-03-01T00:00:00.000Z', 0],
  ['2026-03-23T24:00', '2026-03-24T00:00:00.000Z', 0],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z', 0],
  ['0099-12-31', '0099-12-31T00:00:00.000Z', 0],
  ['2026-03-23T20:15-2359', '2026-03-24T20:14:00.000Z', -1439],
]
for (const [text, iso, offsetMinutes] of cases)
  test(`${text} is ${iso}`, () => assert.deepEqual(parseInstant(text), { ms: Date.parse(iso), offsetMinutes }))

for (const text of [
  '',
  '12345',
  '2026',
  '2026-13-01',
  '2026-02-31',
  '2026-03-23T25:00Z',
  '2026-03-23T24:59Z',
  '2026-03-23T24:00:01Z',
  '2026-03-23T20:15:35+99:99',
  '2026-03-23T20:15:35+24:00',
  '2026-03-23T20:15:35-05:60',
  '2026-03-23T20:61Z',
  'Tue Mar 24 2026',
  '2026-03-23T20:15:35+3',
  ' 2026-03-23',
])
  test(`${JSON.stringify(text)} is no time`, () => assert.equal(parseInstant(text), undefined))

test('every time comes back, on every clock', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      fc.integer({ min: -14 * 60, max: 14 * 60 }),
      (date, offsetMinutes) => {
        const clock = new Date(date.getTime() + offsetMinutes * 60_000).toISOString().slice(0, -1)
        const [hours, minutes] = [Math.trunc(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60]
        const offset = [hours, minutes].map((part) => String(part).padStart(2, '0')).join(':')
        const text = `${clock}${offsetMinutes < 0 ? '-' : '+'}${offset}`
        assert.deepEqual(parseInstant(text), { ms: date.getTime(), offsetMinutes })
      },
    ),
  )
})

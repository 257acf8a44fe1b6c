import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyFormat, toLocale, toText } from '../../src/core/format.ts'
import { FORMATS, type Format } from '../../src/core/schema.ts'

const date = { year: 2026, month: 11, day: 20 }
const time = { hours: 15, minutes: 30, seconds: 0 }
const composite = { name: 'Ada Lovelace', original: 'ada' }

type Row = readonly [locale: string, format: Format, value: unknown, text: string]

const FITS: readonly Row[] = [
  ['en-US', 'text', 'as it is', 'as it is'],
  ['en-US', 'date', date, 'Nov 20, 2026'],
  ['en-US', 'date', { year: 2026.0, month: 11.0, day: 20.0 }, 'Nov 20, 2026'],
  ['en-US', 'date', { year: '2026', month: '11', day: '20' }, 'Nov 20, 2026'],
  ['en-US', 'date', { ...date, hours: 23 }, 'Nov 20, 2026'],
  ['en-US', 'date', { year: 2026, month: 11 }, 'Nov 2026'],
  ['en-US', 'date', { month: 11, day: 20 }, 'Nov 20'],
  ['en-US', 'date', { year: null, month: 2, day: 29 }, 'Feb 29'],
  ['en-US', 'date', { year: 99, month: 1, day: 2 }, 'Jan 2, 99'],
  ['en-US', 'date', '2026-11-20', 'Nov 20, 2026'],
  ['en-US', 'date', '2026-11', 'Nov 2026'],
  ['en-US', 'date', '2026-11-20T23:30:00-12:00', 'Nov 20, 2026'],
  ['en-US', 'date', '2026-11-20T00:30:00.123+14:00', 'Nov 20, 2026'],
  ['en-US', 'time', time, '3:30 PM'],
  ['en-US', 'time', { hours: 0 }, '12:00 AM'],
  ['en-US', 'time', '15:30', '3:30 PM'],
  ['en-US', 'time', 'T15:30:00Z', '3:30 PM'],
  ['en-US', 'time', '2026-11-20T15:30:00+09:00', '3:30 PM'],
  ['en-US', 'date_time', { ...date, ...time }, 'Nov 20, 2026, 3:30 PM'],
  ['en-US', 'date_time', '2026-11-20 15:30', 'Nov 20, 2026, 3:30 PM'],
  ['en-US', 'date_time', '2026-11-20T15:30:00-08:00', 'Nov 20, 2026, 3:30 PM'],
  ['en-US', 'date_range', { startDate: date, endDate: { ...date, day: 27 } }, 'Nov 20 – 27, 2026'],
  ['en-US', 'date_range', { startDate: date, endDate: date }, 'Nov 20, 2026'],
  ['en-US', 'date_range', { startDate: { ...date, ...time }, endDate: { ...date, hours: 1 } }, 'Nov 20, 2026'],
  ['en-US', 'money', { amount: 1200, currency: 'USD' }, '$1,200.00'],
  ['en-US', 'money', { amount: 1200, currency: 'usd' }, '$1,200.00'],
  ['en-US', 'money', { amount: 1200, currency: 'KRW' }, '₩1,200'],
  ['en-US', 'money', { amount: -0.5, currency: 'EUR' }, '-€0.50'],
  ['en-US', 'number', 1234.5, '1,234.5'],
  ['en-US', 'number', 0, '0'],
  ['en-US', 'percent', 25, '25%'],
  ['en-US', 'percent', 12.5, '12.5%'],
  ['en-US', 'duration', { amount: 15, unit: 'min' }, '15 minutes'],
  ['en-US', 'duration', { amount: 1, unit: 'h' }, '1 hour'],
  ['en-US', 'duration', { amount: 2, unit: 'Weeks' }, '2 weeks'],
  ['en-US', 'person', composite, 'Ada Lovelace'],
  ['en-US', 'person', 'Ada', 'Ada'],
  ['en-US', 'location', { city: 'Osaka', country: 'Japan', original: 'in Osaka' }, 'in Osaka'],
  ['en-US', 'location', { city: 'Osaka', country: 'Japan', original: '' }, 'Osaka, Japan'],
  ['en-US', 'location', 'Osaka', 'Osaka'],
  ['en-US', 'phone', '+1 202 555 0123', '+1 202 555 0123'],
  ['en-US', 'phone', '(202) 555-0123', '+1 202 555 0123'],
  ['en-US', 'phone', '+81312345678', '+81 3 1234 5678'],
  ['en-US', 'list', ['a', 'b', 'c'], 'a, b, and c'],
  ['en-US', 'list', ['a'], 'a'],
  ['en-US', 'list', [], ''],
  ['en-US', 'list', ['a', null, 'b'], 'a and b'],
  ['en-US', 'list', ['a', Number.POSITIVE_INFINITY, 'b'], 'a and b'],
  ['en-US', 'list', [composite, date, 5, true], 'Ada Lovelace, 2026-11-20, 5, and true'],
  ['de-DE', 'date', date, '20.11.2026'],
  ['de-DE', 'time', time, '15:30'],
  ['de-DE', 'date_range', { startDate: date, endDate: { ...date, day: 27 } }, '20.–27.11.2026'],
  ['de-DE', 'money', { amount: 1200, currency: 'EUR' }, '1.200,00 €'],
  ['de-DE', 'number', 1234.5, '1.234,5'],
  ['de-DE', 'percent', 25, '25 %'],
  ['de-DE', 'duration', { amount: 15, unit: 'min' }, '15 Minuten'],
  ['de-DE', 'list', ['a', 'b', 'c'], 'a, b und c'],
  ['de-DE', 'phone', '030 901820', '+49 30 901820'],
  ['ko-KR', 'date', date, '2026. 11. 20.'],
  ['ko-KR', 'money', { amount: 1200, currency: 'KRW' }, '₩1,200'],
  ['ko-KR', 'duration', { amount: 15, unit: 'min' }, '15분'],
  ['ko-KR', 'list', ['a', 'b', 'c'], 'a, b 및 c'],
  ['ja-JP', 'date', date, '2026/11/20'],
  ['ja-JP', 'date_time', { ...date, ...time }, '2026/11/20 15:30'],
  ['ja-JP', 'list', ['a', 'b', 'c'], 'a、b、c'],
  ['fr-FR', 'number', 1234567, '1 234 567'],
  ['es-419', 'phone', '+1 202 555 0123', '+1 202 555 0123'],
  ['xx-XX', 'date', date, 'Nov 20, 2026'],
]

for (const [locale, format, value, text] of FITS)
  test(`${format} in ${locale}: ${JSON.stringify(value)} is ${text}`, () =>
    assert.deepEqual(applyFormat(value, format, locale), { value: text, fits: true }))

const DOES_NOT_FIT: readonly (readonly [format: Format, value: unknown, text: string])[] = [
  ['date', { year: 2026 }, '{"year":2026}'],
  ['date', { year: 2026, month: 2, day: 30 }, '{"year":2026,"month":2,"day":30}'],
  ['date', { year: 2026.5, month: 1, day: 1 }, '{"year":2026.5,"month":1,"day":1}'],
  ['date', { ...date, month: 13 }, '{"year":2026,"month":13,"day":20}'],
  ['date', 'tomorrow', 'tomorrow'],
  ['date', '', ''],
  ['date', '2026-02-30', '2026-02-30'],
  ['date', 20261120, '20261120'],
  ['time', { minutes: 30 }, '{"minutes":30}'],
  ['time', { hours: '', minutes: '' }, '{"hours":"","minutes":""}'],
  ['date', { year: 2026, month: true, day: true }, '{"year":2026,"month":true,"day":true}'],
  ['time', '2026-11-20', '2026-11-20'],
  ['time', '25:00', '25:00'],
  ['date_time', date, '2026-11-20'],
  ['date_time', '2026-11-20', '2026-11-20'],
  ['date_range', { startDate: date }, '{"startDate":{"year":2026,"month":11,"day":20}}'],
  ['date_range', date, '2026-11-20'],
  ['money', { amount: '1200', currency: 'USD' }, '{"amount":"1200","currency":"USD"}'],
  ['money', { amount: 5, currency: 'dollars' }, '{"amount":5,"currency":"dollars"}'],
  ['money', 5, '5'],
  ['number', '5', '5'],
  ['percent', true, 'true'],
  ['duration', { amount: 5, unit: 'constructor' }, '{"amount":5,"unit":"constructor"}'],
  ['duration', { amount: 'five', unit: 'min' }, '{"amount":"five","unit":"min"}'],
  ['person', { name: '' }, '{"name":""}'],
  ['person', 5, '5'],
  ['location', {}, '{}'],
  ['location', 5, '5'],
  ['phone', 'no number', 'no number'],
  ['phone', 2025550123, '2025550123'],
  ['list', 'a', 'a'],
  ['list', { 0: 'a' }, '{"0":"a"}'],
]

for (const [format, value, text] of DOES_NOT_FIT)
  test(`${format} does not fit ${JSON.stringify(value)}`, () =>
    assert.deepEqual(applyFormat(value, format, 'en-US'), { value: text, fits: false }))

test('a range that ends before it begins does not fit', () => {
  const range = { startDate: date, endDate: { ...date, day: 1 } }
  assert.deepEqual(applyFormat(range, 'date_range', 'en-US'), { value: JSON.stringify(range), fits: false })
})

test('raw is the value itself', () => assert.equal(applyFormat(date, 'raw', 'en-US').value, date))

const TEXTS: readonly (readonly [value: unknown, text: string])[] = [
  ['', ''],
  [5, '5'],
  [0.1, '0.1'],
  [false, 'false'],
  [composite, 'Ada Lovelace'],
  [{ name: 'Ada' }, '{"name":"Ada"}'],
  [{ name: 'Ada', original: null }, 'Ada'],
  [{ city: 'Osaka', original: 'in Osaka' }, 'in Osaka'],
  [{ colour: 'red', original: 'reddish' }, '{"colour":"red","original":"reddish"}'],
  [date, '2026-11-20'],
  [{ year: 7, month: 1, day: 2 }, '0007-01-02'],
  [time, '15:30'],
  [{ hours: 15, nanos: 0 }, '15:00'],
  [{ ...date, ...time }, '2026-11-20T15:30'],
  [{ ...date, hours: null }, '2026-11-20'],
  [{ month: 11, day: 20 }, '{"month":11,"day":20}'],
  [{ ...date, note: 'x' }, '{"year":2026,"month":11,"day":20,"note":"x"}'],
  [{ ...date, minutes: 5 }, '{"year":2026,"month":11,"day":20,"minutes":5}'],
  [[1, 'a'], '[1,"a"]'],
  [{}, '{}'],
]

for (const [value, text] of TEXTS)
  test(`as text ${JSON.stringify(value)} is ${text}`, () => assert.equal(toText(value), text))

test('a key that every object inherits makes no date of a map', () =>
  assert.equal(toText({ ...date, constructor: 'x' }), '{"year":2026,"month":11,"day":20,"constructor":"x"}'))

test('every Unicode space that Intl makes is an ordinary one', () => {
  const values = [date, time, { ...date, ...time }, { amount: 12345, currency: 'EUR' }, 12345, ['a', 'b']]
  for (const locale of ['en-US', 'de-DE', 'fr-FR', 'ko-KR', 'ja-JP', 'es-419', 'sv-SE'])
    for (const format of FORMATS)
      for (const value of values) {
        const formatted = applyFormat(value, format, locale).value
        if (typeof formatted === 'string') assert.doesNotMatch(formatted, /[^\P{Zs} ]/u, `${format} in ${locale}`)
      }
})

test('text keeps the spaces that it came with', () => {
  assert.equal(applyFormat('a\u00a0b', 'text', 'en-US').value, 'a\u00a0b')
  assert.equal(applyFormat(['a\u00a0b', 'c'], 'list', 'en-US').value, 'a\u00a0b and c')
})

for (const [tag, locale] of [
  ['en-us', 'en-US'],
  ['de_DE', 'de-DE'],
  ['ko', 'ko'],
  ['x!', 'en-US'],
  ['', 'en-US'],
  ['constructor', 'en-US'],
] as const)
  test(`the language code ${JSON.stringify(tag)} is read as ${locale}`, () => assert.equal(toLocale(tag), locale))

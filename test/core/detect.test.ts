import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { screenValue, type ValueRule } from '../../src/core/detect.ts'
import { DETECTORS, type Detector } from '../../src/core/schema.ts'

const mask = (...detectors: Detector[]): ValueRule[] => detectors.map((detect) => ({ detect, action: 'mask' }))
const drop = (...detectors: Detector[]): ValueRule[] => detectors.map((detect) => ({ detect, action: 'drop' }))

const FOUND: readonly (readonly [detector: Detector, text: string, masked: string])[] = [
  ['payment_card', '4242424242424242', '************4242'],
  ['payment_card', '4242 4242 4242 4242', '**** **** **** 4242'],
  ['payment_card', '4242-4242-4242-4242', '****-****-****-4242'],
  ['payment_card', '4242–4242\u00a04242 - 4242', '****–****\u00a0**** - 4242'],
  ['payment_card', '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2', '* * * * * * * * * * * * 4 2 4 2'],
  ['payment_card', '378282246310005', '***********0005'],
  ['payment_card', '3782 822463 10005', '**** ****** *0005'],
  ['payment_card', '2223003122003222', '************3222'],
  ['payment_card', '6011111111111117', '************1117'],
  ['payment_card', '5555555555554444', '************4444'],
  ['payment_card', '4222222222222', '*********2222'],
  ['payment_card', '6304000000000000000', '***************0000'],
  ['payment_card', 'my card is 4242 4242 4242 4242, thanks', 'my card is **** **** **** 4242, thanks'],
  ['payment_card', 'card4242424242424242x', 'card************4242x'],
  ['payment_card', '4242 4242 4242 4242 12/28', '**** **** **** 4242 12/28'],
  ['payment_card', '4242 4242 4242 4242 123456', '**** **** **** 4242 123456'],
  ['payment_card', '17 4242424242424242', '17 ************4242'],
  ['payment_card', '4242424242424242 5555555555554444', '************4242 ************4444'],
  ['payment_card', '٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢', '**** **** **** ٤٢٤٢'],
  ['payment_card', '４２４２４２４２４２４２４２４２', '************４２４２'],
  ['payment_card', '4242    4242 - - 4242\t\t4242', '****    **** - - ****\t\t4242'],
  ['payment_card', '4242\u00ad4242\u2212\ufe0f4242\u{e0020}4242', '****\u00ad****\u2212\ufe0f****\u{e0020}4242'],
  ['payment_card', '2 5105 1051 0510 5100', '* **** **** **** 5100'],
  ['payment_card', '4 5500 0000 0000 0004 x', '* **** **** **** 0004 x'],
  ['payment_card', '4242 4242 4242 4242 5555 5555 5555 4444', '**** **** **** 4242 **** **** **** 4444'],
  ['us_ssn', '512    34    0017', '***    **    0017'],
  ['us_ssn', '512-34-0017', '***-**-0017'],
  ['us_ssn', '512 34 0017', '*** ** 0017'],
  ['us_ssn', 'it is 512-34-0017.', 'it is ***-**-0017.'],
  ['us_ssn', '512-34-0017 and 513-34-0018', '***-**-0017 and ***-**-0018'],
  ['us_ssn', '1 512 34 0017', '1 *** ** 0017'],
  ['us_ssn', '٥١٢-٣٤-٠٠١٧', '***-**-٠٠١٧'],
  ['iban', 'DE89370400440532013000', '******************3000'],
  ['iban', 'DE89 3704 0044 0532 0130 00', '**** **** **** **** **30 00'],
  ['iban', 'gb82 west 1234 5698 7654 32', '**** **** **** **** **54 32'],
  ['iban', 'NO9386011117947', '***********7947'],
  ['iban', 'DE 89 3704 0044 0532 0130 00', '** ** **** **** **** **30 00'],
  ['iban', 'G B 8 2 W E S T 1 2 3 4 5 6 9 8 7 6 5 4 3 2 now', '* * * * * * * * * * * * * * * * * * 5 4 3 2 now'],
  ['iban', 'Please use DE89 3704 0044 0532 0130 00 for it', 'Please use **** **** **** **** **30 00 for it'],
  ['iban', 'IBAN:DE89370400440532013000.', 'IBAN:******************3000.'],
  ['iban', 'DE89   3704   0044   0532   0130   00', '****   ****   ****   ****   **30   00'],
  ['iban', 'DE89-3704\u200b0044 0532 0130 00', '****-****\u200b**** **** **30 00'],
  ['iban', 'ＤＥ８９ 3704 ٠٠٤٤ 0532 0130 00', '**** **** **** **** **30 00'],
  ['email', 'jane.doe@example.com', '****.***@******e.com'],
  ['email', 'write to jane@example.com, please', 'write to ****@******e.com, please'],
  ['email', 'Jane <jane@example.com>', 'Jane <****@******e.com>'],
  ['email', 'jane+trip@mail.example.co.uk.', '****+****@****.*******.co.uk.'],
  ['email', 'jürgen@bücher.example', '******@******.***mple'],
  ['email', 'a@example.com;b@example.org', '*@******e.com;*@******e.org'],
]

for (const [detector, text, masked] of FOUND)
  test(`${detector} in ${JSON.stringify(text)}`, () => {
    assert.equal(screenValue(text, mask(detector)).value, masked)
    assert.ok(screenValue(text, drop(detector)).dropped)
  })

const NOT_FOUND: readonly (readonly [detector: Detector, text: string])[] = [
  ['payment_card', ''],
  ['payment_card', '4242424242424241'],
  ['payment_card', '4242 4242 4242 4243'],
  ['payment_card', '424242424242'],
  ['payment_card', '42424242424242424242'],
  ['payment_card', '1234567890123452'],
  ['payment_card', '0000000000000000'],
  ['payment_card', '4242,4242,4242,4242'],
  ['payment_card', '4242 4242'],
  ['us_ssn', '512340017'],
  ['us_ssn', '5123-34-0017'],
  ['us_ssn', '512-34-00171'],
  ['us_ssn', '512.34.0017'],
  ['us_ssn', '202-555-0123'],
  ['iban', 'DE88370400440532013000'],
  ['iban', 'DE89'],
  ['iban', 'it is 2000 0000 0036 0376 as I said'],
  ['iban', 'IT IS 2000 0000 0036 037 as I said'],
  ['iban', 'XDE89370400440532013000'],
  ['iban', 'DE89/3704/0044/0532/0130/00'],
  ['email', 'jane at example.com'],
  ['email', 'jane@localhost'],
  ['email', '@example.com'],
  ['email', 'jane@'],
  ['email', '5 @ 3.50'],
]

for (const [detector, text] of NOT_FOUND)
  test(`no ${detector} in ${JSON.stringify(text)}`, () => {
    assert.deepEqual(screenValue(text, mask(detector)), { value: text, dropped: false, rules: [] })
    assert.ok(!screenValue(text, drop(detector)).dropped)
  })

test('digits of the mathematical alphabets are digits', () => {
  for (const zero of [0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6]) {
    const text = [...'4242424242424242'].map((digit) => String.fromCodePoint(zero + Number(digit))).join('')
    assert.ok(screenValue(text, drop('payment_card')).dropped, zero.toString(16))
  }
})

const NESTED: readonly (readonly [name: string, value: unknown, screened: unknown])[] = [
  ['a number', 4242424242424242, '************4242'],
  ['a negative number', -4242424242424242, '-************4242'],
  ['a number that is no card', 1200, 1200],
  ['a list', ['a', '4242424242424242', 5], ['a', '************4242', 5]],
  ['a map', { a: { b: ['jane@example.com'] } }, { a: { b: ['****@******e.com'] } }],
  ['the key of a map', { 'jane@example.com': 1 }, { '****@******e.com': 1 }],
  ['no text at all', [null, true, {}], [null, true, {}]],
]

for (const [name, value, screened] of NESTED)
  test(`${name} is screened`, () =>
    assert.deepEqual(JSON.parse(JSON.stringify(screenValue(value, mask(...DETECTORS)).value)), screened))

test('a key named __proto__ is screened like any other', () => {
  const { value } = screenValue(JSON.parse('{"__proto__":{"a":"jane@example.com"}}'), mask('email'))
  assert.equal(JSON.stringify(value), '{"__proto__":{"a":"****@******e.com"}}')
})

test('a value is dropped wherever the text stands in it', () => {
  for (const value of [4242424242424242, ['x', { y: '4242424242424242' }], { '4242424242424242': 1 }])
    assert.ok(screenValue(value, drop('payment_card')).dropped)
})

test('drop beats mask, whatever their order', () => {
  const text = 'mail jane@example.com, card 4242424242424242'
  for (const rules of [
    [...mask('payment_card'), ...drop('payment_card')],
    [...drop('payment_card'), ...mask('payment_card')],
    [...mask('email', 'payment_card'), ...drop('payment_card')],
  ])
    assert.ok(screenValue(text, rules).dropped)
})

const TOGETHER: readonly (readonly [text: string, masked: string])[] = [
  ['4242 4242 4242 4242@gmail.com', '**** **** **** ****@****l.com'],
  ['378 28 2246 310 005', '*** ** **** **0 005'],
  ['GB19NWBK60161331926805', '******************6805'],
  ['DE89 370 40 0440 5320 1300 0', '**** *** ** **** **** *300 0'],
]

for (const [text, masked] of TOGETHER)
  test(`what one detector leaves of ${JSON.stringify(text)}, another hides, whatever the order of the rules`, () => {
    for (const rules of [mask(...DETECTORS), mask(...DETECTORS.toReversed())])
      assert.equal(screenValue(text, rules).value, masked)
  })

test('a number so long that it was rounded may have been a card', () => {
  const number = JSON.parse('6212345678901234569')
  assert.equal(screenValue(number, mask('payment_card')).value, '***************5000')
  assert.ok(screenValue({ a: [number] }, drop('us_ssn', 'payment_card')).dropped)
  for (const other of [number * 100, 7e18, 5_555_555_555_555_555])
    assert.equal(screenValue(other, mask('payment_card')).value, other)
  assert.equal(screenValue(number, mask('us_ssn', 'iban')).value, number)
})

test('all rules are applied, and those that found something are told', () => {
  const rules = mask(...DETECTORS)
  const { value, rules: hits } = screenValue('jane@example.com 512-34-0017', rules)
  assert.equal(value, '****@******e.com ***-**-0017')
  assert.deepEqual(hits.map(({ detect }) => detect).sort(), ['email', 'us_ssn'])
})

test('without rules the value is the same one', () => {
  const value = { a: '4242424242424242' }
  assert.equal(screenValue(value, []).value, value)
})

test('what was masked is not found again', () => {
  for (const [detector, text] of FOUND.filter(([detector]) => detector !== 'email')) {
    const once = screenValue(text, mask(detector)).value
    assert.equal(screenValue(once, mask(detector)).value, once)
  }
})

/** Digits that pass the Luhn check by their last one. */
function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((all, digit, i) => {
    const doubled = Number(digit) * (i % 2 ? 1 : 2)
    return all + (doubled > 9 ? doubled - 9 : doubled)
  }, 0)
  return digits + ((10 - (sum % 10)) % 10)
}

test('of a card no more than four digits are left, whatever stands between and around them', () => {
  const gap = fc.string({ unit: fc.constantFrom(' ', '-', '\t', '\u2013', '\u00a0', '\u00ad'), maxLength: 6 })
  const around = fc.array(fc.oneof(fc.stringMatching(/^\d{1,6}$/), fc.constantFrom('a', ',', 'x-')), { maxLength: 4 })
  const card = fc.stringMatching(/^[2-6]\d{11,17}$/).map(withCheckDigit)
  fc.assert(
    fc.property(
      card,
      fc.array(gap, { minLength: 19, maxLength: 19 }),
      around,
      around,
      (digits, gaps, before, after) => {
        const start = before.map((word) => `${word} `).join('')
        const written = [...digits].map((digit, i) => digit + (i + 1 < digits.length ? gaps[i] : '')).join('')
        const masked = String(screenValue(`${start}${written} ${after.join(' ')}`, mask('payment_card')).value)
        const left = masked.slice(start.length, start.length + written.length).replace(/[^\d*]/g, '')
        assert.match(left, /^\*+[\d*]{4}$/)
      },
    ),
    { numRuns: 2_000 },
  )
})

import { type JsonMap, mapLeaves } from './json.ts'
import type { Detector } from './schema.ts'
import type { Span } from './source.ts'

type Find = (text: string) => Span[]

interface Group extends Span {
  readonly digits: string
}

const [ZERO, NINE, LETTER_A, ASCII] = [0x30, 0x39, 0x41, 0x80]

/** The value of a digit of any script, by its distance from the zero of its block; undefined for what is no digit. */
function digitAt(text: string, index: number): string | undefined {
  const code = text.codePointAt(index) ?? 0
  if (code < ASCII) return code >= ZERO && code <= NINE ? text[index] : undefined
  const character = String.fromCodePoint(code)
  if (!/\p{Nd}/u.test(character)) return undefined
  const plain = character.normalize('NFKC').codePointAt(0) ?? 0
  if (plain < ASCII) return String.fromCodePoint(plain)
  let zero = plain
  while (plain - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
  return String((plain - zero) % 10)
}

/** Spaces, tabs and hyphens of any kind, the minus sign, and what nobody sees. */
const GAP = /[\t\p{Zs}\p{Pd}\p{Cf}\p{DI}\u2212]/u

function isGap(text: string, index: number): boolean {
  const code = text.codePointAt(index) ?? 0
  return code < ASCII ? code === 0x20 || code === 0x2d || code === 0x09 : GAP.test(String.fromCodePoint(code))
}

/** Where the next character begins. */
const behind = (text: string, index: number): number => index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1)

/** Runs of digit groups with nothing but gaps between them. */
function digitRuns(text: string): Group[][] {
  const runs: Group[][] = []
  let run: Group[] | undefined
  for (let at = 0; at < text.length; ) {
    const group = groupAt(text, at)
    if (!group) {
      if (!isGap(text, at)) run = undefined
      at = behind(text, at)
      continue
    }
    if (run) run.push(group)
    else {
      run = [group]
      runs.push(run)
    }
    at = group.end
  }
  return runs
}

function groupAt(text: string, start: number): Group | undefined {
  let digits = ''
  let end = start
  for (let digit = digitAt(text, end); digit !== undefined; digit = digitAt(text, end)) {
    digits += digit
    end = behind(text, end)
  }
  return digits === '' ? undefined : { start, end, digits }
}

const CARD_MIN = 13
const CARD_MAX = 19

/**
 * The longest card that begins with group `first` of the run: the index behind its last group, or -1. Luhn's check doubles every second
 * digit from the end: both sums are kept, and the length tells which of them counts.
 */
function cardFrom(run: readonly Group[], first: number): number {
  let [length, even, odd, end] = [0, 0, 0, -1]
  for (let i = first; i < run.length; i++) {
    const { digits } = run[i] as Group
    if (length + digits.length > CARD_MAX || (length === 0 && !/^[2-6]/.test(digits))) break
    for (let at = 0; at < digits.length; at++, length++) {
      const digit = digits.charCodeAt(at) - ZERO
      const doubled = digit > 4 ? digit * 2 - 9 : digit * 2
      even += length % 2 ? digit : doubled
      odd += length % 2 ? doubled : digit
    }
    if (length >= CARD_MIN && (length % 2 ? odd : even) % 10 === 0) end = i + 1
  }
  return end
}

/** A digit before a card may make another of its beginning, by chance: finds may overlap. */
const findCards: Find = (text) => {
  const found: Span[] = []
  for (const run of digitRuns(text))
    for (const [first, { start }] of run.entries()) {
      const last = run[cardFrom(run, first) - 1]
      if (last) found.push({ start, end: last.end })
    }
  return found
}

const findSsns: Find = (text) => {
  const found: Span[] = []
  for (const run of digitRuns(text)) {
    for (let i = 0; i + 2 < run.length; i++) {
      const [a, b, c] = [run[i], run[i + 1], run[i + 2]]
      if (a?.digits.length !== 3 || b?.digits.length !== 2 || c?.digits.length !== 4) continue
      found.push({ start: a.start, end: c.end })
      i += 2
    }
  }
  return found
}

/** With gaps, in capitals alone: two letters and a number behind them stand in many a sentence. */
const IBAN_START = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:[A-Za-zＡ-Ｚａ-ｚ]{2}\\p{Nd}{2}|(?<spaced>[A-ZＡ-Ｚ]${GAP.source}{0,3}[A-ZＡ-Ｚ]${GAP.source}{0,3}\\p{Nd}${GAP.source}{0,3}\\p{Nd}))`,
  'gu',
)
const IBAN_MIN = 15
const IBAN_MAX = 34

/** ISO 13616: the first four to the end, letters as 10 to 35, and the remainder by 97 is 1. */
function passesMod97(iban: string): boolean {
  let remainder = 0
  for (let i = 0; i < iban.length; i++) {
    const code = iban.charCodeAt((i + 4) % iban.length)
    const number = code <= NINE ? code - ZERO : (code & ~0x20) - LETTER_A + 10
    remainder = (remainder * (number > 9 ? 100 : 10) + number) % 97
  }
  return remainder === 1
}

/** A Latin letter or a digit as ASCII; undefined for everything else. */
function plainAt(text: string, index: number): string | undefined {
  const digit = digitAt(text, index)
  if (digit !== undefined) return digit
  const character = text[index] ?? ''
  return /^[A-Z]$/i.exec(character < '\x80' ? character : character.normalize('NFKC'))?.[0]
}

const endsAt = (text: string, index: number): boolean =>
  index >= text.length || !/[\p{L}\p{N}]/u.test(String.fromCodePoint(text.codePointAt(index) ?? 0))

/** The longest IBAN that begins here: the index behind it, or -1. A small letter ends one that begins with gaps. */
function ibanFrom(text: string, start: number, isSpaced: boolean): number {
  let iban = ''
  let end = -1
  for (let at = start; at < text.length && iban.length <= IBAN_MAX; ) {
    const character = plainAt(text, at)
    if (character === undefined ? !isGap(text, at) : isSpaced && /[a-z]/.test(character)) break
    at = behind(text, at)
    iban += character ?? ''
    const isWhole = character !== undefined && iban.length >= IBAN_MIN && iban.length <= IBAN_MAX && endsAt(text, at)
    if (isWhole && passesMod97(iban)) end = at
  }
  return end
}

const findIbans: Find = (text) => {
  const found: Span[] = []
  for (const { index, groups } of text.matchAll(IBAN_START)) {
    if (index < (found.at(-1)?.end ?? 0)) continue
    const end = ibanFrom(text, index, groups?.spaced !== undefined)
    if (end > 0) found.push({ start: index, end })
  }
  return found
}

const LOCAL = /[\p{L}\p{N}\p{M}.!#$%&'*+/=?^_`{|}~-]/u
const HOST = /[\p{L}\p{N}\p{M}.-]/u
const MAX_LOCAL = 64
const MAX_HOST = 253

/** E-mail addresses, outwards from each `@`: what an address may hold is bounded, and so is the work. */
export const findEmails: Find = (text) => {
  const found: Span[] = []
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const floor = Math.max(found.at(-1)?.end ?? 0, at - MAX_LOCAL)
    let start = at
    while (start > floor && LOCAL.test(text[start - 1] ?? '')) start--
    while (start < at && !/[\p{L}\p{N}_]/u.test(text[start] ?? '')) start++
    let end = at + 1
    while (end < text.length && end - at <= MAX_HOST && HOST.test(text[end] ?? '')) end++
    while (/[.-]/.test(text[end - 1] ?? '')) end--
    if (start < at && /.\.[\p{L}\p{N}-]{2,}$/u.test(text.slice(at + 1, end))) found.push({ start, end })
  }
  return found
}

const FINDERS: { readonly [D in Detector]: Find } = {
  payment_card: findCards,
  us_ssn: findSsns,
  iban: findIbans,
  email: findEmails,
}

/** Whether it is worth looking: nearly everything that leaves is short, and holds nothing of the kind. */
const MAY_HOLD: { readonly [D in Detector]: (text: string, digits: number) => boolean } = {
  payment_card: (_, digits) => digits >= 13,
  us_ssn: (_, digits) => digits >= 9,
  iban: (text, digits) => digits >= 2 && text.length >= IBAN_MIN,
  email: (text) => text.includes('@'),
}

/** How many digits a text holds at most: what is not ASCII may be one. */
function countDigits(text: string): number {
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= ASCII || (code >= ZERO && code <= NINE)) digits++
  }
  return digits
}

/** What overlaps is one find: what one detector leaves may be what another hides. */
function united(spans: readonly Span[]): Span[] {
  const found: Span[] = []
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    const before = found.at(-1)
    if (!before || before.end <= start) found.push({ start, end })
    else found[found.length - 1] = { start: before.start, end: Math.max(before.end, end) }
  }
  return found
}

const KEPT = 4

function maskFound(text: string): string {
  const characters = [...text]
  let kept = 0
  for (let i = characters.length - 1; i >= 0; i--) {
    if (/[\p{L}\p{N}]/u.test(characters[i] ?? '') && ++kept > KEPT) characters[i] = '*'
  }
  return characters.join('')
}

function maskSpans(text: string, spans: readonly Span[]): string {
  let masked = ''
  let at = 0
  for (const { start, end } of united(spans)) {
    masked += text.slice(at, start) + maskFound(text.slice(start, end))
    at = end
  }
  return masked + text.slice(at)
}

/** One rule under `values` of the policy. */
export interface ValueRule {
  readonly detect: Detector
  readonly action: 'mask' | 'drop'
}

/** What became of a value; `rules` are those that found something. */
export interface Screened {
  readonly value: unknown
  readonly dropped: boolean
  readonly rules: readonly ValueRule[]
}

class Screen {
  readonly hits = new Set<ValueRule>()
  readonly #rules: readonly ValueRule[]

  constructor(rules: readonly ValueRule[]) {
    this.#rules = rules
  }

  text(text: string): string {
    const masked: Span[] = []
    const digits = countDigits(text)
    for (const rule of this.#rules) {
      if (!MAY_HOLD[rule.detect](text, digits)) continue
      const spans = FINDERS[rule.detect](text)
      if (spans.length === 0) continue
      this.hits.add(rule)
      if (rule.action === 'mask') for (const span of spans) masked.push(span)
    }
    return masked.length ? maskSpans(text, masked) : text
  }

  value(value: unknown): unknown {
    return mapLeaves(
      value,
      (leaf) => (typeof leaf === 'string' ? this.text(leaf) : this.#number(leaf)),
      (key) => this.text(key),
    )
  }

  #number(number: number): string | number {
    const text = String(number)
    const screened = isRoundedCard(number) ? this.#card(text) : this.text(text)
    return screened === text ? number : screened
  }

  #card(text: string): string {
    const rules = this.#rules.filter(({ detect }) => detect === 'payment_card')
    for (const rule of rules) this.hits.add(rule)
    return rules.length ? maskFound(text) : text
  }
}

/** Of a number beyond 2^53 the last digits are lost when JSON is parsed: whether they were a card's can no longer be told. */
const isRoundedCard = (number: number): boolean =>
  Math.abs(number) > Number.MAX_SAFE_INTEGER && /^-?[2-6]\d{12,18}$/.test(String(number))

/** Whether anything in a value is worth a closer look. */
function isSuspect(value: unknown, rules: readonly ValueRule[]): boolean {
  if (typeof value === 'object' && value !== null) {
    for (const key of Object.keys(value))
      if (isSuspect(key, rules) || isSuspect((value as JsonMap)[key], rules)) return true
    return false
  }
  if (typeof value !== 'string' && typeof value !== 'number') return false
  const text = String(value)
  const digits = countDigits(text)
  for (const { detect } of rules) if (MAY_HOLD[detect](text, digits)) return true
  return false
}

/** Holds the policy's `values` rules against every text and number of a value, the keys of maps included. */
export function screenValue(value: unknown, rules: readonly ValueRule[]): Screened {
  if (!isSuspect(value, rules)) return { value, dropped: false, rules: [] }
  const screen = new Screen(rules)
  const screened = screen.value(value)
  const hits = [...screen.hits]
  return { value: screened, dropped: hits.some(({ action }) => action === 'drop'), rules: hits }
}

/** What a detector finds in a text, each masked as the policy masks it. */
export function findMasked(text: string, detector: Detector): string[] {
  if (!MAY_HOLD[detector](text, countDigits(text))) return []
  return united(FINDERS[detector](text)).map(({ start, end }) => maskFound(text.slice(start, end)))
}

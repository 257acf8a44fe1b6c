import { isMap, type JsonMap } from '../core/json.ts'
import { applyMask } from '../core/mask.ts'
import type { Mask } from '../core/schema.ts'
import { CALLERS_KEYS, isColleague, PERSONAL_KEYS } from './callers-keys.ts'
import { type Disclosure, disclose, screen } from './disclose.ts'
import type { Session } from './session.ts'

/**
 * The session as it may be shown: codes, names and ids of the platform and its tenant, and of what callers left as much as `disclose`
 * leaves. Any other text is masked unless it is a code; the record, and the maps whose keys are the tenant's own, are empty.
 */
export const discloseSession = (session: Session, disclosure: Disclosure): Session =>
  discloseMapIn({ ...session }, 'session', disclosure) as unknown as Session

const EMPTIED = new Set(['record', 'parameters', 'sipHeaders'])

function discloseMapIn(map: JsonMap, place: string, disclosure: Disclosure): JsonMap {
  const tellers = place === 'participants' && !isColleague(map.type) ? PERSONS_TELLERS : TELLERS
  const entries = Object.entries(map).map(([key, value]) => {
    const teller = tellers.get(key) ?? (ID.test(key) ? screen : code)
    return [key, discloseValue(value, key, teller, disclosure)]
  })
  return Object.fromEntries(entries)
}

function discloseValue(value: unknown, key: string, teller: Teller, disclosure: Disclosure): unknown {
  if (typeof value === 'string') return teller(value, disclosure)
  if (typeof value === 'number') return isFigure(value, key, disclosure) ? value : undefined
  if (Array.isArray(value)) return value.map((item) => discloseValue(item, key, teller, disclosure))
  if (!isMap(value)) return value
  return EMPTIED.has(key) ? {} : discloseMapIn(value, key, disclosure)
}

/** A figure in which a detector finds something is none. Times are as long as cards. */
const isFigure = (value: number, key: string, disclosure: Disclosure): boolean =>
  key.endsWith('Ms') || screen(value, disclosure) === String(value)

// ---- what becomes of a text, by its key

type Teller = (text: string, disclosure: Disclosure) => string

const ID = /^(?:key|uuid|ids?|[a-z]+Id)$/

const CODE = /^(?!(?:\D*\d){7})[\p{L}\p{M}\d_./()&]{1,64}$/u

/** Whether a word that the platform writes is one, and nobody's text. */
export const isCode = (word: string): boolean => CODE.test(word)

/** What is no code is somebody's text, of which the reader has joined the words. */
const code: Teller = (text, disclosure) => (isCode(text) ? text : disclose([], text.replaceAll('_', ' '), disclosure))

/** As short as the number of a telephone can be. */
const LONG_NUMBER = /\+?\d(?:[\s_().-]*\d){6,}/g

/** Of a queue, a virtual agent or a colleague. */
const name: Teller = (text, disclosure) =>
  screen(disclosure.reveal ? text : text.replace(LONG_NUMBER, (number) => applyMask(number, 'last4')), disclosure)

/** Those who work here have e-mail addresses. */
const address: Teller = (text, disclosure) => screen(text, disclosure, ['payment_card', 'us_ssn', 'iban'])

const callers =
  (names: readonly string[], mask?: Mask): Teller =>
  (text, disclosure) =>
    disclose(names, text, disclosure, mask)

const LAST4 = new Set(['customerNumber', 'phoneNumber', 'ticketId'])

const TELLERS: ReadonlyMap<string, Teller> = new Map([
  ...['name', 'names', 'original', 'group', 'alias', 'language'].map((key) => [key, name] as const),
  ...['supportNumber', 'outboundNumber', 'number'].map((key) => [key, screen] as const),
  ['email', address],
  ...Object.entries(CALLERS_KEYS).map(
    ([key, inRecord]) => [key, callers([inRecord], LAST4.has(key) ? 'last4' : 'all')] as const,
  ),
])

const PERSONS_TELLERS: ReadonlyMap<string, Teller> = new Map([
  ...TELLERS,
  ...Object.entries(PERSONAL_KEYS).map(([key, inRecord]) => [key, callers(inRecord)] as const),
])

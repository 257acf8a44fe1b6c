import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { drawSession } from '../../src/cli/draw-session.ts'
import { findMasked } from '../../src/core/detect.ts'
import { type Diagnostic, messageOf } from '../../src/core/diagnostic.ts'
import { isMap, type JsonMap } from '../../src/core/json.ts'
import { NO_POLICY, type Policy } from '../../src/core/policy.ts'
import { CALLERS_KEYS, isColleague, PERSONAL_KEYS } from '../../src/sessions/callers-keys.ts'
import { checkSession } from '../../src/sessions/check-session.ts'
import { describeSession } from '../../src/sessions/describe-session.ts'
import { type Reading, readDocument } from '../../src/sessions/read-document.ts'
import { readRecord } from '../../src/sessions/read-record.ts'
import type { Session } from '../../src/sessions/session.ts'
import { drawSessionPage } from '../../src/studio/session-page.ts'
import { type AssertInside, insideOf } from '../config/hold-loaded.ts'

const FILE = 'any.json'
const SCREEN = { colour: false, width: 80 }
const MASKED = { reveal: false, policy: NO_POLICY }

/** How the program does what is held to account here. */
const OURS = { read: readDocument, describe: describeSession, check: checkSession }

/**
 * What must be true of any text that is read as session metadata: it gives sessions or says in which place it does not, a session can be
 * drawn and steers nobody's screen or page, and what the caller left is masked. `policy` has a rule against cards.
 */
export function holdSessions(text: string, policy: Policy, { read, describe, check } = OURS): void {
  const assertInside = insideOf(new Map([[FILE, text]]))
  for (const reading of read(text, FILE)) {
    const { session, diagnostics } = reading
    assert.ok(session || diagnostics.length, 'a session, or why not')
    for (const diagnostic of diagnostics) holdDiagnostic(diagnostic, assertInside)
    if (session) holdSession(session, reading)
  }

  function holdSession(session: Session, reading: Reading): void {
    for (const diagnostic of check(reading, policy)) holdDiagnostic(diagnostic, assertInside)
    const masked = describe(session, MASKED)
    holdScreen(drawSession(masked, SCREEN))
    holdPage(drawSessionPage(masked))
    const others = readRecord(withOtherWords(session.record, undefined) as JsonMap, FILE)
    assert.ok(others, 'a session, whatever its caller said')
    const other = describe(others.session, MASKED)
    assert.ok(JSON.stringify(other) === JSON.stringify(masked), 'what the caller said makes a difference')
    for (const description of [masked, describe(session, { reveal: true, policy })])
      for (const text of textsIn(description))
        assert.ok(findMasked(text, 'payment_card').length === 0, 'a card is shown')
  }
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* textsIn(item)
}

/** Each assertion has a message: Node would read the source to make one, which takes seconds. */
function holdDiagnostic(diagnostic: Diagnostic, assertInside: AssertInside): void {
  assertInside(diagnostic)
  const message = messageOf(diagnostic)
  assert.ok(message.length > 10, 'a sentence')
  assert.ok(findMasked(message, 'payment_card').length === 0, 'a card is told')
}

function holdScreen(drawn: string): void {
  assert.ok(stripVTControlCharacters(drawn) === drawn, 'a file steers the terminal')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
  assert.ok(!/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/.test(drawn), 'a control character is shown')
  for (const line of drawn.split('\n')) assert.ok(stringWidth(line) <= SCREEN.width, 'a line is too long')
}

const TAGS =
  /^(?:!doctype|html|head|meta|title|style|body|header|main|footer|section|div|h1|h2|p|dl|dt|dd|bdi|code|table|thead|tbody|tr|th|td|svg|rect|span)$/

function holdPage(page: string): void {
  for (const [, name = ''] of page.matchAll(/<\/?([^\s>]*)/g)) assert.ok(TAGS.test(name), `<${name}> in a page`)
}

/** The keys below which all words are the caller's; of numbers, the last four digits are shown. */
const CALLERS = new Set<string>(['virtual_agent_params', 'sip_headers', ...Object.values(CALLERS_KEYS)])
const NUMBERS = new Set(['customer_phone_number', 'phone_number', 'out_ticket_id'])
const PERSONAL = new Set<string>(Object.values(PERSONAL_KEYS).flat())

type Speaker = 'caller' | 'number' | undefined

/** A record in which callers said something else. */
function withOtherWords(value: unknown, speaker: Speaker, parent?: string): unknown {
  if (typeof value === 'string') return speaker && value !== '' ? otherThan(value, speaker) : value
  if (Array.isArray(value)) return value.map((item) => withOtherWords(item, speaker, parent))
  if (!isMap(value)) return value
  const isCaller = parent === 'participants' && !isColleague(value.type)
  const speakerOf = (key: string): Speaker => {
    if (NUMBERS.has(key)) return speaker ?? 'number'
    return CALLERS.has(key) || (isCaller && PERSONAL.has(key)) ? 'caller' : speaker
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withOtherWords(item, speakerOf(key), key)]),
  )
}

const otherThan = (value: string, speaker: Speaker): string =>
  speaker === 'number'
    ? [...value].map((_, index, all) => (index < all.length - 4 ? '0' : all[index])).join('')
    : `other than ${value}`

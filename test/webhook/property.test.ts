import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { load } from '../../src/config/load.ts'
import { answer, parseBody } from '../../src/webhook/answer.ts'
import { FAILURES } from '../../src/webhook/failure.ts'
import {
  CHOICES,
  type Detector,
  Draw,
  drawCase,
  isMap,
  type Json,
  map,
  type RandomCase,
  type RandomVariable,
  type Surface,
  writeFlowFile,
  writeRequest,
} from './random-case.ts'
import {
  Composed,
  currentOf,
  evaluate,
  everything,
  expectedErrors,
  forSurfaces,
  isRuled,
  limitOf,
  missingIn,
  outsideValueOf,
  payloadsFor,
  seersOf,
} from './who-may-see.ts'

const RUNS = process.env.CI ? 10_000 : 1_500
const SEED = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31))

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

// ---- what stands in a value

function* textsOf(value: unknown): Generator<string> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value)
  else if (value instanceof Composed) for (const item of value.values) yield* textsOf(item)
  else if (Array.isArray(value)) for (const item of value) yield* textsOf(item)
  else if (isMap(value))
    for (const [key, item] of Object.entries(value)) {
      yield key
      yield* textsOf(item)
    }
}

const TEXT_MARKER = /Mrk\d{3}z/g
const NUMBER_MARKER = /7(\d{3})4\1[9]/g
const YEAR_MARKER = /(?<!\d)2[1-9]\d\d(?!\d)/g
const GROUPING = /(?<=\d)[.,\s](?=\d{3})/g
const SEPARATORS = /(?<=\d)[\s,.-]{1,3}(?=\d)/g

function markersIn(value: unknown): Set<string> {
  const found = new Set<string>()
  for (const text of textsOf(value)) {
    for (const [marker] of text.matchAll(TEXT_MARKER)) found.add(marker)
    if (!/\d{3}/.test(text)) continue
    for (const [marker] of text.replace(GROUPING, '').matchAll(NUMBER_MARKER)) found.add(marker)
    for (const [marker] of text.matchAll(YEAR_MARKER)) found.add(marker)
  }
  return found
}

const compact = (text: string): string => text.replace(SEPARATORS, '')
const holds = (texts: readonly string[], secret: string): boolean =>
  texts.some((text) => text.includes(secret) || compact(text).includes(compact(secret)))

const LIVE = /\$(?:(?:session|intent|page)\.params|request|flow|sys\.func)\.[\w-]/i
const asSent = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value).replace(/\$(?=(?:(?:session|intent|page)\.params|request|flow|sys\.func)\.[\w-])/gi, '＄'),
  )

const sentName = (name: string): string => String(asSent(name))

// ---- the case

const detectorsOf = ({ policy }: RandomCase, action?: 'mask' | 'drop'): Set<Detector> =>
  new Set(policy.values.filter((rule) => !action || rule.action === action).map(({ detect }) => detect))

/** The detectors that must find something in a value. */
function detectedIn(value: unknown, { sensitive }: RandomCase): Set<Detector> {
  const texts = [...textsOf(value)]
  return new Set(
    sensitive.filter(({ text }) => texts.some((each) => each.includes(text))).map(({ detector }) => detector),
  )
}

const meets = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean => [...a].some((item) => b.has(item))

type Fate = 'sent' | 'absent' | 'either'

/** Whether a variable must be there; the digits of an IBAN may be those of a card, too, by chance. */
function fateOf(sent: unknown, random: RandomCase): Fate {
  if (sent === undefined) return 'absent'
  const dropped = detectorsOf(random, 'drop')
  const found = detectedIn(sent, random)
  if (meets(found, dropped)) return 'absent'
  return found.has('iban') && dropped.has('payment_card') ? 'either' : 'sent'
}

interface Sent {
  readonly value: unknown
  readonly seers: readonly Surface[]
  readonly messages: number
}

function sentVariables(ujets: readonly Json[]): Map<string, Sent> {
  const sent = new Map<string, Sent>()
  for (const { session_variable } of ujets) {
    if (!isMap(session_variable) || !isMap(session_variable.payload)) continue
    for (const [key, value] of Object.entries(session_variable.payload)) {
      const before = sent.get(key)
      const seers = [...new Set([...(before?.seers ?? []), ...seersOf(key, session_variable)])]
      sent.set(key, { value, seers, messages: (before?.messages ?? 0) + 1 })
    }
  }
  return sent
}

const MASKED = {
  last4: /^(?:\*{0,7}|\*{4,}.{4})$/su,
  email: /^(?:\*{4}|.\*{3}@[^\s,]+(?:, .\*{3}@[^\s,]+)*)$/su,
  all: /^\*{4}$/,
}

// ---- the assertions

function checkVariable(random: RandomCase, variable: RandomVariable, sent: Sent | undefined): void {
  const { name, value, fallback, mask, format, surfaces } = variable
  const { turn, policy } = random
  const current = currentOf(random, variable)
  const source = current === undefined ? fallback : current
  const isSent = surfaces.length > 0 || random.form === 'platform'
  const fate = isSent ? fateOf(source, random) : 'absent'
  if (!sent) {
    assert.notEqual(fate, 'sent', `${name} is lost`)
    return
  }
  assert.notEqual(fate, 'absent', `${name} must not be sent`)
  assert.equal(sent.messages, 1, `${name} is sent once`)
  assert.deepEqual([...sent.seers].sort(), [...surfaces].sort(), `who sees ${name}`)

  const shown = markersIn(sent.value)
  for (const surface of sent.seers) {
    const may =
      current === undefined
        ? fallback
        : limitOf(name, value, policy).includes(surface)
          ? evaluate(value, turn, forSurfaces([surface], policy))
          : undefined
    const allowed = markersIn(may)
    for (const marker of shown) assert.ok(allowed.has(marker), `${surface} may not have ${marker} in ${name}`)
  }
  const untouched = !meets(detectedIn(source, random), detectorsOf(random)) && !detectedIn(source, random).has('iban')
  if (current === undefined) {
    if (untouched) assert.deepEqual(sent.value, asSent(fallback), `the default of ${name}`)
  } else if (mask) {
    assert.ok(typeof sent.value === 'string' && MASKED[mask].test(sent.value), `${name} is masked: ${sent.value}`)
    for (const marker of shown) assert.ok(mask === 'last4' && /^\d{4}$/.test(marker), `${marker} in masked ${name}`)
  } else if (format === 'raw' && untouched && !hasComposed(current))
    assert.deepEqual(sent.value, asSent(current), `the value of ${name}`)
}

const hasComposed = (value: unknown): boolean =>
  value instanceof Composed ||
  (Array.isArray(value) && value.some(hasComposed)) ||
  (isMap(value) && Object.values(value).some(hasComposed))

function checkGroups(random: RandomCase, ujets: readonly Json[], sent: ReadonlyMap<string, Sent>): void {
  const there = random.variables.filter(({ name }) => sent.has(sentName(name)))
  const sessionVariables = ujets.map(({ session_variable }) => session_variable).filter(isMap)
  assert.equal(sessionVariables.length, payloadsFor(there), 'the fewest payloads')
  for (const { payload, invisible_to_agent, display_order_in_adapter, capture_type } of sessionVariables) {
    assert.equal(invisible_to_agent, undefined)
    const keys = Object.keys(payload as Json)
    const inOrder = there.map(({ name }) => sentName(name)).filter((name) => keys.includes(name))
    assert.deepEqual(keys, inOrder, 'the order of the file')
    const types = capture_type as Surface[]
    const ordered = keys.length > 1 && (types.includes('agent') || types.includes('comment'))
    const isOn = random.policy.platform.display_order === 'list'
    assert.deepEqual(display_order_in_adapter, ordered && isOn ? keys : undefined)
  }
}

function checkOutside(random: RandomCase, ujets: readonly Json[]): void {
  const [last] = ujets.slice(-1)
  for (const ujet of ujets) {
    const { payload: _, ...beside } = isMap(ujet.session_variable) ? ujet.session_variable : {}
    const outside = ujet.session_variable ? { ...ujet, session_variable: beside } : ujet
    const allowed = new Set<string>()
    for (const entry of random.outside) {
      const value = isRuled(entry.value, random.policy) ? undefined : outsideValueOf(random, entry)
      for (const marker of markersIn(value === undefined ? entry.fallback : value)) allowed.add(marker)
    }
    for (const marker of markersIn(outside)) assert.ok(allowed.has(marker), `${marker} outside the variables`)
  }
  if (!random.hasThen) return
  const there = (name: string): boolean => last !== undefined && Object.hasOwn(last, name)
  const fates = new Map(
    random.outside.map((entry) => [entry.name, fateOf(outsideValueOf(random, entry) ?? entry.fallback, random)]),
  )
  if (fates.get('action') === 'either') return
  for (const [name, fate] of fates) {
    if (fates.get('action') === 'absent') assert.ok(!there(name), `${name} without an action`)
    else if (fate !== 'either') assert.equal(there(name), fate === 'sent', `${name} of then`)
  }
}

function checkLists(random: RandomCase, ujets: readonly Json[], sent: ReadonlyMap<string, Sent>): void {
  const sessionVariable = ujets[0]?.session_variable
  if (!isMap(sessionVariable) || !random.lists) return
  for (const [key, list] of Object.entries<readonly string[]>({ ...random.lists })) {
    const names = key === 'capture_type' ? list : list.map(sentName).filter((name: string) => sent.has(name))
    const expected = names.length ? names : undefined
    assert.deepEqual(sessionVariable[key], expected, key)
  }
  assert.equal(sessionVariable.capture_target, random.captureKey ? 'end_user_response' : 'payload')
  assert.equal(sessionVariable.capture_key, random.captureKey)
}

function checkAnswer(random: RandomCase, text: string): void {
  const body = JSON.parse(text) as Json
  const messages = (body.fulfillmentResponse as { messages: { payload: { ujet: Json } }[] } | undefined)?.messages
  const ujets = (messages ?? []).map(({ payload }) => payload.ujet)
  for (const each of textsOf(body)) assert.ok(!LIVE.test(each), 'a live reference')

  const all = [...textsOf(ujets)]
  for (const { detector, text: secret } of random.sensitive)
    if (detectorsOf(random).has(detector)) assert.ok(!holds(all, secret), `${detector}: ${secret}`)

  const parameters = isMap(body.sessionInfo) ? body.sessionInfo.parameters : undefined
  const missing = missingIn(random)
  if (missing.length) {
    assert.deepEqual(body, { sessionInfo: { parameters: { carryover_missing: missing.map(sentName) } } })
    return
  }
  assert.deepEqual(parameters, asSent(random.setParameters ?? null) ?? undefined)
  const sent = sentVariables(ujets)
  const names = random.variables.map(({ name }) => sentName(name))
  for (const name of sent.keys()) assert.ok(names.includes(name), `${name} is no variable`)
  for (const variable of random.variables) checkVariable(random, variable, sent.get(sentName(variable.name)))
  if (random.form === 'who-sees-what') checkGroups(random, ujets, sent)
  else checkLists(random, ujets, sent)
  checkOutside(random, ujets)
}

/** Whether a list, a mask, a rule or a detector kept at least one value, or a part of one, from somebody. */
function hidesSomething(random: RandomCase): boolean {
  const { turn, policy } = random
  return random.variables.some((variable) => {
    const whole = evaluate(variable.value, turn, everything)
    if (whole === undefined) return false
    const left = currentOf(random, variable)
    const lists = random.lists
    return (
      variable.mask !== undefined ||
      JSON.stringify(whole) !== JSON.stringify(left) ||
      meets(detectedIn(left, random), detectorsOf(random)) ||
      (lists !== undefined && variable.surfaces.length < lists.capture_type.length) ||
      (policy.parameters.length > 0 && limitOf(variable.name, variable.value, policy).length < 4)
    )
  })
}

interface Counts {
  answered: number
  refused: number
  hidden: number
}

function checkCase(random: RandomCase, counts: Counts): void {
  const { parameters, values, platform } = random.policy
  const loaded = load({
    flows: [{ path: 'random.json', bytes: bytesOf(writeFlowFile(random)) }],
    policy: { path: 'policy.yaml', bytes: bytesOf({ parameters, values, platform }) },
    policyPath: 'policy.yaml',
    misplacedPolicies: [],
  })
  const errors = new Set(loaded.diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code))
  assert.deepEqual([...errors].sort(), [...expectedErrors(random)].sort(), 'what the file must be refused for')
  const { configuration } = loaded
  if (!configuration) {
    counts.refused++
    fc.pre(false)
    return
  }
  const ask = () => answer(configuration, parseBody(bytesOf(writeRequest(random)))?.body)
  const first = ask()
  assert.deepEqual(ask(), first, 'the same request')
  counts.answered++
  if ('failure' in first) {
    assert.ok(Object.hasOwn(FAILURES, first.failure))
    assert.equal(first.failure, 'response_too_large')
    return
  }
  if (hidesSomething(random)) counts.hidden++
  checkAnswer(random, first.text)
}

const choices = fc.array(fc.noBias(fc.nat(CHOICES - 1)), { minLength: 600, maxLength: 600 })

const show = (random: RandomCase): string =>
  [writeFlowFile(random), random.policy, writeRequest(random)].map((part) => JSON.stringify(part)).join('\n')

test('no value reaches a surface that file and policy do not both allow, and nothing else is lost', () => {
  const counts: Counts = { answered: 0, refused: 0, hidden: 0 }
  const details = fc.check(
    fc.property(choices, (numbers) => {
      const random = drawCase(new Draw(numbers), limitOf, isRuled)
      try {
        checkCase(random, counts)
      } catch (error) {
        if (error instanceof assert.AssertionError) error.message += `\n${show(random)}`
        throw error
      }
    }),
    { numRuns: RUNS, seed: SEED },
  )
  const { answered, refused, hidden } = counts
  const share = Math.round((100 * hidden) / Math.max(answered, 1))
  console.log(
    `FC_SEED=${SEED}: ${details.numRuns} runs, ${refused} more refused; ${hidden} (${share} in 100) hid something`,
  )
  if (details.failed) {
    const { errorInstance, numShrinks } = details
    console.log(`failed at run ${details.numRuns}, shrunk ${numShrinks} times`)
    throw errorInstance
  }
  assert.ok(share >= 30, 'too few cases hide something')
})

test('a body of any kind is answered or refused with a known failure', () => {
  const { configuration } = load({
    flows: [
      {
        path: 'any.json',
        bytes: bytesOf({
          flow: 'Any',
          captures: [{ tag: 't', visible_to: ['agent'], variables: { a: '$session.params.a', b: '$page.params.b' } }],
        }),
      },
    ],
    policy: undefined,
    policyPath: 'policy.yaml',
    misplacedPolicies: [],
  })
  assert.ok(configuration)
  const keys = ['fulfillmentInfo', 'sessionInfo', 'pageInfo', 'intentInfo', 'languageCode', 'text', 'payload']
  const junk = fc.jsonValue({ maxDepth: 4 })
  const body = fc.oneof(
    junk,
    fc
      .dictionary(fc.constantFrom(...keys), junk)
      .map((some) => map([['fulfillmentInfo', { tag: 't' }], ...Object.entries(some)])),
  )
  fc.assert(
    fc.property(body, (given) => {
      const answered = answer(configuration, given)
      if ('failure' in answered) assert.ok(Object.hasOwn(FAILURES, answered.failure) && answered.failure !== 'internal')
      else JSON.parse(answered.text)
    }),
    { numRuns: RUNS / 5, seed: SEED },
  )
})

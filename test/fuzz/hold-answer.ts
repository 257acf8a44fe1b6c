import assert from 'node:assert/strict'
import { parse } from 'yaml'
import type { TextFile } from '../../src/config/folder.ts'
import { checkMessages } from '../../src/core/check.ts'
import type { Configuration } from '../../src/core/configuration.ts'
import type { Plan } from '../../src/core/plan.ts'
import { type Answer, answer, parseBody } from '../../src/webhook/answer.ts'
import { FAILURES, type FailureCode } from '../../src/webhook/failure.ts'
import { isMap, type Json, SURFACES, type Surface } from '../webhook/random-case.ts'
import { seersOf } from '../webhook/who-may-see.ts'
import { another, BEFORE_LAST_4, CANARY, canary, changeRequest, fillWith } from './change-request.ts'

const MOST_BYTES = 64 * 1024
/** A number for tests, that no flow file has. */
const CARD = '6011 0009 9013 9424'
const LIVE = /\$(?:(?:session|intent|page)\.params|request|flow|sys\.func)\.[\w-]/i

/** A configuration, and its files as data: what may be seen is read from these once more, in another way. */
export interface Served {
  readonly configuration: Configuration
  readonly flows: ReadonlyMap<string, Json>
  readonly rules: readonly Rule[]
  /** Whether the policy's detectors look for payment cards. */
  readonly keepsCards: boolean
}

interface Rule {
  readonly match: readonly string[]
  readonly visible_to: readonly Surface[]
}

/** A configuration with the files that it was made of. */
export function serve(configuration: Configuration, flows: readonly TextFile[], policy: TextFile | undefined): Served {
  const { parameters, values } = (policy && dataOf(policy)) ?? {}
  return {
    configuration,
    flows: new Map(flows.map((file) => [file.path, dataOf(file) ?? {}])),
    rules: (parameters as Rule[] | undefined) ?? [],
    keepsCards: textOf(values).includes('"payment_card"'),
  }
}

const dataOf = ({ bytes }: TextFile): Json | null =>
  parse(
    Buffer.from(bytes)
      .toString()
      .replace(/^\uFEFF/, '')
      .replace(/\r(?!\n)/g, '\n'),
    { schema: 'core', maxAliasCount: -1 },
  )

/** A value of a flow file that is made from a request, as lower-case text, and who gets it. */
interface Telling {
  readonly text: string
  readonly surfaces: readonly Surface[]
  /** Behind a mask that shows no more than four letters. */
  readonly masked: boolean
}

const textOf = (value: unknown): string => (JSON.stringify(value) ?? '').toLowerCase()
const entriesOf = (map: unknown): [string, unknown][] => (isMap(map) ? Object.entries(map) : [])

function tellingsOf(capture: Json): Telling[] {
  const { ujet, variables, visible_to, then } = capture
  if (isMap(ujet)) {
    const sent = isMap(ujet.session_variable) ? ujet.session_variable : {}
    return entriesOf(sent.payload).map(([key, value]) => ({
      text: textOf(value),
      surfaces: seersOf(key, sent),
      masked: false,
    }))
  }
  const told = entriesOf(variables).map(([, variable]): Telling => {
    const long = isMap(variable) ? variable : { from: variable }
    const masked = long.mask === 'last4' || long.mask === 'all'
    return { text: textOf(long.from), surfaces: (long.visible_to ?? visible_to ?? []) as Surface[], masked }
  })
  return [...told, { text: textOf(then), surfaces: [], masked: false }]
}

/** Whether any of these may be made from a parameter: its name stands in their text. */
const mention = (tellings: readonly Telling[], name: string): boolean =>
  tellings.some(({ text }) => text.includes(name.toLowerCase()))

/** Whether a glob fits, by how much of the name its beginning can have covered. */
function fits(glob: string, name: string): boolean {
  let ends = [0]
  for (const sign of glob.split('')) {
    const [least = name.length] = ends
    const isNext = (end: number): boolean => end < name.length && (sign === '?' || sign === name[end])
    ends =
      sign === '*'
        ? Array.from({ length: name.length - least + 1 }, (_, i) => least + i)
        : ends.filter(isNext).map((end) => end + 1)
    if (ends.length === 0) return false
  }
  return ends.includes(name.length)
}

const mayHave = (rules: readonly Rule[], name: string, surface: Surface): boolean =>
  rules.every(
    ({ match, visible_to }) =>
      visible_to.includes(surface) || !match.some((glob) => fits(glob.toLowerCase(), name.toLowerCase())),
  )

// ---- what must hold

function ujetsIn(text: string): Json[] {
  const { fulfillmentResponse } = JSON.parse(text) as {
    fulfillmentResponse?: { messages: { payload: { ujet: Json } }[] }
  }
  return (fulfillmentResponse?.messages ?? []).map(({ payload }) => payload.ujet)
}

/** What a surface gets, by the platform's own table. */
const seenBy = (surface: Surface, text: string): [string, unknown][] =>
  ujetsIn(text).flatMap(({ session_variable: sent }) =>
    isMap(sent) ? entriesOf(sent.payload).filter(([key]) => seersOf(key, sent).includes(surface)) : [],
  )

const keysIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.flatMap(keysIn) : entriesOf(value).flatMap(([key, item]) => [key, ...keysIn(item)])

/** Asks for the answer to a body, and to others much like it, and holds them against what must always be true. */
export function holdAnswer(served: Served, bytes: Uint8Array, ask: typeof answer = answer): void {
  const parsed = parseBody(bytes)
  if (parsed) new Held(served, parsed.body, ask).hold()
}

/** One body, and what its answer is held against. */
class Held {
  readonly #served: Served
  readonly #body: Json
  readonly #ask: (body: unknown) => Answer

  constructor(served: Served, body: unknown, ask: typeof answer) {
    this.#served = served
    this.#body = body as Json
    this.#ask = (other) => ask(served.configuration, other)
  }

  hold(): void {
    const first = this.#ask(this.#body)
    const [one, two] = [first, this.#ask(this.#body)].map((each) => JSON.stringify({ ...each, plan: undefined }))
    assert.equal(two, one, 'the same request has the same answer')
    if ('text' in first) this.#holdText(first.text, first.plan)
    else this.#holdFailure(first.failure, first.event)
  }

  #holdFailure(failure: FailureCode, event: object): void {
    assert.ok(Object.hasOwn(FAILURES, failure), failure)
    assert.notEqual(failure, 'internal', 'the check before sending stopped an answer: internal')
    if (failure === 'unknown_tag' || failure === 'response_too_large') this.#holdEvent()
    else assert.deepEqual(event, { configuration: this.#served.configuration.hash })
  }

  #holdText(text: string, { declared, place, tag }: Plan): void {
    assert.ok(Buffer.byteLength(text) <= MOST_BYTES, 'an answer is no larger than 64 KiB')
    assert.doesNotMatch(text, LIVE)
    const captures = (this.#served.flows.get(place.file)?.captures ?? []) as Json[]
    const tellings = tellingsOf(captures.find((capture) => capture.tag === tag) ?? {})
    for (const surface of SURFACES) this.#holdSurface(surface, tellings, text)
    assert.deepEqual(checkMessages(ujetsIn(text), declared, this.#served.configuration.policy), [])
    this.#holdMasks(tellings)
    if (this.#served.keepsCards) this.#holdCards()
    this.#holdEvent()
  }

  /** No rule keeps from a surface what it gets, and what it gets does not depend on what it may not see. */
  #holdSurface(surface: Surface, tellings: readonly Telling[], text: string): void {
    const isRuled = (name: string): boolean => !mayHave(this.#served.rules, name, surface)
    const told = tellings.filter(({ surfaces }) => surfaces.includes(surface))
    const seen = seenBy(surface, text)
    const ruled = seen.flatMap(([key, value]) => [key, ...keysIn(value)]).filter(isRuled)
    assert.deepEqual(ruled, [], `a rule keeps from ${surface} what it gets`)
    const other = this.#ask(changeRequest(this.#body, (name) => !mention(told, name), isRuled, another))
    if ('text' in other) assert.deepEqual(seenBy(surface, other.text), seen, `${surface} gets what it may not see`)
    else assert.equal(other.failure, 'response_too_large')
  }

  /** Of what is only ever masked, nobody gets more than the mask shows. */
  #holdMasks(tellings: readonly Telling[]): void {
    const masked = tellings.filter((telling) => telling.masked)
    const plain = tellings.filter((telling) => !telling.masked)
    const isMasked = (name: string): boolean => mention(masked, name) && !mention(plain, name)
    const other = this.#ask(changeRequest(this.#body, isMasked, () => false, canary))
    assert.ok('failure' in other || !other.text.includes(BEFORE_LAST_4), 'a masked value is shown')
  }

  /** Wherever in a request a card stands, it does not leave. */
  #holdCards(): void {
    const other = this.#ask(fillWith(CARD, this.#body))
    assert.ok('failure' in other || !other.text.includes(CARD), 'a card is shown, which a detector looks for')
  }

  /** What is logged of an answer holds nothing that came with the request; its ids are held elsewhere. */
  #holdEvent(): void {
    const filled = fillWith(CANARY, this.#body) as Json
    const info = filled.fulfillmentInfo as Json
    for (const tag of [info.tag, CANARY]) {
      const { event } = this.#ask({ ...filled, fulfillmentInfo: { ...info, tag } })
      assert.ok(!JSON.stringify(event).includes(CANARY), 'a value is logged')
    }
  }
}

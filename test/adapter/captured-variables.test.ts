import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { capturedVariables, variablesReceived } from '../../src/adapter/captured-variables.ts'
import { taskVaVariablesReceivedSchema } from '../../src/adapter/post-event.ts'
import { load } from '../../src/config/load.ts'
import { audiencesOf } from '../../src/core/audience.ts'
import { checkMessages } from '../../src/core/check.ts'
import { type JsonMap, put } from '../../src/core/json.ts'
import { NO_POLICY } from '../../src/core/policy.ts'
import { bitOf, EVERYBODY, SURFACES } from '../../src/core/surface.ts'
import { sessionVariablesOf } from '../../src/core/visibility.ts'
import { answer } from '../../src/webhook/answer.ts'
import { CHOICES, Draw, drawCase, isMap, writeFlowFile, writeRequest } from '../webhook/random-case.ts'
import { isRuled, limitOf, seersOf } from '../webhook/who-may-see.ts'
import { SESSION } from './events.ts'

const AT = new Date('2026-11-20T15:30:05.999Z')
const WHEN = { captured_at: '2026-11-20 15:30:05 UTC', timestamp: '1795188605' }

const says = (payload: unknown, capture_type: unknown, rest: object = {}) => ({
  session_variable: { payload, capture_type, ...rest },
})

interface Row {
  readonly name: string
  readonly ujets: readonly unknown[]
  /** The variables of each entry. */
  readonly captured: readonly object[]
}

const ROWS: readonly Row[] = [
  { name: 'nothing sent', ujets: [], captured: [] },
  { name: 'an action alone', ujets: [{ type: 'action', action: 'end' }], captured: [] },
  { name: 'a payload for others', ujets: [says({ a: 1 }, ['agent', 'comment'])], captured: [] },
  {
    name: 'a payload for events',
    ujets: [says({ a: 'x', b: { c: [1] } }, ['event'])],
    captured: [{ a: 'x', b: { c: [1] } }],
  },
  {
    name: 'two payloads are two entries, though they name the same variable',
    ujets: [says({ a: 1 }, ['agent', 'event']), says({ a: 2, b: 3 }, ['event', 'comment'])],
    captured: [{ a: 1 }, { a: 2, b: 3 }],
  },
  {
    name: 'only the payload for events makes an entry',
    ujets: [says({ a: 1 }, ['agent']), says({ b: 2 }, ['event'])],
    captured: [{ b: 2 }],
  },
  {
    name: 'a key that events may not have',
    ujets: [says({ a: 1, b: 2 }, ['agent', 'event'], { invisible_to_adapter_events: ['a'] })],
    captured: [{ b: 2 }],
  },
  {
    name: 'a key hidden from the agent is not hidden from events',
    ujets: [says({ a: 1 }, ['agent', 'event'], { invisible_to_agent: ['a'] })],
    captured: [{ a: 1 }],
  },
  {
    name: 'a payload of which events may have nothing is an empty entry',
    ujets: [says({ a: 1 }, ['agent', 'event'], { invisible_to_adapter_events: ['a'] })],
    captured: [{}],
  },
  {
    name: "the person's next answer has no value yet",
    ujets: [{ session_variable: { capture_target: 'end_user_response', capture_key: 'a', capture_type: ['event'] } }],
    captured: [],
  },
  {
    name: 'beside an action',
    ujets: [{ type: 'action', action: 'escalation', ...says({ a: 1 }, ['event']) }],
    captured: [{ a: 1 }],
  },
  {
    name: 'names of every object',
    ujets: [says(JSON.parse('{"__proto__": 1, "toString": 2}'), ['event'])],
    captured: [JSON.parse('{"__proto__": 1, "toString": 2}')],
  },
  {
    name: 'what is no payload, or no list',
    ujets: [
      null,
      'text',
      { session_variable: 5 },
      says([1], ['event']),
      says({ a: 1 }, 'event'),
      says({ a: 1 }, undefined),
    ],
    captured: [],
  },
]

for (const { name, ujets, captured } of ROWS)
  test(name, () => {
    const expected = captured.map((variables) => ({ intent_name: null, variables, ...WHEN }))
    assert.deepEqual(capturedVariables(ujets, AT), expected)
    const event = variablesReceived(ujets, SESSION, AT)
    assert.deepEqual(event?.data.captured_variables ?? [], expected)
  })

test('the event is one that the schema knows, with the session, and the time of the capture', () => {
  const event = variablesReceived([says({ a: 1 }, ['event'])], { ...SESSION, tenant: 'x' }, AT)
  const { timestamp } = WHEN
  const captured_variables = [{ intent_name: null, variables: { a: 1 }, ...WHEN }]
  assert.deepEqual(taskVaVariablesReceivedSchema.parse(event), {
    type: 'Task_VA_Variables_Received',
    data: { ...SESSION, tenant: 'x', timestamp, captured_variables },
  })
})

test('where no payload is for events, there is no event', () => {
  assert.equal(variablesReceived([says({ a: 1 }, ['agent'])], SESSION, AT), undefined)
})

// ---- the same as everywhere else

/** All entries together: a later capture of a name replaces an earlier one, as for every surface. */
function merged(ujets: readonly unknown[]): JsonMap {
  const all: JsonMap = {}
  for (const { variables } of capturedVariables(ujets, AT))
    for (const [key, value] of Object.entries(variables)) put(all, key, value)
  return all
}

/** What the check before sending would say events see, if they were to see nothing. */
function seenByTheCheck(ujets: readonly unknown[]): string[] {
  const allButEvents = EVERYBODY & ~bitOf('event')
  const payloads = sessionVariablesOf(ujets).flatMap(({ payload }) => (isMap(payload) ? Object.keys(payload) : []))
  const declared = new Map(payloads.map((key) => [key, allButEvents]))
  return checkMessages(ujets, declared, NO_POLICY)
    .filter(({ variable, surfaces }) => declared.has(variable) && surfaces.includes('event'))
    .map(({ variable }) => variable)
}

function assertAgreed(ujets: readonly unknown[]): void {
  const payloads = sessionVariablesOf(ujets).filter(({ payload }) => isMap(payload))
  const ofPlatform = payloads.flatMap((sessionVariable) =>
    Object.keys(sessionVariable.payload as JsonMap).filter((key) => seersOf(key, sessionVariable).includes('event')),
  )
  const names = Object.keys(merged(ujets)).sort()
  assert.deepEqual(names, [...new Set(ofPlatform)].sort(), "the platform's table")
  assert.deepEqual(names, seenByTheCheck(ujets).sort(), 'the check before sending')
}

const RUNS = process.env.CI ? 1_500 : 200
const choices = fc.array(fc.noBias(fc.nat(CHOICES - 1)), { minLength: 600, maxLength: 600 })
const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

test('an answer makes of events what its audience shows, and what the check sees', () => {
  let shown = 0
  fc.assert(
    fc.property(choices, (numbers) => {
      const random = drawCase(new Draw(numbers), limitOf, isRuled)
      const { configuration } = load({
        flows: [{ path: 'random.json', bytes: bytesOf(writeFlowFile(random)) }],
        policy: { path: 'policy.yaml', bytes: bytesOf(random.policy) },
        policyPath: 'policy.yaml',
        misplacedPolicies: [],
      })
      fc.pre(configuration !== undefined)
      const answered = answer(configuration, JSON.parse(JSON.stringify(writeRequest(random))))
      fc.pre('ujets' in answered)
      const { plan, turn, ujets, event } = answered
      const made = { plan, turn, ujets, notes: event.notes ?? [], missing: event.missing ?? [] }
      const { values } = audiencesOf(made, configuration.policy).event
      assert.deepEqual(merged(ujets), values)
      assertAgreed(ujets)
      if (Object.keys(values).length) shown++
    }),
    { numRuns: RUNS },
  )
  assert.ok(shown > RUNS / 4, `only ${shown} of ${RUNS} answers show something to events`)
})

test('so it is for messages that no plan of ours would make', () => {
  const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor')
  const words = fc.oneof(fc.uniqueArray(fc.constantFrom(...SURFACES, 'events')), fc.constantFrom('event', null, 5))
  const keys = fc.oneof(fc.array(key, { maxLength: 3 }), fc.constantFrom('a', null))
  const sessionVariable = fc.record(
    {
      payload: fc.oneof(
        { weight: 5, arbitrary: fc.dictionary(key, fc.jsonValue()) },
        { weight: 1, arbitrary: fc.jsonValue() },
      ),
      capture_type: words,
      invisible_to_agent: keys,
      invisible_to_adapter_events: keys,
      capture_key: fc.constant('awaited'),
    },
    { requiredKeys: [] },
  )
  const ujet = fc.oneof(fc.record({ session_variable: sessionVariable }), fc.jsonValue())
  fc.assert(fc.property(fc.array(ujet, { maxLength: 4 }), assertAgreed), { numRuns: 1_000 })
})

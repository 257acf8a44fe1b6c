import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkMessages } from '../../src/core/check.ts'
import { compileGlob, NO_POLICY, type ParameterRule, Policy } from '../../src/core/policy.ts'
import { type Surface, surfaceSet } from '../../src/core/surface.ts'

const rule = (pattern: string, surfaces: readonly Surface[]): ParameterRule => ({
  pattern,
  line: 1,
  matches: compileGlob(pattern),
  surfaces: surfaceSet(surfaces),
  place: { file: 'policy.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 },
})
const under = (...rules: ParameterRule[]): Policy => new Policy('policy.yaml', rules, {})

interface Row {
  readonly name: string
  readonly ujets: readonly unknown[]
  readonly declared?: Readonly<Record<string, readonly Surface[]>>
  readonly policy?: Policy
  readonly violations?: readonly (readonly [variable: string, surfaces: readonly Surface[]])[]
}

const says = (payload: object, capture_type: unknown, rest: object = {}) => ({
  session_variable: { payload, capture_type, ...rest },
})

const ROWS: readonly Row[] = [
  { name: 'nothing is sent', ujets: [] },
  { name: 'an action alone', ujets: [{ type: 'action', action: 'escalation' }] },
  { name: 'what is no map', ujets: [null, 'text', { session_variable: 'x' }, says([], ['agent'])] },
  { name: 'seen by exactly whom the file says', ujets: [says({ a: 1 }, ['agent'])], declared: { a: ['agent'] } },
  { name: 'seen by fewer', ujets: [says({ a: 1 }, ['agent'])], declared: { a: ['agent', 'event'] } },
  {
    name: 'seen by one surface more',
    ujets: [says({ a: 1 }, ['agent', 'event'])],
    declared: { a: ['agent'] },
    violations: [['a', ['event']]],
  },
  {
    name: 'the union over all messages',
    ujets: [says({ a: 1 }, ['agent']), says({ a: 1 }, ['comment']), says({ a: 2 }, ['data_parameters'])],
    declared: { a: ['agent'] },
    violations: [['a', ['comment', 'data_parameters']]],
  },
  {
    name: 'a key that nobody declared',
    ujets: [says({ toString: 1 }, ['agent'])],
    declared: { a: ['agent'] },
    violations: [['toString', ['agent']]],
  },
  { name: 'a key that nobody declared and nobody sees', ujets: [says({ b: 1 }, [])] },
  {
    name: 'events may not have it, and the list says so',
    ujets: [says({ a: 1, b: 2 }, ['agent', 'event'], { invisible_to_adapter_events: ['a'] })],
    declared: { a: ['agent'], b: ['agent', 'event'] },
  },
  {
    name: 'a list that is no list hides nothing',
    ujets: [says({ a: 1 }, ['event'], { invisible_to_adapter_events: 'a' })],
    declared: { a: [] },
    violations: [['a', ['event']]],
  },
  {
    name: 'hidden from the agent is hidden from the comment',
    ujets: [says({ a: 1 }, ['agent', 'comment', 'event'], { invisible_to_agent: ['a'] })],
    declared: { a: ['event'] },
  },
  {
    name: 'hidden from the agent is not hidden from data parameters',
    ujets: [says({ a: 1 }, ['agent', 'data_parameters'], { invisible_to_agent: ['a'] })],
    declared: { a: ['agent'] },
    violations: [['a', ['data_parameters']]],
  },
  {
    name: 'words that are no surface show nothing',
    ujets: [says({ a: 1 }, ['agents', 5, null])],
  },
  {
    name: 'the awaited answer',
    ujets: [{ session_variable: { capture_target: 'end_user_response', capture_key: 'a', capture_type: ['agent'] } }],
    declared: { a: ['comment'] },
    violations: [['a', ['agent']]],
  },
  {
    name: 'the awaited answer under a rule',
    ujets: [{ session_variable: { capture_key: 'pin', capture_type: ['agent', 'event'] } }],
    declared: { pin: ['agent', 'event'] },
    policy: under(rule('pin', ['event'])),
    violations: [['pin', ['agent']]],
  },
  {
    name: 'a rule below the declaration',
    ujets: [says({ card_number: 1 }, ['agent'])],
    declared: { card_number: ['agent'] },
    policy: under(rule('CARD_*', [])),
    violations: [['card_number', ['agent']]],
  },
  {
    name: 'what all rules allow',
    ujets: [says({ ssn: 1 }, ['agent', 'comment', 'event'])],
    declared: { ssn: ['agent', 'comment', 'event'] },
    policy: under(rule('ssn', ['agent', 'comment']), rule('s*', ['comment', 'event'])),
    violations: [['ssn', ['agent', 'event']]],
  },
  {
    name: 'a key under a rule at any depth',
    ujets: [says({ trip: [{ who: { CVV: 1 } }] }, ['agent', 'comment'])],
    declared: { trip: ['agent', 'comment'] },
    policy: under(rule('cvv', ['comment'])),
    violations: [['trip', ['agent']]],
  },
  {
    name: 'positions in a list are no keys',
    ujets: [says({ trip: ['a', 'b'] }, ['agent'])],
    declared: { trip: ['agent'] },
    policy: under(rule('0', [])),
  },
  {
    name: 'a nested key under a rule that its surfaces may see',
    ujets: [says({ trip: { cvv: 1 } }, ['comment'])],
    declared: { trip: ['comment'] },
    policy: under(rule('cvv', ['comment'])),
  },
]

for (const { name, ujets, declared = {}, policy = NO_POLICY, violations = [] } of ROWS)
  test(name, () => {
    const sets = new Map(Object.entries(declared).map(([key, surfaces]) => [key, surfaceSet(surfaces)]))
    assert.deepEqual(
      checkMessages(ujets, sets, policy),
      violations.map(([variable, surfaces]) => ({ variable, surfaces })),
    )
  })

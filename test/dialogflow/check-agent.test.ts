import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { z } from 'zod'
import { load } from '../../src/config/load.ts'
import { type Diagnostic, messageOf } from '../../src/core/diagnostic.ts'
import { type CheckOptions, checkAgent } from '../../src/dialogflow/check-agent.ts'
import { snapshotSchema } from '../../src/dialogflow/snapshot.ts'

type Flow = NonNullable<z.input<typeof snapshotSchema>['flows']>[number]
type Parameter = NonNullable<Flow['parameters']>[number]

const CALL = { at: 'route on true', webhook: 'Carryover', tag: 'order' }
const form = (name: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  at: `parameter "${name}"`,
  by: 'form',
  ...more,
})
const preset = (name: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  at: 'route on true',
  by: 'preset',
  ...more,
})

interface Case {
  readonly variables: string
  readonly agent?: Partial<z.input<typeof snapshotSchema>>
  readonly flow?: Partial<Flow>
  readonly policy?: string
  readonly head?: string
  /** Of the capture, behind its variables. */
  readonly more?: string
  readonly options?: CheckOptions
}

/** What is said of one flow file, called by one flow of the agent. */
function check({
  variables,
  agent = {},
  flow = {},
  policy,
  head = '',
  more = '',
  options,
}: Case): readonly Diagnostic[] {
  const text = `flow: Order\n${head}captures:\n  - { tag: order, visible_to: [agent], variables: { ${variables} }${more} }\n`
  const flows = load({
    flows: [{ path: 'order.yaml', bytes: Buffer.from(text) }],
    policy: policy === undefined ? undefined : { path: 'policy.yaml', bytes: Buffer.from(policy) },
    policyPath: 'policy.yaml',
    misplacedPolicies: [],
  })
  assert.ok(flows.configuration, flows.diagnostics.map(messageOf).join('\n'))
  const snapshot = snapshotSchema.parse({
    version: 1,
    webhooks: [{ name: 'Carryover' }],
    ...agent,
    flows: [{ name: 'Order', id: 'f1', fulfillments: [CALL], ...flow }, ...(agent.flows ?? [])],
  })
  return checkAgent(snapshot, { ...flows, policy: flows.configuration.policy }, options).diagnostics
}

const codes = (given: Case): string[] => check(given).map(({ code }) => code)

describe('parameters', () => {
  test('have names without case, with dots, and are set by what captures set', () => {
    assert.deepEqual(codes({ variables: 'a: $session.params.ship.TO', flow: { parameters: [form('Ship.To')] } }), [])
    assert.deepEqual(
      codes({ variables: 'a: $session.params.ship.to.city', flow: { parameters: [form('ship.to')] } }),
      [],
    )
    assert.deepEqual(codes({ variables: 'a: $session.params.carryover_missing' }), [])
    assert.deepEqual(codes({ variables: 'a: $session.params.nothing' }), ['agent/unknown-parameter'])
    const after = (value: string): string[] =>
      codes({ variables: 'a: $session.params.x', more: `, set_parameters: { x: ${value} }` })
    assert.deepEqual(after('1'), [])
    assert.deepEqual(after('null'), ['agent/unknown-parameter'], 'cleared, not set')
  })

  test('of an intent are set where a route waits for it alone', () => {
    const intents = [{ name: 'buy', parameters: [{ name: 'size', type: '@sys.any' }] }]
    const variables = 'a: $session.params.size'
    assert.deepEqual(codes({ variables, agent: { intents } }), ['agent/unknown-parameter'])
    assert.deepEqual(codes({ variables, agent: { intents }, flow: { intents: ['buy'] } }), [])
    assert.deepEqual(codes({ variables, agent: { intents, shared: { intents: ['buy'] } } }), [])
    assert.deepEqual(codes({ variables, agent: { intents, flows: [{ name: 'Other', id: 'f2', intents: ['buy'] }] } }), [
      'agent/set-by-other-flows',
    ])
  })

  test('of other flows are no matter where the tag may come from any flow', () => {
    const flows = [{ name: 'Other', id: 'f2', parameters: [form('size')] }]
    const variables = 'a: $session.params.size'
    assert.deepEqual(codes({ variables, agent: { flows } }), ['agent/set-by-other-flows'])
    assert.deepEqual(
      codes({ variables, agent: { flows, shared: { fulfillments: [CALL] } }, flow: { fulfillments: [] } }),
      [],
    )
  })
})

describe('formats', () => {
  const cases: [types: Parameter[], variable: string, expected: RegExp | undefined][] = [
    [[form('x', { type: '@sys.date' })], 'x: $session.params.x', /use format: date$/],
    [[form('x', { type: '@sys.date' })], 'x: { from: $session.params.x, format: date_time }', /use date$/],
    [[form('x', { type: '@sys.date-time' })], 'x: { from: $session.params.x, format: date }', undefined],
    [
      [form('x', { type: '@sys.number' })],
      'x: { from: $session.params.x, format: money }',
      /money does not fit @sys\.number.*; use text, number or percent$/,
    ],
    [[form('x', { type: '@sys.number' })], 'x: $session.params.x', undefined],
    [[form('x', { type: '@sys.any' })], 'x: { from: $session.params.x, format: date }', undefined],
    [
      [form('x', { type: '@sys.date', list: true })],
      'x: { from: $session.params.x, format: date }',
      /does not fit @sys\.date, a list.*; use list$/,
    ],
    [[form('x', { type: '@sys.any', list: true })], 'x: $session.params.x', undefined],
    [
      [form('x', { type: '@address' })],
      'x: $session.params.x',
      /is a map of parts \(@address\).*; refer to one of its parts$/,
    ],
    [[form('x', { type: '@address' })], 'x: $session.params.x.city', undefined],
    [
      [form('x', { type: '@sys.date' }), preset('x', { value: 'text' })],
      'x: { from: $session.params.x, format: date }',
      undefined,
    ],
    [
      [form('x', { type: '@sys.date' }), preset('x', { value: 'function' })],
      'x: { from: $session.params.x, format: money }',
      undefined,
    ],
    [
      [form('y', { type: '@sys.person' }), preset('x', { value: 'reference', copies: ['y'] })],
      'x: $session.params.x',
      /use format: person$/,
    ],
    [
      [preset('x', { value: 'reference', copies: ['y'] }), preset('y', { value: 'reference', copies: ['x'] })],
      'x: $session.params.x',
      undefined,
    ],
  ]
  for (const [parameters, variable, expected] of cases)
    test(`${variable} of ${parameters.map(({ type, value }) => type ?? value).join(' and ')}`, () => {
      const agent = { entities: [{ name: '@address', composite: true as const }] }
      const [first, ...more] = check({ variables: variable, agent, flow: { parameters } })
      assert.deepEqual(more, [])
      if (expected) assert.match(first ? messageOf(first) : 'nothing', expected)
      else assert.equal(first && messageOf(first), undefined)
    })
})

describe('redaction', () => {
  const card = form('card', { redact: true })
  const seen = 'agent/redacted-but-visible'

  test('follows what presets copy, through parameters of the flow and round in circles', () => {
    const parameters = [
      card,
      preset('$flow.kept', { value: 'reference', copies: ['card.number'] }),
      preset('shown', { value: 'function', copies: ['$flow.kept', 'circle'] }),
      preset('circle', { value: 'text', copies: ['shown', 'other'] }),
      preset('other', { value: 'text', copies: ['circle'] }),
    ]
    for (const name of ['card', 'shown', 'circle', 'other'])
      assert.deepEqual(codes({ variables: `a: "no. $session.params.${name}"`, flow: { parameters } }), [seen], name)
  })

  test('is set aside by a rule that gives a reason, for the surfaces that it allows', () => {
    const flow = { parameters: [card] }
    const variables = 'a: $session.params.card'
    const rule = (more: string): string => `parameters: [{ match: [card], visible_to: [agent, comment]${more} }]`
    assert.deepEqual(codes({ variables, flow, policy: rule('') }), [seen], 'no reason')
    assert.deepEqual(codes({ variables, flow, policy: rule(', reason: " "') }), [seen], 'an empty one')
    assert.deepEqual(codes({ variables, flow, policy: rule(', reason: refunds') }), [])
  })

  test('is no matter where nobody sees the variable', () => {
    assert.deepEqual(
      codes({ variables: 'a: { from: $session.params.card, visible_to: [] }', flow: { parameters: [card] } }),
      [],
    )
  })
})

describe('the webhook', () => {
  const flow = { fulfillments: [CALL, { at: 'entry fulfillment', page: 'A', webhook: 'Other', tag: 'elsewhere' }] }
  const webhooks = [{ name: 'Carryover' }, { name: 'Other' }]

  test('is the one that sends a tag of the flow files, or the one named', () => {
    assert.deepEqual(codes({ variables: 'a: b', agent: { webhooks }, flow }), [])
    assert.deepEqual(codes({ variables: 'a: b', agent: { webhooks }, flow, options: { webhook: 'Other' } }), [
      'agent/tag-not-answered',
      'agent/tag-never-sent',
    ])
  })

  test('of somebody else is not taken for it', () => {
    const fulfillments = [{ at: 'route on true', webhook: 'CRM lookup', tag: 'find-customer' }]
    const given = { variables: 'a: b', agent: { webhooks: [{ name: 'CRM lookup' }] }, flow: { fulfillments } }
    assert.deepEqual(codes(given), ['agent/tag-never-sent'])
  })

  test('that is disabled is not called', () => {
    const disabled = { variables: 'a: b', agent: { webhooks: [{ name: 'Carryover', disabled: true as const }] } }
    for (const options of [{}, { webhook: 'Carryover' }]) {
      const [found] = check({ ...disabled, options })
      assert.equal(found?.code, 'agent/tag-never-sent')
      assert.match(
        found.related[0]?.message ?? '',
        /^sent to the webhook "Carryover", which is disabled, by: flow "Order", route on true$/,
      )
    }
  })

  test('answers by the id of the flow', () => {
    const other = { name: 'Other', id: 'f2', fulfillments: [CALL] }
    assert.deepEqual(codes({ variables: 'a: b', agent: { flows: [other] }, head: 'flow_id: F1\n' }), [
      'agent/tag-not-answered',
    ])
    assert.deepEqual(codes({ variables: 'a: b', agent: { flows: [other] }, head: 'flow_id: [f1, f2]\n' }), [])
  })

  test('of another agent is not asked about, where the agent is known', () => {
    const given = { variables: 'a: $session.params.unknown', head: 'agent_id: a1\n' }
    assert.deepEqual(codes(given), ['agent/unknown-parameter'])
    assert.deepEqual(codes({ ...given, options: { agentId: 'A1' } }), ['agent/unknown-parameter'])
    assert.deepEqual(codes({ ...given, options: { agentId: 'a2' }, flow: { fulfillments: [] } }), [])
  })
})

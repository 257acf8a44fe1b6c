import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NO_POLICY } from '../../src/core/policy.ts'
import { agentVariables, handoffIn } from '../../src/representatives/agent-variables.ts'
import { policyOf } from './policy-of.ts'

const session = (session_variable: Record<string, unknown>) => ({ session_variable })

test('humans get what the payload shows the agent surface, and nothing else', () => {
  const ujets = [
    session({
      payload: { destination: 'Osaka', card_number: '4242', passport: 'XX1234567', budget: '$900.00' },
      capture_type: ['agent', 'comment', 'event'],
      invisible_to_agent: ['card_number'],
      invisible_to_adapter_events: ['passport'],
    }),
    session({ payload: { note: 'for the CRM' }, capture_type: ['comment', 'event', 'data_parameters'] }),
    session({ payload: { unsaid: 'no capture_type' } }),
    session({ capture_key: 'answer', capture_target: 'end_user_response', capture_type: ['agent'] }),
    { action: 'escalation', queue_note: 'no session variable' },
  ]
  assert.deepEqual(agentVariables({}, ujets, NO_POLICY), {
    destination: 'Osaka',
    passport: 'XX1234567',
    budget: '$900.00',
  })
})

test('what an answer names again is as it says last; what it hides is gone', () => {
  const first = agentVariables({}, [session({ payload: { a: 1, b: 2, c: 3 }, capture_type: ['agent'] })], NO_POLICY)
  const hidden = [session({ payload: { a: 9, b: 9 }, capture_type: ['agent'], invisible_to_agent: ['b'] })]
  assert.deepEqual(agentVariables(first, hidden, NO_POLICY), { a: 9, c: 3 })
  assert.deepEqual(agentVariables(first, [], NO_POLICY), first)
})

test('the policy holds for payloads that were typed into the console too', () => {
  const policy = policyOf(`
parameters:
  - { match: ["card_*"], visible_to: [], reason: PCI DSS }
  - { match: [note], visible_to: [comment] }
values:
  - { detect: payment_card, action: mask }
  - { detect: email, action: drop }
`)
  const payload = {
    card_number: '1',
    note: 'x',
    order: { card_code: '123', id: 7 },
    said: 'my card is 4242 4242 4242 4242',
    mail: 'jane@example.com',
    plain: 'Osaka',
  }
  assert.deepEqual(agentVariables({}, [session({ payload, capture_type: ['agent', 'comment'] })], policy), {
    said: 'my card is **** **** **** 4242',
    plain: 'Osaka',
  })
})

test('no key hides a variable of Object.prototype, and none makes one', () => {
  const payload = JSON.parse('{"__proto__": {"x": 1}, "constructor": "c"}')
  const seen = agentVariables({}, [session({ payload, capture_type: ['agent'] })], NO_POLICY)
  assert.deepEqual(Object.keys(seen), ['__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(seen), Object.prototype)
})

test('whatever the payloads: a value that is not shown to the agent never arrives', () => {
  const key = fc.constantFrom('a', 'b', 'c')
  const surfaces = fc.subarray(['agent', 'comment', 'event', 'data_parameters'])
  const ujet = fc.record({
    keys: fc.uniqueArray(key),
    capture_type: surfaces,
    invisible_to_agent: fc.subarray(['a', 'b', 'c']),
  })
  fc.assert(
    fc.property(fc.array(fc.array(ujet, { maxLength: 3 }), { maxLength: 4 }), (answers) => {
      let variables = {}
      let count = 0
      for (const answer of answers) {
        const ujets = answer.map(({ keys, capture_type, invisible_to_agent }) => {
          const isShown = (name: string) => capture_type.includes('agent') && !invisible_to_agent.includes(name)
          const payload = Object.fromEntries(
            keys.map((name) => [name, `${isShown(name) ? 'shown' : 'HIDDEN'} ${++count}`]),
          )
          return session({ payload, capture_type, invisible_to_agent })
        })
        variables = agentVariables(variables, ujets, NO_POLICY)
        assert.ok(!JSON.stringify(variables).includes('HIDDEN'), JSON.stringify(variables))
      }
    }),
  )
})

test('an escalation, or a direct hand-over, asks for a human; of it only what tells the way is handed on', () => {
  const action = {
    type: 'action',
    action: 'escalation',
    escalation_reason: 'by_consumer',
    menu_id: 90,
    secret: 'x',
    language: ['en'],
  }
  assert.deepEqual(handoffIn([{ action: 'end' }, action], NO_POLICY), { escalation_reason: 'by_consumer', menu_id: 90 })
  assert.deepEqual(handoffIn([{ action: 'direct', agent_id: 7 }], NO_POLICY), { agent_id: 7 })
  for (const other of [[], [{ action: 'end' }], [{ action: 'deflection', deflection_type: 'sip' }], [session({})]])
    assert.equal(handoffIn(other, NO_POLICY), undefined)
})

test('what tells the way goes past no detector: found values are masked there, or what holds them is left out', () => {
  const policy = policyOf(`
values:
  - { detect: payment_card, action: mask }
  - { detect: us_ssn, action: drop }
`)
  const action = {
    action: 'escalation',
    menu_id: 4111111111111111,
    agent_extension: '4111 1111 1111 1111',
    escalation_reason: 'card 4111111111111111 ssn 123-45-6789',
    fallback_menu: 90,
  }
  assert.deepEqual(handoffIn([action], policy), {
    menu_id: '************1111',
    agent_extension: '**** **** **** 1111',
    fallback_menu: 90,
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { load } from '../../src/config/load.ts'
import type { Configuration } from '../../src/core/configuration.ts'
import type { Plan } from '../../src/core/plan.ts'
import { buildRoutes } from '../../src/core/routes.ts'
import { answer, parseBody } from '../../src/webhook/answer.ts'

const AGENT = 'projects/example/locations/global/agents/a1'

function configure(flow: string | Record<string, string>, policy?: string): Configuration {
  const files = typeof flow === 'string' ? { 'a.yaml': flow } : flow
  const flows = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
  const folder = {
    flows,
    policy: policy === undefined ? undefined : { path: 'policy.yaml', bytes: Buffer.from(policy) },
  }
  const { configuration, diagnostics } = load({ ...folder, policyPath: 'policy.yaml', misplacedPolicies: [] })
  assert.ok(configuration, JSON.stringify(diagnostics))
  return configuration
}

const request = (parameters: unknown, rest: object = {}): object => ({
  fulfillmentInfo: { tag: 't' },
  pageInfo: { currentPage: `${AGENT}/flows/f1/pages/p1` },
  sessionInfo: { session: `${AGENT}/sessions/s1`, parameters },
  ...rest,
})

function bodyOf(configuration: Configuration, body: unknown): unknown {
  const answered = answer(configuration, body)
  return 'text' in answered ? JSON.parse(answered.text) : answered.failure
}

const messages = (...ujets: unknown[]): unknown => ({
  fulfillmentResponse: { messages: ujets.map((ujet) => ({ payload: { ujet } })) },
})

describe('the platform form', () => {
  const capture = (ujet: string): string => `flow: A\ncaptures:\n  - tag: t\n    ujet: ${ujet}\n`

  test('goes as written; what is unset is left out everywhere', () => {
    const configuration = configure(
      capture(
        '{ type: action, action: end, title: "Bye $session.params.name", messages: [$session.params.m], session_variable: { payload: { a: $session.params.a, b: [1, $session.params.b] }, capture_type: [agent, event], invisible_to_agent: [a], invisible_to_adapter_events: [b], display_order_in_adapter: [a, b] } }',
      ),
    )
    assert.deepEqual(
      bodyOf(configuration, request({ b: { c: null } })),
      messages({
        type: 'action',
        action: 'end',
        session_variable: {
          payload: { b: [1, { c: null }] },
          capture_type: ['agent', 'event'],
          invisible_to_adapter_events: ['b'],
          display_order_in_adapter: ['b'],
          capture_target: 'payload',
        },
      }),
    )
    assert.deepEqual(
      bodyOf(
        configure(
          capture('{ type: action, session_variable: { payload: { a: $session.params.a }, capture_type: [agent] } }'),
        ),
        request({}),
      ),
      messages({ type: 'action' }),
    )
  })

  test('that waits for the next answer goes as it is', () => {
    const session = {
      capture_target: 'end_user_response',
      capture_key: 'zip',
      capture_type: ['agent', 'event'],
      invisible_to_adapter_events: ['zip'],
    }
    assert.deepEqual(
      bodyOf(configure(capture(`{ session_variable: ${JSON.stringify(session)} }`)), request({})),
      messages({ session_variable: session }),
    )
  })

  test('keeps a capture key that looks like a value which the policy masks: it is a name, of the file', () => {
    const session = { capture_target: 'end_user_response', capture_key: 'ana@example.com', capture_type: ['agent'] }
    assert.deepEqual(
      bodyOf(
        configure(
          capture(`{ session_variable: ${JSON.stringify(session)} }`),
          'values: [{ detect: email, action: mask }]',
        ),
        request({}),
      ),
      messages({ session_variable: session }),
    )
  })

  test('lets a key pass that is not known, with its references resolved', () => {
    const configuration = configure(capture('{ new_switch: { to: $session.params.to } }'))
    assert.deepEqual(bodyOf(configuration, request({ to: 5 })), messages({ new_switch: { to: 5 } }))
  })
})

describe('the who-sees-what form', () => {
  test('sends the fewest payloads, in the order of the file', () => {
    const configuration = configure(`flow: A
captures:
  - tag: t
    variables:
      a: { from: 1, visible_to: [agent, comment] }
      e: { from: 2, visible_to: [event] }
      d: { from: 3, visible_to: [event, comment, data_parameters] }
      b: { from: 4, visible_to: [comment, agent, event] }
      n: { from: 5, visible_to: [] }
`)
    assert.deepEqual(
      bodyOf(configuration, request({})),
      messages(
        {
          session_variable: {
            payload: { a: 1, b: 4 },
            capture_type: ['agent', 'comment', 'event'],
            capture_target: 'payload',
            invisible_to_adapter_events: ['a'],
            display_order_in_adapter: ['a', 'b'],
          },
        },
        { session_variable: { payload: { e: 2 }, capture_type: ['event'], capture_target: 'payload' } },
        {
          session_variable: {
            payload: { d: 3 },
            capture_type: ['comment', 'event', 'data_parameters'],
            capture_target: 'payload',
          },
        },
      ),
    )
  })

  test('capture_type holds what the variables that are set may be seen by', () => {
    const configuration = configure(
      'flow: A\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { a: 1, b: { from: $session.params.b, visible_to: [agent, event] } } }\n',
      'platform: { display_order: off }\n',
    )
    assert.deepEqual(
      bodyOf(configuration, request({})),
      messages({ session_variable: { payload: { a: 1 }, capture_type: ['agent'], capture_target: 'payload' } }),
    )
    assert.deepEqual(
      bodyOf(configuration, request({ b: 2 })),
      messages({
        session_variable: {
          payload: { a: 1, b: 2 },
          capture_type: ['agent', 'event'],
          capture_target: 'payload',
          invisible_to_adapter_events: ['a'],
        },
      }),
    )
  })

  test('where the action is unset, nothing of then is sent, and the log says so', () => {
    const configuration = configure(
      'flow: A\ncaptures:\n  - { tag: t, then: { action: $session.params.action, menu_id: { from: $session.params.q, default: 90 } } }\n',
    )
    const answered = answer(configuration, request({}))
    assert.ok('text' in answered && answered.text === '{}')
    assert.deepEqual(
      answered.event.notes?.map(({ code }) => code),
      ['unset', 'action-unset'],
    )
    assert.deepEqual(
      bodyOf(configuration, request({ action: 'end' })),
      messages({ type: 'action', action: 'end', menu_id: 90 }),
    )
  })

  test('a switched-off capture is answered with nothing; set_parameters may stand alone', () => {
    const off = configure('flow: A\ncaptures:\n  - { tag: t, enabled: false, then: { action: end } }\n')
    assert.deepEqual(bodyOf(off, request({ carryover_missing: ['x'] })), {})
    const set = configure(
      'flow: A\ncaptures:\n  - { tag: t, set_parameters: { card: null, text: $session.params.x } }\n',
    )
    assert.deepEqual(bodyOf(set, request({})), {
      sessionInfo: { parameters: { card: null, text: '＄session.params.x' } },
    })
  })

  test('required values that are missing stop everything, and are cleared once they are there', () => {
    const configuration = configure(`flow: A
captures:
  - tag: t
    visible_to: [agent]
    variables: { a: { from: $session.params.a, required: true }, b: 1, menu_id: { from: $session.params.q, required: true } }
    then: { action: escalation, menu_id: { from: $session.params.q, required: true } }
    set_parameters: { x: 1 }
`)
    assert.deepEqual(bodyOf(configuration, request({})), {
      sessionInfo: { parameters: { carryover_missing: ['a', 'menu_id'] } },
    })
    const complete = bodyOf(configuration, request({ a: 1, q: 2, Carryover_Missing: ['a'] })) as {
      sessionInfo: unknown
    }
    assert.deepEqual(complete.sessionInfo, { parameters: { x: 1, carryover_missing: null } })
  })
})

describe('which capture answers', () => {
  const file = (name: string, ids: string): string =>
    `flow: ${name}\n${ids}captures:\n  - { tag: t, visible_to: [agent], variables: { by: ${name} } }\n`
  const configuration = configure({
    'any.yaml': file('any', ''),
    'agent.yaml': file('agent', 'agent_id: [a1, a9]\n'),
    'flow.yaml': file('flow', 'flow_id: [F1, f2]\n'),
    'both.yaml': file('both', 'agent_id: A1\nflow_id: f1\n'),
  })
  const cases: [currentPage: string | undefined, session: string, by: string][] = [
    ['projects/p/locations/l/agents/a1/flows/f1/pages/p', '', 'both'],
    ['projects/p/locations/l/agents/a2/flows/f1/pages/p', '', 'flow'],
    ['projects/p/locations/l/agents/a1/flows/f3/pages/p', '', 'agent'],
    ['projects/p/locations/l/agents/a2/flows/f3/pages/p', '', 'any'],
    [undefined, 'projects/p/locations/l/agents/a9/environments/-/sessions/s', 'agent'],
    [undefined, 'anything', 'any'],
  ]
  for (const [currentPage, session, by] of cases)
    test(`${currentPage ?? session} is answered by ${by}`, () => {
      const body = {
        fulfillmentInfo: { tag: 't' },
        pageInfo: currentPage ? { currentPage } : null,
        sessionInfo: { session },
      }
      assert.match(JSON.stringify(bodyOf(configuration, body)), new RegExp(`"by":"${by}"`))
    })
})

describe('the policy, when an answer is built', () => {
  const POLICY = `parameters:
  - { match: [ssn, "customer.pin"], visible_to: [agent] }
values:
  - { detect: payment_card, action: mask }
  - { detect: us_ssn, action: drop }
`
  const flow = (variables: string, more = ''): string =>
    `flow: A\ncaptures:\n  - tag: t\n    visible_to: [agent, comment]\n    variables: ${variables}\n${more}`

  test('a key inside a value that a surface may not have is left out, with all below it', () => {
    const configuration = configure(
      flow(
        '{ c: $session.params.customer, d: { from: $session.params.customer, visible_to: [agent] }, e: "it is $session.params.customer" }',
      ),
      POLICY,
    )
    const answered = answer(
      configuration,
      request({ customer: { name: 'Kim', pin: 1, list: [{ SSN: { x: 2 }, y: 3 }] } }),
    )
    assert.ok('text' in answered)
    const [people, person] = answered.ujets.map((ujet) => (ujet.session_variable as { payload: unknown }).payload)
    assert.deepEqual(JSON.parse(JSON.stringify(people)), {
      c: { name: 'Kim', list: [{ y: 3 }] },
      e: 'it is {"name":"Kim","list":[{"y":3}]}',
    })
    assert.deepEqual(JSON.parse(JSON.stringify(person)), {
      d: { name: 'Kim', pin: 1, list: [{ SSN: { x: 2 }, y: 3 }] },
    })
    assert.deepEqual(
      answered.event.notes?.map((note) => ('rule' in note ? `${note.variable} ${note.rule}` : '')),
      ['c customer.pin', 'c ssn', 'e customer.pin', 'e ssn'],
    )
  })

  test('a key inside a default that a surface may not have is left out as well', () => {
    const configuration = configure(
      flow('{ c: { from: $session.params.customer, default: { tier: none, ssn: [none] } } }'),
      POLICY,
    )
    const answered = answer(configuration, request({}))
    assert.ok('text' in answered)
    assert.match(answered.text, /"payload":\{"c":\{"tier":"none"\}\}/)
    assert.deepEqual(answered.event.notes, [{ code: 'part-left-out-by-policy', variable: 'c', rule: 'ssn' }])
  })

  test('what a rule names may not travel inside a map that stands elsewhere', () => {
    const configuration = configure(
      flow('{ a: 1 }', '    then: { action: deflection, sip_parameters: $session.params.customer }\n'),
      POLICY,
    )
    assert.match(
      JSON.stringify(bodyOf(configuration, request({ customer: { ssn: 1, tier: 'gold' } }))),
      /"sip_parameters":\{"tier":"gold"\}/,
    )
  })

  test('detectors see what formats make, defaults, keys of then, numbers and nested values', () => {
    const configuration = configure(
      flow(
        '{ a: "$session.params.x$session.params.y", b: { from: $session.params.n, default: 4242 4242 4242 4242 }, c: $session.params.deep, d: $session.params.ssn_text }',
        '    then: { action: end, title: "card $session.params.number" }\n',
      ),
      POLICY,
    )
    const text = JSON.stringify(
      bodyOf(
        configuration,
        request({
          x: '42424242',
          y: '42424242',
          deep: [{ k: 4242424242424242 }],
          ssn_text: 'my 123-45-6789',
          number: 4242424242424242,
        }),
      ),
    )
    assert.doesNotMatch(text, /4242 ?4242/)
    assert.doesNotMatch(text, /"d":/)
    assert.match(text, /card \*{12}4242/)
  })

  test('detectors see a value before it is put between others, too', () => {
    const configuration = configure(
      flow(
        `
      a: "4$session.params.card"
      b: "$session.params.card$session.params.card"
      c: { from: { deep: ["no. 1$session.params.number"] }, default: none }
      d: "account$session.params.iban"
`,
      ),
      `${POLICY}  - { detect: iban, action: mask }\n`,
    )
    const answered = answer(
      configuration,
      request({ card: '4242424242424242', number: '123-45-6789', iban: 'GB82WEST12345698765432' }),
    )
    assert.ok('text' in answered)
    const masked = `${'*'.repeat(12)}4242`
    const [payload] = answered.ujets.map((ujet) => (ujet.session_variable as { payload: unknown }).payload)
    assert.deepEqual(payload, {
      a: `4${masked}`,
      b: masked + masked,
      d: `account${'*'.repeat(18)}5432`,
    })
    assert.deepEqual(
      answered.event.notes?.map((note) => `${note.code} ${note.variable}`),
      ['masked-by-policy a', 'masked-by-policy b', 'dropped-by-policy c', 'masked-by-policy d'],
    )
  })
})

describe('text that leaves', () => {
  test('holds no reference that Dialogflow could evaluate: not from a caller, not from a flow file', () => {
    const configuration = configure(`flow: A
captures:
  - tag: t
    visible_to: [agent]
    variables:
      said: $request.user-utterance
      glued: "$$$session.params.scope"
      escaped: $$session.params.ssn costs $$5
      map: { from: { "$flow.x": $session.params.map } }
`)
    const text = JSON.stringify(
      bodyOf(configuration, {
        ...request({ scope: 'session.params.ssn', map: { $request: 1, '$session.params.ssn': 'US$ 5' } }),
        text: 'tell me $sys.func.NOW() and $5',
      }),
    )
    assert.doesNotMatch(text, /\$(?:session|flow|sys)/)
    assert.match(text, /costs \$5/)
    assert.match(text, /US\$ 5/)
    assert.match(text, /＄session.params.ssn/)
  })
})

describe('the check before sending', () => {
  const FLOW = `flow: A
captures:
  - tag: t
    variables:
      a: { from: 1, visible_to: [agent, comment] }
      b: { from: 2, visible_to: [agent] }
`
  const broken = (change: (plan: Plan) => Plan): unknown => {
    const configuration = configure(FLOW, 'parameters:\n  - { match: [b], visible_to: [agent] }\n')
    const plans = configuration.plans.map(change)
    return bodyOf({ ...configuration, plans, routes: buildRoutes(plans).routes }, request({}))
  }

  test('lets a right answer pass', () =>
    assert.notEqual(
      broken((plan) => plan),
      'internal',
    ))

  test('stops an answer whose grouping is broken', () => {
    const merged = (plan: Plan): Plan => ({
      ...plan,
      arrangement: { form: 'who-sees-what', groups: [plan.variables], displayOrder: true, then: undefined },
    })
    assert.equal(broken(merged), 'internal')
  })

  test('stops what the policy forbids although the plan declares it', () => {
    const declared = new Map([
      ['a', 3],
      ['b', 3],
    ])
    const wider = (plan: Plan): Plan => ({
      ...plan,
      declared,
      arrangement: {
        form: 'who-sees-what',
        groups: [plan.variables.map((variable) => ({ ...variable, surfaces: 3 }))],
        displayOrder: true,
        then: undefined,
      },
    })
    assert.equal(broken(wider), 'internal')
  })
})

describe('requests as they arrive', () => {
  const configuration = configure(`flow: A
captures:
  - tag: t
    visible_to: [agent]
    variables:
      said: $request.user-utterance
      intent: $intent.params.city.original
      form: $page.params.Size
      caller: $request.payload.telephony.caller_id
      proto: $session.params.__proto__
      build: $session.params.constructor.name
`)
  const seen = (body: object): unknown => {
    const answered = answer(configuration, { fulfillmentInfo: { tag: 't' }, ...body })
    assert.ok('text' in answered, JSON.stringify(answered))
    const [ujet] = answered.ujets
    return ujet ? JSON.parse(JSON.stringify((ujet.session_variable as { payload: unknown }).payload)) : undefined
  }

  test('every scope is read', () => {
    assert.deepEqual(
      seen({
        transcript: 'hello',
        intentInfo: { parameters: { City: { originalValue: 'osaka', resolvedValue: 'Osaka' } } },
        pageInfo: { formInfo: { parameterInfo: [null, { displayName: 'size', value: 'L' }, { displayName: 'x' }] } },
        payload: { telephony: { caller_id: '+12025550123' } },
      }),
      { said: 'hello', intent: 'osaka', form: 'L', caller: '+12025550123' },
    )
  })

  test('fields may be absent, null, unknown or of a type that we can do without', () => {
    for (const body of [
      {},
      {
        sessionInfo: null,
        pageInfo: null,
        intentInfo: null,
        payload: null,
        messages: null,
        languageCode: null,
        text: null,
      },
      {
        sessionInfo: { parameters: null },
        pageInfo: { formInfo: {} },
        languageInfo: {},
        sentimentAnalysisResult: { score: 0 },
      },
      {
        pageInfo: { currentPage: 5, formInfo: { parameterInfo: 'x' } },
        intentInfo: 5,
        languageCode: 5,
        messages: {},
        text: [],
      },
    ])
      assert.equal(seen(body), undefined)
  })

  test('own properties only', () => {
    assert.equal(seen({ sessionInfo: { parameters: {} } }), undefined)
    assert.deepEqual(
      seen({ sessionInfo: { parameters: JSON.parse('{"__proto__": 1, "constructor": {"name": 2}}') } }),
      { proto: 1, build: 2 },
    )
  })

  test('what is no WebhookRequest is refused', () => {
    for (const body of [
      null,
      5,
      'x',
      [],
      {},
      { fulfillmentInfo: {} },
      { fulfillmentInfo: { tag: 5 } },
      { fulfillmentInfo: { tag: 't' }, sessionInfo: { parameters: [] } },
    ])
      assert.equal(bodyOf(configuration, body), 'bad_request')
  })

  test('bytes that are no JSON in UTF-8 are no body', () => {
    for (const bytes of [Buffer.from('{'), Buffer.from([0x22, 0xff, 0x22]), Buffer.from('')])
      assert.equal(parseBody(bytes), undefined)
    assert.deepEqual(parseBody(Buffer.from('\uFEFF{"a":1}')), { body: { a: 1 } })
  })
})

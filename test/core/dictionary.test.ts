import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { load } from '../../src/config/load.ts'
import {
  type Dictionary,
  type DictionaryVariable,
  dictionaryOf,
  type Project,
  rowsOf,
} from '../../src/core/dictionary.ts'
import { SURFACES, surfacesOf } from '../../src/core/surface.ts'
import { CHOICES, Draw, drawCase, writeFlowFile } from '../webhook/random-case.ts'
import { isRuled, limitOf } from '../webhook/who-may-see.ts'

function projectOf(files: Readonly<Record<string, unknown>>, policy?: unknown, policyPath = 'policy.yaml'): Project {
  const bytesOf = (content: unknown) => Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
  const loaded = load({
    flows: Object.entries(files).map(([path, content]) => ({ path, bytes: bytesOf(content) })),
    policy: policy === undefined ? undefined : { path: policyPath, bytes: bytesOf(policy) },
    policyPath,
    misplacedPolicies: [],
  })
  const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
  assert.deepEqual(
    errors.map(({ code, line }) => `${line} ${code}`),
    [],
  )
  assert.ok(loaded.configuration)
  return { ...loaded.configuration, examples: loaded.examples, texts: loaded.texts }
}

const CARDS = `flow: Cards
flow_id: ABC
agent_id: [one, two]
locale: de-DE
captures:
  - tag: pay
    description: When it is paid.
    visible_to: [agent, comment]
    variables:
      card: { from: $session.params.Card.number, mask: last4, visible_to: [agent], description: The card. }
      amount: { from: $intent.params.amount.resolved, format: money, required: true }
      where: { from: { city: $page.params.home.city, zip: $session.params.home.zip }, default: [1, x] }
      said: "$$5: $request.user-utterance, $request.payload.telephony.caller_id, $session.params.amount"
      shop: cash $session only
    then: { action: escalation, menu_id: { from: $session.params.menu, default: 4 } }
    set_parameters: { card: null, paid: true }
  - tag: off
    enabled: false
    visible_to: [event]
    variables: { total: $session.params.AMOUNT }
examples:
  - { name: first, tag: pay, sees: { comment: { amount: €1 } } }
  - { name: second, tag: pay, sees: { agent: { amount: €2, card: "****" }, comment: { card: never } } }
`
const ASKS = `flow: Asks
captures:
  - tag: ask
    ujet:
      title: for $session.params.menu
      session_variable: { capture_type: [agent, event], capture_target: end_user_response, capture_key: card_answer, invisible_to_agent: [card_answer] }
  - tag: old
    ujet:
      session_variable:
        payload: { number: $session.params.card.number, nobody: $session.params.home }
        capture_type: [agent, comment]
        invisible_to_agent: [nobody]
  - { tag: forget, set_parameters: { a: null } }
`
const POLICY = `parameters:
  - match: [card, "CARD_*"]
    visible_to: [agent, event, comment]
  - match: [card.number]
    visible_to: [agent, comment]
    reason: said so
  - match: [unknown]
    visible_to: []
values:
  - { detect: email, action: drop }
`

const cardFiles = { 'sub/cards.yaml': CARDS, 'asks.yaml': ASKS }
const cards = dictionaryOf(projectOf(cardFiles, POLICY))

function variable(name: string, { flows }: Dictionary = cards): DictionaryVariable {
  const found = rowsOf(flows).find((row) => row.variable.name === name)
  assert.ok(found, name)
  return found.variable
}

const seen = (name: string): string[] => SURFACES.filter((surface) => variable(name).surfaces[surface].sees)
const allowed = (name: string): string[] => SURFACES.filter((surface) => variable(name).surfaces[surface].allowed)

test('files by their paths, captures and variables in their order, with their places', () => {
  assert.deepEqual(
    cards.flows.map(({ file, flow, flowIds, agentIds, locale }) => [file, flow, flowIds, agentIds, locale]),
    [
      ['asks.yaml', 'Asks', undefined, undefined, undefined],
      ['sub/cards.yaml', 'Cards', ['abc'], ['one', 'two'], 'de-DE'],
    ],
  )
  assert.deepEqual(
    rowsOf(cards.flows).map(({ capture, variable: { id, name, line } }) => `${id} ${capture.tag} ${name}:${line}`),
    [
      '1 ask card_answer:6',
      '2 old number:10',
      '3 old nobody:10',
      '4 pay card:10',
      '5 pay amount:11',
      '6 pay where:12',
      '7 pay said:13',
      '8 pay shop:14',
      '9 off total:20',
    ],
  )
})

test('what a capture does beside its variables', () => {
  const captures = cards.flows.flatMap((flow) => flow.captures)
  assert.deepEqual(
    captures.map(({ tag, line, description, others }) => [tag, line, description, others.map(({ key }) => key)]),
    [
      ['ask', 3, undefined, ['ujet.title']],
      ['old', 7, undefined, []],
      ['forget', 13, undefined, []],
      ['pay', 6, 'When it is paid.', ['then.menu_id']],
      ['off', 17, undefined, []],
    ],
  )
  assert.deepEqual(
    captures.map(({ enabled, examples, sets, clears }) => [enabled, examples, sets, clears]),
    [
      [true, [], [], []],
      [true, [], [], []],
      [true, [], [], ['a']],
      [true, ['first', 'second'], ['paid'], ['card']],
      [false, [], [], []],
    ],
  )
})

test('what values are made of', () => {
  const origins = (name: string) => {
    const { kind, text, parameters } = variable(name).origin
    return [kind, text, parameters.map(({ reference, name: own, key }) => `${reference} ${own} ${key}`)]
  }
  assert.deepEqual(origins('card'), [
    'parameters',
    '$session.params.Card.number',
    ['$session.params.Card.number Card card'],
  ])
  assert.deepEqual(origins('where'), [
    'parameters',
    '{"city":"$page.params.home.city","zip":"$session.params.home.zip"}',
    ['$page.params.home.city home home', '$session.params.home.zip home home'],
  ])
  assert.deepEqual(origins('said'), [
    'parameters',
    '$5: $request.user-utterance, $request.payload.telephony.caller_id, $session.params.amount',
    [
      '$request.user-utterance $request.user-utterance $request.user-utterance',
      '$request.payload.telephony.caller_id $request.payload.telephony $request.payload.telephony',
      '$session.params.amount amount amount',
    ],
  ])
  assert.deepEqual(origins('shop'), ['literal', 'cash $session only', []])
  assert.deepEqual(origins('card_answer'), ['answer', '', []])
})

test('form, default and description', () => {
  const { description, mask, format, required, fallback } = variable('card')
  assert.deepEqual([description, mask, format, required, fallback], ['The card.', 'last4', 'raw', false, undefined])
  assert.deepEqual([variable('amount').format, variable('amount').required], ['money', true])
  assert.deepEqual(variable('where').fallback, { value: [1, 'x'] })
})

test('who sees it, who might at most, and by which rules', () => {
  assert.deepEqual(seen('card'), ['agent'])
  assert.deepEqual(allowed('card'), ['agent', 'comment'])
  assert.deepEqual(variable('card').rules, [
    { pattern: 'card', line: 2, reason: undefined, surfaces: ['agent', 'comment', 'event'], names: ['card', 'Card'] },
    { pattern: 'card.number', line: 4, reason: 'said so', surfaces: ['agent', 'comment'], names: ['Card.number'] },
  ])
  assert.deepEqual(seen('card_answer'), ['event'])
  assert.deepEqual(allowed('card_answer'), ['agent', 'comment', 'event'])
  assert.deepEqual(seen('nobody'), [])
  assert.deepEqual(allowed('nobody'), [...SURFACES])
})

test('a sample is what an example says the first surface that may see it gets', () => {
  assert.deepEqual(variable('amount').sample, { example: 'second', surface: 'agent', value: '€2' })
  assert.deepEqual(variable('card').sample, { example: 'second', surface: 'agent', value: '****' })
  assert.equal(variable('said').sample, undefined)
})

test('parameters by their own names, whatever their case and scope, and those shown to different surfaces', () => {
  assert.deepEqual(
    cards.parameters.map(({ key, name, uses, others, surfaces, differs }) => [
      key,
      name,
      uses.map(({ id, references, surfaces: by }) => `${id} ${references.join(' ')} ${by.join(' ')}`.trimEnd()),
      others.map((other) => `${other.tag} ${other.key}`),
      surfaces,
      differs,
    ]),
    [
      [
        '$request.payload.telephony',
        '$request.payload.telephony',
        ['7 $request.payload.telephony.caller_id agent comment'],
        [],
        ['agent', 'comment'],
        false,
      ],
      [
        '$request.user-utterance',
        '$request.user-utterance',
        ['7 $request.user-utterance agent comment'],
        [],
        ['agent', 'comment'],
        false,
      ],
      [
        'amount',
        'amount',
        [
          '5 $intent.params.amount.resolved agent comment',
          '7 $session.params.amount agent comment',
          '9 $session.params.AMOUNT event',
        ],
        [],
        ['agent', 'comment', 'event'],
        true,
      ],
      [
        'card',
        'card',
        ['2 $session.params.card.number agent comment', '4 $session.params.Card.number agent'],
        [],
        ['agent', 'comment'],
        true,
      ],
      [
        'home',
        'home',
        ['3 $session.params.home', '6 $page.params.home.city $session.params.home.zip agent comment'],
        [],
        ['agent', 'comment'],
        true,
      ],
      ['menu', 'menu', [], ['ask ujet.title', 'pay then.menu_id'], [], false],
    ],
  )
})

test('two variables of one capture that together show the same do not differ from another capture', () => {
  const a = '$session.params.a'
  const { parameters } = dictionaryOf(
    projectOf({
      'a.json': {
        flow: 'A',
        captures: [
          { tag: 'one', variables: { x: { from: a, visible_to: ['agent'] }, y: { from: a, visible_to: ['comment'] } } },
          { tag: 'two', visible_to: ['agent', 'comment'], variables: { z: a } },
        ],
      },
    }),
  )
  assert.deepEqual(
    parameters.map(({ key, differs }) => [key, differs]),
    [['a', false]],
  )
})

test('what each surface gets, with what is switched off marked', () => {
  assert.deepEqual(cards.surfaces.event, [
    { id: 1, variable: 'card_answer', tag: 'ask', flow: 'Asks', file: 'asks.yaml', enabled: true },
    { id: 9, variable: 'total', tag: 'off', flow: 'Cards', file: 'sub/cards.yaml', enabled: false },
  ])
  assert.deepEqual(cards.surfaces.data_parameters, [])
})

test('the policy, what its rules apply to, and what it looks for', () => {
  const { policy } = cards
  assert.equal(policy?.file, 'policy.yaml')
  assert.deepEqual(
    policy?.rules.map(({ pattern, line, variables }) => [pattern, line, variables.map(({ id }) => id)]),
    [
      ['card', 2, [2, 4]],
      ['CARD_*', 2, [1]],
      ['card.number', 4, [2, 4]],
      ['unknown', 7, []],
    ],
  )
  assert.deepEqual(policy?.values, [{ detect: 'email', action: 'drop' }])
  assert.equal(dictionaryOf(projectOf({ 'asks.yaml': ASKS })).policy, undefined)
})

for (const path of ['../../rules/company.yaml', '/etc/company.yaml', 'C:/rules/company.yaml'])
  test(`a policy at ${path} is named without the way to it`, () =>
    assert.equal(dictionaryOf(projectOf(cardFiles, POLICY, path)).policy?.file, 'company.yaml'))

test('it is plain data: nothing is lost as JSON', () => {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value))
  assert.deepEqual(plain(plain(cards)), plain(cards))
  assert.deepEqual(plain(cards).flows[0].captures[1].variables[0].origin, variable('number').origin)
})

test('the order in which files are read does not matter', () => {
  const reversed = Object.fromEntries(Object.entries(cardFiles).reverse())
  assert.deepEqual(dictionaryOf(projectOf(reversed, POLICY)), cards)
})

const choices = fc.array(fc.nat(CHOICES - 1), { maxLength: 400 })

test('every surface of the dictionary is what the plan declares, and nothing that the policy bars is seen', () => {
  let compared = 0
  fc.assert(
    fc.property(choices, (numbers) => {
      const random = drawCase(new Draw(numbers), limitOf, isRuled)
      const loaded = load({
        flows: [{ path: 'random.json', bytes: Buffer.from(JSON.stringify(writeFlowFile(random))) }],
        policy: { path: 'policy.yaml', bytes: Buffer.from(JSON.stringify(random.policy)) },
        policyPath: 'policy.yaml',
        misplacedPolicies: [],
      })
      if (!loaded.configuration) return
      compared++
      compare({ ...loaded.configuration, ...loaded })
    }),
    { numRuns: 500 },
  )
  assert.ok(compared > 50, `${compared} of 500 could be compared`)
})

function compare(project: Project): void {
  const dictionary = dictionaryOf(project)
  const captures = dictionary.flows.flatMap((flow) => flow.captures)
  for (const [i, { declared, tag }] of project.plans.entries()) {
    const capture = captures[i]
    assert.equal(capture?.tag, tag)
    assert.deepEqual(new Set(capture.variables.map(({ name }) => name)), new Set(declared.keys()))
    for (const one of capture.variables) {
      const sees = SURFACES.filter((surface) => one.surfaces[surface].sees)
      assert.deepEqual(sees, surfacesOf(declared.get(one.name) ?? -1), one.name)
      for (const surface of sees) assert.ok(one.surfaces[surface].allowed, `${one.name}: ${surface}`)
      for (const surface of SURFACES)
        assert.equal(
          dictionary.surfaces[surface].some(({ id }) => id === one.id),
          sees.includes(surface),
        )
    }
  }
}

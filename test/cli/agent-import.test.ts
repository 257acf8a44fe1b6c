import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readFolder } from '../../src/config/folder.ts'
import { load } from '../../src/config/load.ts'
import type { JsonMap } from '../../src/core/json.ts'
import { nodeAt, toData } from '../../src/core/source.ts'
import { answer } from '../../src/webhook/answer.ts'
import { requestFor } from '../../src/webhook/request-for.ts'
import { AGENT, serveAgent } from '../dialogflow/agent-server.ts'
import {
  CLAIM_PAYLOAD,
  type MadeAgent,
  madeAgent,
  payload,
  TRIP_PAYLOAD,
  writeFolder,
} from '../dialogflow/made-agent.ts'
import { type Ran, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const exported = writeFolder(madeAgent(), join(folder.path, 'agent'))

const textsIn = (path: string): Record<string, string> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]))

const contentsOf = async (path: string) => load(readFolder(path, undefined, { mayBeEmpty: true }))

/** An agent with one flow, of one page for each fulfillment. */
function agentOf(fulfillments: Readonly<Record<string, JsonMap>>, more: Partial<MadeAgent> = {}): MadeAgent {
  const pages = Object.entries(fulfillments).map(([displayName, entryFulfillment]) => ({
    displayName,
    entryFulfillment,
  }))
  const flow = { name: '3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11', displayName: 'Claims' }
  const webhooks = ['Carryover', 'Other'].map((displayName) => ({ displayName, genericWebService: {} }))
  return {
    agent: {},
    groups: [],
    intents: [],
    entityTypes: [],
    webhooks,
    ...more,
    flows: [{ flow, pages, groups: [] }],
  }
}

const variable = (payload: JsonMap, more: JsonMap = {}): JsonMap => ({
  session_variable: { payload, capture_type: ['agent'], capture_target: 'payload', ...more },
})

let exports = 0
const importInto = (path: string, agent: MadeAgent): Promise<Ran> =>
  runCli(['agent', 'import', path, '--export', writeFolder(agent, join(folder.path, `exported-${++exports}`))])

/** The tags of what was written, in its order. */
const tagsOf = (stdout: string): string[] => [...stdout.matchAll(/^ {2}(\S+): flow/gm)].map(([, tag = '']) => tag)

describe('carryover agent import', () => {
  const flows = join(folder.path, 'flows')

  test('writes a capture for each payload, in a file for each flow, with the place it came from', async () => {
    const ran = await runCli(['agent', 'import', flows, '--export', exported])
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stdout, /^2 payloads taken over, 0 before, 1 not\.$/m)
    assert.deepEqual(readdirSync(flows), ['imported-book-a-trip.yaml', 'imported-default-start-flow.yaml'])
    const text = textsIn(flows)['imported-book-a-trip.yaml'] ?? ''
    assert.match(
      text,
      / {2}# From flow "Book a trip", page "> ask: where & when", route on \$page\.params\.status = "FINAL"\.\n {2}- tag: /,
    )
    const { diagnostics } = await contentsOf(flows)
    assert.deepEqual(diagnostics, [])
  })

  test('a second time changes nothing', async () => {
    const before = textsIn(flows)
    const ran = await runCli(['agent', 'import', flows, '--export', exported])
    assert.equal(ran.code, 0)
    assert.match(ran.stdout, /^0 payloads taken over, 2 before, 1 not\.$/m)
    assert.deepEqual(textsIn(flows), before)
  })

  test('answers, for values that are set, what stood in the console', async () => {
    const { configuration, plans } = await contentsOf(flows)
    assert.ok(configuration)
    const [trip, claim] = plans
    assert.ok(trip && claim)
    const ujetsFor = (plan: typeof trip, parameters: JsonMap): unknown => {
      const answered = answer(configuration, requestFor(plan, parameters))
      return 'ujets' in answered && answered.ujets
    }
    assert.deepEqual(ujetsFor(trip, { budget: 900, destination: 'Osaka' }), [
      {
        session_variable: {
          ...TRIP_PAYLOAD.session_variable,
          payload: { budget: 900, destination: 'Osaka', fee: 'about $5' },
        },
      },
    ])
    assert.deepEqual(ujetsFor(claim, { claim_number: 'C-17' }), [
      { session_variable: { ...CLAIM_PAYLOAD.session_variable, payload: { claim: 'Claim C-17', topic: 'claims' } } },
    ])
  })

  test('never touches a file that is there, and writes new payloads into another', async () => {
    const path = join(folder.path, 'edited')
    const first = { messages: [payload(CLAIM_PAYLOAD)] }
    await importInto(path, agentOf({ first }))
    const mine = `# Mine now.\n${textsIn(path)['imported-claims.yaml']}`
    folder.write('edited/imported-claims.yaml', mine)
    const ran = await importInto(path, agentOf({ first, second: first }))
    assert.match(ran.stdout, /^1 payload taken over, 1 before, 0 not\.$/m)
    const texts = textsIn(path)
    assert.equal(texts['imported-claims.yaml'], mine)
    assert.match(texts['imported-claims-2.yaml'] ?? '', /tag: claims-second-/)
  })

  test('a tag belongs to its place, whatever other places there are', async () => {
    const path = join(folder.path, 'places')
    const route = (condition: string, triggerFulfillment: JsonMap): JsonMap => ({ condition, triggerFulfillment })
    const young = route('$session.params.age < 18', { messages: [payload(variable({ age: 1 }))] })
    const grown = route('$session.params.age > 18', { messages: [payload(variable({ income: 2 }))] })
    const agentWith = (...transitionRoutes: JsonMap[]): MadeAgent => ({
      ...agentOf({}),
      flows: [{ flow: { displayName: 'Trip' }, pages: [{ displayName: 'Ask age', transitionRoutes }], groups: [] }],
    })
    const alone = await importInto(join(folder.path, 'alone'), agentWith(grown))
    const [tag] = tagsOf(alone.stdout)
    const both = await importInto(path, agentWith(young, grown))
    const [tagOfYoung = '', tagOfGrown] = tagsOf(both.stdout)
    assert.equal(tagOfGrown, tag, 'with another before it')
    assert.notEqual(tagOfYoung, tag)
    const done = route('$session.params.age < 18', { webhook: 'Carryover', tag: tagOfYoung })
    const half = agentWith(done, grown)
    const again = await importInto(path, half)
    assert.match(again.stdout, new RegExp(`^  ${tag}: .* route on \\$session\\.params\\.age > 18$`, 'm'))
    assert.match(again.stdout, /^0 payloads taken over, 1 before, 0 not\.$/m)
    const server = await serveAgent(half)
    const registered = await runCli(
      ['agent', 'register', '--agent', AGENT, '--dir', path, '--url', 'https://flows.example.com/webhook'],
      { DIALOGFLOW_ENDPOINT: server.endpoint },
    ).finally(() => server.close())
    assert.match(registered.stdout, new RegExp(`^  ${tag}: .*age > 18; it lacks the webhook and the tag`, 'm'))
    assert.doesNotMatch(registered.stdout, new RegExp(tagOfYoung))
  })

  test('pages whose names differ in what a tag cannot show have tags of their own', async () => {
    const path = join(folder.path, 'later')
    const eu = { messages: [payload(variable({ region: 'EU' }))] }
    await importInto(path, agentOf({ 'Ask EU': eu }))
    const later = await importInto(
      path,
      agentOf({ 'Ask EU': eu, 'Ask (EU)': { messages: [payload(variable({ other: 1 }))] } }),
    )
    assert.match(later.stdout, /imported-claims-2\.yaml is written:\n {2}claims-ask-eu-\w+: .*page "Ask \(EU\)"/)
    assert.match(later.stdout, /^1 payload taken over, 1 before, 0 not\.$/m)
  })

  const different: [how: string, capture: string, says: RegExp][] = [
    [
      'says something else',
      'flow: Claims\ncaptures:\n  - { tag: claim, visible_to: [agent], variables: { unrelated: x } }\n',
      /its tag, claim \(a\.yaml:3\), says something else: where that is right, remove the payload/,
    ],
    [
      'is switched off',
      `flow: Claims\ncaptures:\n  - ${JSON.stringify({ tag: 'claim', enabled: false, ujet: CLAIM_PAYLOAD })}\n`,
      /claim \(a\.yaml:3\), is switched off/,
    ],
    [
      'is for another flow',
      `flow: Bills\ncaptures:\n  - ${JSON.stringify({ tag: 'claim', ujet: CLAIM_PAYLOAD })}\n`,
      /claim \(a\.yaml:3\), is for the flow "Bills"/,
    ],
  ]
  for (const [how, capture, says] of different)
    test(`a payload is not taken over before where the capture with its tag ${how}`, async () => {
      const path = folder.flow(`other ${how}`, capture)
      const agent = agentOf({ a: { webhook: 'Carryover', tag: 'claim', messages: [payload(CLAIM_PAYLOAD)] } })
      const ran = await importInto(path, agent)
      assert.match(ran.stdout, says)
      assert.match(ran.stdout, /^0 payloads taken over, 0 before, 1 not\.$/m)
    })

  test('one tag answers with one payload, wherever it is sent', async () => {
    const path = join(folder.path, 'one-tag')
    const sent = (ujet: JsonMap): JsonMap => ({ webhook: 'Carryover', tag: 'claim', messages: [payload(ujet)] })
    const agent = agentOf({ a: sent(CLAIM_PAYLOAD), b: sent(variable({ x: 1 })), c: sent(CLAIM_PAYLOAD) })
    const ran = await importInto(path, agent)
    assert.match(ran.stdout, /page "b".*:\n {4}its tag, claim, is that of another payload \(.*page "a"/)
    assert.match(ran.stdout, /^2 payloads taken over, 0 before, 1 not\.$/m)
    const { diagnostics, plans } = await contentsOf(path)
    assert.deepEqual([plans.length, diagnostics], [1, []])
    const again = await importInto(path, agent)
    assert.match(again.stdout, /^0 payloads taken over, 2 before, 1 not\.$/m)
  })

  test('keeps the tag of a webhook that is called there already, and what else stands in the payload', async () => {
    const path = join(folder.path, 'called')
    const ujet = { ...CLAIM_PAYLOAD, type: 'action', action: 'escalation', menu_id: 7 }
    const agent = agentOf({ 'Hand over': { webhook: 'Carryover', tag: 'to-people', messages: [payload(ujet)] } })
    const ran = await runCli(['agent', 'import', path, '--export', writeFolder(agent, join(folder.path, 'calling'))])
    assert.equal(ran.code, 0, ran.stdout + ran.stderr)
    assert.match(
      textsIn(path)['imported-claims.yaml'] ?? '',
      /The webhook is called there with this tag already\.\n {2}- tag: to-people/,
    )
    const { plans, configuration } = await contentsOf(path)
    assert.ok(configuration && plans[0])
    const answered = answer(configuration, requestFor(plans[0], { claim_number: 1 }))
    assert.ok('ujets' in answered)
    assert.deepEqual({ ...answered.ujets[0], session_variable: 0 }, { ...ujet, session_variable: 0 })
  })

  const refused: [why: string, agent: MadeAgent, says: RegExp][] = [
    [
      'a function in it',
      agentOf({ a: { messages: [payload(variable({ sum: '$sys.func.ADD(1, 2)' }))] } }),
      /Dialogflow evaluates functions, this program does not: set a session parameter to it with a preset/,
    ],
    [
      'a parameter of the flow in it',
      agentOf({ a: { messages: [payload(variable({ x: '$flow.x' }))] } }),
      /Dialogflow does not send flow parameters: copy it to a session parameter with a preset/,
    ],
    [
      'the policy forbids it',
      agentOf({ a: { messages: [payload(variable({ card_number: '$session.params.x' }))] } }),
      /the policy forbids: "card_\*" \(policy line 1: PCI\)/,
    ],
    [
      'nobody knows who sees it',
      agentOf({ a: { messages: [payload(variable({ x: 1 }, { capture_type: [] }))] } }),
      /capture_type is missing or empty/,
    ],
    [
      'another webhook is called there',
      agentOf({ a: { webhook: 'Other', messages: [payload(CLAIM_PAYLOAD)] } }),
      /calls the webhook "Other" already/,
    ],
    [
      'a control character in a value',
      agentOf({ a: { messages: [payload(variable({ x: 'a\u007fb' }))] } }),
      /a control character \(U\+007F\) stands here/,
    ],
    [
      'a key that no flow file may have',
      agentOf({ a: { messages: [payload(variable({ '<<': { x: 1 } }))] } }),
      /maps are not merged here/,
    ],
    [
      'nested without end',
      agentOf({ a: { messages: [payload(variable({ x: JSON.parse(`${'['.repeat(70)}1${']'.repeat(70)}`) }))] } }),
      /nested deeper than 64 levels/,
    ],
    [
      'too long to be answered with',
      agentOf({ a: { messages: [payload(variable({ x: 'x'.repeat(70_000) }))] } }),
      /longer than a webhook's answer may be \(64 KiB\)/,
    ],
    [
      'the second of one fulfillment',
      agentOf({ a: { messages: [payload(CLAIM_PAYLOAD), payload(variable({ x: 1 }))] } }),
      /stands beside another payload/,
    ],
    ['for one language', agentOf({ a: { messages: [payload(CLAIM_PAYLOAD, 'fr')] } }), /for the language fr alone/],
    [
      'for one channel',
      agentOf({ a: { messages: [{ ...payload(CLAIM_PAYLOAD), channel: 'PHONE' }] } }),
      /for the channel PHONE alone/,
    ],
    ['text', agentOf({ a: { messages: [{ payload: { ujet: 'session_variable' } }] } }), /its ujet is no map/],
    ['a list', agentOf({ a: { messages: [{ payload: { ujet: [CLAIM_PAYLOAD] } }] } }), /its ujet is no map/],
    [
      'the whole agent',
      agentOf(
        {},
        {
          groups: [
            {
              displayName: 'g',
              transitionRoutes: [{ condition: 'true', triggerFulfillment: { messages: [payload(CLAIM_PAYLOAD)] } }],
            },
          ],
        },
      ),
      /in a route group of the whole agent/,
    ],
    [
      'a handler of webhook errors',
      {
        ...agentOf({}),
        flows: [
          {
            flow: {
              displayName: 'F',
              eventHandlers: [
                { event: 'webhook.error.timeout', triggerFulfillment: { messages: [payload(CLAIM_PAYLOAD)] } },
              ],
            },
            pages: [],
            groups: [],
          },
        ],
      },
      /a handler of webhook errors may not call a webhook/,
    ],
  ]
  for (const [i, [why, agent, says]] of refused.entries())
    test(`leaves in the agent, with the reason: ${why}`, async () => {
      const path = join(folder.path, `refused-${i}`)
      folder.write(`refused-${i}/policy.yaml`, 'parameters: [{ match: ["card_*"], visible_to: [], reason: PCI }]\n')
      const ran = await runCli([
        'agent',
        'import',
        path,
        '--export',
        writeFolder(agent, join(folder.path, `from-${i}`)),
      ])
      assert.equal(ran.code, 0, ran.stderr)
      assert.match(ran.stdout, /^Not taken over:$/m)
      assert.match(ran.stdout, says)
      assert.match(ran.stdout, /, 1 not\.$/m)
      assert.deepEqual((await contentsOf(path)).diagnostics, [])
    })

  test('a tag that is sent already is never given to another place', async () => {
    const first = { messages: [payload(CLAIM_PAYLOAD)] }
    const [tag] = tagsOf((await importInto(join(folder.path, 'free'), agentOf({ first }))).stdout)
    const path = join(folder.path, 'sent')
    const last = { webhook: 'Carryover', tag, messages: [payload(variable({ x: 1 }))] }
    const ran = await importInto(path, agentOf({ first, last }))
    assert.match(ran.stdout, new RegExp(`^  ${tag}: flow "Claims", page "last"`, 'm'))
    assert.match(
      ran.stdout,
      /page "first", entry fulfillment:\n {4}its tag, \S+, is that of another payload \(.*"last"/,
    )
    const { plans, diagnostics } = await contentsOf(path)
    assert.deepEqual([plans.map((plan) => plan.tag), diagnostics], [[tag], []])
  })

  test('line separators in keys, values and tags stay as they are', async () => {
    const path = join(folder.path, 'separators')
    const made = variable({ 'a\u2028b': 'x\u2029y\u2028' })
    await importInto(path, agentOf({ a: { webhook: 'Carryover', tag: 't\u2028u', messages: [payload(made)] } }))
    const { plans, sources } = await contentsOf(path)
    assert.equal(plans[0]?.tag, 't\u2028u')
    const [written] = sources.map(({ root }) => nodeAt(root, ['captures', 0, 'ujet']))
    assert.deepEqual(written && toData(written), made)
  })

  test('what cannot be taken over keeps nothing else in the agent', async () => {
    const path = join(folder.path, 'mixed')
    const agent = agentOf({
      a: { messages: [payload(variable({ x: 'a\u009fb' }))] },
      b: { messages: [payload(CLAIM_PAYLOAD)] },
    })
    const ran = await importInto(path, agent)
    assert.match(ran.stdout, /^1 payload taken over, 0 before, 1 not\.$/m)
    assert.deepEqual((await contentsOf(path)).diagnostics, [])
  })

  test('a place is shown in one line, whatever its name holds', async () => {
    const path = join(folder.path, 'unseen')
    const ran = await importInto(path, agentOf({ 'a\u001b[2J\nb': { messages: [payload(CLAIM_PAYLOAD)] } }))
    assert.ok(!ran.stdout.includes('\u001b'))
    assert.match(ran.stdout, /^1 payload taken over/m)
    assert.ok(!textsIn(path)['imported-claims.yaml']?.includes('\u001b'))
  })

  test('says that null is left out of the answer', async () => {
    const ran = await importInto(
      join(folder.path, 'null'),
      agentOf({ a: { messages: [payload(variable({ x: 1, y: null }))] } }),
    )
    assert.match(ran.stdout, /entry fulfillment; null in it is unset here, and is left out of the answer$/m)
  })

  test('a file in the place of the folder is told', async () => {
    const ran = await importInto(folder.write('a-file', ''), agentOf({}))
    assert.deepEqual([ran.code, ran.stderr.includes('is a file: name the folder')], [3, true], ran.stderr)
  })

  test('payloads without session variables are none of its business', async () => {
    const agent = agentOf({ a: { messages: [payload({ type: 'action', action: 'end' })] } })
    const ran = await runCli([
      'agent',
      'import',
      join(folder.path, 'none'),
      '--export',
      writeFolder(agent, join(folder.path, 'end')),
    ])
    assert.equal(ran.stdout, '0 payloads taken over, 0 before, 0 not.\n')
  })

  test('any payload that is taken over answers with itself', async () => {
    const piece = fc.constantFrom(
      '$session.params.a',
      '$session.params.b-c',
      '$$',
      '$',
      ' costs $5 ',
      ': ',
      '# no comment',
      '"',
      '\n',
      '\u2028',
      '\u2029',
      'é',
      '- x',
    )
    const text = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(' '))
    const value = fc.oneof(
      text,
      fc.integer(),
      fc.boolean(),
      fc.array(text, { minLength: 1, maxLength: 2 }),
      fc.record({ part: text }),
    )
    const key = fc.constantFrom('key', 'two words', 'a: b', '- c', 'yes', '12', '{x}', '日本', 'a\u2028b')
    const values: Record<string, string> = { a: 'Ann', 'b-c': '17' }
    const filled = (given: unknown): unknown =>
      JSON.parse(JSON.stringify(given), (_, item) =>
        typeof item === 'string' ? item.replace(/\$session\.params\.(a|b-c)/g, (__, name) => values[name] ?? '') : item,
      )
    let n = 0
    await fc.assert(
      fc.asyncProperty(fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 }), async (made) => {
        const path = join(folder.path, `any-${++n}`)
        const agent = writeFolder(
          agentOf({ a: { messages: [payload(variable(made))] } }),
          join(folder.path, `any-agent-${n}`),
        )
        const ran = await runCli(['agent', 'import', path, '--export', agent])
        assert.match(ran.stdout, /^1 payload taken over/m, ran.stdout)
        const { configuration, plans, diagnostics } = await contentsOf(path)
        assert.ok(configuration && plans[0], JSON.stringify(diagnostics))
        const answered = answer(configuration, requestFor(plans[0], values))
        assert.ok('ujets' in answered)
        assert.deepEqual(JSON.parse(JSON.stringify(answered.ujets)), [filled(variable(made))])
      }),
      { numRuns: 60, examples: [[{ key: '\n \n $session.params.a $session.params.a' }]] },
    )
  })
})

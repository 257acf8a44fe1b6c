import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { AGENT, type AgentServer, serveAgent, type Turn } from '../dialogflow/agent-server.ts'
import { type MadeAgent, madeAgent } from '../dialogflow/made-agent.ts'
import { RunningServer } from '../server/running-server.ts'
import { type Ran, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const flows = folder.flow(
  'flows',
  `flow: Book a trip
captures:
  - tag: trip-done
    variables:
      destination: { from: $session.params.destination, format: location, visible_to: [agent, comment] }
      budget: { from: $session.params.budget, format: money, visible_to: [agent] }
  - tag: strict
    visible_to: [agent]
    variables: { passport: { from: $session.params.passport, required: true } }
`,
)

const turn = (fulfillment: Turn['fulfillment'], parameters: Turn['parameters'] = {}): Turn => ({
  flow: 'Book a trip',
  page: 'Done',
  parameters,
  fulfillment,
})
const TURNS: Readonly<Record<string, Turn>> = {
  WELCOME: turn({ messages: [{ text: { text: ['Where to?'] } }] }),
  'To Osaka': turn({ messages: [{ text: { text: ['How much?'] } }] }, { destination: { original: 'Osaka' } }),
  '900#': turn({ webhook: 'Carryover', tag: 'trip-done' }, { budget: { amount: 900, currency: 'USD' } }),
  'My passport': turn({ webhook: 'Carryover', tag: 'strict' }),
  Odd: turn({
    messages: [
      { text: { text: ['a\u001b[2Jb\nc'] } },
      { payload: { ujet: { session_variable: { payload: { 'k\u009b': 'v\u001b' }, capture_type: ['agent'] } } } },
    ],
  }),
  'Something else': turn({ webhook: 'Carryover', tag: 'unknown' }),
}

/** The webhook in a process of its own, and an agent that calls it over HTTP. */
async function serve(context: TestContext): Promise<AgentServer> {
  const webhook = new RunningServer({ FLOWS_DIR: flows, WEBHOOK_AUTH: 'none', HOST: '127.0.0.1', PORT: '0' })
  context.after(() => webhook.stop())
  const url = `${await webhook.listening()}/webhook`
  const made: MadeAgent = madeAgent()
  const webhooks = made.webhooks.map((one) =>
    one.displayName === 'Carryover' ? { ...one, genericWebService: { uri: url } } : one,
  )
  const server = await serveAgent(
    { ...made, webhooks },
    { turns: TURNS, environments: [{ name: `${AGENT}/environments/e1`, displayName: 'Production' }] },
  )
  context.after(() => server.close())
  return server
}

let files = 0
const tryTurns = ({ endpoint }: AgentServer, turns: string, ...args: string[]): Promise<Ran> =>
  runCli(['agent', 'try', folder.write(`turns-${++files}.yaml`, turns), '--agent', AGENT, ...args], {
    DIALOGFLOW_ENDPOINT: endpoint,
  })

describe('carryover agent try', () => {
  test('drives a conversation through the agent and the webhook, and shows what every surface would see', async (context) => {
    const server = await serve(context)
    const ran = await tryTurns(
      server,
      `turns:
  - event: WELCOME
    expect: { says: [Where to?], page: Done }
  - text: To Osaka
  - dtmf: "900#"
    expect:
      sees:
        agent: { destination: Osaka, budget: $900.00 }
        comment: { destination: Osaka }
        event: {}
`,
    )
    assert.equal(ran.code, 0, ran.stdout + ran.stderr)
    assert.match(ran.stdout, /^1\. event WELCOME\n {3}Book a trip, Done\n {3}Where to\?\n/)
    assert.match(ran.stdout, /^3\. keys 900#$/m)
    assert.match(ran.stdout, /\{"ujet":\{"session_variable":\{"payload":\{"destination":"Osaka"\}/)
    assert.match(ran.stdout, /^ {3}destination +Osaka +Osaka +– +–$/m)
    assert.match(ran.stdout, /^ {3}budget +\$900\.00 +– +– +–$/m)
    assert.match(ran.stdout, /3 turns: 3 as expected, 0 not\.\n$/)
    const sessions = new Set(server.received.map(({ request }) => request.session))
    assert.equal(sessions.size, 1, 'one conversation')
    assert.match(
      String([...sessions][0]),
      /^projects\/example\/locations\/global\/agents\/[^/]+\/sessions\/[0-9a-f-]{36}$/,
    )
  })

  test('tells what did not come true, and ends with 1', async (context) => {
    const ran = await tryTurns(
      await serve(context),
      `turns:
  - text: To Osaka
  - dtmf: "900#"
    expect: { sees: { agent: { destination: Kyoto, budget: $900.00 } }, page: Start }
`,
    )
    assert.equal(ran.code, 1)
    assert.match(
      ran.stdout,
      /agent sees \(- expected, \+ came\):\n +- destination: "Kyoto"\n +\+ destination: "Osaka"\n/,
    )
    assert.match(ran.stdout, /page \(- expected, \+ came\):\n +- "Start"\n +\+ "Done"\n/)
    assert.match(ran.stdout, /2 turns: 1 as expected, 1 not\.\n$/)
  })

  test('shows a webhook that failed as a problem, and what it found missing', async (context) => {
    const server = await serve(context)
    const failed = await tryTurns(server, 'turns: [{ text: Something else }]')
    assert.equal(failed.code, 1)
    assert.match(failed.stdout, /a webhook failed: Webhook call failed\. Error: 404\./)
    const missing = await tryTurns(server, 'turns: [{ text: My passport, expect: { missing: [passport] } }]')
    assert.equal(missing.code, 0, missing.stdout)
    assert.match(missing.stdout, /^ {3}missing: passport$/m)
  })

  test('shows what the agent says without what would move the cursor', async (context) => {
    const ran = await tryTurns(await serve(context), 'turns: [{ text: Odd }]')
    assert.match(ran.stdout, /^ {3}a\\u001b\[2Jb\n {3}c$/m)
    assert.match(ran.stdout, /^ {3}k\\u009b +v\\u001b +/m)
    assert.ok(![...ran.stdout].some((character) => character === '\u001b' || character === '\u009b'))
  })

  test('sets parameters with a turn, or alone with the next one', async (context) => {
    const server = await serve(context)
    const ran = await tryTurns(
      server,
      `turns:
  - parameters: { passport: XX1234567, nested: { list: [1, true, null] } }
  - text: My passport
    parameters: { other: 1 }
    expect: { sees: { agent: { passport: XX1234567 } }, missing: [] }
`,
    )
    assert.equal(ran.code, 0, ran.stdout)
    assert.equal(server.received.length, 1)
  })

  test('gives programs all of it, in an environment where one is named', async (context) => {
    const server = await serve(context)
    const ran = await tryTurns(
      server,
      'language: fr\nturns: [{ text: To Osaka }, { dtmf: "900#" }]',
      '--json',
      '--environment',
      'Production',
    )
    const [, second] = JSON.parse(ran.stdout)
    assert.deepEqual(second.surfaces.comment, { destination: 'Osaka' })
    assert.deepEqual(second.mismatches, [])
    const [, first] = server.received
    assert.match(String(first?.request.session), /\/environments\/e1\/sessions\//)
    assert.match(JSON.stringify(first?.request.queryInput), /"languageCode":"fr"/)
  })

  test('tells mistakes in the file at their line', async (context) => {
    const server = await serve(context)
    const cases: [text: string, says: RegExp][] = [
      ['turns:\n  - txt: hello\n', /turns-\d+\.yaml:2:5: error: unknown key "txt"/],
      ['turns:\n  - { text: a, dtmf: "1" }\n', /:2:5: error: turns: expected one of text, dtmf and event/],
      ['turns:\n  - {}\n', /:2:5: error: turns: expected text, dtmf, event or parameters/],
      [
        'turns:\n  - { parameters: { a: 1 }, expect: { missing: [] } }\n  - { text: a }\n',
        /:2:5: error: turns: expected text, dtmf or event beside expect/,
      ],
      [
        'turns:\n  - { text: a }\n  - { parameters: { a: 1 } }\n',
        /error: turns: expected text, dtmf or event in the last of them/,
      ],
      ['turns: [{ text: a, expect: { sees: { agnet: {} } } }]\n', /unknown key "agnet".*did you mean "agent"/],
      ['turns: [\n', /error: .*\[file\/syntax\]/],
    ]
    for (const [text, says] of cases) {
      const ran = await tryTurns(server, text)
      assert.equal(ran.code, 1, text)
      assert.match(ran.stdout, says)
    }
    assert.equal(server.received.length, 0)
  })

  test('refuses what it cannot do with one line', async (context) => {
    const server = await serve(context)
    const nothing = await tryTurns(server, 'turns: [{ text: not prepared }]')
    assert.equal(nothing.code, 3)
    assert.match(
      nothing.stderr,
      /^carryover agent try: Dialogflow refuses this \(it says: nothing was prepared for this turn\)\n$/,
    )
    const elsewhere = await tryTurns(server, 'turns: [{ text: a }]', '--environment', 'Live')
    assert.match(elsewhere.stderr, /no environment "Live"; it has Production/)
    assert.equal((await runCli(['agent', 'try'])).code, 2)
    assert.equal((await runCli(['agent', 'try', '/nowhere.yaml', '--agent', AGENT])).code, 3)
    assert.equal((await runCli(['agent', 'try', '/nowhere.yaml'])).code, 2)
  })
})

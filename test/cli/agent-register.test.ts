import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { JsonMap } from '../../src/core/json.ts'
import { AGENT, type AgentServer, type ServeOptions, serveAgent } from '../dialogflow/agent-server.ts'
import { madeAgent, writeFolder } from '../dialogflow/made-agent.ts'
import { type Ran, runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const flows = folder.flow(
  'flows',
  'flow: Book a trip\ncaptures:\n  - { tag: trip-done, visible_to: [agent], variables: { total: $session.params.total } }\n',
)
const URL_NOW = 'https://flows.example.com/webhook'
const HEADER = 'projects/example/secrets/webhook-key/versions/3'

async function serve(context: TestContext, options: ServeOptions = {}, made = madeAgent()): Promise<AgentServer> {
  const server = await serveAgent(made, options)
  context.after(() => server.close())
  return server
}

const register = ({ endpoint }: AgentServer, ...args: string[]): Promise<Ran> =>
  runCli(['agent', 'register', '--agent', AGENT, '--dir', flows, ...args], { DIALOGFLOW_ENDPOINT: endpoint })

const changing = ({ received }: AgentServer) => received.filter(({ method }) => /^(?:create|update)/.test(method))

/** What the first change says it changes. */
const maskOf = (server: AgentServer): unknown => {
  const mask = changing(server)[0]?.request.updateMask as JsonMap | undefined
  return mask?.paths
}

/** The webhook's service, as the agent has it now. */
function serviceOf({ webhooks }: AgentServer): JsonMap {
  const webhook = webhooks.find(({ displayName }) => displayName === 'Carryover')
  return webhook?.genericWebService as JsonMap
}

describe('carryover agent register', () => {
  test('shows what it would create, and creates it with --yes alone', async (context) => {
    const server = await serve(context)
    const args = ['--url', 'https://new.example.com/webhook', '--webhook', 'New', '--timeout', '10']
    const shown = await register(server, ...args)
    assert.equal(shown.code, 0, shown.stderr)
    assert.ok(
      shown.stdout.startsWith(`Webhook "New" is not there:
  + generic_web_service.uri: https://new.example.com/webhook
  + generic_web_service.webhook_type: STANDARD
  + generic_web_service.service_agent_auth: ID_TOKEN
  + generic_web_service.secret_versions_for_request_headers: none
  + timeout: 10 s
  + disabled: false
Nothing is changed yet: run this again with --yes.
`),
    )
    assert.deepEqual(changing(server), [])
    const done = await register(server, ...args, '--yes')
    assert.match(done.stdout, /^Done\.$/m)
    assert.deepEqual(
      changing(server).map(({ method, request }) => [method, request.parent]),
      [['createWebhook', AGENT]],
    )
    const created = server.webhooks.at(-1) as JsonMap
    assert.equal(created.displayName, 'New')
    const again = await register(server, ...args, '--yes')
    assert.match(again.stdout, /^Webhook "New" is as it should be\.$/m)
    assert.equal(changing(server).length, 1, 'nothing to do')
  })

  test('changes what is another, by its field mask, and leaves the rest alone', async (context) => {
    const server = await serve(context)
    const ran = await register(server, '--url', 'https://moved.example.com/webhook', '--yes')
    assert.match(
      ran.stdout,
      new RegExp(
        `^Webhook "Carryover" is another:\n  - generic_web_service.uri: ${URL_NOW}\n  \\+ generic_web_service.uri: https://moved.example.com/webhook\nDone\\.\n`,
      ),
    )
    assert.deepEqual(maskOf(server), ['generic_web_service.uri'])
    const service = serviceOf(server)
    assert.equal(service.uri, 'https://moved.example.com/webhook')
    assert.deepEqual(service.requestHeaders, { 'x-key': 'not-for-the-snapshot' })
    assert.doesNotMatch(ran.stdout, /not-for-the-snapshot/)
  })

  test('sees a webhook that is disabled, and parts of a second', async (context) => {
    const made = madeAgent()
    const webhooks = made.webhooks.map((webhook) => ({
      ...webhook,
      disabled: true,
      timeout: { seconds: 5, nanos: 500_000_000 },
    }))
    const server = await serve(context, {}, { ...made, webhooks })
    const ran = await register(server, '--url', URL_NOW, '--yes')
    assert.match(
      ran.stdout,
      / {2}- timeout: 5\.5 s\n {2}\+ timeout: 5 s\n {2}- disabled: true\n {2}\+ disabled: false\nDone/,
    )
    assert.deepEqual(maskOf(server), ['timeout', 'disabled'])
    const again = await register(server, '--url', URL_NOW, '--yes')
    assert.match(again.stdout, /is as it should be/)
  })

  test('takes headers from Secret Manager in place of the identity token', async (context) => {
    const server = await serve(context)
    const ran = await register(server, '--url', URL_NOW, '--header', `Authorization=${HEADER}`, '--yes')
    assert.match(
      ran.stdout,
      /- generic_web_service\.service_agent_auth: ID_TOKEN\n {2}\+ generic_web_service\.service_agent_auth: NONE\n/,
    )
    assert.match(
      ran.stdout,
      new RegExp(`\\+ generic_web_service\\.secret_versions_for_request_headers: Authorization from ${HEADER}\n`),
    )
    const service = serviceOf(server)
    assert.deepEqual(service.secretVersionsForRequestHeaders, { Authorization: { secretVersion: HEADER } })
  })

  test('sets the override of an environment, beside those that are there', async (context) => {
    const other = {
      name: `${AGENT}/webhooks/other`,
      displayName: 'Other',
      genericWebService: { uri: 'https://other.example.com' },
    }
    const server = await serve(context, {
      environments: [
        { name: `${AGENT}/environments/e1`, displayName: 'Production', webhookConfig: { webhookOverrides: [other] } },
      ],
    })
    const args = ['--url', 'https://live.example.com/webhook', '--environment', 'Production']
    const shown = await register(server, ...args)
    assert.match(shown.stdout, /^Override of the webhook "Carryover" in the environment "Production" is not there:$/m)
    assert.deepEqual(changing(server), [])
    const done = await register(server, ...args, '--yes')
    assert.match(done.stdout, /^Done\.$/m, done.stderr)
    assert.deepEqual(
      changing(server).map(({ method }) => method),
      ['updateEnvironment'],
    )
    assert.deepEqual(maskOf(server), ['webhook_config'])
    const [{ webhookConfig } = {}] = server.environments
    const { webhookOverrides } = webhookConfig as { webhookOverrides: JsonMap[] }
    assert.deepEqual(
      webhookOverrides.map(({ displayName }) => displayName),
      ['Other', 'Carryover'],
    )
    assert.equal(serviceOf(server).uri, URL_NOW, 'the draft stays')
    const again = await register(server, ...args, '--yes')
    assert.match(again.stdout, /is as it should be/)
  })

  test('lists the fulfillments that lack the webhook or the tag, with what to do', async (context) => {
    const made = madeAgent()
    const own = join(folder.path, 'imported')
    const exported = writeFolder(made, join(folder.path, 'agent'))
    assert.equal((await runCli(['agent', 'import', own, '--export', exported])).code, 0)
    folder.write(
      'imported/more.yaml',
      'flow: Book a trip\ncaptures:\n  - { tag: help-wanted, set_parameters: { a: 1 } }\n  - { tag: nowhere, set_parameters: { a: 1 } }\n',
    )
    const server = await serve(context, {}, made)
    const ran = await register(server, '--url', URL_NOW, '--dir', own)
    assert.match(ran.stdout, /^Webhook "Carryover" is as it should be\.$/m)
    assert.match(
      ran.stdout,
      /^ {2}help-wanted: flow "Book a trip", route group "help: anywhere", route on intent "get\.help"; it lacks the webhook$/m,
    )
    assert.match(
      ran.stdout,
      /^ {2}default-start-flow-file-claim-\w+: flow "Default Start Flow", route on intent "file\.claim"; it lacks the webhook and the tag, in place of the typed payload$/m,
    )
    assert.match(ran.stdout, /^ {2}nowhere: no place is known; it lacks a fulfillment that sends it$/m)
    assert.match(ran.stdout, /^In the console, for each: open the page or route, then Fulfillment/m)
  })

  test('says so where every capture is called', async (context) => {
    const ran = await register(await serve(context), '--url', URL_NOW)
    assert.match(ran.stdout, /^Every capture is called\.$/m)
  })

  test('a change that Dialogflow may have begun with is not tried again', async (context) => {
    const server = await serve(context)
    server.faults.set('createWebhook', [{ code: 14, details: 'gone' }])
    const ran = await register(server, '--url', URL_NOW, '--webhook', 'New', '--yes')
    assert.equal(ran.code, 3)
    assert.match(ran.stderr, /Dialogflow cannot be reached/)
    assert.equal(changing(server).length, 1)
  })

  const cases: [args: string[], code: number, says: RegExp][] = [
    [['--url', 'http://flows.example.com'], 2, /--url takes an address that begins with https:/],
    [['--url', 'flows'], 2, /--url takes an address/],
    [[], 2, /say which agent, and where the webhook answers/],
    [['--url', URL_NOW, '--timeout', '31'], 2, /--timeout takes a whole number of seconds from 1 to 30/],
    [['--url', URL_NOW, '--header', 'Authorization=Bearer secret'], 2, /--header takes NAME=projects/],
    [
      ['--url', URL_NOW, '--header', `X-A=${HEADER}`, '--header', `x-a=${HEADER.replace('3', '4')}`],
      2,
      /--header names x-a twice: a header has one value/,
    ],
    [['--url', URL_NOW, '--environment', 'Live'], 3, /the agent has no environment "Live"; it has none/],
    [['--url', URL_NOW, '--dir', folder.flow('bad', 'flow: x')], 3, /the flow files have errors/],
  ]
  for (const [args, code, says] of cases)
    test(`agent register ${args.join(' ') || 'without a URL'} ends with ${code}`, async (context) => {
      const ran = await register(await serve(context), ...args)
      assert.equal(ran.code, code, ran.stdout)
      assert.match(ran.stderr, says)
      assert.doesNotMatch(ran.stderr, /Bearer secret/)
    })
})

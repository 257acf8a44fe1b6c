import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type Connection, type ConnectOptions, connect, parseAgentName } from '../../src/dialogflow/connect.ts'
import { readExport } from '../../src/dialogflow/read-export.ts'
import { readEnvironments, readLive } from '../../src/dialogflow/read-live.ts'
import { takeSnapshot } from '../../src/dialogflow/take-snapshot.ts'
import { writeSnapshot } from '../../src/dialogflow/write-snapshot.ts'
import { runCli } from '../cli/run-cli.ts'
import { spawnCli, withoutPackage } from '../cli/spawn-cli.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { AGENT, type AgentServer, type Fault, type ServeOptions, serveAgent } from './agent-server.ts'
import { type MadeAgent, madeAgent, TRIP_FLOW_ID, writeFolder, writeZip } from './made-agent.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const folder = temporaryFolder()
const name = parseAgentName(AGENT)
assert.ok(name)

async function serve(
  context: TestContext,
  made: MadeAgent = madeAgent(),
  options?: ServeOptions,
): Promise<AgentServer> {
  const server = await serveAgent(made, options)
  context.after(() => server.close())
  return server
}

async function connected(context: TestContext, server: AgentServer, options: ConnectOptions = {}): Promise<Connection> {
  const connection = await connect(name as NonNullable<typeof name>, {
    endpoint: server.endpoint,
    sleep: async () => {},
    ...options,
  })
  context.after(() => connection.close())
  return connection
}

/** For this test alone. */
function setCredentials(path: string, context: TestContext): void {
  const before = process.env.GOOGLE_APPLICATION_CREDENTIALS
  process.env.GOOGLE_APPLICATION_CREDENTIALS = path
  context.after(() => {
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before
  })
}

const textOf = (contents: Parameters<typeof takeSnapshot>[0]): string => writeSnapshot(takeSnapshot(contents)).text

describe('a live agent', () => {
  test('gives the same bytes as its export, as a zip and as a folder', async (context) => {
    const made = madeAgent()
    const server = await serve(context, made, { pageSize: 2 })
    const live = textOf(await readLive(await connected(context, server)))
    assert.equal(live, textOf(await readExport(writeZip(made, join(folder.path, 'made.zip')))))
    assert.equal(live, textOf(await readExport(writeFolder(made, join(folder.path, 'made')))))
    const pages = server.received
      .filter(({ method }) => method === 'listIntents')
      .map(({ request }) => request.pageToken)
    assert.deepEqual(pages, ['', 'intents 2'], 'all pages of a list')
    const languages = new Set(
      server.received.filter(({ method }) => method === 'listPages').map(({ request }) => request.languageCode),
    )
    assert.deepEqual([...languages], ['en', 'fr'], 'in every language')
    assert.ok(
      server.received
        .filter(({ method }) => method === 'listIntents')
        .every(({ request }) => request.intentView === 'INTENT_VIEW_PARTIAL'),
    )
  })

  test('says what it says in another language', async (context) => {
    const made = madeAgent()
    const [start] = made.flows
    const route = (start?.flow.transitionRoutes as { triggerFulfillment: { messages: object[] } }[] | undefined)?.[1]
    const french = { session_variable: { payload: { topic: 'sinistres' }, capture_type: ['agent'] } }
    route?.triggerFulfillment.messages.splice(1, 1, { payload: { ujet: french }, languageCode: 'fr' })
    const live = textOf(await readLive(await connected(context, await serve(context, made))))
    assert.match(live, /"language": ?"fr"/)
    assert.equal(live, textOf(await readExport(writeFolder(made, join(folder.path, 'french')))))
  })

  test('tells how far it is', async (context) => {
    const told: Readonly<Record<string, number>>[] = []
    await readLive(await connected(context, await serve(context, madeAgent(), { pageSize: 1 })), (read) =>
      told.push({ ...read }),
    )
    assert.deepEqual(told.at(-1), { intents: 3, 'entity types': 3, webhooks: 2, flows: 2, pages: 2, 'route groups': 2 })
    assert.ok(told.length > 10)
  })

  test('has environments, with the versions that they run', async (context) => {
    const version = `${AGENT}/flows/${TRIP_FLOW_ID}/versions/3`
    const server = await serve(context, madeAgent(), {
      environments: [{ name: `${AGENT}/environments/e1`, displayName: 'Production', versionConfigs: [{ version }] }],
      versions: [{ name: version, displayName: 'before winter' }],
    })
    const connection = await connected(context, server)
    const { flows } = await readLive(connection)
    assert.deepEqual(await readEnvironments(connection, flows), [
      { name: 'Production', versions: [{ flow: 'Book a trip', version: 'before winter' }] },
    ])
  })

  const passing: [why: string, faults: Fault[]][] = [
    [
      'a quota that fills again',
      [
        { code: 8, details: 'Quota exceeded' },
        { code: 8, details: 'Quota exceeded' },
      ],
    ],
    ['an endpoint that is down for a moment', [{ code: 14, details: 'unavailable' }]],
    ['a connection that breaks', ['break']],
    ['a call without an answer', ['hang']],
  ]
  for (const [why, faults] of passing)
    test(`is read in spite of ${why}`, async (context) => {
      const server = await serve(context)
      server.faults.set('listIntents', [...faults])
      const told: string[] = []
      const slept: number[] = []
      const connection = await connected(context, server, {
        timeoutMs: 500,
        tell: (text) => told.push(text),
        sleep: async (ms) => void slept.push(ms),
      })
      const { flows } = await readLive(connection)
      assert.equal(flows.flatMap(({ pages }) => [...pages]).length, 2)
      assert.ok(told.length >= faults.length, 'and whoever waits is told')
      assert.match(told[0] ?? '', /; trying again in \d+ s$/)
      if (faults.length > 1) assert.ok((slept[1] ?? 0) >= (slept[0] ?? 0), 'longer each time')
    })

  const failing: [why: string, fault: Fault, says: RegExp][] = [
    [
      'no such agent',
      { code: 5, details: 'Agent not found' },
      /^there is no projects\/example\/.*the name stands in the console's address \(it says: Agent not found\)$/,
    ],
    [
      'no permission',
      { code: 7, details: 'Permission denied' },
      /may not do this in the project example: reading needs the role/,
    ],
    [
      'credentials that ended',
      { code: 16, details: 'expired' },
      /does not accept these credentials any more: run "gcloud auth/,
    ],
    ['anything else', { code: 9, details: 'odd\nstate' }, /^Dialogflow refuses this \(it says: odd state\)$/],
  ]
  for (const [why, fault, says] of failing)
    test(`is refused with one line, and asked once: ${why}`, async (context) => {
      const server = await serve(context)
      server.faults.set('getAgent', [fault])
      await assert.rejects(readLive(await connected(context, server)), { message: says })
      assert.equal(server.received.length, 1)
    })

  test('whose quota stays used up is given up', async (context) => {
    const server = await serve(context)
    server.faults.set(
      'getAgent',
      Array.from({ length: 20 }, () => ({ code: 8, details: 'Quota exceeded' })),
    )
    await assert.rejects(readLive(await connected(context, server)), { message: /quota is used up, and stayed so/ })
    assert.equal(server.received.length, 7)
  })
})

describe('an agent in its region', () => {
  const endpoints: [location: string, endpoint: string][] = [
    ['global', 'dialogflow.googleapis.com'],
    ['europe-west3', 'europe-west3-dialogflow.googleapis.com'],
  ]
  for (const [location, endpoint] of endpoints)
    test(`${location} is asked at ${endpoint}`, async (context) => {
      const key = folder.write('user.json', {
        type: 'authorized_user',
        client_id: 'x',
        client_secret: 'x',
        refresh_token: 'x',
      })
      setCredentials(key, context)
      const agent = parseAgentName(`projects/p/locations/${location}/agents/a`)
      assert.ok(agent)
      const connection = await connect(agent)
      // The library tells its address in a private field alone.
      const { _opts } = connection.client('FlowsClient') as unknown as { _opts: { servicePath: string } }
      assert.equal(_opts.servicePath, endpoint)
    })
})

describe('carryover agent pull --agent', () => {
  test('writes the same file as from an export', async (context) => {
    const server = await serve(context, madeAgent(), {
      environments: [{ name: `${AGENT}/environments/e1`, displayName: 'Production', versionConfigs: [] }],
    })
    const environment = { DIALOGFLOW_ENDPOINT: server.endpoint }
    const live = join(folder.path, 'live')
    const ran = await runCli(['agent', 'pull', '--agent', AGENT, '--dir', live], environment)
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stdout, /This is the draft\. The environments run:\n {2}Production: no version\n/)
    const offline = join(folder.path, 'offline')
    await runCli(['agent', 'pull', '--export', writeZip(madeAgent(), join(folder.path, 'same.zip')), '--dir', offline])
    assert.deepEqual(readFileSync(join(live, '.agent.json')), readFileSync(join(offline, '.agent.json')))
  })

  test('takes the name of an agent alone', async () => {
    const ran = await runCli(['agent', 'pull', '--agent', 'Summit Travel'])
    assert.equal(ran.code, 2)
    assert.match(ran.stderr, /--agent takes projects\/PROJECT\/locations\/LOCATION\/agents\/AGENT/)
  })

  const turns = folder.write('turns.yaml', 'turns: [{ text: hello }]')
  const commands = [
    ['pull', '--dir', join(folder.path, 'x')],
    ['check', 'flows'],
    ['import', 'flows'],
    ['register', '--url', 'https://flows.example.com'],
    ['try', turns],
  ]
  for (const command of commands)
    test(`agent ${command[0]} without credentials says in one line what to do`, () => {
      const { status, stdout, stderr } = spawnCli(['agent', ...command, '--agent', AGENT], folder.path)
      assert.equal(status, 3, stderr)
      assert.equal(stdout, '')
      assert.match(
        stderr,
        /^carryover agent \w+: there are no Google credentials here: run "gcloud auth application-default login", .*\n$/,
      )
    })

  const KEY = 'not-for-anybody'
  const account = { type: ['service', 'account'].join('_'), ['private' + '_key']: KEY }
  const unusable: [what: string, path: string][] = [
    ['is broken', folder.write('broken-key.json', JSON.stringify(account).replace(/"}$/, '}'))],
    ['is not there', join(folder.path, 'no-key.json')],
    ['lacks its account', folder.write('half-key.json', account)],
    ['is no key', folder.write('other.json', [KEY])],
  ]
  for (const [what, path] of unusable)
    test(`a credentials file that ${what} is told in one line, without a word of it`, async (context) => {
      setCredentials(path, context)
      const ran = await runCli(['agent', 'pull', '--agent', AGENT, '--dir', folder.path])
      assert.deepEqual([ran.code, ran.stdout], [3, ''])
      assert.match(ran.stderr, /^carryover agent pull: the Google credentials here cannot be read: .*\n$/)
      assert.ok(!ran.stderr.includes(KEY))
    })

  for (const endpoint of ['host port', '127.0.0.1:99999', ':::', 'https://127.0.0.1:1', 'host:1/path'])
    test(`the endpoint ${endpoint} is told as none`, async () => {
      const ran = await runCli(['agent', 'pull', '--agent', AGENT], { DIALOGFLOW_ENDPOINT: endpoint })
      assert.equal(ran.code, 3)
      assert.match(ran.stderr, /^carryover agent pull: DIALOGFLOW_ENDPOINT takes host:port, .*\n$/)
    })

  const absent: [name: string, args: string[], says: RegExp][] = [
    [
      '@google-cloud/dialogflow-cx',
      ['agent', 'pull', '--agent', AGENT],
      /^carryover agent pull: talking to Dialogflow needs a package: npm install --no-save @google-cloud\/dialogflow-cx@5\.8\.2 .*\n$/,
    ],
    [
      'fflate',
      ['agent', 'pull', '--export', writeZip(madeAgent(), join(folder.path, 'without.zip'))],
      /^carryover agent pull: reading a zip needs a package: npm install --no-save fflate@0\.8\.3 .*\n$/,
    ],
  ]
  for (const [name, args, says] of absent)
    test(`where ${name} is absent, one line says what to install`, () => {
      const { status, stderr } = spawnCli(args, folder.path, withoutPackage(name))
      assert.equal(status, 3, stderr)
      assert.match(stderr, says)
      const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
      assert.ok(stderr.includes(`${name}@${devDependencies[name]}`), 'the version that is tested')
    })
})

const REAL = join(import.meta.dirname, '..', '..', '..', 'shared', 'samples', 'agents')

describe('real agents, served', { skip: !existsSync(REAL) && 'they are not here' }, () => {
  for (const agent of existsSync(REAL) ? readdirSync(REAL).filter((entry) => !entry.includes('.')) : [])
    test(`${agent} gives the same bytes as its export`, async (context) => {
      const exported = await readExport(join(REAL, agent))
      const flows = exported.flows.map((flow) => ({ ...flow, pages: [...flow.pages] }))
      const server = await serve(context, { ...exported, flows }, { pageSize: 7 })
      assert.equal(textOf(await readLive(await connected(context, server))), textOf(exported))
    })
})

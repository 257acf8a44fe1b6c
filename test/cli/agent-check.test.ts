import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { madeAgent, writeFolder, writeZip } from '../dialogflow/made-agent.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const made = madeAgent()
const exported = writeFolder(made, join(folder.path, 'agent'))
const zip = writeZip(made, join(folder.path, 'agent.zip'))

/** A right flow file for the made agent, but for what `variables` bring in. */
const flowFile = (variables: string): string => `flow: Book a trip
captures:
  - tag: trip-done
    visible_to: [agent]
    variables:
${variables.replace(/^/gm, '      ')}
`
const flows = folder.flow(
  'flows',
  flowFile('total: $session.params.total\nwhere: { from: $session.params.destination, format: location }'),
)

describe('carryover agent pull', () => {
  test('writes the snapshot, and leaves it alone as long as it says the same', async () => {
    const first = await runCli(['agent', 'pull', '--export', exported, '--dir', flows])
    assert.equal(first.code, 0, first.stderr)
    assert.match(first.stdout, /\.agent\.json is written: 2 flows, 2 webhooks, 2 webhook calls, 4 ujet payloads\./)
    const text = readFileSync(join(flows, '.agent.json'), 'utf8')
    const again = await runCli(['agent', 'pull', '--export', zip, '--dir', flows])
    assert.match(again.stdout, /\.agent\.json stays as it is/)
    assert.equal(readFileSync(join(flows, '.agent.json'), 'utf8'), text)
  })

  test('makes no flow file of it', async () => {
    const validated = await runCli(['validate', flows])
    assert.match(validated.stdout, /^1 flow file: 0 errors, 0 warnings\./)
  })
})

describe('carryover validate beside a pulled agent', () => {
  test('suggests parameters that the agent sets', async () => {
    const own = folder.flow(
      'misspelt',
      flowFile('a: $sesion.params.destinaton\nb: $sesion.params.nothing_like_it\nc: $sesion.params.total'),
    )
    const advice = async (): Promise<string[]> =>
      JSON.parse((await runCli(['validate', own, '--format', 'json'])).stdout).map(
        ({ message }: { message: string }) => /did you mean (\S+)\?/.exec(message)?.[1],
      )
    assert.deepEqual(await advice(), [
      '$session.params.destinaton',
      '$session.params.nothing_like_it',
      '$session.params.total',
    ])
    await runCli(['agent', 'pull', '--export', zip, '--dir', own])
    assert.deepEqual(await advice(), [
      '$session.params.destination',
      '$session.params.nothing_like_it',
      '$session.params.total',
    ])
    folder.write('misspelt/.agent.json', 'broken')
    assert.equal((await advice()).length, 3, 'a broken snapshot is no matter here')
  })
})

describe('carryover agent check', () => {
  test('tells what goes around the flow files, from what was pulled and from an export alike', async () => {
    const offline = await runCli(['agent', 'check', flows])
    assert.equal(offline.code, 1)
    assert.match(offline.stdout, /^\S+\/\.agent\.json:\d+:\d+: error: this payload in the agent hands over "budget", /)
    assert.match(offline.stdout, /1 flow file: 3 errors, 0 warnings\./)
    for (const source of [exported, zip])
      assert.deepEqual(await runCli(['agent', 'check', flows, '--export', source]), offline)
  })

  test('tells which values functions compute', async () => {
    const { stdout } = await runCli(['agent', 'check', flows])
    assert.match(
      stdout,
      /Set by a function of Dialogflow, so that their kind is not known here:\n {2}total: flow "Book a trip", page "> ask: where & when", route on /,
    )
  })

  test('has all formats of validate', async () => {
    const json = await runCli(['agent', 'check', flows, '--format', 'json'])
    const found = JSON.parse(json.stdout)
    assert.deepEqual([...new Set(found.map(({ code }: { code: string }) => code))], ['agent/payload-goes-around'])
    assert.deepEqual(Object.keys(found[0]), ['code', 'severity', 'file', 'line', 'column', 'message'])
    assert.equal(found[0].file, '.agent.json')
    const github = await runCli(['agent', 'check', flows, '--format', 'github'])
    assert.match(github.stdout, /^::error file=\S+\.agent\.json,line=\d+,col=\d+,/)
    const sarif = JSON.parse((await runCli(['agent', 'check', flows, '--format', 'sarif'])).stdout)
    assert.equal(
      sarif.runs[0].results[0].relatedLocations[0].message.text.startsWith('typed into: flow "Book a trip"'),
      true,
    )
  })

  test('--check fails on a stale snapshot, and on one that is not there', async () => {
    const same = await runCli(['agent', 'check', flows, '--export', zip, '--check'])
    assert.doesNotMatch(same.stderr, /stale/)
    const changed = { ...made, flows: made.flows.slice(0, 1), groups: [] }
    const other = writeFolder(changed, join(folder.path, 'changed'))
    const stale = await runCli(['agent', 'check', flows, '--export', other, '--check', '--format', 'json'])
    assert.equal(stale.code, 1)
    assert.match(stale.stderr, /\.agent\.json is stale; write it with "carryover agent pull"/)
    const clean = folder.flow('never-pulled', flowFile('total: $session.params.total'))
    const missing = await runCli(['agent', 'check', clean, '--export', zip, '--check'])
    assert.equal(missing.code, 1)
    assert.match(missing.stderr, /\.agent\.json is not there/)
  })

  test('takes parameters that something else sets, by name and by glob', async () => {
    const other = folder.flow('elsewhere', flowFile('a: $session.params.from_caller\nb: $session.params.crm_tier'))
    const codes = async (...args: string[]): Promise<number> =>
      JSON.parse((await runCli(['agent', 'check', other, '--export', zip, '--format', 'json', ...args])).stdout).filter(
        ({ code }: { code: string }) => code === 'agent/unknown-parameter',
      ).length
    assert.equal(await codes(), 2)
    assert.equal(await codes('--elsewhere', 'from_caller'), 1)
    assert.equal(await codes('--elsewhere', 'FROM_caller, crm_*'), 0)
  })

  test('goes by the webhook of the default name, whatever others send', async () => {
    const clean = folder.flow('by-name', flowFile('total: $session.params.total'))
    const sent = (webhook: string, tag: string, at: string) => ({ at, webhook, tag })
    const fulfillments = [sent('CRM lookup', 'trip-done', 'route on a'), sent('Carryover', 'trip-donne', 'route on b')]
    const flow = { name: 'Book a trip', id: 'f1', fulfillments, parameters: [] }
    const webhooks = [{ name: 'CRM lookup' }, { name: 'Carryover' }]
    folder.write('by-name/.agent.json', { version: 1, webhooks, flows: [flow] })
    const found = async (...args: string[]): Promise<string[]> => {
      const { stdout } = await runCli(['agent', 'check', clean, '--elsewhere', '*', '--format', 'json', ...args])
      return JSON.parse(stdout).map(({ code }: { code: string }) => code)
    }
    assert.deepEqual(await found(), ['agent/tag-not-answered', 'agent/tag-never-sent'])
    assert.deepEqual(await found('--webhook', 'CRM lookup'), [])
  })

  test('shows a place of the agent in one line, whatever its name holds', async () => {
    const clean = folder.flow('unseen', flowFile('total: $session.params.total'))
    const ujet = { session_variable: { payload: { a: 1 }, capture_type: ['agent'] } }
    const payloads = [{ at: 'route on "\u001b[2J"', ujet }]
    const flow = { name: 'Book a trip', id: 'f1', payloads }
    folder.write('unseen/.agent.json', { version: 1, webhooks: [{ name: 'a\u001bb' }], flows: [flow] })
    const { stdout } = await runCli(['agent', 'check', clean])
    assert.match(stdout, /typed into: flow "Book a trip", route on "\\u001b\[2J"/)
    const { stderr } = await runCli(['agent', 'check', clean, '--webhook', 'Nobody'])
    assert.ok(![...stdout, ...stderr].includes('\u001b'))
  })

  const cases: [args: string[], code: number, says: RegExp][] = [
    [[flows, '--check'], 2, /--check compares with what you name: --agent NAME \| --export PATH/],
    [[flows, '--export', zip, '--agent', 'projects/p/locations/global/agents/a'], 2, /take the agent from one place/],
    [[flows, '--webhook', 'Nobody'], 2, /the agent has no standard webhook "Nobody"; it has Carryover/],
    [[flows, '--format', 'xml'], 2, /--format takes/],
    [
      [folder.flow('no-agent', flowFile('a: b'))],
      3,
      /there is no \S+\.agent\.json: make it with "carryover agent pull", or name the agent with/,
    ],
    [[folder.flow('bad', 'flow: x')], 3, /the flow files have errors; see "carryover validate/],
    [[flows, '--export', flows], 3, /is no exported agent/],
  ]
  for (const [args, code, says] of cases)
    test(`agent check ${args.slice(1).join(' ') || 'of a folder that it cannot check'} ends with ${code}`, async () => {
      const ran = await runCli(['agent', 'check', ...args])
      assert.equal(ran.code, code)
      assert.match(ran.stderr, says)
    })

  test('a snapshot that somebody broke is refused', async () => {
    const broken = folder.flow('broken', flowFile('a: b'))
    folder.write('broken/.agent.json', '{"version": 7}')
    const ran = await runCli(['agent', 'check', broken])
    assert.equal(ran.code, 3)
    assert.match(ran.stderr, /\.agent\.json is no snapshot of this version; make it anew with "carryover agent pull"/)
  })
})

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runCli } from './run-cli.ts'

const FLOWS = join(import.meta.dirname, '..', '..', 'flows')
let folder = ''

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'carryover-cli-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: unknown): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const oneFlow = (name: string, text: string): string => dirname(write(`${name}/a.yaml`, text))

describe('carryover', () => {
  const cases: [args: string[], code: number, says: RegExp][] = [
    [['--help'], 0, /Usage: carryover COMMAND/],
    [[], 2, /Usage: carryover COMMAND/],
    [['validat'], 2, /there is no command "validat"/],
    [['validate', '--help'], 0, /Usage: carryover validate/],
    [['validate', '--format', 'xml'], 2, /--format takes text or json/],
    [['validate', '--colour'], 2, /Unknown option '--colour'/],
    [['validate', 'a', 'b'], 2, /one folder at a time/],
    [['validate', '/nowhere/at/all'], 3, /cannot be read whole \(ENOENT\)/],
    [['preview'], 2, /name one tag/],
    [['preview', 'x'], 2, /either --request or --params/],
    [['preview', 'x', '--params', '/nowhere.json', '--dir', FLOWS], 3, /\/nowhere.json cannot be read \(ENOENT\)/],
    [['serve', '--port', '1'], 2, /Unknown option '--port'/],
  ]
  for (const [args, code, says] of cases)
    test(`${args.join(' ') || '(nothing)'} ends with ${code}`, async () => {
      const ran = await runCli(args)
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stdout + ran.stderr, says)
    })
})

describe('carryover validate', () => {
  test('the sample flows are fine, with the two warnings that their comments explain', async () => {
    const ran = await runCli(['validate', FLOWS])
    assert.equal(ran.code, 0)
    assert.match(ran.stdout, /3 flow files: 0 errors, 2 warnings\./)
  })

  test('prints nothing but JSON with --format json, positions from 1, files relative to the folder', async () => {
    const dir = oneFlow(
      'bad',
      'flow: A\ncaptures:\n  - { tag: t, visible_to: [agnt], variables: { "🧳": $sesion.params.x } }\n',
    )
    const ran = await runCli(['validate', dir, '--format', 'json'])
    assert.equal(ran.code, 1)
    const found = JSON.parse(ran.stdout) as { message: string }[]
    assert.deepEqual(
      found.map(({ message, ...rest }) => rest),
      [
        { code: 'visibility/unknown-surface', severity: 'error', file: 'a.yaml', line: 3, column: 28 },
        { code: 'reference/unknown-scope', severity: 'error', file: 'a.yaml', line: 3, column: 53 },
      ],
    )
  })

  test('takes the folder from FLOWS_DIR where none is named, and the policy from POLICY_FILE', async () => {
    const dir = oneFlow(
      'env',
      'flow: A\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { ssn: $session.params.ssn } }\n',
    )
    const policy = write('elsewhere/rules.yaml', { parameters: [{ match: ['ssn'], visible_to: [] }] })
    assert.equal((await runCli(['validate'], { FLOWS_DIR: dir })).code, 0)
    const ran = await runCli(['validate'], { FLOWS_DIR: dir, POLICY_FILE: policy })
    assert.equal(ran.code, 1)
    assert.match(ran.stdout, /policy\/too-visible/)
  })
})

describe('carryover preview', () => {
  const TRIP = { favfood: 'ramen', budget: 1200, location: 'Osaka' }

  test('--json prints the response, what the surfaces see, and notes', async () => {
    const ran = await runCli(['preview', 'trip-details', '--dir', FLOWS, '--params', write('p.json', TRIP), '--json'])
    assert.equal(ran.code, 0, ran.stderr)
    const { response, surfaces, notes } = JSON.parse(ran.stdout)
    assert.equal(response.fulfillmentResponse.messages.length, 1)
    assert.deepEqual(surfaces, {
      agent: { key_three: 1200 },
      comment: { key_three: 1200 },
      event: { key_one: 'Osaka' },
      data_parameters: {},
    })
    assert.deepEqual(notes, [
      { code: 'unset', variable: 'key_four' },
      { code: 'unset', variable: 'key_five' },
    ])
  })

  test('takes a captured request, whatever its tag', async () => {
    const request = {
      fulfillmentInfo: { tag: 'other' },
      sessionInfo: { parameters: TRIP },
      messages: [],
      unknownField: 1,
    }
    const ran = await runCli(['preview', 'trip-details', '--dir', FLOWS, '--request', write('r.json', request)])
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stdout, /event \(post events\)\n {2}key_one: "Osaka"/)
  })

  test('says when an answer needs several payloads, and how to try that', async () => {
    const parameters = { topic: 'x', callback_number: '2025550123' }
    const ran = await runCli(['preview', 'to-a-person', '--dir', FLOWS, '--params', write('p.json', parameters)])
    assert.match(ran.stdout, /holds 2 session_variable payloads.*payloads_per_answer: one/s)
  })

  test('finds captures of files with ids, and asks which flow where several have the tag', async () => {
    const capture = (id: string, flow: string): string =>
      `flow: ${flow}\nflow_id: ${id}\nagent_id: [a1, a2]\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { from: ${flow} } }\n`
    write('two/a.yaml', capture('f1', 'One'))
    const dir = dirname(write('two/b.yaml', capture('f2', 'Two')))
    const params = write('p.json', {})
    const asked = await runCli(['preview', 't', '--dir', dir, '--params', params])
    assert.equal(asked.code, 2)
    assert.match(asked.stderr, /choose one by --flow: One, Two/)
    const told = await runCli(['preview', 't', '--dir', dir, '--params', params, '--flow', 'Two', '--json'])
    assert.deepEqual(JSON.parse(told.stdout).surfaces.agent, { from: 'Two' })
    const wrong = await runCli(['preview', 't', '--dir', dir, '--params', params, '--flow', 'Three'])
    assert.match(wrong.stderr, /there is no such flow with this tag; there are: One, Two/)
  })

  test('will not preview flow files with errors, nor files that are no JSON', async () => {
    const dir = oneFlow('broken', 'flow: A\n')
    const ran = await runCli(['preview', 't', '--dir', dir, '--params', write('p.json', {})])
    assert.equal(ran.code, 3)
    assert.match(ran.stderr, /have errors; see "carryover validate/)
    const odd = await runCli(['preview', 'trip-details', '--dir', FLOWS, '--params', write('odd.json', '{"a": CANARY')])
    assert.equal(odd.code, 3)
    assert.doesNotMatch(odd.stderr, /CANARY/)
  })

  test('names tags like the one that a request asks for', async () => {
    const ran = await runCli(['preview', 'trip-detials', '--dir', FLOWS, '--request', write('r.json', {})])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /404 unknown_tag.*trip-details/)
  })
})

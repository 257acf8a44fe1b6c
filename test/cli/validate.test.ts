import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { stripVTControlCharacters, styleText } from 'node:util'
import AjvDraft4 from 'ajv-draft-04'
import stringWidth from 'string-width'
import { SAMPLES } from '../samples.ts'
import { configurationIn } from '../server/test-app.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts')
const temporary = temporaryFolder()

describe('carryover validate', () => {
  test('the sample flows are fine, with the two warnings that their comments explain', async () => {
    const ran = await runCli(['validate', SAMPLES])
    assert.equal(ran.code, 0)
    const { hash } = await configurationIn(SAMPLES)
    assert.ok(ran.stdout.endsWith(`\n3 flow files: 0 errors, 2 warnings. Hash: ${hash.slice(0, 12)}.\n`), ran.stdout)
  })

  test('says so where there is no policy', async () => {
    const dir = temporary.flow('free', 'flow: A\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { a: 1 } }\n')
    const ran = await runCli(['validate', dir])
    assert.match(
      ran.stdout,
      /0 warnings\. There is no policy\.yaml: nothing limits who may see what\. Hash: [0-9a-f]{12}\.\n$/,
    )
  })

  test('prints nothing but JSON with --format json, positions from 1, files relative to the folder', async () => {
    const dir = temporary.flow(
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
    const dir = temporary.flow(
      'env',
      'flow: A\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { ssn: $session.params.ssn } }\n',
    )
    const policy = temporary.write('elsewhere/rules.yaml', { parameters: [{ match: ['ssn'], visible_to: [] }] })
    assert.equal((await runCli(['validate'], { FLOWS_DIR: dir })).code, 0)
    const ran = await runCli(['validate'], { FLOWS_DIR: dir, POLICY_FILE: policy })
    assert.equal(ran.code, 1)
    assert.match(ran.stdout, /policy\/too-visible/)
  })

  const ODD =
    'flow: "50%, a:b"\ncaptures:\n  - { tag: t, visible_to: [agnt], variables: { a: 1 } }\n  - { tag: t, visible_to: [agent], variables: { b: 1 } }\n'

  test("--format github writes GitHub's workflow commands", async () => {
    const dir = temporary.flow('git, 100%', ODD)
    const ran = await runCli(['validate', dir, '--format', 'github'])
    assert.equal(ran.code, 1)
    const file = `${dir.replace('%', '%25').replace(',', '%2C')}/a.yaml`
    assert.deepEqual(ran.stdout.split('\n').slice(0, 2), [
      `::error file=${file},line=3,col=28,endColumn=32,title=visibility/unknown-surface::unknown word "agnt" in visible_to; expected agent, comment, event or data_parameters; did you mean "agent"?`,
      `::error file=${file},line=4,col=12,endColumn=13,title=route/duplicate::tag "t" is answered by another capture for the same flow and agent already; rename one of them, or give the files different flow_id or agent_id`,
    ])
  })

  test('--format sarif is valid against its published schema, and knows related places', async () => {
    const schema = JSON.parse(
      readFileSync(
        createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'),
        'utf8',
      ),
    )
    const ajv = new AjvDraft4.default({ strict: false, validateFormats: false, unicodeRegExp: false })
    const isSarif = ajv.compile(schema)
    for (const dir of [SAMPLES, temporary.flow('sarif ü', ODD)]) {
      const ran = await runCli(['validate', dir, '--format', 'sarif'])
      const log = JSON.parse(ran.stdout)
      assert.ok(isSarif(log), JSON.stringify(isSarif.errors))
    }
    const ran = await runCli(['validate', temporary.flow('sarif ü', ODD), '--format', 'sarif'])
    const [, duplicate] = JSON.parse(ran.stdout).runs[0].results
    assert.equal(duplicate.ruleId, 'route/duplicate')
    assert.equal(duplicate.relatedLocations[0].physicalLocation.region.startLine, 3)
    assert.match(duplicate.locations[0].physicalLocation.artifactLocation.uri, /^file:.*sarif%20%C3%BC\/a\.yaml$/)
    assert.ok(!isSarif({ version: '2.1.0' }), 'the schema refuses what is no SARIF')
  })

  test('--max-warnings makes more warnings than that a problem', async () => {
    assert.equal((await runCli(['validate', SAMPLES, '--max-warnings', '2'])).code, 0)
    const ran = await runCli(['validate', SAMPLES, '--max-warnings', '1', '--format', 'json'])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /2 warnings, and at most 1 are allowed/)
    assert.equal(JSON.parse(ran.stdout).length, 2)
    for (const odd of ['-1', '1.5', 'none', ''])
      assert.equal((await runCli(['validate', SAMPLES, `--max-warnings=${odd}`])).code, 2, odd)
  })

  test('shows colours where the screen has them, and only there', async () => {
    const dir = temporary.flow('colour', ODD)
    const plain = await runCli(['validate', dir])
    const coloured = await runCli(['validate', dir], {}, { colour: true, width: 400 })
    assert.equal(stripVTControlCharacters(plain.stdout), plain.stdout)
    assert.ok(coloured.stdout.includes(styleText('red', 'error:', { validateStream: false })))
    assert.equal(stripVTControlCharacters(coloured.stdout), plain.stdout)
  })

  test('fits a terminal: words stay whole, and of a long line the part around the mistake is shown', async () => {
    const before = 'description: "여행 여행 여행 여행 여행 여행 여행 여행 여행 여행 여행 여행 여행 여행"'
    const dir = temporary.flow(
      'narrow',
      `flow: A\ncaptures:\n  - { tag: t, ${before}, visible_to: [agent, agnt], variables: { some_name: 1, another_name: 2, a_third: 3 } }\n`,
    )
    const { stdout } = await runCli(['validate', dir], {}, { colour: false, width: 60 })
    const lines = stdout.split('\n')
    for (const line of lines.slice(1)) assert.ok(stringWidth(line) <= 60, line)
    const excerpt = lines.find((line) => line.includes(' | …')) ?? assert.fail(stdout)
    const marker = lines[lines.indexOf(excerpt) + 1] ?? ''
    assert.equal(stringWidth(excerpt.slice(0, excerpt.indexOf('agnt'))), marker.indexOf('^'))
    assert.equal(marker.trimEnd().slice(marker.indexOf('^')), '^~~~')
    assert.match(excerpt, /…$/)
    const piped = await runCli(['validate', dir])
    assert.ok(piped.stdout.includes(before))
  })

  test('of a file that is a single line, what stands around each mistake is shown', async () => {
    const captures = Array.from({ length: 500 }, (_, i) => ({ tagg: `t${i}` }))
    const dir = temporary.write('single/a.json', JSON.stringify({ flow: 'A', captures }))
    const { stdout } = await runCli(['validate', join(dir, '..')])
    const excerpts = stdout.split('\n').filter((line) => line.startsWith('    1 | '))
    assert.equal(excerpts.length, 1_000)
    for (const line of excerpts) assert.ok(stringWidth(line) <= 240, line)
  })

  test('--watch looks again at every change, waits for a folder that is gone, and ends at Ctrl+C', {
    timeout: 30_000,
  }, async (t) => {
    const dir = temporary.flow('watched', ODD)
    const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'validate', dir, '--watch'])
    t.after(() => child.kill('SIGKILL'))
    let seen = ''
    const sees = async (text: RegExp): Promise<void> => {
      while (!text.test(seen)) {
        const [chunk] = await once(child.stdout, 'data')
        seen += chunk
      }
      seen = ''
    }
    child.stderr.on('data', () => {})
    await sees(/2 errors, 0 warnings[\s\S]*waiting for changes/)
    temporary.flow('watched', 'flow: A\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { a: 1 } }\n')
    await sees(/0 errors, 0 warnings[\s\S]*waiting for changes/)
    rmSync(dir, { recursive: true })
    await sees(/waiting for changes/)
    temporary.flow('watched', ODD)
    await sees(/2 errors, 0 warnings[\s\S]*waiting for changes/)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  })

  test('--watch is for people', async () => {
    assert.equal((await runCli(['validate', SAMPLES, '--watch', '--format', 'json'])).code, 2)
  })
})

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { readPulled } from '../../src/cli/agent-source.ts'
import { readFolder } from '../../src/config/folder.ts'
import { load } from '../../src/config/load.ts'
import { CODES, type Diagnostic, messageOf, severityOf } from '../../src/core/diagnostic.ts'
import { EXPLANATIONS, type ExampleFiles } from '../../src/core/explanations.ts'
import { NO_POLICY } from '../../src/core/policy.ts'
import { checkAgent } from '../../src/dialogflow/check-agent.ts'
import { parseSnapshot, SNAPSHOT_FILE } from '../../src/dialogflow/snapshot.ts'
import { writeSnapshot } from '../../src/dialogflow/write-snapshot.ts'
import { checkSession } from '../../src/sessions/check-session.ts'
import { readSessions } from '../../src/sessions/read-sessions.ts'
import { runCli } from './run-cli.ts'

let root = ''

before(() => {
  root = mkdtempSync(join(tmpdir(), 'carryover-explain-'))
})
after(() => rmSync(root, { recursive: true, force: true }))

/** What the program says of these files when they lie on the disk. */
async function diagnosticsOf(files: ExampleFiles): Promise<readonly Diagnostic[]> {
  const folder = mkdtempSync(join(root, 'flows-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  if (Object.keys(files).some((path) => path.startsWith('sessions/'))) return sessionDiagnosticsOf(folder)
  const loaded = load(readFolder(folder))
  const snapshot = await readPulled(folder)
  if (!snapshot || !loaded.configuration) return loaded.diagnostics
  return [...loaded.diagnostics, ...checkAgent(snapshot, { ...loaded, ...loaded.configuration }).diagnostics]
}

async function sessionDiagnosticsOf(folder: string): Promise<Diagnostic[]> {
  const found: Diagnostic[] = []
  const { configuration } = load({ ...readFolder(folder, undefined, { mayBeEmpty: true }), flows: [] })
  for await (const reading of readSessions([join(folder, 'sessions')]))
    found.push(...reading.diagnostics, ...checkSession(reading, configuration?.policy ?? NO_POLICY))
  return found
}

describe('explanations', () => {
  test('there is one for every code, in the order of the codes, and none for a code that does not exist', () =>
    assert.deepEqual(Object.keys(EXPLANATIONS), CODES))

  for (const code of CODES) {
    const { summary, why, wrong, right } = EXPLANATIONS[code]

    test(`${code}: the wrong example gives this diagnostic alone`, async () => {
      const codes = (await diagnosticsOf(wrong)).map((diagnostic) => diagnostic.code)
      assert.deepEqual(codes, [code])
    })

    test(`${code}: the right example gives none`, async () =>
      assert.deepEqual((await diagnosticsOf(right)).map(messageOf), []))

    test(`${code}: the right example is the wrong one mended, and both are short`, () => {
      const lines = ({ [SNAPSHOT_FILE]: _, ...files }: ExampleFiles): string[] =>
        Object.values(files).flatMap((text) => text.trimEnd().split('\n'))
      const kept = lines(wrong).filter((line) => lines(right).includes(line))
      assert.ok(kept.length >= 2, 'most lines stay')
      assert.notDeepEqual(wrong, right)
      for (const files of [wrong, right]) assert.ok(lines(files).length <= 14, `${lines(files).length} lines`)
    })

    test(`${code}: an agent in it is as "agent pull" writes it, and small`, () => {
      for (const { [SNAPSHOT_FILE]: text } of [wrong, right]) {
        if (text === undefined) continue
        const snapshot = parseSnapshot(text)
        assert.ok(snapshot)
        assert.equal(writeSnapshot(snapshot).text, text)
        assert.ok(text.split('\n').length <= 40)
      }
    })

    test(`${code}: it is told in two to four sentences, with a summary for the list`, () => {
      const sentences = why.match(/[.?!](?= [A-Z"]|$)/g) ?? []
      assert.ok(sentences.length >= 2 && sentences.length <= 4, `${sentences.length} sentences`)
      assert.match(summary, /^[^A-Z].*[^.]$/)
    })
  }
})

describe('carryover explain', () => {
  test('without a code lists all of them, with their severities', async () => {
    const ran = await runCli(['explain'])
    assert.equal(ran.code, 0)
    for (const code of CODES) assert.match(ran.stdout, new RegExp(`^ {2}${code} +${severityOf(code)} +\\S`, 'm'), code)
    assert.match(ran.stdout, /^policy\n {2}policy\/too-visible/m)
  })

  for (const code of CODES)
    test(`explains ${code}, with the diagnostic under the wrong example`, async () => {
      const ran = await runCli(['explain', code])
      assert.equal(ran.code, 0)
      assert.ok(ran.stdout.startsWith(`${code} (${severityOf(code)}): ${EXPLANATIONS[code].summary}\n`))
      const [, wrong = '', right = ''] = ran.stdout.split(/^(?:Wrong|Right)$/m)
      assert.equal(wrong.split(`[${code}]`).length, 2, 'shown once')
      assert.doesNotMatch(right, /: (?:error|warning): /)
    })

  const cases: [args: string[], code: number, says: RegExp][] = [
    [['too-visible'], 0, /^policy\/too-visible \(error\)/],
    [['[policy/too-visible]'], 0, /^policy\/too-visible \(error\)/],
    [['duplicate-key'], 2, /"duplicate-key" is several codes: file\/duplicate-key, visibility\/duplicate-key/],
    [['visibility'], 0, /^visibility\n {2}visibility\/unknown-surface [\s\S]*visibility\/may-spread/],
    [['policy/to-visible'], 2, /there is no code "policy\/to-visible"; did you mean policy\/too-visible\?/],
    [['unknown-surfaces'], 2, /did you mean visibility\/unknown-surface\?/],
    [['duplicate-keys'], 2, /did you mean file\/duplicate-key or visibility\/duplicate-key\?/],
    [['weather'], 2, /there is no code "weather"; "carryover explain" lists all of them/],
    [['policy/too-visible', 'file/syntax'], 2, /one code at a time/],
    [['--all'], 2, /Unknown option '--all'/],
    [['--help'], 0, /Usage: carryover explain \[CODE\]/],
  ]
  for (const [args, code, says] of cases)
    test(`explain ${args.join(' ')} ends with ${code}`, async () => {
      const ran = await runCli(['explain', ...args])
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stdout + ran.stderr, says)
    })
})

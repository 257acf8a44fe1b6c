import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { load } from '../src/config/load.ts'
import { runCli } from './cli/run-cli.ts'
import { SAMPLES } from './samples.ts'

const ROOT = join(import.meta.dirname, '..')
const GUIDE = readFileSync(join(ROOT, 'flows', 'README.md'), 'utf8')

interface Snippet {
  readonly language: string
  /** What stands behind the language: a file's name, or how to run it. */
  readonly info: string
  readonly text: string
  readonly line: number
}

const snippets: Snippet[] = [...GUIDE.matchAll(/^```(\w+)(?: ([^\n]*))?\n(.*?)^```$/gms)].map(
  ({ 1: language = '', 2: info = '', 3: text = '', index }) => ({
    language,
    info,
    text,
    line: GUIDE.slice(0, index).split('\n').length,
  }),
)

// The snippets are one story: a reader who types all of it, in order, in a folder of their own.
const folder = mkdtempSync(join(tmpdir(), 'carryover-guide-'))
after(() => rmSync(folder, { recursive: true, force: true }))
cpSync(SAMPLES, join(folder, 'flows'), { recursive: true })
process.chdir(folder)

async function run(command: string): Promise<{ code: number; output: string }> {
  const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  assert.equal(args.shift(), 'carryover', command)
  const { code, stdout, stderr } = await runCli(args)
  return { code, output: stdout + stderr }
}

/** Lines of `…` stand for any lines; spaces at the end of a line do not count. */
function assertShown(output: string, expected: string): void {
  const lines = (text: string): string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd())
  const pattern = lines(expected).map((line) =>
    line === '…' ? '(?:.*\n)*' : `${line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\n`,
  )
  assert.match(`${lines(output).join('\n')}\n`, new RegExp(`^${pattern.join('')}$`))
}

function write({ info, text }: Snippet): void {
  mkdirSync(dirname(join(folder, info)), { recursive: true })
  writeFileSync(join(folder, info), text)
}

/** A fragment that shows variables alone, in the smallest file around it. */
function checkVariables(text: string): void {
  const file = `flow: A\ncaptures:\n  - tag: t\n    visible_to: [agent]\n    variables:\n${text.replace(/^/gm, '      ')}\n`
  const flows = [{ path: 'a.yaml', bytes: Buffer.from(file) }]
  const { diagnostics } = load({ flows, policy: undefined, policyPath: 'policy.yaml', misplacedPolicies: [] })
  assert.deepEqual(diagnostics, [])
}

let output = ''
for (const snippet of snippets) {
  const { language, info, text, line } = snippet
  test(`the guide's line ${line}: ${language} ${info}`, async () => {
    if (language === 'yaml' && info === 'variables') checkVariables(text)
    else if (language === 'yaml' || language === 'json') write(snippet)
    else if (language === 'sh') {
      const ran: Awaited<ReturnType<typeof run>>[] = []
      for (const command of text.trim().split('\n')) ran.push(await run(command))
      const expected = Number(/^exits with (\d)$/.exec(info)?.[1] ?? 0)
      output = ran.map((one) => one.output).join('')
      assert.deepEqual([...new Set(ran.map(({ code }) => code))], [expected], output)
    } else if (language === 'text') assertShown(output, text)
    else assert.fail(`nobody runs ${language}`)
  })
}

test('at the end every flow file of the reader is right, and every example passes', async () => {
  const validated = await run('carryover validate')
  assert.equal(validated.code, 0, validated.output)
  assert.match(validated.output, /6 flow files: 0 errors, 2 warnings/)
  const tested = await run('carryover test')
  assert.equal(tested.code, 0, tested.output)
})

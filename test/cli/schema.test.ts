import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCli } from './run-cli.ts'

const ROOT = join(import.meta.dirname, '..', '..')

for (const name of ['flow', 'policy', 'representatives'])
  test(`flows/${name}.schema.json is what "carryover schema ${name}" prints`, async () => {
    const { code, stdout } = await runCli(['schema', name])
    assert.equal(code, 0)
    const written = readFileSync(join(ROOT, 'flows', `${name}.schema.json`), 'utf8').replaceAll('\r\n', '\n')
    assert.ok(
      written === stdout,
      `flows/${name}.schema.json is stale: run "npm run generate", and commit what it writes`,
    )
  })

test('without a word it is the schema of a flow file', async () => {
  const { stdout } = await runCli(['schema'])
  assert.equal(JSON.parse(stdout).title, 'Carryover flow file')
})

test('there are three schemas', async () => {
  for (const args of [
    ['schema', 'flows'],
    ['schema', 'flow', 'policy'],
    ['schema', '--policy'],
  ]) {
    const { code, stdout, stderr } = await runCli(args)
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /Usage: carryover schema \[flow\|policy\|representatives\]/)
  }
})

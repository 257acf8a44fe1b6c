import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from './run-cli.ts'

test('carryover studio says how it is called', async () => {
  const { code, stdout } = await runCli(['studio', '--help'])
  assert.equal(code, 0)
  assert.match(stdout, /--edit-policy/)
  for (const args of [['a', 'b'], ['--port', 'http'], ['--port', '65536'], ['--edit']])
    assert.equal((await runCli(['studio', ...args])).code, 2, args.join(' '))
})

test('carryover studio says what it lacks', async () => {
  // The page is built by "npm run build", into dist alone.
  const { code, stderr } = await runCli(['studio', 'flows', '--port', '0'])
  assert.equal(code, 3)
  assert.match(stderr, /npm run build/)
})

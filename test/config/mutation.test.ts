import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const RUNS = 5_000
/** A guard against hanging, in milliseconds without a sign of life. */
const SILENCE = 30_000

test(`${RUNS} mutated flow files: validate neither crashes nor hangs nor points outside of the file`, async (t) => {
  const script = join(import.meta.dirname, 'mutate-files.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(RUNS)])
  let said = ''
  let hung = false
  const kill = (): void => {
    hung = true
    child.kill('SIGKILL')
  }
  let guard = setTimeout(kill, SILENCE)
  const listen = (chunk: Buffer): void => {
    said += chunk
    clearTimeout(guard)
    guard = setTimeout(kill, SILENCE)
  }
  child.stdout.on('data', listen)
  child.stderr.on('data', listen)
  const code = await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(guard)
  t.diagnostic(said.split('\n')[0] ?? '')
  assert.ok(!hung, `no sign of life for ${SILENCE / 1_000} s: ${said}`)
  assert.equal(code, 0, said)
  assert.match(said, new RegExp(`${RUNS} mutated files: \\d+ that parse`))
})

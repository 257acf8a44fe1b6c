import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SCREEN } from '../../src/cli/command.ts'
import { showProgress } from '../../src/cli/show-progress.ts'

test('long work tells how far it is, at most once a second, on standard error; short work is silent', () => {
  let now = 0
  let [told, printed] = ['', '']
  const io = {
    stdout: { write: (text: string) => (printed += text) },
    stderr: { write: (text: string) => (told += text) },
    environment: {},
    screen: NO_SCREEN,
  }
  const progress = showProgress(io, () => now)
  for (now = 0; now < 1000; now += 10) progress({ files: now, of: 2500 })
  assert.equal(told, '')
  for (now = 1000; now <= 2500; now += 10) progress({ files: now, of: 2500 })
  assert.equal(told, 'Read 1,000 of 2,500 files …\nRead 2,000 of 2,500 files …\n')
  progress({ flows: 3, pages: 40 })
  now += 1000
  progress({ flows: 3, pages: 41 })
  assert.match(told, /\nRead 3 flows, 41 pages …\n$/)
  now += 1000
  progress({ files: 1, 'calls of the webhook': 1 })
  assert.match(told, /\nRead 1 file, 1 call of the webhook …\n$/)
  assert.equal(printed, '')
})

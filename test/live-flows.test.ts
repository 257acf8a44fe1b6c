import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

// A designer adds, changes and removes flow files, and no test of the program may turn red by it. What holds for them is
// checked by "carryover validate", "test" and "dictionary --check" in the workflow.
test('no test reads the flow files that are live', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.test.ts'),
  )
  assert.ok(files.length > 40)
  const reading = files.filter((file) =>
    /(?:ROOT|'\.\.'), 'flows'\)/.test(readFileSync(join(import.meta.dirname, file), 'utf8')),
  )
  assert.deepEqual(reading, [])
})

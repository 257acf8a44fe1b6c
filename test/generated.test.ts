import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { GENERATED } from './generated.ts'

for (const [path, make] of Object.entries(GENERATED))
  test(`${path} is fresh`, async () => {
    const there = readFileSync(join(import.meta.dirname, '..', path), 'utf8')
    assert.ok(there === (await make()), `${path} is stale: npm run generate`)
  })

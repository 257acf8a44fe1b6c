import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { load } from '../../src/config/load.ts'
import { showDiagnostic } from '../../src/config/show-diagnostic.ts'
import { CODES } from '../../src/core/diagnostic.ts'

// Each FILE.flow.yaml has what `validate` says of it in FILE.out. UPDATE=1 writes what came: read it before you commit it.
const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'bad')
const seen = new Set<string>(['file/misplaced-policy'])

for (const file of readdirSync(FOLDER).filter((name) => /\.flow\.(?:yaml|json)$/.test(name))) {
  test(`bad flow file: ${file}`, () => {
    const base = join(FOLDER, file.replace(/\.flow\.\w+$/, ''))
    const policy = existsSync(`${base}.policy.yaml`)
      ? { path: 'policy.yaml', bytes: readFileSync(`${base}.policy.yaml`) }
      : undefined
    const flows = [{ path: file, bytes: readFileSync(join(FOLDER, file)) }]
    const { diagnostics, texts } = load({ flows, policy, policyPath: 'policy.yaml', misplacedPolicies: [] })
    const shown = diagnostics.map((diagnostic) => `${showDiagnostic(diagnostic, { folder: '', texts })}\n`).join('\n')
    for (const { code } of diagnostics) seen.add(code)
    if (process.env.UPDATE) writeFileSync(`${base}.out`, shown)
    assert.equal(shown, readFileSync(`${base}.out`, 'utf8'))
    assert.notEqual(shown, '', 'a bad file has at least one diagnostic')
  })
}

after(() => assert.deepEqual([...seen].sort(), [...CODES].sort(), 'every code has a bad file'))

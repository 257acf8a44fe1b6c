import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { DEFAULT_WEBHOOK, readPulled } from '../../src/cli/agent-source.ts'
import { type FlowFolder, readFolder } from '../../src/config/folder.ts'
import { load } from '../../src/config/load.ts'
import { showDiagnostics } from '../../src/config/show-diagnostic.ts'
import { CODES } from '../../src/core/diagnostic.ts'
import { checkAgent } from '../../src/dialogflow/check-agent.ts'
import type { AgentSnapshot } from '../../src/dialogflow/snapshot.ts'

// Each NAME.flow.yaml or NAME.flow.json (with NAME.policy.yaml, if there is one), and each folder NAME, has what `validate`
// says of it in NAME.out; of a folder with `.agent.json`, what `agent check` says as well. UPDATE=1 writes what came: read it before you commit it.
const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'bad')
const seen = new Set<string>()

function readOne(file: string): FlowFolder {
  const policy = join(FOLDER, file.replace(/\.flow\.\w+$/, '.policy.yaml'))
  return {
    flows: [{ path: file, bytes: readFileSync(join(FOLDER, file)) }],
    policy: existsSync(policy) ? { path: 'policy.yaml', bytes: readFileSync(policy) } : undefined,
    policyPath: 'policy.yaml',
    misplacedPolicies: [],
  }
}

function check(name: string, folder: FlowFolder, agent?: AgentSnapshot): void {
  const loaded = load(folder)
  const checked =
    agent &&
    loaded.configuration &&
    checkAgent(agent, { ...loaded, ...loaded.configuration }, { webhook: DEFAULT_WEBHOOK })
  const diagnostics = [...loaded.diagnostics, ...(checked?.diagnostics ?? [])]
  const texts = new Map([...loaded.texts, ...(checked ? [[checked.source.path, checked.source.text] as const] : [])])
  const shown = showDiagnostics(diagnostics, { folder: '', texts })
    .map((text) => `${text}\n`)
    .join('\n')
  for (const { code } of diagnostics) seen.add(code)
  const out = join(FOLDER, `${name}.out`)
  if (process.env.UPDATE) writeFileSync(out, shown)
  assert.equal(shown, readFileSync(out, 'utf8'))
  assert.notEqual(shown, '', 'a bad file has at least one diagnostic')
}

for (const entry of readdirSync(FOLDER, { withFileTypes: true })) {
  const { name } = entry
  if (entry.isDirectory())
    test(`bad folder: ${name}`, async () => {
      const path = join(FOLDER, name)
      check(name, readFolder(path), await readPulled(path))
    })
  else if (/\.flow\.(?:yaml|json)$/.test(name))
    test(`bad flow file: ${name}`, () => check(name.replace(/\.flow\.\w+$/, ''), readOne(name)))
}

test('each expectation belongs to a file or a folder', () => {
  const names = readdirSync(FOLDER).filter((name) => !name.endsWith('.out'))
  const known = new Set(names.map((name) => name.replace(/\.(?:flow|policy)\.\w+$/, '')))
  for (const out of readdirSync(FOLDER).filter((name) => name.endsWith('.out')))
    assert.ok(known.has(out.replace(/\.out$/, '')), out)
})

/** Of session metadata, which `validate` does not read: test/sessions and test/cli/sessions-check.test.ts. */
const elsewhere = CODES.filter((code) => code.startsWith('session/'))

after(() => assert.deepEqual([...seen, ...elsewhere].sort(), [...CODES].sort(), 'every code has a bad file'))

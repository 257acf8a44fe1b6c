import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import type { FlowFolder } from '../../src/config/folder.ts'
import { keepConfiguration, recallConfiguration } from '../../src/config/kept-configuration.ts'
import { load } from '../../src/config/load.ts'
import type { Configuration } from '../../src/core/configuration.ts'
import { answer } from '../../src/webhook/answer.ts'
import { CHOICES, Draw, drawCase, writeFlowFile, writeRequest } from '../webhook/random-case.ts'
import { isRuled, limitOf } from '../webhook/who-may-see.ts'

const place = mkdtempSync(join(tmpdir(), 'carryover-kept-'))
const path = join(place, 'configuration.bin')
const at = pathToFileURL(path)
after(() => rmSync(place, { recursive: true }))

const POLICY =
  'parameters: [{ match: ["card_*"], visible_to: [agent], reason: PCI }]\nvalues: [{ detect: email, action: mask }]'
const FLOW = `flow: A
captures:
  - tag: t
    variables:
      card: { from: $session.params.card_number, visible_to: [agent] }
      note: { from: "of $session.params.card_number2", visible_to: [] }`

const folderOf = (files: Record<string, string>, policy?: string, policyPath = 'policy.yaml'): FlowFolder => ({
  flows: Object.entries(files).map(([name, text]) => ({ path: name, bytes: Buffer.from(text) })),
  policy: policy === undefined ? undefined : { path: policyPath, bytes: Buffer.from(policy) },
  policyPath,
  misplacedPolicies: [],
})

const folder = folderOf({ 'a.yaml': FLOW }, POLICY)
const keep = (kept: FlowFolder): void => keepConfiguration(load(kept), at)
const recall = (asked: FlowFolder) => recallConfiguration(asked, at)

function recalled(asked: FlowFolder): Configuration {
  const found = recall(asked)
  assert.ok(found?.configuration)
  return found.configuration
}

test('a folder that was kept comes back as it would load, warnings included', () => {
  keep(folder)
  const [found, loaded] = [recall(folder), load(folder)]
  assert.equal(found?.configuration?.hash, loaded.configuration?.hash)
  assert.ok(loaded.diagnostics.length > 0)
  assert.deepEqual(found?.diagnostics, loaded.diagnostics)
  assert.deepEqual(found?.texts, loaded.texts)
  assert.deepEqual(found?.plans, loaded.plans)
  assert.equal(found?.files, loaded.files)
})

const choices = fc.array(fc.noBias(fc.nat(CHOICES - 1)), { minLength: 600, maxLength: 600 })

test('what was kept answers like what is loaded, whatever flow file, policy and request', async () => {
  await fc.assert(
    fc.asyncProperty(choices, async (numbers) => {
      const random = drawCase(new Draw(numbers), limitOf, isRuled)
      const made = folderOf({ 'a.json': JSON.stringify(writeFlowFile(random)) }, JSON.stringify(random.policy))
      const { configuration } = load(made)
      fc.pre(configuration !== undefined)
      keep(made)
      const request = writeRequest(random)
      assert.deepEqual(answer(recalled(made), request), answer(configuration, request))
    }),
    { numRuns: 300 },
  )
})

const changed: [what: string, FlowFolder][] = [
  ['a byte of a flow file', folderOf({ 'a.yaml': `${FLOW} ` }, POLICY)],
  ['the name of a flow file', folderOf({ 'b.yaml': FLOW }, POLICY)],
  ['one more flow file', folderOf({ 'a.yaml': FLOW, 'b.yaml': FLOW.replace('tag: t', 'tag: u') }, POLICY)],
  ['a byte of the policy', folderOf({ 'a.yaml': FLOW }, `${POLICY} `)],
  ['no policy', folderOf({ 'a.yaml': FLOW })],
  ['the policy as a flow file', folderOf({ 'policy.yaml': POLICY, 'a.yaml': FLOW })],
  ['a second policy that would not be read', { ...folder, misplacedPolicies: ['teams/policy.yaml'] }],
]

for (const [what, other] of changed)
  test(`what was kept is not taken for ${what}`, async () => {
    keep(folder)
    assert.equal(recall(other), undefined)
  })

test('a folder with an error is not kept, and leaves what was kept alone', () => {
  keep(folder)
  const before = readFileSync(path)
  keep(folderOf({ 'a.yaml': 'flow: A' }))
  assert.deepEqual(readFileSync(path), before)
})

test('what another Node has kept is not taken', () => {
  keep(folder)
  writeFileSync(path, serialize({ ...deserialize(readFileSync(path)), node: 'v1.0.0' }))
  assert.equal(recall(folder), undefined)
})

test('what cannot be read is as if it were not there', () => {
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('text'),
    Buffer.alloc(100, 255),
    serialize(undefined),
    serialize(5),
  ]) {
    writeFileSync(path, bytes)
    assert.equal(recall(folder), undefined)
  }
  rmSync(path)
  assert.equal(recall(folder), undefined)
})

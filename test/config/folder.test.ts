import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { FolderError, readFolder } from '../../src/config/folder.ts'
import { load } from '../../src/config/load.ts'

const FLOW = 'flow: A\ncaptures:\n  - { tag: t, then: { action: end } }\n'
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carryover-folder-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, text = FLOW): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const flowPaths = (): string[] => readFolder(folder).flows.map(({ path }) => path)

test('flow files are found at any depth, and in one order', () => {
  for (const name of ['b.yml', 'a.yaml', 'deep/er/c.json']) write(name)
  for (const name of [
    '_draft.yaml',
    '.agent.json',
    'flow.schema.json',
    'representatives.yaml',
    'README.md',
    '_old/d.yaml',
    '.git/e.yaml',
  ])
    write(name)
  assert.deepEqual(flowPaths(), ['a.yaml', 'b.yml', 'deep/er/c.json'])
})

test('links to files and folders are followed, and circles end', () => {
  write('..data/real.yaml')
  write('real/x.yaml')
  symlinkSync(join(folder, '..data/real.yaml'), join(folder, 'link.yaml'))
  symlinkSync(folder, join(folder, 'real', 'circle'))
  assert.deepEqual(flowPaths(), ['link.yaml', 'real/x.yaml'])
})

test('a policy that would be overlooked is an error, wherever it is', () => {
  write('a.yaml')
  for (const name of ['policy.yml', 'policy.json', 'sub/policy.yaml', 'sub/Policy.YML']) write(name, '{}')
  const { diagnostics } = load(readFolder(folder))
  assert.deepEqual(
    diagnostics.map(({ code, file, line, column }) => [code, file, line, column]),
    ['policy.json', 'policy.yml', 'sub/Policy.YML', 'sub/policy.yaml'].map((file) => [
      'file/misplaced-policy',
      file,
      1,
      1,
    ]),
  )
})

test('with POLICY_FILE elsewhere, a policy.yaml in the folder would be overlooked too', () => {
  write('a.yaml')
  write('policy.yaml', '{}')
  const elsewhere = write('../elsewhere.yaml', '{}')
  const { diagnostics } = load(readFolder(folder, elsewhere))
  rmSync(elsewhere)
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['file/misplaced-policy'],
  )
})

test('the hash changes with every file, the policy too, and with nothing else', () => {
  const hash = (): string | undefined => load(readFolder(folder)).configuration?.hash
  write('a.yaml')
  const first = hash()
  assert.equal(hash(), first)
  write('policy.yaml', 'values: []\n')
  const second = hash()
  assert.notEqual(second, first)
  write('README.md', 'x')
  assert.equal(hash(), second)
})

test('a folder that is not there, or holds no flow file, cannot be read', () => {
  assert.throws(() => readFolder(join(folder, 'nowhere')), FolderError)
  write('policy.yaml', '{}')
  assert.throws(() => readFolder(folder), /There is no flow file/)
  assert.throws(() => readFolder(folder, join(folder, 'no-policy.yaml')), FolderError)
})

test('what is no file, such as a pipe to which nobody writes, is not waited for', () => {
  write('a.yaml', 'flow: A')
  execFileSync('mkfifo', [join(folder, 'b.yaml')])
  assert.throws(() => readFolder(folder), /b\.yaml is no file that can be read/)
  rmSync(join(folder, 'b.yaml'))
  execFileSync('mkfifo', [join(folder, 'pipe')])
  assert.throws(
    () => readFolder(folder, join(folder, 'pipe')),
    /pipe is no file that can be read\. POLICY_FILE names it/,
  )
})

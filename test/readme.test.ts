import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from '../src/config/load.ts'
import { answer } from '../src/webhook/answer.ts'
import { requestFor } from '../src/webhook/request-for.ts'

const ROOT = join(import.meta.dirname, '..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

const blocks = (language: string): string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text)

test('the flow file in the README gives the answer in the README', () => {
  const [flow = ''] = blocks('yaml')
  const [expected = '', parameters = ''] = blocks('json')
  const flows = [{ path: 'trip.yaml', bytes: Buffer.from(flow) }]
  const { configuration, diagnostics } = load({
    flows,
    policy: undefined,
    policyPath: 'policy.yaml',
    misplacedPolicies: [],
  })
  assert.deepEqual(diagnostics, [])
  const [plan] = configuration?.plans ?? []
  assert.ok(configuration && plan)
  const answered = answer(configuration, requestFor(plan, JSON.parse(parameters)))
  assert.ok('text' in answered)
  assert.deepEqual(JSON.parse(answered.text), JSON.parse(expected))
})

test("the README's commands are scripts of the package", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const named = [...README.matchAll(/npm (?:run )?(dev|test|build|start|check)\b/g)].map(([, name = '']) => name)
  assert.ok(named.length >= 3)
  for (const name of named) assert.ok(scripts[name], `npm run ${name}`)
})

test('every setting of the README is one that the server reads, and the other way round', async () => {
  const { SETTING_NAMES } = await import('../src/server/settings.ts')
  const section = README.slice(README.indexOf('## Settings'), README.indexOf('## Deployment'))
  const named = [...section.matchAll(/^\| `(.*?)` \|/gm)].flatMap(([, names = '']) => names.split('`, `'))
  assert.deepEqual(named.sort(), [...SETTING_NAMES].sort())
})

test("the README's pictures are there, and small", () => {
  const pictures = [...README.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, path = '']) => path)
  assert.equal(pictures.length, 2)
  for (const path of pictures) assert.ok(readFileSync(join(ROOT, path)).length < 150_000, path)
})

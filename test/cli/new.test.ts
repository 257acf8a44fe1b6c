import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const temporary = temporaryFolder()
const at = (...names: string[]): string => join(temporary.path, ...names)

describe('carryover new flow', () => {
  const NAMES = [
    'Change of address',
    'Änderung: "Adresse" #1',
    '주소 변경',
    '2026',
    'true',
    '[draft] {x}: *y',
    'a'.repeat(100),
  ]
  for (const name of NAMES)
    test(`writes a file for ${JSON.stringify(name)} that is right and whose example passes`, async () => {
      const dir = at(`new-${NAMES.indexOf(name)}`)
      const ran = await runCli(['new', 'flow', name, '--dir', dir])
      assert.equal(ran.code, 0, ran.stderr)
      const validated = await runCli(['validate', dir, '--max-warnings', '0'])
      assert.equal(validated.code, 0, validated.stdout)
      const tested = await runCli(['test', dir, '--coverage'])
      assert.equal(tested.code, 0, tested.stdout)
      assert.match(tested.stdout, /1 example: 1 passed.*Examples run 1 of 1 capture and 3 of 3 variables/s)
    })

  test('never overwrites, and says so', async () => {
    const dir = at('twice')
    await runCli(['new', 'flow', 'Orders', '--dir', dir])
    const before = readFileSync(at('twice', 'orders.yaml'), 'utf8')
    const ran = await runCli(['new', 'flow', 'orders!', '--dir', dir])
    assert.equal(ran.code, 3)
    assert.match(ran.stderr, /orders\.yaml is there already and stays as it is/)
    assert.equal(readFileSync(at('twice', 'orders.yaml'), 'utf8'), before)
  })

  for (const name of ['Policy', 'Representatives'])
    test(`writes no file that is read as something else: ${name}`, async () => {
      const ran = await runCli(['new', 'flow', name, '--dir', at('reserved')])
      assert.equal(ran.code, 2)
      assert.match(ran.stderr, new RegExp(`${name.toLowerCase()}.yaml is no flow file's name; give the flow another`))
      assert.ok(!existsSync(at('reserved')))
    })

  test('chooses a tag that no flow file has', async () => {
    const dir = temporary.flow('tags', 'flow: X\ncaptures:\n  - { tag: orders-details, then: { action: end } }\n')
    await runCli(['new', 'flow', 'Orders', '--dir', dir])
    assert.match(readFileSync(join(dir, 'orders.yaml'), 'utf8'), /tag: orders-details-2/)
    assert.equal((await runCli(['validate', dir])).code, 0)
  })

  test('tells at once what the policy forbids', async () => {
    temporary.write(
      'strict/policy.yaml',
      'parameters:\n  - { match: ["callback*"], visible_to: [], reason: nobody needs it }\n',
    )
    const ran = await runCli(['new', 'flow', 'Orders', '--dir', at('strict')])
    assert.equal(ran.code, 1)
    assert.match(ran.stdout, /orders\.yaml:\d+:\d+: error: .*nobody needs it.*\[policy\/too-visible\]/)
  })

  const WRONG: [args: string[], says: RegExp][] = [
    [['new'], /new flow NAME/],
    [['new', 'capture', 'x'], /new flow NAME/],
    [['new', 'flow'], /name the flow/],
    [['new', 'flow', ' '], /name the flow/],
    [['new', 'flow', '!!!'], /a letter or a digit/],
    [['new', 'flow', 'Change', 'of', 'address'], /put the name in quotes: new flow "Change of address"/],
  ]
  for (const [args, says] of WRONG)
    test(`${args.join(' ')} writes nothing`, async () => {
      const ran = await runCli(args, { FLOWS_DIR: at('untouched') })
      assert.equal(ran.code, 2)
      assert.match(ran.stderr, says)
      assert.ok(!existsSync(at('untouched')))
    })
})

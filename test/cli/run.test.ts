import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SAMPLES } from '../samples.ts'
import { runCli } from './run-cli.ts'
import { spawnCli } from './spawn-cli.ts'

describe('a process whose output nobody takes', () => {
  const run = (shell: string) => spawnCli(['schema'], tmpdir(), [], ['sh', '-c', shell, 'sh'])

  test('ends as if somebody did, without a word', () => {
    const { stderr } = run('{ "$@"; echo "ended with $?" >&2; } | :')
    assert.equal(stderr, 'ended with 0\n')
  })

  test('says so where the disk is full', { skip: !existsSync('/dev/full') }, () => {
    const { stderr, status } = run('"$@" >/dev/full')
    assert.equal(stderr, 'carryover: standard output cannot be written (ENOSPC).\n')
    assert.equal(status, 3)
  })
})

const BAD = fileURLToPath(new URL('../fixtures/bad', import.meta.url))

describe('carryover', () => {
  const cases: [args: string[], code: number, says: RegExp][] = [
    [['--help'], 0, /Usage: carryover COMMAND/],
    [[], 2, /Usage: carryover COMMAND/],
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/],
    [['validat'], 2, /there is no command "validat"\. Did you mean "validate"\?/],
    [['validate', '--help'], 0, /Usage: carryover validate/],
    [['validate', '--format', 'xml'], 2, /--format takes text, json, github, sarif, not "xml"/],
    [['validate', '--colour'], 2, /Unknown option '--colour'/],
    [['test', '--coverge'], 2, /Unknown option '--coverge'\. Did you mean "--coverage"\?\nUsage/],
    [['validate', join(SAMPLES, 'handoff.yaml')], 3, /handoff\.yaml is a file: name the folder that it lies in/],
    [['validate', 'a', 'b'], 2, /one folder at a time/],
    [['validate', '/nowhere/at/all'], 3, /There is no folder \/nowhere\/at\/all/],
    [['preview'], 2, /name one tag/],
    [['preview', 'x'], 2, /give --request or --params/],
    [['preview', 'x', '--params', '/nowhere.json', '--dir', SAMPLES], 3, /\/nowhere.json cannot be read \(ENOENT\)/],
    [['serve', '--port', '1'], 2, /Unknown option '--port'/],
  ]
  for (const [args, code, says] of cases)
    test(`${args.join(' ') || '(nothing)'} ends with ${code}`, async () => {
      const ran = await runCli(args)
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stdout + ran.stderr, says)
    })

  const LOCAL = { HOST: '127.0.0.1', PORT: '0', WEBHOOK_AUTH: 'none' }
  const unstarted: [what: string, environment: Record<string, string>, says: RegExp][] = [
    ['a setting that cannot be read', { ...LOCAL, PORT: 'x' }, /^PORT cannot be read: .*\n$/],
    ['flow files that do not load', { ...LOCAL, FLOWS_DIR: BAD }, /: error: .*\nThe flow files do not load; .*\n$/s],
  ]
  for (const [what, environment, says] of unstarted)
    test(`serve ends as the webhook itself does, with 1: ${what}`, async () => {
      const ran = await runCli(['serve'], environment)
      assert.deepEqual([ran.code, ran.stdout], [1, ''])
      assert.match(ran.stderr, says)
    })
})

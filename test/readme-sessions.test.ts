import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runCli } from './cli/run-cli.ts'
import { temporaryFolder } from './cli/temporary-folder.ts'
import { FULL_CALL } from './sessions/full-record.ts'
import { conversationId, madeSessions } from './sessions/made-sessions.ts'

const README = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
const [, PART = ''] = /^## After the call.*?\n(.*?)^## /ms.exec(README) ?? []
const commands = [...PART.matchAll(/^```sh(?: exits with (\d))?\n(.*?)^```$/gms)].flatMap(([, code = '0', text = '']) =>
  text
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('carryover'))
    .map((line) => ({ line: line.replace(/ >\S+$/, ''), code: Number(code) })),
)

const folder = temporaryFolder()
const before = process.cwd()
after(() => process.chdir(before))

/** What the two commands before them would have brought. */
function fetched(): void {
  process.chdir(folder.path)
  folder.write('metadata/09/call-1418.json', FULL_CALL)
  for (const { final } of madeSessions(5)) folder.write(`metadata/09/session-${final.id}.json`, final)
  folder.write('log.json', [
    { jsonPayload: { session: conversationId(1000), configuration: 'c', variables: { agent: ['a'] } } },
  ])
  folder.write('events.jsonl', '{"type":"Task_VA_Joined","data":{"call_id":1000}}')
  folder.write('flows/policy.yaml', 'parameters:\n  - { match: [ani], visible_to: [] }\n')
}

test("the README's commands for sessions do what it says", async (context) => {
  fetched()
  for (const { line, code } of commands)
    await context.test(line, async () => {
      const ran = await runCli(line.split(' ').slice(1))
      assert.equal(ran.code, code, ran.stderr)
      assert.notEqual(ran.stdout, '')
    })
  const named = new Set(commands.map(({ line }) => line.split(' ')[2]))
  for (const [, command = ''] of PART.matchAll(/^\|.*`carryover sessions (\w+)`/gm))
    assert.ok(named.has(command), `${command} is run`)
})

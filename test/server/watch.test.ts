import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { LiveConfiguration } from '../../src/server/live-configuration.ts'
import { call, requestWith, until } from './http-call.ts'
import { FLOWS, LOCAL, RunningServer } from './running-server.ts'
import { configurationIn, memoryLog, settingsOf } from './test-app.ts'

const folder = await mkdtemp(join(tmpdir(), 'carryover-watch-'))
await cp(FLOWS, folder, { recursive: true })
const server = new RunningServer({ ...LOCAL, FLOWS_DIR: folder }, ['--watch'])
after(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})
const url = await server.listening()

const file = (name: string): string => join(folder, name)
const flow = (tag: string, value: string): string =>
  `flow: Watched\ncaptures:\n  - tag: ${tag}\n    variables: { said: { from: ${value}, visible_to: [agent] } }\n`

const health = async (): Promise<Record<string, unknown>> => JSON.parse((await call(url, { path: '/health' })).text)

const lastReload = async (): Promise<unknown> => (await health()).last_reload

const said = async (tag = 'watched'): Promise<string | undefined> => {
  const { status, text } = await call(url, { body: requestWith(tag) })
  return status === 200 ? /"said":"(\w+)"/.exec(text)?.[1] : undefined
}

const untilSaid = (word: string): Promise<unknown> => until(async () => (await said()) === word || undefined)
const untilReload = (state: string): Promise<unknown> => until(async () => (await lastReload()) === state || undefined)

test('nothing is reloaded while nothing changes', async () => {
  assert.equal(await lastReload(), 'none')
  assert.equal(await said(), undefined)
})

test('a new file is served', async () => {
  const before = await health()
  await writeFile(file('watched.yaml'), flow('watched', 'one'))
  await untilSaid('one')
  const now = await health()
  assert.equal(now.last_reload, 'worked')
  assert.equal(now.flows, Number(before.flows) + 1)
  assert.notEqual(now.configuration, before.configuration)
})

test('a changed file is served', async () => {
  await writeFile(file('watched.yaml'), flow('watched', 'two'))
  await untilSaid('two')
})

test('a file that an editor replaces is served', async () => {
  await writeFile(file('.watched.swp'), flow('watched', 'three'))
  await rename(file('.watched.swp'), file('watched.yaml'))
  await untilSaid('three')
})

const mistakes: [what: string, text: string, reported: string][] = [
  ['no YAML', 'flow: [', 'file/syntax'],
  ['an unknown key', flow('watched', 'four').replace('variables', 'variable'), 'config/unknown-key'],
  ['a variable that the policy forbids', flow('watched', '$session.params.secret'), 'policy/too-visible'],
]

for (const [what, text, reported] of mistakes)
  test(`a file is broken (${what}): the last good one stays, and it is reported; repaired, it is served`, async () => {
    const good = await readFile(file('watched.yaml'), 'utf8')
    const { configuration } = await health()
    await writeFile(file('watched.yaml'), text)
    await untilReload('failed')
    assert.equal(await said(), 'three')
    assert.equal((await health()).configuration, configuration)
    await until(() => server.stdout.includes(reported) || undefined)
    await writeFile(file('watched.yaml'), good)
    await untilReload('worked')
    assert.equal(await said(), 'three')
  })

test('a file nested too deep to be read at all does not end the server', async () => {
  const good = await readFile(file('watched.yaml'), 'utf8')
  await writeFile(file('watched.yaml'), `flow: ${'['.repeat(20_000)}`)
  await untilReload('failed')
  assert.equal(await said(), 'three')
  await writeFile(file('watched.yaml'), good)
  await untilReload('worked')
})

test('a policy that disappears: the last good one stays', async () => {
  const { configuration } = await health()
  await rename(file('policy.yaml'), file('_policy.yaml'))
  await untilReload('failed')
  assert.equal((await health()).configuration, configuration)
  await writeFile(file('watched.yaml'), flow('watched', 'four'))
  await until(() => server.stdout.split('The policy has disappeared').length > 2 || undefined)
  assert.equal(await said(), 'three')
  await rename(file('_policy.yaml'), file('policy.yaml'))
  await untilReload('worked')
  assert.equal(await said(), 'four')
})

test('a folder that disappears and returns', async () => {
  await rename(folder, `${folder}-moved`)
  await untilReload('failed')
  assert.equal(await said(), 'four')
  await rename(`${folder}-moved`, folder)
  await writeFile(file('watched.yaml'), flow('watched', 'five'))
  await untilSaid('five')
})

test('a file that is removed is no longer served', async () => {
  await rm(file('watched.yaml'))
  await until(async () => (await call(url, { body: requestWith('watched') })).status === 404 || undefined)
  assert.equal(await lastReload(), 'worked')
})

test('a change between loading and watching is taken over too', async (t) => {
  const other = await mkdtemp(join(tmpdir(), 'carryover-live-'))
  await writeFile(join(other, 'a.yaml'), flow('watched', 'one'))
  const live = new LiveConfiguration(await configurationIn(other), memoryLog().log.logger, () => undefined)
  await writeFile(join(other, 'a.yaml'), flow('watched', 'two'))
  const { hash } = await configurationIn(other)
  const watcher = live.watch(settingsOf({ ...LOCAL, FLOWS_DIR: other }))
  t.after(async () => {
    watcher.stop()
    await rm(other, { recursive: true })
  })
  await until(() => live.configuration.hash === hash || undefined)
})

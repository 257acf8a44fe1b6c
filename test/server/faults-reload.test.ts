import assert from 'node:assert/strict'
import { cp, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { assertAnswers } from './good-call.ts'
import { call, GUARD_MS, requestWith, until } from './http-call.ts'
import { FLOWS, LOCAL, RunningServer } from './running-server.ts'

const GUARD = { timeout: 2 * GUARD_MS }
const SSN = '078-05-1120'

interface Version {
  readonly flow: string
  readonly policy: string
  /** What it answers when the policy of its own is beside it. */
  readonly answer: string
}

/** A flow file and a policy of which each leaves its mark on the answer: one beside the other of another version would show. */
function version(word: string, action: 'mask' | 'drop', masked: object): Version {
  const payload = { first: word, ...masked, last: word }
  const ujet = {
    session_variable: {
      payload,
      capture_type: ['agent'],
      capture_target: 'payload',
      display_order_in_adapter: Object.keys(payload),
    },
  }
  return {
    flow: `flow: Live
captures:
  - tag: live
    visible_to: [agent]
    variables: { first: ${word}, number: $session.params.number, last: ${word} }
`,
    policy: `values: [{ detect: us_ssn, action: ${action} }]\n`,
    answer: JSON.stringify({ fulfillmentResponse: { messages: [{ payload: { ujet } }] } }),
  }
}

const one = version('one', 'mask', { number: '***-**-1120' })
const two = version('two', 'drop', {})
const BODY = requestWith('live', { number: SSN })

async function write(folder: string, { flow, policy }: Version): Promise<void> {
  await Promise.all([writeFile(join(folder, 'live.yaml'), flow), writeFile(join(folder, 'policy.yaml'), policy)])
}

interface Live {
  readonly folder: string
  readonly server: RunningServer
  readonly url: string
}

async function serveFolder(t: TestContext, imports: readonly string[] = []): Promise<Live> {
  const folder = join(await mkdtemp(join(tmpdir(), 'carryover-reload-')), 'flows')
  await cp(FLOWS, folder, { recursive: true })
  await write(folder, one)
  const server = new RunningServer({ ...LOCAL, FLOWS_DIR: folder }, ['--watch'], imports)
  t.after(async () => {
    await server.stop()
    await rm(join(folder, '..'), { recursive: true })
  })
  return { folder, server, url: await server.listening() }
}

/** Four callers, one call after the other, and everything that they were answered: two versions, before they stop. */
function load(url: string): { answers: ReadonlySet<string>; stop: () => Promise<void> } {
  const answers = new Set<string>()
  let stopped = false
  const callOn = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true })
    while (!stopped) {
      const { status, text } = await call(url, { body: BODY, agent })
      answers.add(`${status} ${text}`)
      await setTimeout(5)
    }
    agent.destroy()
  }
  const callers = Promise.all([callOn(), callOn(), callOn(), callOn()])
  return {
    answers,
    stop: async () => {
      await until(() => answers.size > 1 || undefined)
      stopped = true
      await callers
    },
  }
}

const answered = (answers: ReadonlySet<string>): string[] => [...answers].sort()
const both = [`200 ${one.answer}`, `200 ${two.answer}`].sort()

const untilAnswer = (url: string, { answer }: Version): Promise<true> =>
  until(async () => (await call(url, { body: BODY })).text === answer || undefined)

const health = async (url: string): Promise<Record<string, unknown>> =>
  JSON.parse((await call(url, { path: '/health' })).text)

const untilReload = (url: string, state: string): Promise<true> =>
  until(async () => (await health(url)).last_reload === state || undefined)

describe('flow files under load', { concurrency: 3 }, () => {
  test(
    'changed, broken, half written, deleted and restored: every answer is that of a whole version',
    GUARD,
    async (t) => {
      const { folder, server, url } = await serveFolder(t)
      const live = join(folder, 'live.yaml')
      const { answers, stop } = load(url)
      const failsUntil = async (restored: Version, fault: () => Promise<unknown>): Promise<void> => {
        await fault()
        await untilReload(url, 'failed')
        await assertAnswers(url)
        await write(folder, restored)
        await untilAnswer(url, restored)
        await untilReload(url, 'worked')
      }
      await untilAnswer(url, one)
      await rm(join(folder, 'specific.yaml'))
      await write(folder, two)
      await untilAnswer(url, two)
      assert.equal((await health(url)).flows, 3)
      await failsUntil(one, () => writeFile(live, `${two.flow}: [`))
      await failsUntil(two, () => writeFile(live, two.flow.slice(0, two.flow.indexOf('last'))))
      await failsUntil(one, () => rm(join(folder, 'policy.yaml')))
      await failsUntil(two, async () => {
        await rename(folder, `${folder}-away`)
        await untilReload(url, 'failed')
        await rm(`${folder}-away`, { recursive: true })
        await cp(FLOWS, folder, { recursive: true })
        await writeFile(live, ': [')
      })
      for (let i = 0; i < 40; i++) {
        await write(folder, i % 2 ? one : two)
        await setTimeout(i)
      }
      await write(folder, two)
      await untilAnswer(url, two)
      await stop()
      assert.deepEqual(answered(answers), both)
      assert.equal(server.stderr, '')
    },
  )

  test('a folder that is a link, which is turned to another', GUARD, async (t) => {
    const { folder, url } = await serveFolder(t)
    const turnTo = async (name: string): Promise<void> => {
      await symlink(name, `${folder}-link`)
      await rename(`${folder}-link`, folder)
    }
    await rename(folder, `${folder}-1`)
    await cp(`${folder}-1`, `${folder}-2`, { recursive: true })
    await write(`${folder}-2`, two)
    await turnTo('flows-1')
    const { answers, stop } = load(url)
    for (const [name, version] of [
      ['flows-2', two],
      ['flows-1', one],
      ['flows-2', two],
    ] as const) {
      await turnTo(name)
      await untilAnswer(url, version)
    }
    await stop()
    assert.deepEqual(answered(answers), both)
  })

  test('changed while they are read: neither half of it is taken', GUARD, async (t) => {
    const { folder, server, url } = await serveFolder(t, [new URL('./slow-reading.ts', import.meta.url).href])
    const readings = (): number => server.stderr.split('\n').length - 1
    const { answers, stop } = load(url)
    const untilReading = (count: number): Promise<true> => until(() => readings() >= count || undefined)
    await untilReading(2)
    await write(folder, two)
    await untilReading(3)
    await write(folder, one)
    await untilReading(4)
    await write(folder, two)
    await untilAnswer(url, two)
    await stop()
    assert.deepEqual(answered(answers), both)
  })
})

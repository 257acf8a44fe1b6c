import assert from 'node:assert/strict'
import { closeSync, existsSync, openSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { assertAnswers } from './good-call.ts'
import { call, GUARD_MS, requestWith, until } from './http-call.ts'
import { LogPipe } from './log-pipe.ts'
import { RawSocket, rawCall } from './raw-socket.ts'
import { FLOWS, type LogLine } from './running-server.ts'
import { WatchedServer } from './watched-server.ts'

const GUARD = { timeout: 2 * GUARD_MS }
const MB = 2 ** 20

/** Calls of this flow are answered with `{}`, and have a line of 20 KB in the log. */
const WIDE = Array.from({ length: 60 }, (_, i) => `variable_${i}_${'x'.repeat(300)}`)
const folder = await mkdtemp(join(tmpdir(), 'carryover-wide-'))
after(() => rm(folder, { recursive: true }))
await cp(FLOWS, folder, { recursive: true })
const variables = WIDE.map((name) => `      ${name}: { from: $session.params.unset, visible_to: [agent] }\n`)
await writeFile(
  join(folder, 'wide.yaml'),
  `flow: Wide\ncaptures:\n  - tag: wide\n    variables:\n${variables.join('')}`,
)

const wideCall = rawCall(JSON.stringify(requestWith('wide')))

/** Makes calls whose lines fill the log, in good order. */
async function fill(url: string, count: number): Promise<void> {
  const socket = new RawSocket(url)
  for (let done = 0; done < count; done += 50) {
    socket.send(wideCall.repeat(50))
    const replies = (await socket.take(done + 50)).slice(done)
    for (const { status, text } of replies) assert.deepEqual([status, text], [200, '{}'])
  }
  socket.destroy()
}

const isWide = ({ tag }: LogLine): boolean => tag === 'wide'
const lostIn = (lines: readonly LogLine[]): number =>
  lines.reduce((sum, { message, lost }) => sum + (message === 'Log lines were lost.' ? Number(lost) : 0), 0)

async function started(
  t: TestContext,
  imports: readonly string[] = [],
  program?: string,
): Promise<{ server: WatchedServer; url: string; pipe: LogPipe }> {
  const pipe = new LogPipe()
  const server = pipe.give((fd) => new WatchedServer(fd, { FLOWS_DIR: folder }, imports, program))
  t.after(async () => {
    pipe.close()
    await server.stop()
  })
  return { server, url: await server.listening(), pipe }
}

async function assertEndsWell(server: WatchedServer): Promise<void> {
  assert.equal(server.complaints, '')
  server.signal('SIGTERM')
  assert.deepEqual(await server.ended(), { code: 0, signal: null })
}

/** For longer than the server waits for somebody who reads its log. */
async function standStill(server: WatchedServer): Promise<void> {
  server.signal('SIGSTOP')
  await setTimeout(2_000)
  server.signal('SIGCONT')
}

const isEnding = (url: string): Promise<true | undefined> =>
  fetch(url).then(
    ({ status }) => status === 503 || undefined,
    () => true,
  )

const noDevice = !existsSync('/dev/full') && 'this machine has no /dev/full'

describe('a log', { concurrency: 3 }, () => {
  test(
    'a log that nobody reads: calls are answered, what waits is bounded, and what was lost is told',
    GUARD,
    async (t) => {
      const { server, url, pipe } = await started(t)
      const early = await server.memory()
      await fill(url, 1_200)
      const full = await server.memory()
      await fill(url, 800)
      await assertAnswers(url)
      const late = await server.memory()
      assert.ok(full.used < early.used + 40 * MB, `${early.used} bytes, then ${full.used}`)
      assert.ok(late.used < full.used + 4 * MB, `${full.used} bytes, then ${late.used}`)
      pipe.read()
      await until(() => lostIn(pipe.lines) || undefined)
      const lost = lostIn(pipe.lines)
      await assertAnswers(url)
      await until(() => pipe.lines.at(-1)?.tag === 'echo' || undefined)
      assert.equal(
        pipe.lines.filter(isWide).length + pipe.lines.filter(({ tag }) => tag === 'echo').length + lost,
        2_002,
      )
      assert.equal(pipe.lines.filter(({ lost }) => lost !== undefined).length, 1)
      await assertEndsWell(server)
    },
  )

  test('a log that nobody reads does not keep the server from ending', GUARD, async (t) => {
    const { server, url } = await started(t)
    await fill(url, 100)
    await assertEndsWell(server)
  })

  for (const [kind, happens] of [
    ['a log that is read late', () => {}],
    ['a machine that stands still while the server ends', standStill],
  ] as const)
    test(`${kind}: the server ends when it has told everything, in its order`, GUARD, async (t) => {
      const { server, url, pipe } = await started(t)
      await fill(url, 100)
      server.signal('SIGTERM')
      await until(() => isEnding(url))
      await happens(server)
      pipe.read()
      assert.deepEqual(await server.ended(), { code: 0, signal: null })
      const last = await until(() => pipe.lines.find(({ message }) => message === 'SIGTERM: shutting down.'))
      assert.equal(pipe.lines.slice(0, pipe.lines.indexOf(last)).filter(isWide).length, 100)
    })

  test(
    'a log whose reader has gone: calls are answered, nothing piles up, and the server ends well',
    GUARD,
    async (t) => {
      const { server, url, pipe } = await started(t)
      pipe.read()
      await fill(url, 50)
      pipe.close()
      await fill(url, 1_200)
      const full = await server.memory()
      await fill(url, 800)
      await assertAnswers(url)
      const late = await server.memory()
      assert.ok(late.used < full.used + 4 * MB, `${full.used} bytes, then ${late.used}`)
      await assertEndsWell(server)
    },
  )

  const throws = 'data:text/javascript,process.on("SIGHUP",()=>{throw new Error("a value of some"+"body")})'

  test('an unexpected error: the server ends when it has told everything but the message', GUARD, async (t) => {
    const { server, url, pipe } = await started(t, [throws])
    await fill(url, 100)
    server.signal('SIGHUP')
    pipe.read()
    assert.deepEqual(await server.ended(), { code: 1, signal: null })
    const { message, error } = await until(() => pipe.lines.find(({ stack }) => stack))
    assert.deepEqual([message, error], ['The server ends after an unexpected error.', 'Error'])
    assert.equal(pipe.lines.filter(isWide).length, 100)
    assert.doesNotMatch(JSON.stringify(pipe.lines) + server.complaints, /somebody/)
  })

  test('an unexpected error, and a log that nobody reads: the server ends', GUARD, async (t) => {
    const { server, url } = await started(t, [throws])
    await fill(url, 100)
    server.signal('SIGHUP')
    assert.deepEqual(await server.ended(), { code: 1, signal: null })
  })

  const mounting = fileURLToPath(new URL('./mounting-program.ts', import.meta.url))

  /** Has somebody's own program end at once. */
  async function assertEndsAtOnce(server: WatchedServer, url: string): Promise<void> {
    await assert.rejects(call(url, { path: '/end' }), { code: 'ECONNRESET' })
    assert.deepEqual(await server.ended(), { code: 0, signal: null })
    assert.equal(server.complaints, '')
  }

  test("somebody's own program that ends at once: every call has its line", GUARD, async (t) => {
    const { server, url, pipe } = await started(t, [], mounting)
    for (let i = 0; i < 50; i++) await assertAnswers(url)
    await assertEndsAtOnce(server, url)
    pipe.read()
    await until(() => pipe.lines.length === 50 || undefined)
  })

  test("a log that nobody reads does not keep somebody's own program from ending", GUARD, async (t) => {
    const { server, url } = await started(t, [], mounting)
    await fill(url, 100)
    await assertEndsAtOnce(server, url)
  })

  test('a log on a full disk: calls are answered, and the server ends well', {
    ...GUARD,
    skip: noDevice,
  }, async (t) => {
    const fd = openSync('/dev/full', 'w')
    const server = new WatchedServer(fd)
    closeSync(fd)
    t.after(() => server.stop())
    const url = await server.listening()
    for (let i = 0; i < 100; i++) await assertAnswers(url)
    await assertEndsWell(server)
  })

  test(
    'a disk that is full for a while: no line is missing that is not told of, none is told of that is there',
    GUARD,
    async (t) => {
      const pipe = new LogPipe()
      pipe.read()
      const fullDisk = new URL('./full-disk.ts', import.meta.url).href
      const server = pipe.give((fd) => new WatchedServer(fd, { FLOWS_DIR: folder }, [fullDisk]))
      t.after(() => server.stop())
      const url = await server.listening()
      const accounted = (): number => pipe.lines.filter(isWide).length + lostIn(pipe.lines)
      let made = 0
      const make = async (calls: number): Promise<void> => {
        await fill(url, calls)
        made += calls
      }
      for (const [calls, losesSome] of [
        [100, false],
        [1_500, true],
      ] as const) {
        await make(calls)
        const before = pipe.lines.length
        server.signal('SIGHUP')
        await until(() => make(50).then(() => pipe.lines.length > before || undefined))
        await until(() => accounted() === made || undefined)
        assert.equal(lostIn(pipe.lines) > 0, losesSome)
        server.signal('SIGHUP')
      }
      await assertAnswers(url)
      await assertEndsWell(server)
    },
  )
})

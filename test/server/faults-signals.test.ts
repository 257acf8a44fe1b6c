import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import { assertAnswers, echo, echoed } from './good-call.ts'
import { call, codeOf, GUARD_MS, type Reply, until } from './http-call.ts'
import { RawSocket, rawCall, rawRequest } from './raw-socket.ts'
import { LOCAL, type LogLine, RunningServer } from './running-server.ts'

const GUARD = { timeout: GUARD_MS }
const TRACE = 'logging.googleapis.com/trace'

async function started(t: TestContext, grace: string): Promise<{ server: RunningServer; url: string }> {
  const server = new RunningServer({ ...LOCAL, SHUTDOWN_GRACE_MS: grace })
  t.after(() => server.stop())
  const url = await server.listening()
  await assertAnswers(url)
  return { server, url }
}

const isDraining = async (url: string): Promise<true | undefined> =>
  (await call(url, { path: '/health' })).status === 503 || undefined

/** Calls of which the server has all but the last letter. */
async function beginAll(url: string, count: number): Promise<RawSocket[]> {
  const sockets = Array.from({ length: count }, (_, i) => {
    const body = echo(`in flight ${i}`)
    const headers = ['content-type: application/json', `content-length: ${body.length}`, 'expect: 100-continue']
    return new RawSocket(url).send(rawRequest('POST /webhook HTTP/1.1', body.slice(0, -1), headers))
  })
  for (const socket of sockets) await socket.take(1)
  return sockets
}

const withStatus = (lines: readonly LogLine[], status: number): LogLine[] =>
  lines.filter(({ message }) => message === `POST /webhook ${status}`)

const pairs = [
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGINT'],
  ['SIGTERM', 'SIGINT'],
  ['SIGINT', 'SIGTERM'],
] as const

let calls = 0

/** Calls one after the other, until the server no longer answers; every reply is handed over by its trace. */
async function callOn(url: string, take: (trace: string, said: string, reply: Reply) => void): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (;;) {
    const trace = randomBytes(16).toString('hex')
    const said = `under load, ${++calls}`
    const headers = { 'content-type': 'application/json', traceparent: `00-${trace}-b7ad6b7169203331-01` }
    const reply = await call(url, { body: echo(said), headers, agent }).catch(() => undefined)
    if (!reply) return agent.destroy()
    take(trace, said, reply)
  }
}

describe('signals', { concurrency: 3 }, () => {
  for (const [first, second] of pairs)
    test(
      `${first}, then ${second}: what is in flight is answered, once, and the server ends well`,
      GUARD,
      async (t) => {
        const { server, url } = await started(t, '20000')
        const sockets = await beginAll(url, 20)
        server.signal(first)
        await until(() => isDraining(url))
        for (let i = 0; i < 3; i++) {
          server.signal(second)
          assert.equal(await isDraining(url), true)
        }
        for (const [i, socket] of sockets.entries())
          assert.equal((await socket.send('}').take(2))[1]?.text, echoed(`in flight ${i}`))
        assert.equal(await server.exitCode(), 0)
        assert.equal(server.stderr, '')
        assert.equal(withStatus(server.lines, 200).length, 21)
        assert.equal(server.lines.filter(({ message }) => /shutting down/.test(String(message))).length, 1)
      },
    )

  test(
    'what does not end in time is cut off, and has its line in the log, which tells it from who hung up',
    GUARD,
    async (t) => {
      const { server, url } = await started(t, '300')
      const [hangingUp, ...sockets] = await beginAll(url, 21)
      const ended = (how: string): LogLine[] => server.lines.filter(({ message }) => message === `POST /webhook ${how}`)
      hangingUp?.destroy()
      await until(() => ended('aborted by the caller').length === 1 || undefined)
      server.signal('SIGTERM')
      for (const socket of sockets) assert.equal((await socket.takeAll()).length, 1)
      assert.equal(await server.exitCode(), 0)
      assert.equal(ended('cut off by the shutdown').length, 20)
      assert.equal(ended('aborted by the caller').length, 1)
    },
  )

  test(
    'calls that stand in line when their caller hangs up are over: the server does not wait for them',
    GUARD,
    async (t) => {
      const { server, url } = await started(t, '3600000')
      const large = 'x'.repeat(60_000)
      for (let i = 0; i < 5; i++) {
        const socket = new RawSocket(url).pause().send(rawCall(echo(large)).repeat(200))
        await until(() => withStatus(server.lines, 200).length > 20 * (i + 1) || undefined)
        await assertAnswers(url)
        socket.destroy()
      }
      await assertAnswers(url)
      server.signal('SIGTERM')
      assert.equal(await server.exitCode(), 0)
      assert.equal(server.stderr, '')
    },
  )

  test(
    'SIGTERM under load: all that is answered is answered right and logged, all that is logged was answered',
    GUARD,
    async (t) => {
      const { server, url } = await started(t, '20000')
      const slow = await beginAll(url, 20)
      const answered: string[] = []
      let refused = 0
      const load = Array.from({ length: 20 }, () =>
        callOn(url, (trace, said, reply) => {
          if (reply.status === 200) {
            assert.equal(reply.text, echoed(said))
            answered.push(trace)
          } else {
            assert.deepEqual([reply.status, codeOf(reply)], [503, 'draining'])
            refused++
          }
        }),
      )
      await until(() => answered.length > 500 || undefined)
      server.signal('SIGTERM')
      await until(() => refused > 100 || undefined)
      for (const [i, socket] of slow.entries())
        assert.equal((await socket.send('}').take(2))[1]?.text, echoed(`in flight ${i}`))
      await Promise.all(load)
      assert.equal(await server.exitCode(), 0)
      const logged = withStatus(server.lines, 200).flatMap((line) => line[TRACE] ?? [])
      assert.deepEqual(logged.map(String).sort(), answered.sort())
      assert.equal(server.stderr, '')
    },
  )
})

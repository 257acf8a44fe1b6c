import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, type ClientRequest, request } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Call, call, codeOf, GUARD_MS, type Reply, replyTo, requestWith, until } from './http-call.ts'
import { LOCAL, RunningServer } from './running-server.ts'

const BODY = Buffer.from(JSON.stringify(requestWith('echo', { said: 'hello' })))
const HALF = BODY.length / 2

interface Unfinished {
  readonly finish: () => void
  readonly reply: Promise<Reply>
  readonly sent: ClientRequest
}

/** A request of which the server has the headers, and half the body is sent. */
async function begin(url: string): Promise<Unfinished> {
  const sent = request(`${url}/webhook`, {
    method: 'POST',
    agent: new Agent({ keepAlive: true }),
    headers: { 'content-type': 'application/json', 'content-length': BODY.length, expect: '100-continue' },
  })
  const reply = replyTo(sent)
  sent.flushHeaders()
  await once(sent, 'continue')
  sent.write(BODY.subarray(0, HALF))
  return { finish: () => sent.end(BODY.subarray(HALF)), reply, sent }
}

async function started(t: TestContext, grace: string): Promise<{ server: RunningServer; url: string }> {
  const server = new RunningServer({ ...LOCAL, SHUTDOWN_GRACE_MS: grace })
  t.after(() => server.stop())
  return { server, url: await server.listening() }
}

const lateCalls: Call[] = [
  { body: {} },
  {},
  { path: '/nowhere' },
  { path: '/health' },
  { path: '/_ah/warmup' },
  { method: 'DELETE', path: '/webhook?x=1' },
]

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal}: 200 requests in flight are answered, later ones are told, and it ends well`, {
    timeout: 2 * GUARD_MS,
  }, async (t) => {
    const { server, url } = await started(t, '20000')
    const idle = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    const keptAlive = new Agent({ keepAlive: true })
    t.after(() => keptAlive.destroy())
    assert.equal((await call(url, { path: '/health', agent: keptAlive })).status, 200)
    const begun = await Promise.all(Array.from({ length: 200 }, () => begin(url)))
    server.signal(signal)
    await until(async () => (await call(url, { path: '/health' })).status === 503 || undefined)
    for (const late of lateCalls) {
      const reply = await call(url, { ...late, agent: new Agent({ keepAlive: true }) })
      assert.deepEqual([reply.status, codeOf(reply), reply.headers.connection], [503, 'draining', 'close'])
    }
    assert.equal((await call(url, { path: '/health', agent: keptAlive })).status, 503)
    for (const { finish } of begun) finish()
    const replies = await Promise.all(begun.map(({ reply }) => reply))
    assert.deepEqual(
      replies.map(({ status }) => status),
      begun.map(() => 200),
    )
    assert.equal(await server.exitCode(), 0)
    await assert.rejects(call(url, { path: '/health' }), { code: 'ECONNREFUSED' })
    assert.equal(server.stderr, '')
    idle.destroy()
  })

test('a request that never ends does not hold the server beyond its grace', { timeout: GUARD_MS }, async (t) => {
  const { server, url } = await started(t, '300')
  const { reply } = await begin(url)
  server.signal('SIGTERM')
  await assert.rejects(reply, { code: 'ECONNRESET' })
  assert.equal(await server.exitCode(), 0)
})

test('without requests it ends at once, with a grace of none too', { timeout: GUARD_MS }, async (t) => {
  for (const grace of ['0', '3600000']) {
    const { server } = await started(t, grace)
    server.signal('SIGTERM')
    assert.equal(await server.exitCode(), 0)
  }
})

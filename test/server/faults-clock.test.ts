import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, test } from 'node:test'
import { echo, echoed } from './good-call.ts'
import { call, GUARD_MS, type Reply, until } from './http-call.ts'
import { answerKeys, EMAIL, newSigner, signWith, startKeyServer } from './key-server.ts'
import { RawSocket, rawRequest } from './raw-socket.ts'
import { LOCAL, RunningServer } from './running-server.ts'

const HOUR = 3_600_000
const GUARD = { timeout: GUARD_MS }

const signer = await newSigner('key-1')
const keyServer = await startKeyServer(answerKeys(signer))
const environment = {
  ...LOCAL,
  WEBHOOK_AUTH: 'google',
  GOOGLE_SERVICE_ACCOUNTS: EMAIL,
  GOOGLE_CERTS_URL: keyServer.url,
  SHUTDOWN_GRACE_MS: '20000',
}
const server = new RunningServer(environment, [], [new URL('./shifting-clock.ts', import.meta.url).href])
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
after(async () => {
  agent.destroy()
  keyServer.close()
  await server.stop()
})
const url = await server.listening()
const authorization = `Bearer ${await signWith(signer)}`

const callWithToken = (said: string): Promise<Reply> =>
  call(url, { body: echo(said), headers: { 'content-type': 'application/json', authorization }, agent })

let jumps = 0

/** Sets the server's clock to another hour, and says how many hours it is off then. */
async function jump(): Promise<number> {
  jumps++
  server.signal('SIGUSR2')
  const told = await until(() => server.stderr.split('\n').slice(0, -1)[jumps - 1])
  return Math.round((Date.parse(told) - Date.now()) / HOUR) || 0
}

/** A call that is let in, and of whose body the last letter is missing. */
async function begin(said: string): Promise<{ finish: () => Promise<string | undefined> }> {
  const body = echo(said)
  const headers = ['content-type: application/json', `content-length: ${body.length}`, 'expect: 100-continue']
  const socket = new RawSocket(url).send(
    rawRequest('POST /webhook HTTP/1.1', body.slice(0, -1), [...headers, `authorization: ${authorization}`]),
  )
  await socket.take(1)
  return {
    finish: async () => {
      const [, reply] = await socket.send(body.slice(-1)).take(2)
      socket.destroy()
      return reply?.text
    },
  }
}

test('while the clock is hours off tokens are refused, and no later; what was let in is answered', GUARD, async () => {
  assert.equal((await callWithToken('before')).text, echoed('before'))
  for (const round of ['first', 'second']) {
    const { finish } = await begin(round)
    // The token is looked at beside the reading of the body: once this call is answered, that one is let in.
    await callWithToken('in between')
    assert.equal(await jump(), 5)
    assert.equal(await finish(), echoed(round))
    assert.equal((await callWithToken('ahead')).status, 401)
    assert.equal(await jump(), -5)
    assert.equal((await callWithToken('back')).status, 401)
    assert.equal(await jump(), 0)
    assert.equal((await callWithToken('right')).text, echoed('right'))
  }
})

test('the keys are not fetched again and again', async () => {
  assert.equal(keyServer.requests(), 1)
})

test('no call took less than no time, or hours', GUARD, async () => {
  const calls = await until(() => {
    const lines = server.lines.filter(({ httpRequest }) => httpRequest !== undefined)
    return lines.length === 11 ? lines : undefined
  })
  for (const { milliseconds, httpRequest } of calls) {
    assert.ok(Number(milliseconds) >= 0 && Number(milliseconds) < GUARD_MS, String(milliseconds))
    assert.match((httpRequest as { latency: string }).latency, /^\d{1,2}\.\d{6}s$/)
  }
})

test('a clock that jumps while the server shuts down cuts nobody off', GUARD, async () => {
  const { finish } = await begin('last')
  await callWithToken('in between')
  server.signal('SIGTERM')
  await until(async () => (await call(url, { path: '/health' })).status === 503 || undefined)
  for (const expected of [5, -5]) assert.equal(await jump(), expected)
  assert.equal(await finish(), echoed('last'))
  assert.equal(await server.exitCode(), 0)
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import express, { type Express, type RequestHandler } from 'express'
import { createWebhook } from '../../src/server/index.ts'
import { Lifecycle } from '../../src/server/lifecycle.ts'
import { call, codeOf, GUARD_MS, requestWith, until } from './http-call.ts'
import { RawSocket, rawCall } from './raw-socket.ts'
import { FLOWS } from './running-server.ts'
import { serve } from './test-app.ts'

const ENVIRONMENT = { FLOWS_DIR: FLOWS, WEBHOOK_AUTH: 'header', WEBHOOK_HEADER: 'X-Key: 555-0100', LOG_LEVEL: 'error' }
const headers = { 'content-type': 'application/json', 'x-key': '555-0100' }
const body = requestWith('echo', { said: 'hello' })

async function listen(t: TestContext, app: Express): Promise<string> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test("in somebody's own application it answers at their path what the server answers at its own", async (t) => {
  const alone = await serve()
  t.after(alone.close)
  const url = await listen(
    t,
    express()
      .use(express.json())
      .post('/bots/carryover', await createWebhook(ENVIRONMENT)),
  )
  const there = await call(url, { path: '/bots/carryover', headers, body })
  assert.deepEqual([there.status, there.text], [200, (await call(alone.url, { body })).text])
})

test('in front of a cloud function, for which it is all there is', async (t) => {
  const url = await listen(t, express().use(await createWebhook(ENVIRONMENT)))
  assert.equal((await call(url, { headers, body })).status, 200)
  assert.equal(codeOf(await call(url, { body })), 'unauthenticated')
  assert.equal(codeOf(await call(url, { headers, method: 'GET' })), 'method_not_allowed')
})

test('WEBHOOK_AUTH=none lets in who comes by a loopback address, whatever HOST says of a server that is not there', async (t) => {
  let address: string | undefined = '127.0.0.1'
  const comeBy: RequestHandler = ({ socket }, _, next) => {
    Object.defineProperty(socket, 'localAddress', { configurable: true, value: address })
    next()
  }
  const open = await createWebhook({ ...ENVIRONMENT, HOST: '127.0.0.1', WEBHOOK_AUTH: 'none' })
  const url = await listen(t, express().use(comeBy, open))
  for (const [by, status] of [
    ['127.0.0.1', 200],
    ['::ffff:127.0.0.1', 200],
    ['::1', 200],
    ['192.0.2.2', 401],
    ['::ffff:192.0.2.2', 401],
    ['2001:db8::1', 401],
    [undefined, 401],
  ] as const) {
    address = by
    assert.equal((await call(url, { headers, body })).status, status, by)
  }
})

/** What parsers of Express 4 do with a body of a type that is not theirs. */
const leaveUnread: RequestHandler = (request, _, next) => {
  request.body = {}
  next()
}

test('a body that somebody sets who has not read it does not count', async (t) => {
  const url = await listen(t, express().use(leaveUnread, await createWebhook(ENVIRONMENT)))
  const { text } = await call(url, { headers, body })
  assert.match(text, /"said":"hello"/)
  assert.equal(codeOf(await call(url, { headers, method: 'POST' })), 'bad_json')
})

/** Reads the body, and keeps it where nobody looks for it. */
const readElsewhere: RequestHandler = (request, _, next) => void request.resume().once('end', () => next())

test('a body that somebody has read and not handed on: 500 internal, and what to do in the log', {
  timeout: GUARD_MS,
}, async (t) => {
  const app = await serve({}, {}, readElsewhere)
  t.after(app.close)
  for (const made of [{ body }, { method: 'POST' }]) {
    const reply = await call(app.url, made)
    assert.deepEqual([reply.status, codeOf(reply)], [500, 'internal'])
  }
  assert.match(app.logged(), /"severity":"ERROR".*"reason":"The body was read before .* set request\.body\."/)
})

test('callers who are gone before their calls come to it have their lines, and nothing waits for them', {
  timeout: GUARD_MS,
}, async (t) => {
  const lifecycle = new Lifecycle()
  let begun = 0
  const app = await serve({}, { lifecycle }, ({ socket }, _, next) => {
    begun++
    socket.once('close', () => setImmediate(next))
  })
  t.after(app.close)
  // The second of them stands in line behind the first.
  const socket = new RawSocket(app.url).send(rawCall(JSON.stringify(body)).repeat(2))
  await until(() => begun === 2 || undefined)
  socket.destroy()
  const gone = /POST \/webhook aborted by the caller/g
  await until(() => app.logged().match(gone)?.length === 2 || undefined)
  await lifecycle.drain(createServer(), 3_600_000)
})

test('settings that are not right stop it with a text for people', async () => {
  await assert.rejects(createWebhook({ FLOWS_DIR: FLOWS }), /WEBHOOK_AUTH/)
  await assert.rejects(createWebhook({ ...ENVIRONMENT, FLOWS_DIR: '/nowhere' }), /There is no folder \/nowhere/)
})

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assertAnswers, echo } from './good-call.ts'
import { call, GUARD_MS, until } from './http-call.ts'
import { RawSocket, rawCall, rawRequest } from './raw-socket.ts'
import { type Memory, WatchedServer } from './watched-server.ts'

const server = new WatchedServer('ignore')
after(() => server.stop())
const url = await server.listening()

const GUARD = { timeout: 2 * GUARD_MS }
const MB = 2 ** 20

/** The least of several looks: what has just ended may be in use for a moment longer. */
async function settled(): Promise<Memory> {
  const looks: Memory[] = []
  for (let i = 0; i < 10; i++) looks.push(await server.memory())
  return looks.reduce((least, look) => (look.used < least.used ? look : least))
}

/** What is in use, and resident, once what has ended has been given back. */
async function assertFallsBelow(used: number, resident = Number.POSITIVE_INFINITY): Promise<void> {
  let now = await server.memory()
  await until(async () => {
    now = await server.memory()
    return (now.used < used && now.resident < resident) || undefined
  }, 10_000).catch(() =>
    assert.fail(`${now.used} bytes in use and ${now.resident} resident, not ${used} and ${resident}`),
  )
}

let serial = 0

/** Ten requests on one connection, no two of them alike, of which none ends well; the last is an upload that breaks off. */
async function tenBadRequests(): Promise<void> {
  const own = `x${(serial++).toString(36)}`
  const socket = new RawSocket(url).send(
    [
      rawCall(`{${own}`),
      rawCall(`${'['.repeat(100)}"${own}"${']'.repeat(100)}`),
      rawCall(JSON.stringify({ [own]: own })),
      rawCall(echo(own).replace('"echo"', `"${own}"`)),
      rawCall(echo({ [own]: { [own]: own } }).replace('"en"', `"${own}"`)),
      rawCall(echo(own).padEnd(300_000)),
      rawCall(echo(own)).replace('application/json', own),
      rawRequest(`POST /${own} HTTP/1.1`, own, [`content-length: ${own.length}`]),
      rawRequest(`DELETE /webhook?${own} HTTP/1.1`, '', [`x-${own}: ${own}`, `traceparent: ${own}`]),
      rawRequest('POST /webhook HTTP/1.1', own, ['content-type: application/json', 'content-length: 1000']),
    ].join(''),
  )
  await socket.take(9)
  socket.destroy()
}

async function badRequests(count: number): Promise<void> {
  for (let done = 0; done < count; done += 500) await Promise.all(Array.from({ length: 50 }, tenBadRequests))
}

test('20,000 bad and aborted requests take no more memory than 2,000', GUARD, async () => {
  await badRequests(2_000)
  await assertAnswers(url)
  const early = await settled()
  await badRequests(18_000)
  await assertAnswers(url)
  await assertFallsBelow(early.used + 4 * MB, early.resident * 1.5)
})

test('what callers name is not kept, however long it is', GUARD, async () => {
  const early = await settled()
  for (let i = 0; i < 300; i++) {
    const long = `${i}`.padEnd(100_000, 'x')
    await call(url, { body: echo({ [long]: 0 }).replace('"en"', `"${long}"`) })
  }
  await assertAnswers(url)
  await assertFallsBelow(early.used + 4 * MB)
})

test('nothing was said on standard error', () => {
  assert.equal(server.complaints, '')
})

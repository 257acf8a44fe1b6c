import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { assertAnswers } from './good-call.ts'
import { call, codeOf, GUARD_MS } from './http-call.ts'
import { builtServer } from './server-program.ts'
import { WatchedServer } from './watched-server.ts'

test('a build in the place of the running program: other paths are answered 500, and the webhook goes on', {
  timeout: GUARD_MS,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-program-'))
  const dist = join(folder, 'dist', 'server')
  cpSync(join(dirname(builtServer()), '..', '..'), folder, { recursive: true })
  const server = new WatchedServer('ignore', {}, [], join(dist, 'main.js'))
  t.after(async () => {
    await server.stop()
    rmSync(folder, { recursive: true })
  })
  const url = await server.listening()
  for (const name of readdirSync(dist)) rmSync(join(dist, name), { recursive: true })
  for (let i = 0; i < 2; i++) {
    const reply = await call(url, { path: '/health' })
    assert.deepEqual([reply.status, codeOf(reply)], [500, 'internal'])
    await assertAnswers(url)
  }
  server.signal('SIGTERM')
  assert.deepEqual(await server.ended(), { code: 0, signal: null })
})

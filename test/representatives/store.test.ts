import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import fc from 'fast-check'
import { openSqliteStore } from '../../src/representatives/sqlite-store.ts'
import type { Change, ConversationRecord, Item, Store } from '../../src/representatives/store.ts'
import { MemoryStore } from './memory-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'carryover-store-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const newFile = (): string => join(folder, `bridge-${++files}.sqlite`)

const CANARY = 'CANARY-4242-4242'
const item = (conversationId: string, key: string): Item => ({
  conversationId,
  key,
  call: { from: 'person', messageId: key, text: CANARY, hasAttachment: false },
})
const record = (id: string, waitingSince?: number): ConversationRecord => ({
  id,
  conversation: { humans: [], waitingSince },
  variables: { destination: CANARY },
  closed: false,
})
const call = (id: string) => ({
  id,
  emission: { text: CANARY, representative: { representativeType: 'BOT' as const } },
})

describe('the store in SQLite', () => {
  test('keeps what was committed when the process is killed, and is free again', async () => {
    const path = newFile()
    const script = `
      import { openSqliteStore } from ${JSON.stringify(new URL('../../src/representatives/sqlite-store.ts', import.meta.url).href)}
      const store = await openSqliteStore(${JSON.stringify(path)})
      store.accept(${JSON.stringify(item('3333', 'a'))}, 1)
      store.commit(${JSON.stringify({ conversationId: '3333', record: record('3333', 5), calls: [call('c1')] })}, 2)
      process.kill(process.pid, 'SIGKILL')`
    const killed = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    assert.equal(killed.signal, 'SIGKILL', killed.stderr)
    const store = await openSqliteStore(path)
    assert.deepEqual(store.nextItem('3333'), item('3333', 'a'))
    assert.deepEqual(JSON.parse(JSON.stringify(store.timed())), [record('3333', 5)])
    assert.deepEqual(
      store.calls('3333').map(({ id }) => id),
      ['c1'],
    )
    store.close()
  })

  test('is for its owner alone, and holds nothing that a person wrote once it is worked off', async () => {
    const path = newFile()
    const store = await openSqliteStore(path)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    store.accept(item('3333', 'a'), 1)
    store.commit({ conversationId: '3333', record: record('3333'), calls: [call('c1')] }, 1)
    store.commit({ conversationId: '3333', done: { key: 'a', outcome: { status: 200, body: {} } }, settled: ['c1'] }, 2)
    store.forget(10)
    store.close()
    assert.ok(!readFileSync(path).includes(CANARY), 'the file holds a value')
  })

  test('says what to do where it cannot be used', async () => {
    const noDatabase = newFile()
    writeFileSync(noDatabase, 'x'.repeat(5000))
    const path = newFile()
    const store = await openSqliteStore(path)
    const cases: [path: string, says: RegExp][] = [
      [path, /another bridge is using it; each needs a file of its own in BRIDGE_STORE/],
      [noDatabase, /it is no SQLite file; name another in BRIDGE_STORE/],
      [join(folder, 'absent', 'x.sqlite'), /its folder does not exist/],
      [folder, /it is a folder; name a file/],
    ]
    for (const [given, says] of cases) await assert.rejects(openSqliteStore(given), says)
    store.close()
    const { default: Database } = await import('libsql')
    const other = new Database(path)
    other.exec('PRAGMA user_version = 99')
    other.close()
    await assert.rejects(openSqliteStore(path), /no store of this version of the bridge/)
  })

  test('forgets what is old and needed by nobody', async () => {
    const store = await openSqliteStore(newFile())
    store.accept(item('done', 'a'), 1)
    store.commit(
      {
        conversationId: 'done',
        record: record('done'),
        done: { key: 'a', outcome: { status: 200, body: {} } },
        news: [{ type: 'withdrawn' }],
      },
      1,
    )
    store.accept(item('open', 'a'), 1)
    store.commit({ conversationId: 'open', record: record('open') }, 1)
    store.commit({ conversationId: 'waiting', record: record('waiting', 1) }, 1)
    store.commit({ conversationId: 'unsent', record: record('unsent'), calls: [call('c8')] }, 1)
    store.commit({ conversationId: 'shut', record: { ...record('shut'), closed: true }, calls: [call('c9')] }, 1)
    store.forget(2)
    assert.equal(store.record('done'), undefined)
    assert.equal(store.outcome('done', 'a'), undefined)
    assert.deepEqual(store.newsAfter(0, 9), [])
    assert.ok(store.record('open') && store.nextItem('open'), 'what is not worked off stays')
    assert.ok(store.record('waiting'), 'who waits stays')
    assert.ok(store.record('unsent') && store.calls('unsent').length, 'what is still tried stays')
    assert.equal(store.record('shut'), undefined, 'what nobody took for so long goes')
    assert.deepEqual(store.calls('shut'), [])
    store.close()
  })

  test('does what the store of the other tests does, step by step', async () => {
    const conversation = fc.constantFrom('3333', '4444')
    const key = fc.constantFrom('a', 'b', 'c')
    const change: fc.Arbitrary<Change> = fc.record(
      {
        conversationId: conversation,
        record: fc.option(fc.nat(9), { nil: undefined }).map((since) => record('3333', since)),
        done: fc.record({ key, outcome: fc.constant({ status: 200, body: {} }) }),
        calls: fc.array(
          fc.nat(5).map((n) => call(`c${n}`)),
          { maxLength: 2 },
        ),
        settled: fc.array(
          fc.nat(5).map((n) => `c${n}`),
          { maxLength: 2 },
        ),
        news: fc.array(fc.constant({ type: 'withdrawn' as const }), { maxLength: 2 }),
      },
      { requiredKeys: ['conversationId'] },
    )
    type Use = (store: Store) => unknown
    const use: fc.Arbitrary<Use> = fc.oneof(
      fc.tuple(conversation, key).map(
        ([id, name]): Use =>
          (store) =>
            store.accept(item(id, name), 1),
      ),
      change.map(
        (given): Use =>
          (store) =>
            store.commit(withOwnCalls(given), 1),
      ),
      fc.nat(5).map(
        (n): Use =>
          (store) =>
            store.countTry(`c${n}`),
      ),
    )
    const look = (store: Store) =>
      JSON.parse(
        JSON.stringify(
          ['3333', '4444'].map((id) => [
            store.record(id),
            store.nextItem(id),
            store.calls(id),
            ['a', 'b', 'c'].map((name) => store.outcome(id, name)),
            [...store.unfinished()].sort(),
            store.timed().length,
            store.newsAfter(1, 3),
          ]),
        ),
      )
    await fc.assert(
      fc.asyncProperty(fc.array(use, { maxLength: 25 }), async (uses) => {
        const [sqlite, memory] = [await openSqliteStore(newFile()), new MemoryStore()]
        for (const one of uses) {
          assert.deepEqual(one(sqlite), one(memory))
          assert.deepEqual(look(sqlite), look(memory))
        }
        sqlite.close()
      }),
      { numRuns: 60 },
    )
  })
})

/** An id is of one conversation alone. */
const withOwnCalls = (change: Change): Change => ({
  ...change,
  ...(change.calls ? { calls: change.calls.map((one) => ({ ...one, id: `${change.conversationId} ${one.id}` })) } : {}),
  ...(change.settled ? { settled: change.settled.map((id) => `${change.conversationId} ${id}`) } : {}),
})

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { parse } from 'yaml'
import { Bridge } from '../../src/representatives/bridge.ts'
import type { Incoming } from '../../src/representatives/incoming.ts'
import { mannerOf } from '../../src/representatives/representatives-file.ts'
import { openSqliteStore } from '../../src/representatives/sqlite-store.ts'
import type { Outcome, Store, WaitingCall } from '../../src/representatives/store.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { JANE } from './local-bridge.ts'
import { REPRESENTATIVES } from './representatives-yaml.ts'
import { WALK_THROUGH } from './walk-through.ts'
import { MANNER } from './world.ts'

const folder = temporaryFolder()

// ---- between any two steps, one kill in each run

class Killed extends Error {}

/** A bridge on a file, which dies at one of the points around what it writes, sends and asks, and is started again. */
class MortalBridge {
  points = 0
  readonly #killAt: number
  readonly #path: string
  readonly #sent: WaitingCall[] = []
  #starting: Promise<void> | undefined
  #store!: Store
  #bridge!: Bridge

  constructor(path: string, killAt: number) {
    this.#path = path
    this.#killAt = killAt
  }

  async start(): Promise<void> {
    this.#store = await openSqliteStore(this.#path)
    const bridge = new Bridge({
      store: this.#withPoints(this.#store),
      peers: { send: (call) => this.#send(call), ask: (_, text) => this.#ask(text) },
      manner: { ...MANNER, ...mannerOf(parse(REPRESENTATIVES)) },
      clock: { now: () => 1, wait: async () => {} },
      log: () => {},
      maxTries: 2,
      fail: (error) => {
        if (!(error instanceof Killed)) throw error
        this.#die()
      },
    })
    this.#bridge = bridge
    this.#starting = undefined
    this.#bridge.resume()
  }

  #die(): void {
    void this.#bridge.stop()
    this.#store.close()
    this.#starting = this.start()
  }

  #point(): void {
    if (++this.points === this.#killAt) throw new Killed()
  }

  #withPoints(store: Store): Store {
    const write = <T>(work: () => T): T => {
      this.#point()
      const result = work()
      this.#point()
      return result
    }
    return {
      record: (id) => store.record(id),
      accept: (item, now) => write(() => store.accept(item, now)),
      nextItem: (id) => store.nextItem(id),
      outcome: (id, key) => store.outcome(id, key),
      calls: (id) => store.calls(id),
      countTry: (id) => write(() => store.countTry(id)),
      commit: (change, now) => write(() => store.commit(change, now)),
      newsAfter: (number, limit) => store.newsAfter(number, limit),
      unfinished: () => store.unfinished(),
      timed: () => store.timed(),
      forget: (before) => store.forget(before),
      close: () => store.close(),
    }
  }

  async #send(call: WaitingCall) {
    this.#point()
    await setImmediate()
    this.#sent.push(call)
    this.#point()
    await setImmediate()
    return 'taken' as const
  }

  async #ask(text: string) {
    this.#point()
    await setImmediate()
    this.#point()
    return text === 'Thank you'
      ? { texts: ['You are welcome.'], ujets: [] }
      : { texts: [], ujets: [{ type: 'action', action: 'escalation' }] }
  }

  /** Calls until there is an answer. */
  async call(requestId: string, call: Incoming): Promise<Outcome | undefined> {
    const item = { conversationId: '3333', key: `${call.from} ${requestId}`, call }
    for (;;) {
      await this.#starting
      const process = this.#bridge
      try {
        if (call.from === 'human') return await this.#settled(() => this.#bridge.settle(item))
        return void this.#bridge.take(item)
      } catch (error) {
        // Whatever a process says that has died meanwhile, nobody hears.
        if (process !== this.#bridge || this.#starting) continue
        if (!(error instanceof Killed)) throw error
        this.#die()
      }
    }
  }

  /** The answer of a process that dies first never comes. */
  async #settled(settle: () => Promise<Outcome>): Promise<Outcome> {
    const outcome = await settle()
    if (outcome.status === 503) throw new Killed()
    return outcome
  }

  async news(type: string): Promise<void> {
    const isThere = () => !this.#starting && this.#store.newsAfter(0, 100).some(({ news }) => news.type === type)
    while (!isThere()) await setImmediate()
  }

  async story(count: number): Promise<string[]> {
    const shown = () => [...new Map(this.#sent.map((call) => [call.id, call.emission])).values()]
    while (shown().length < count) await setImmediate()
    return shown().map((emission) => {
      const { representativeType, displayName } = emission.representative
      return `${representativeType} ${displayName}: ${'text' in emission ? emission.text : emission.eventType}`
    })
  }

  async end(): Promise<void> {
    while (this.#starting) await this.#starting
    await this.#bridge.stop()
    this.#store.close()
  }
}

async function play(bridge: MortalBridge): Promise<string[]> {
  await bridge.start()
  const person = (id: string, text: string) =>
    bridge.call(id, { from: 'person', messageId: id, text, hasAttachment: false })
  const { id, ...face } = JANE
  const human = { from: 'human', representativeId: id } as const
  await bridge.call('1', { from: 'person', isTyping: true })
  await person('2', 'Hi, I have a problem')
  await bridge.news('requested')
  const text = 'I see you have a problem. How can I help?'
  const outcomes = [
    await bridge.call('3', { ...human, act: 'join', face }),
    await bridge.call('4', { ...human, act: 'say', text }),
    await bridge.call('5', { ...human, act: 'leave' }),
  ]
  assert.deepEqual(
    outcomes.map((outcome) => outcome?.status),
    [200, 200, 200],
  )
  await person('6', 'Thank you')
  const story = await bridge.story(WALK_THROUGH.length)
  await bridge.end()
  return story
}

describe('the walk-through', () => {
  test('is the same whatever two steps the process is killed between', { timeout: 60_000 }, async () => {
    const alive = new MortalBridge(join(folder.path, 'alive.sqlite'), 0)
    assert.deepEqual(await play(alive), WALK_THROUGH)
    assert.ok(alive.points > 60, `${alive.points} points`)
    for (let point = 1; point <= alive.points; point++) {
      const bridge = new MortalBridge(join(folder.path, `killed-${point}.sqlite`), point)
      assert.deepEqual(await play(bridge), WALK_THROUGH, `killed at point ${point}`)
      assert.ok(bridge.points >= point, `point ${point} was not reached`)
    }
  })
})

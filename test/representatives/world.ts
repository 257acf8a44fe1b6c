import assert from 'node:assert/strict'
import type fc from 'fast-check'
import { NO_POLICY } from '../../src/core/policy.ts'
import { Bridge, type Sent } from '../../src/representatives/bridge.ts'
import type { Incoming } from '../../src/representatives/incoming.ts'
import { type Answer, isEvent, type Manner } from '../../src/representatives/step.ts'
import type { Item, Outcome, Store, WaitingCall } from '../../src/representatives/store.ts'
import { BracketWatch } from './bracket-watch.ts'
import { MemoryStore } from './memory-store.ts'

export const MANNER: Manner = {
  bot: { displayName: 'Bot' },
  human: { displayName: 'Somebody' },
  say: (name) => name,
  patience: { wait: 100, silence: 300 },
  maxAsked: 256,
  maxSaid: 3072,
  policy: NO_POLICY,
}

const MAX_TRIES = 4

/** What the channel does with a call: loses it, takes it and loses the answer, refuses this one, or the whole conversation. */
export type Fault = 'lost' | 'answer lost' | 'refused' | 'closed'

/** The process is killed here. */
class Killed extends Error {}

/** Everything around a bridge that may die at any time: its store stays, and so do the channel, the agent, the person and the humans. */
export class World {
  readonly store = new MemoryStore()
  readonly faults: Fault[] = []
  bridge: Bridge
  /** Writes to the store until the process is killed, and whether the last one is done. */
  fuse: { writes: number; isDone: boolean } | undefined
  agentIsDown = false
  now = 1_000
  readonly requests: Item[] = []
  readonly outcomes = new Map<Item, Outcome>()
  readonly accepted: Item[] = []
  readonly asked: string[] = []
  readonly shown = new Map<string, WaitingCall[]>()
  readonly #ids = new Set<string>()
  readonly #watches = new Map<string, BracketWatch>()
  /** The first thing that went wrong while something else was going on. */
  violation: unknown
  hasRefused = false
  hasGivenUp = false
  readonly #scheduler: fc.Scheduler

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler
    this.bridge = this.#start()
  }

  #pause = (what: string): Promise<void> => this.#scheduler.schedule(Promise.resolve(), what)

  #start(): Bridge {
    const bridge: Bridge = new Bridge({
      store: this.#killingStore(() => bridge === this.bridge || !this.bridge),
      peers: { send: (call) => this.#send(call), ask: (_, text) => this.#ask(text) },
      manner: MANNER,
      clock: { now: () => this.now, wait: () => this.#pause('wait') },
      maxTries: MAX_TRIES,
      log: (_severity, _message, fields) => {
        const { status, call = '' } = fields as { status?: number; call?: string }
        if (status === undefined && !call.startsWith('TYPING')) this.hasGivenUp = true
      },
      fail: (error) => {
        if (!(error instanceof Killed)) this.violation ??= error
        else if (bridge === this.bridge) this.restart()
      },
    })
    return bridge
  }

  restart(): void {
    void this.bridge.stop()
    this.fuse = undefined
    this.bridge = this.#start()
    this.bridge.resume()
  }

  /** The same store; a process that is dead writes nothing more. */
  #killingStore(isAlive: () => boolean): Store {
    const write = <T>(work: () => T): T => {
      if (!isAlive()) throw new Killed()
      if (!this.fuse || --this.fuse.writes > 0) return work()
      if (this.fuse.isDone) work()
      throw new Killed()
    }
    const { store } = this
    return {
      record: (id) => store.record(id),
      accept: (item, now) =>
        write(() => {
          const isNew = store.accept(item, now)
          if (isNew) this.accepted.push(item)
          return isNew
        }),
      nextItem: (id) => store.nextItem(id),
      outcome: (id, key) => store.outcome(id, key),
      calls: (id) => store.calls(id),
      countTry: (id) => write(() => store.countTry(id)),
      commit: (change, now) => write(() => store.commit(change, now)),
      newsAfter: (number, limit) => store.newsAfter(number, limit),
      unfinished: () => store.unfinished(),
      timed: () => store.timed(),
      forget: (before) => store.forget(before),
      close: () => {},
    }
  }

  // ---- the channel and the agent

  async #send(call: WaitingCall): Promise<Sent> {
    if (this.store.record(call.conversationId)?.closed) this.violation ??= new Error('a closed conversation is sent to')
    await this.#pause('send')
    const fault = this.faults.shift()
    if (fault === 'lost') return 'again'
    if (fault === 'refused' || fault === 'closed') {
      this.hasRefused = true
      // The one event that nothing can replace: the channel was told.
      if (fault === 'refused' && isEvent(call.emission, 'REPRESENTATIVE_LEFT')) this.#show(call)
      return { refused: fault === 'closed' ? 404 : 400 }
    }
    this.#show(call)
    await this.#pause('answer of the channel')
    return fault === 'answer lost' ? 'again' : 'taken'
  }

  #show(call: WaitingCall): void {
    if (this.#ids.has(call.id)) return
    this.#ids.add(call.id)
    const { conversationId } = call
    this.shown.set(conversationId, [...(this.shown.get(conversationId) ?? []), call])
    const watch = this.#watches.get(conversationId) ?? new BracketWatch()
    this.#watches.set(conversationId, watch)
    watch.see(call.emission, { mayLeaveTwice: this.hasRefused || this.hasGivenUp })
  }

  async #ask(text: string): Promise<Answer | undefined> {
    await this.#pause('ask')
    if (this.agentIsDown) return undefined
    this.asked.push(text)
    await this.#pause('answer of the agent')
    const variables = {
      payload: { seen: text, hidden: 'CANARY' },
      capture_type: ['agent', 'event'],
      invisible_to_agent: ['hidden'],
    }
    const ujet = text.includes('human') ? { type: 'action', action: 'escalation' } : { session_variable: variables }
    return { texts: [`re: ${text}`], ujets: [ujet] }
  }

  // ---- who calls

  /** A call as the HTTP edge makes it; a process that dies meanwhile gives no answer. */
  call(item: Item): void {
    if (!this.requests.includes(item)) this.requests.push(item)
    try {
      if (item.call.from === 'person') this.bridge.take(item)
      else void this.bridge.settle(item).then((outcome) => this.#answered(item, outcome))
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      this.restart()
    }
  }

  passTime(milliseconds: number): void {
    this.now += milliseconds
    try {
      this.bridge.passTime()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      this.restart()
    }
  }

  #answered(item: Item, outcome: Outcome): void {
    if (outcome.status === 503) return
    const known = this.outcomes.get(item)
    if (known) assert.deepEqual(outcome, known, 'a repeat was answered otherwise')
    this.outcomes.set(item, outcome)
  }

  newItem(conversationId: string, call: Incoming): Item {
    return { conversationId, key: `${call.from} ${this.requests.length}`, call }
  }

  // ---- what must hold in the end

  /** Nothing fails any more, everybody repeats what they have no answer to, and all comes to rest. */
  async comeToRest(): Promise<void> {
    this.faults.length = 0
    this.fuse = undefined
    this.agentIsDown = false
    for (const item of this.requests) this.call(item)
    await this.#scheduler.waitIdle()
    for (const item of this.requests) this.call(item)
    await this.#scheduler.waitIdle()
  }

  check(): void {
    if (this.violation) throw this.violation
    for (const id of this.store.unfinished())
      assert.ok(this.store.record(id)?.closed && !this.store.nextItem(id), 'something is left undone')
    for (const conversationId of new Set(this.requests.map((item) => item.conversationId))) {
      this.#checkHumans(conversationId)
      this.#checkPerson(conversationId)
    }
    assert.ok(
      !JSON.stringify(this.store.newsAfter(0, 1e6)).includes('CANARY'),
      'the human side got what it may not see',
    )
  }

  /** Every text that was taken from a human is shown once, in the order in which they were taken, or told of as undelivered. */
  #checkHumans(conversationId: string): void {
    const taken = this.accepted.filter(
      (item) => item.conversationId === conversationId && this.outcomes.get(item)?.status === 200,
    )
    const undelivered = new Set(
      this.#newsOf(conversationId).flatMap((news) =>
        news.type === 'undelivered' ? [news.messageId] : news.type === 'closed' ? news.undelivered : [],
      ),
    )
    const idOf = (item: Item): unknown => this.outcomes.get(item)?.body.messageId
    const said = taken.filter(({ call }) => call.from === 'human' && call.act === 'say').map(idOf)
    const shown = this.#textsShown(conversationId, 'HUMAN').map(({ id }) => id)
    assert.deepEqual(
      shown.filter((id) => !undelivered.has(id)),
      said.filter((id) => !undelivered.has(String(id))),
    )
    for (const id of shown) assert.ok(said.includes(id), 'a human is heard who has not spoken')
  }

  /** Every text of the person went to the agent or to the human side, never to both, and the agent's answer is shown once. */
  #checkPerson(conversationId: string): void {
    const told = this.#newsOf(conversationId).flatMap((news) => (news.type === 'message' ? (news.text ?? '') : []))
    const heard = this.#textsShown(conversationId, 'BOT').map(({ emission }) =>
      'text' in emission ? emission.text : '',
    )
    const texts: string[] = []
    for (const { call, ...item } of this.accepted)
      if (item.conversationId === conversationId && call.from === 'person' && 'text' in call && call.text)
        texts.push(call.text)
    for (const text of texts) {
      const [toHumans, toAgent] = [told.filter((one) => one === text).length, this.asked.includes(text)]
      assert.ok(toHumans < 2 && !(toHumans && toAgent), `${text} was passed on twice`)
      const answers = heard.filter((one) => one === `re: ${text}`).length
      assert.ok(answers < 2, 'the bot answers twice')
      if (this.hasRefused || this.hasGivenUp) continue
      // What the agent answers to a process that is killed then, it is asked again, and may be down.
      const isPassedOn = heard.includes('passing_on')
      if (toAgent) assert.ok(answers === 1 || isPassedOn, `no answer to ${text}`)
      else if (!toHumans) assert.ok(isPassedOn || text.length > MANNER.maxAsked, `${text} is lost`)
    }
    const typed = (this.shown.get(conversationId) ?? []).filter(
      ({ emission }) => emission.by === undefined && isEvent(emission, 'TYPING_STARTED'),
    )
    assert.ok(typed.length <= texts.length, 'the bot types twice for a text')
    const order = texts.filter((text) => told.includes(text))
    assert.deepEqual(told.filter(Boolean), order, 'the human side has another order')
  }

  #newsOf(conversationId: string) {
    return this.store
      .newsAfter(0, 1e6)
      .filter((one) => one.conversationId === conversationId)
      .map(({ news }) => news)
  }

  #textsShown(conversationId: string, type: 'BOT' | 'HUMAN'): WaitingCall[] {
    const shown = this.shown.get(conversationId) ?? []
    return shown.filter(({ emission }) => 'text' in emission && emission.representative.representativeType === type)
  }
}

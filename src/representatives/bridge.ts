import { type Emission, ImpossibleMove } from './conversation.ts'
import { failed } from './failure.ts'
import { sessionIdOf, stableId } from './stable-id.ts'
import {
  type Answer,
  closeConversation,
  hearAnswer,
  isEvent,
  isHumanText,
  type Manner,
  newRecord,
  passTime,
  receive,
  type Step,
} from './step.ts'
import type { Call, Change, ConversationRecord, Item, NumberedNews, Outcome, Store, WaitingCall } from './store.ts'

/** What became of a call to the channel: taken; to be tried again, since nobody knows; or refused for good, with this status. */
export type Sent = 'taken' | 'again' | { readonly refused: number }

/** Whom the bridge stands between. Neither throws. */
export interface Peers {
  readonly send: (call: WaitingCall) => Promise<Sent>
  /** Undefined where the agent cannot answer, after all tries. */
  readonly ask: (conversationId: string, text: string, language: string | undefined) => Promise<Answer | undefined>
}

export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly wait: (milliseconds: number) => Promise<void>
}

export type Log = (severity: 'INFO' | 'WARNING' | 'ERROR', message: string, fields?: object) => void

export interface BridgeOptions {
  readonly store: Store
  readonly peers: Peers
  readonly manner: Manner
  readonly clock: Clock
  readonly log: Log
  /** How often a call to the channel is tried. */
  readonly maxTries: number
  /** Told of a bug, or of a store that fails: the process should end, and be started again. */
  readonly fail: (error: unknown) => void
}

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 60_000
/** With these the channel says that the conversation is not there, or no more. */
const CLOSED: ReadonlySet<number> = new Set([404, 410])

type Job = () => Promise<void> | void

/**
 * Stands between the channel, the agent and the humans. What comes in is kept before it is answered, and worked off one by one for each
 * conversation; what is to go out is kept with the state that it follows from, and sent in order until it is taken. A process that
 * dies anywhere goes on from there: it may repeat a call, with the same id, and neither loses nor invents one.
 */
export class Bridge {
  readonly #options: BridgeOptions
  readonly #lanes = new Map<string, Promise<void>>()
  readonly #awaited = new Map<string, ((outcome: Outcome) => void)[]>()
  readonly #listeners = new Set<() => void>()
  #stopped = false

  constructor(options: BridgeOptions) {
    this.#options = options
  }

  /** Goes on with what an earlier process left. Humans who were there have the time for a sign of life anew. */
  resume(): void {
    const { store, clock } = this.#options
    for (const record of store.timed()) {
      const humans = record.conversation.humans.map((human) => ({ ...human, seen: clock.now() }))
      if (humans.length) this.#commit({ conversationId: record.id, record: { ...record, conversation: { humans } } })
    }
    for (const id of store.unfinished()) {
      // It may have been sent by a process that died before it heard of the answer.
      const call = this.#nextCall(id)
      if (call) store.countTry(call.id)
      this.#wake(id)
    }
  }

  knows(conversationId: string): boolean {
    const { store } = this.#options
    return store.record(conversationId) !== undefined || store.nextItem(conversationId) !== undefined
  }

  /** Takes a call in; it is safe when this returns. A repeat changes nothing. */
  take(item: Item): void {
    const { store, clock } = this.#options
    if (store.accept(item, clock.now())) this.#wake(item.conversationId)
  }

  /** Takes a call in, and waits until it is worked off; a repeat gets the same outcome. */
  settle(item: Item): Promise<Outcome> {
    this.take(item)
    const { conversationId, key } = item
    const outcome = this.#options.store.outcome(conversationId, key)
    if (outcome) return Promise.resolve(outcome)
    return new Promise((resolve) => {
      const name = nameOf(conversationId, key)
      this.#awaited.set(name, [...(this.#awaited.get(name) ?? []), resolve])
    })
  }

  /** What the human side is told, behind a number; waits for something where there is nothing. */
  async news(after: number, limit: number, patience: Promise<unknown>): Promise<readonly NumberedNews[]> {
    const { store } = this.#options
    const known = store.newsAfter(after, limit)
    if (known.length || this.#stopped) return known
    let listener = (): void => {}
    const told = new Promise<void>((resolve) => {
      listener = resolve
    })
    this.#listeners.add(listener)
    await Promise.race([told, patience])
    this.#listeners.delete(listener)
    return this.#stopped ? [] : store.newsAfter(after, limit)
  }

  /** Does what time has made due. */
  passTime(): void {
    const { store, clock, manner } = this.#options
    const now = clock.now()
    for (const record of store.timed()) {
      const step = passTime(record, now, manner)
      if (step) this.#commit(changeOf(record.id, step, `time ${now}`))
    }
  }

  /** Begins nothing more, and waits for what it has begun. Who waits is told to call again. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const resolve of [...this.#awaited.values()].flat()) resolve(failed('draining'))
    for (const resolve of this.#listeners) resolve()
    await Promise.all(this.#lanes.values())
  }

  // ---- one thing after the other

  #wake(conversationId: string): void {
    this.#work(`in ${conversationId}`, () => this.#nextJobIn(conversationId))
    this.#work(`out ${conversationId}`, () => this.#nextJobOut(conversationId))
  }

  /** One job of a lane at a time. The lane ends in the same moment in which there is no next one: nobody comes in between. */
  #work(lane: string, next: () => Job | undefined): void {
    if (this.#stopped || this.#lanes.has(lane)) return
    const work = async (): Promise<void> => {
      try {
        for (let job = next(); job; job = this.#stopped ? undefined : next()) await job()
      } catch (error) {
        if (!this.#stopped) this.#options.fail(error)
      }
      this.#lanes.delete(lane)
    }
    // Before it begins: what it does at once may wake its own lane.
    this.#lanes.set(lane, Promise.resolve())
    const worked = work()
    if (this.#lanes.has(lane)) this.#lanes.set(lane, worked)
  }

  #nextJobIn(conversationId: string): Job | undefined {
    const item = this.#options.store.nextItem(conversationId)
    return item && (() => this.#workOff(item))
  }

  #nextJobOut(conversationId: string): Job | undefined {
    const call = this.#nextCall(conversationId)
    return call && (() => this.#deliver(call))
  }

  #nextCall(conversationId: string): WaitingCall | undefined {
    return this.#recordOf(conversationId).closed ? undefined : this.#options.store.calls(conversationId)[0]
  }

  // ---- coming in

  async #workOff(item: Item): Promise<void> {
    const { clock, manner, peers } = this.#options
    const { conversationId, key, call } = item
    const before = this.#recordOf(conversationId)
    if (before.closed && call.from === 'human') return this.#end(item, failed('conversation_closed'))
    const step = this.#tryStep(() => receive(before, call, clock.now(), manner))
    if (step instanceof ImpossibleMove) return this.#end(item, failed('impossible_move', step.message))
    if (step.question === undefined) return this.#finish(item, changeOf(conversationId, step, key))
    this.#commit(changeOf(conversationId, step, key))
    const answer = await peers.ask(conversationId, step.question, step.record.language)
    if (this.#stopped) return
    const record = this.#recordOf(conversationId)
    if (record.closed) return this.#end(item, NOTHING)
    const answered = hearAnswer(record, answer, clock.now(), manner)
    this.#finish(item, changeOf(conversationId, answered, `${key} answer`))
  }

  #tryStep(make: () => Step): Step | ImpossibleMove {
    try {
      return make()
    } catch (error) {
      if (error instanceof ImpossibleMove) return error
      throw error
    }
  }

  #finish(item: Item, change: Change): void {
    const [made] = change.calls ?? []
    this.#end(item, item.call.from === 'human' && made ? idAsOutcome(made) : NOTHING, change)
  }

  #end({ conversationId, key }: Item, outcome: Outcome, change?: Change): void {
    this.#commit({ conversationId, ...change, done: { key, outcome } })
    const name = nameOf(conversationId, key)
    for (const resolve of this.#awaited.get(name) ?? []) resolve(outcome)
    this.#awaited.delete(name)
  }

  // ---- going out

  async #deliver(call: WaitingCall): Promise<void> {
    const { store, clock, peers, maxTries } = this.#options
    const sent = await peers.send(call)
    if (this.#stopped) return
    if (sent === 'taken') this.#commit({ conversationId: call.conversationId, settled: [call.id] })
    else if (sent !== 'again') this.#giveUp(call, sent.refused)
    else {
      store.countTry(call.id)
      if (isTyping(call.emission) || call.tries + 1 >= maxTries) return this.#giveUp(call, undefined)
      await clock.wait(Math.min(FIRST_WAIT_MS * 2 ** call.tries, LONGEST_WAIT_MS))
    }
  }

  /** What the channel will not have is left out, and told of; a conversation that it will not have is closed. No status: it did not take it. */
  #giveUp({ id, conversationId, emission }: WaitingCall, status: number | undefined): void {
    const fields = { session: sessionIdOf(conversationId), status, call: kindOf(emission) }
    if (isDispensable(emission, status)) {
      this.#options.log('WARNING', 'The channel did not take a call, which is left out.', fields)
      const news = isHumanText(emission) ? [{ type: 'undelivered', messageId: id } as const] : []
      this.#commit({ conversationId, settled: [id], news })
    } else {
      this.#options.log('WARNING', 'The channel takes nothing more for a conversation.', fields)
      this.#close(conversationId, id)
    }
  }

  #close(conversationId: string, refused: string): void {
    const waiting = this.#options.store.calls(conversationId)
    const step = closeConversation(this.#recordOf(conversationId), waiting, this.#options.manner)
    const settled = waiting.map(({ id }) => id)
    this.#commit({ ...changeOf(conversationId, step, `closed ${refused}`), settled })
  }

  // ---- the store

  #recordOf(conversationId: string): ConversationRecord {
    return this.#options.store.record(conversationId) ?? newRecord(conversationId)
  }

  #commit(change: Change): void {
    const { store, clock } = this.#options
    store.commit(change, clock.now())
    if (change.news?.length) for (const resolve of this.#listeners) resolve()
    if (change.calls?.length || change.record) this.#wake(change.conversationId)
  }
}

const NOTHING: Outcome = { status: 200, body: {} }

/** A human is told the id under which the channel gets what they did. */
const idAsOutcome = ({ id, emission }: Call): Outcome => ({
  status: 200,
  body: 'text' in emission ? { messageId: id } : { eventId: id },
})

const nameOf = (conversationId: string, key: string): string => JSON.stringify([conversationId, key])

/** A step as what it changes; ids come from what caused it, so that a step that has to be made again makes the same. */
function changeOf(conversationId: string, { record, emissions, news }: Step, cause: string): Change {
  const calls = emissions.map((emission, i): Call => ({ id: stableId(conversationId, cause, String(i)), emission }))
  return { conversationId, record, calls, news }
}

const kindOf = (emission: Emission): string => ('text' in emission ? 'message' : emission.eventType)

/** Of use at its moment only: what stands behind it does not wait for a second try. */
const isTyping = (emission: Emission): boolean => isEvent(emission, 'TYPING_STARTED', 'TYPING_STOPPED')

/**
 * Nothing of a human may follow without JOINED, and nothing of the bot without LEFT, of which a channel that refuses it has heard all the
 * same. All else can be done without, as long as the conversation is there.
 */
function isDispensable(emission: Emission, status: number | undefined): boolean {
  if (status !== undefined && CLOSED.has(status)) return false
  if (isEvent(emission, 'REPRESENTATIVE_JOINED')) return false
  return status !== undefined || !isEvent(emission, 'REPRESENTATIVE_LEFT')
}

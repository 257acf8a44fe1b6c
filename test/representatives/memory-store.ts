import type {
  Change,
  ConversationRecord,
  Item,
  NumberedNews,
  Outcome,
  Store,
  WaitingCall,
} from '../../src/representatives/store.ts'

interface Kept {
  record?: ConversationRecord
  at: number
  readonly items: Map<string, { item: Item; outcome?: Outcome; at: number }>
  calls: WaitingCall[]
}

/** A store as the interface says, without a disk: what outlives a bridge of the tests is this object. */
export class MemoryStore implements Store {
  readonly #conversations = new Map<string, Kept>()
  #news: (NumberedNews & { at: number })[] = []
  #count = 0

  #kept(id: string): Kept {
    const known = this.#conversations.get(id) ?? { at: 0, items: new Map(), calls: [] }
    this.#conversations.set(id, known)
    return known
  }

  record(id: string): ConversationRecord | undefined {
    return this.#conversations.get(id)?.record
  }

  accept(item: Item, now: number): boolean {
    const { items } = this.#kept(item.conversationId)
    if (items.has(item.key)) return false
    items.set(item.key, { item, at: now })
    return true
  }

  nextItem(id: string): Item | undefined {
    return [...(this.#conversations.get(id)?.items.values() ?? [])].find(({ outcome }) => !outcome)?.item
  }

  outcome(id: string, key: string): Outcome | undefined {
    return this.#conversations.get(id)?.items.get(key)?.outcome
  }

  calls(id: string): readonly WaitingCall[] {
    return [...(this.#conversations.get(id)?.calls ?? [])]
  }

  countTry(callId: string): void {
    for (const kept of this.#conversations.values())
      kept.calls = kept.calls.map((call) => (call.id === callId ? { ...call, tries: call.tries + 1 } : call))
  }

  commit({ conversationId, record, done, calls = [], settled = [], news = [] }: Change, now: number): void {
    const kept = this.#kept(conversationId)
    if (record) {
      kept.record = record
      kept.at = now
    }
    const item = done && kept.items.get(done.key)
    if (done && item) kept.items.set(done.key, { ...item, outcome: done.outcome, at: now })
    kept.calls = kept.calls.filter(({ id }) => !settled.includes(id))
    for (const call of calls)
      if (!kept.calls.some(({ id }) => id === call.id)) kept.calls.push({ ...call, conversationId, tries: 0 })
    for (const one of news) this.#news.push({ number: ++this.#count, conversationId, news: one, at: now })
  }

  newsAfter(number: number, limit: number): readonly NumberedNews[] {
    const after = this.#news.filter((one) => one.number > number).slice(0, limit)
    return after.map(({ at: _, ...one }) => one)
  }

  unfinished(): readonly string[] {
    return [...this.#conversations.keys()].filter((id) => this.nextItem(id) || this.calls(id).length)
  }

  timed(): readonly ConversationRecord[] {
    const records = [...this.#conversations.values()].flatMap(({ record }) => record ?? [])
    return records.filter(({ conversation }) => conversation.humans.length || conversation.waitingSince !== undefined)
  }

  forget(before: number): void {
    this.#news = this.#news.filter(({ at }) => at >= before)
    for (const [id, kept] of this.#conversations) {
      for (const [key, { outcome, at }] of kept.items) if (outcome && at < before) kept.items.delete(key)
      const isTried = kept.calls.length > 0 && !kept.record?.closed
      const isNeeded = isTried || this.nextItem(id) || this.timed().some((record) => record.id === id)
      if (!isNeeded && kept.record && kept.at < before) this.#conversations.delete(id)
    }
  }

  close(): void {}
}

import type { JsonMap } from '../core/json.ts'
import type { Conversation, Emission } from './conversation.ts'
import type { Incoming } from './incoming.ts'

/** All that is known of a conversation. */
export interface ConversationRecord {
  readonly id: string
  readonly conversation: Conversation
  /** The person's, as the channel told it last. */
  readonly language?: string | undefined
  /** The session variables collected so far that the agent surface may see. */
  readonly variables: JsonMap
  /** The channel takes nothing more for it until the person writes again. */
  readonly closed: boolean
}

/** A call that came in, to be worked off in its turn. */
export interface Item {
  readonly conversationId: string
  /** Who called, and their `requestId`: what tells a repeat. */
  readonly key: string
  readonly call: Incoming
}

/** How an item ended: the HTTP answer that whoever repeats it gets too. */
export interface Outcome {
  readonly status: number
  readonly body: JsonMap
}

/** A call to the channel that is to be made; repeats of it carry the same id. */
export interface Call {
  readonly id: string
  readonly emission: Emission
}

export interface WaitingCall extends Call {
  readonly conversationId: string
  /** How many tries may have arrived, as far as anybody knows; the one under way is not among them. */
  readonly tries: number
}

/** What the human side is told of a conversation. */
export type News =
  | { readonly type: 'requested'; readonly language?: string; readonly handoff: JsonMap; readonly variables: JsonMap }
  | {
      readonly type: 'message'
      readonly messageId: string
      readonly text?: string
      readonly attachmentLeftOut: boolean
    }
  | { readonly type: 'typing'; readonly isTyping: boolean }
  | { readonly type: 'joined'; readonly representativeId: string }
  | { readonly type: 'left'; readonly representativeId: string; readonly timedOut: boolean }
  | { readonly type: 'withdrawn' }
  | { readonly type: 'undelivered'; readonly messageId: string }
  | { readonly type: 'closed'; readonly undelivered: readonly string[] }

export interface NumberedNews {
  readonly number: number
  readonly conversationId: string
  readonly news: News
}

/** What one step changes, all of it or nothing. */
export interface Change {
  readonly conversationId: string
  readonly record?: ConversationRecord
  /** The item that is worked off, and how it ended. */
  readonly done?: { readonly key: string; readonly outcome: Outcome }
  /** For the outbox, behind what waits there; one whose id waits there already is left as it is. */
  readonly calls?: readonly Call[]
  /** The ids of calls that leave the outbox. */
  readonly settled?: readonly string[]
  readonly news?: readonly News[]
}

/** What must outlive the process. Every method is done, and safe from a crash, when it returns. Times are milliseconds since 1970. */
export interface Store {
  record(conversationId: string): ConversationRecord | undefined
  /** Takes an item in, once: false where its key is known. */
  accept(item: Item, now: number): boolean
  /** The oldest item that is not worked off. */
  nextItem(conversationId: string): Item | undefined
  /** How an item ended; undefined where it has not, or is not known. */
  outcome(conversationId: string, key: string): Outcome | undefined
  /** The outbox of a conversation, in its order. */
  calls(conversationId: string): readonly WaitingCall[]
  countTry(callId: string): void
  commit(change: Change, now: number): void
  newsAfter(number: number, limit: number): readonly NumberedNews[]
  /** The ids of conversations with something in their inbox or outbox. */
  unfinished(): readonly string[]
  /** Those that time can change: a human is awaited, or has joined. */
  timed(): readonly ConversationRecord[]
  /** Forgets what is older and needed by nobody. */
  forget(before: number): void
  close(): void
}

/** The store cannot be used; the message is for people, and complete. */
export class StoreError extends Error {}

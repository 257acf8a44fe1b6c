import { quote } from '../core/diagnostic.ts'

/** How somebody who writes for the business is shown. */
export interface Face {
  readonly displayName?: string | undefined
  /** A public https address. */
  readonly avatarImage?: string | undefined
}

/** Who writes, as every message tells the person. */
export interface Representative extends Face {
  readonly representativeType: 'BOT' | 'HUMAN'
}

/** A human who has joined; `seen` is the last sign of life, in milliseconds since 1970. */
export interface Human extends Face {
  readonly id: string
  readonly seen: number
}

/** Who writes in a conversation: the humans who have joined, else the bot. */
export interface Conversation {
  readonly humans: readonly Human[]
  /** Since when a human is awaited, in milliseconds since 1970; undefined where none is. */
  readonly waitingSince?: number | undefined
}

export const BEGINNING: Conversation = { humans: [] }

export type Move =
  | { readonly move: 'bot says'; readonly text: string }
  | { readonly move: 'bot types'; readonly isTyping: boolean }
  | { readonly move: 'bot asks for a human'; readonly at: number }
  | { readonly move: 'nobody comes' }
  | { readonly move: 'human joins'; readonly id: string; readonly face: Face; readonly at: number }
  | { readonly move: 'human says'; readonly id: string; readonly text: string; readonly at: number }
  | { readonly move: 'human types'; readonly id: string; readonly isTyping: boolean; readonly at: number }
  | { readonly move: 'human leaves'; readonly id: string }

export type EventType = 'TYPING_STARTED' | 'TYPING_STOPPED' | 'REPRESENTATIVE_JOINED' | 'REPRESENTATIVE_LEFT'

/** What the channel is to show, in the words of its contract; `by` is the human's id, for ourselves. */
export type Emission = { readonly representative: Representative; readonly by?: string | undefined } & (
  | { readonly text: string }
  | { readonly eventType: EventType }
)

export interface Moved {
  readonly conversation: Conversation
  readonly emissions: readonly Emission[]
}

/** A move that the state of the conversation does not allow; the message names both. */
export class ImpossibleMove extends Error {
  constructor({ humans, waitingSince }: Conversation, { move, ...by }: Move, why: string) {
    const state = humans.length
      ? `${humans.map(({ id }) => quote(id)).join(' and ')} ${humans.length > 1 ? 'write' : 'writes'}`
      : waitingSince === undefined
        ? 'the bot writes'
        : 'a human is awaited'
    super(`"${move}"${'id' in by ? ` (${quote(by.id)})` : ''} cannot be made while ${state}: ${why}`)
  }
}

/**
 * The rule, and the only place where messages and events get their label: what a human writes stands between their joining and their
 * leaving, and is labelled HUMAN; everything else is the bot's, who is silent meanwhile. Throws an ImpossibleMove.
 */
export function makeMove(conversation: Conversation, move: Move, bot: Face): Moved {
  const { humans } = conversation
  switch (move.move) {
    case 'human joins':
      return join(conversation, move)
    case 'human says':
    case 'human types': {
      const human = humanWhoMoves(conversation, move)
      return { conversation: seeing(conversation, human, move.at), emissions: [emissionOf(move, human)] }
    }
    case 'human leaves': {
      const human = humanWhoMoves(conversation, move)
      const others = humans.filter((one) => one !== human)
      return { conversation: { humans: others }, emissions: [bracket('REPRESENTATIVE_LEFT', human)] }
    }
    default:
      if (humans.length) throw new ImpossibleMove(conversation, move, 'a human has joined')
      return moveOfBot(conversation, move, bot)
  }
}

type BotMove = Exclude<Move, { move: `human ${string}` }>

function moveOfBot(conversation: Conversation, move: BotMove, bot: Face): Moved {
  const isAwaited = conversation.waitingSince !== undefined
  switch (move.move) {
    case 'bot asks for a human':
      if (isAwaited) throw new ImpossibleMove(conversation, move, 'one has been asked for')
      return { conversation: { humans: [], waitingSince: move.at }, emissions: [] }
    case 'nobody comes':
      if (!isAwaited) throw new ImpossibleMove(conversation, move, 'nobody has been asked for')
      return { conversation: BEGINNING, emissions: [] }
    default:
      return { conversation, emissions: [emissionOf(move, bot)] }
  }
}

function join(conversation: Conversation, move: Extract<Move, { move: 'human joins' }>): Moved {
  const { id, face, at } = move
  if (conversation.humans.some((human) => human.id === id))
    throw new ImpossibleMove(conversation, move, `${quote(id)} has joined already`)
  const human: Human = { id, displayName: face.displayName, avatarImage: face.avatarImage, seen: at }
  return {
    conversation: { humans: [...conversation.humans, human] },
    emissions: [bracket('REPRESENTATIVE_JOINED', human)],
  }
}

function humanWhoMoves(conversation: Conversation, move: Extract<Move, { id: string }>): Human {
  const human = conversation.humans.find(({ id }) => id === move.id)
  if (!human) throw new ImpossibleMove(conversation, move, `${quote(move.id)} has not joined`)
  return human
}

const seeing = (conversation: Conversation, seen: Human, at: number): Conversation => ({
  ...conversation,
  humans: conversation.humans.map((human) => (human === seen ? { ...human, seen: Math.max(human.seen, at) } : human)),
})

const labelled = (
  { displayName, avatarImage }: Face,
  representativeType: Representative['representativeType'],
): Representative => ({ displayName, avatarImage, representativeType })

const bracket = (eventType: EventType, human: Human): Emission => ({
  eventType,
  representative: labelled(human, 'HUMAN'),
  by: human.id,
})

function emissionOf(move: Extract<Move, { text: string } | { isTyping: boolean }>, who: Face | Human): Emission {
  const by = 'id' in who ? who.id : undefined
  const representative = labelled(who, by === undefined ? 'BOT' : 'HUMAN')
  if ('text' in move) return { text: move.text, representative, by }
  return { eventType: move.isTyping ? 'TYPING_STARTED' : 'TYPING_STOPPED', representative, by }
}

/**
 * Whom the channel shows as joined, as the events that end it, where the last emissions, `unsent`, never reach it: what it knows is the
 * conversation with those undone.
 */
export function endBrackets({ humans }: Conversation, unsent: readonly Emission[]): Emission[] {
  const shown = new Map(humans.map((human) => [human.id, bracket('REPRESENTATIVE_LEFT', human)]))
  for (const emission of unsent.toReversed()) {
    const { by } = emission
    if (by === undefined || 'text' in emission) continue
    if (emission.eventType === 'REPRESENTATIVE_JOINED') shown.delete(by)
    if (emission.eventType === 'REPRESENTATIVE_LEFT') shown.set(by, emission)
  }
  return [...shown.values()]
}

/** How long a conversation may wait, in milliseconds. */
export interface Patience {
  /** For a human to join. */
  readonly wait: number
  /** For a sign of life of a human who has joined. */
  readonly silence: number
}

/** The moves that time itself makes: humans who vanished leave, and a wait for one that nobody ends is over. */
export function overdueMoves({ humans, waitingSince }: Conversation, now: number, { wait, silence }: Patience): Move[] {
  const gone = humans.filter(({ seen }) => seen + silence <= now)
  const isOver = waitingSince !== undefined && waitingSince + wait <= now
  return [
    ...gone.map(({ id }): Move => ({ move: 'human leaves', id })),
    ...(isOver ? [{ move: 'nobody comes' } as const] : []),
  ]
}

import type { JsonMap } from '../core/json.ts'
import type { Policy } from '../core/policy.ts'
import { agentVariables, handoffIn } from './agent-variables.ts'
import {
  BEGINNING,
  type Emission,
  type EventType,
  endBrackets,
  type Face,
  type Move,
  makeMove,
  overdueMoves,
  type Patience,
} from './conversation.ts'
import type { Incoming } from './incoming.ts'
import { isLonger, splitText } from './split-text.ts'
import type { ConversationRecord, News, WaitingCall } from './store.ts'

/** What the bot says by itself, by the names in representatives.yaml. */
export type TextName = 'passing_on' | 'nobody_there' | 'text_only'

/** How the business is heard, and how long it waits: what every step goes by. */
export interface Manner {
  readonly bot: Face
  /** For humans who bring no name or picture of their own. */
  readonly human: Face
  /** A text of our own, in the person's language where there is one. */
  readonly say: (name: TextName, language: string | undefined) => string
  readonly patience: Patience
  /** The longest text that the agent takes, in characters. */
  readonly maxAsked: number
  /** The longest text that the channel takes, in characters. */
  readonly maxSaid: number
  readonly policy: Policy
}

/** What the agent answered. */
export interface Answer {
  readonly texts: readonly string[]
  readonly ujets: readonly JsonMap[]
}

/** What one call, answer or passing of time makes of a conversation. */
export class Step {
  record: ConversationRecord
  readonly emissions: Emission[] = []
  readonly news: News[] = []
  /** What the agent is to be asked; the step then goes on with its answer. */
  question: string | undefined
  readonly #manner: Manner

  constructor(record: ConversationRecord, manner: Manner) {
    this.record = record
    this.#manner = manner
  }

  move(move: Move): this {
    const { conversation, emissions } = makeMove(this.record.conversation, move, this.#manner.bot)
    this.record = { ...this.record, conversation }
    this.emissions.push(...emissions)
    return this
  }

  botSays(...texts: readonly string[]): this {
    for (const text of texts.flatMap((whole) => splitText(whole, this.#manner.maxSaid)))
      this.move({ move: 'bot says', text })
    return this
  }

  botSaysItself(name: TextName): this {
    return this.botSays(this.#manner.say(name, this.record.language))
  }

  tell(news: News): this {
    this.news.push(news)
    return this
  }
}

type ByPerson = Extract<Incoming, { from: 'person' }>
type ByHuman = Extract<Incoming, { from: 'human' }>

export const newRecord = (id: string): ConversationRecord => ({
  id,
  conversation: BEGINNING,
  variables: {},
  closed: false,
})

/** What a call makes of a conversation, or what the agent has to be asked first. Throws an ImpossibleMove. */
export function receive(record: ConversationRecord, call: Incoming, now: number, manner: Manner): Step {
  if (call.from === 'human') return humanActs(new Step(record, manner), call, now, manner)
  if ('isTyping' in call) {
    const step = new Step(record, manner)
    return isForHumans(record) ? step.tell({ type: 'typing', isTyping: call.isTyping }) : step
  }
  return personWrites(record, call, manner)
}

const isForHumans = ({ conversation }: ConversationRecord): boolean =>
  conversation.humans.length > 0 || conversation.waitingSince !== undefined

/** A channel that had closed the conversation has opened it again with this. */
function personWrites(
  record: ConversationRecord,
  call: Extract<ByPerson, { messageId: string }>,
  manner: Manner,
): Step {
  const { messageId, text, hasAttachment } = call
  const step = new Step({ ...record, closed: false, language: call.language ?? record.language }, manner)
  const isTooLong = text !== undefined && isLonger(text, manner.maxAsked)
  if (isForHumans(record)) {
    step.tell({ type: 'message', messageId, ...(text === undefined ? {} : { text }), attachmentLeftOut: hasAttachment })
    const isHeard = text !== undefined && !hasAttachment
    return isHeard || record.conversation.humans.length ? step : step.botSaysItself('text_only')
  }
  if (text === undefined || isTooLong || hasAttachment) step.botSaysItself('text_only')
  if (text === undefined || isTooLong) return step
  step.question = text
  return step.move({ move: 'bot types', isTyping: true })
}

/** What the agent's answer makes of a conversation; undefined where it could not answer, so that a human has to. */
export function hearAnswer(
  record: ConversationRecord,
  answer: Answer | undefined,
  now: number,
  { policy, ...manner }: Manner,
): Step {
  const { texts, ujets } = answer ?? { texts: [], ujets: [] }
  const variables = agentVariables(record.variables, ujets, policy)
  const step = new Step({ ...record, variables }, { ...manner, policy }).botSays(...texts)
  const handoff = answer ? handoffIn(ujets, policy) : {}
  if (handoff && step.emissions.length === 0) step.botSaysItself('passing_on')
  step.move({ move: 'bot types', isTyping: false })
  if (!handoff) return step
  const { language } = record
  return step
    .move({ move: 'bot asks for a human', at: now })
    .tell({ type: 'requested', ...(language === undefined ? {} : { language }), handoff, variables })
}

function humanActs(step: Step, call: ByHuman, now: number, { human }: Manner): Step {
  const { representativeId: id } = call
  switch (call.act) {
    case 'join': {
      const { displayName = human.displayName, avatarImage = human.avatarImage } = call.face
      step.tell({ type: 'joined', representativeId: id })
      return step.move({ move: 'human joins', id, face: { displayName, avatarImage }, at: now })
    }
    case 'say':
      return step.move({ move: 'human says', id, text: call.text, at: now })
    case 'typing':
      return step.move({ move: 'human types', id, isTyping: call.isTyping, at: now })
    case 'leave':
      return step.tell({ type: 'left', representativeId: id, timedOut: false }).move({ move: 'human leaves', id })
  }
}

/** What time has made of a conversation; undefined where nothing. */
export function passTime(record: ConversationRecord, now: number, manner: Manner): Step | undefined {
  const moves = overdueMoves(record.conversation, now, manner.patience)
  if (moves.length === 0) return undefined
  const step = new Step(record, manner)
  for (const move of moves) {
    step.move(move)
    if (move.move === 'human leaves') step.tell({ type: 'left', representativeId: move.id, timedOut: true })
    if (move.move === 'nobody comes') step.tell({ type: 'withdrawn' }).botSaysItself('nobody_there')
  }
  return step
}

/**
 * The channel takes nothing more: who had joined is gone, and what is `waiting`, from the call that was refused on, is not sent. Whom the
 * channel may show as joined all the same it is told as left before anything else, once the person writes again.
 */
export function closeConversation(record: ConversationRecord, waiting: readonly WaitingCall[], manner: Manner): Step {
  const step = new Step({ ...record, conversation: BEGINNING, closed: true }, manner)
  // A JOINED that was tried before may have arrived, and is as good as sent.
  const unsent = waiting.filter(({ emission, tries }) => tries === 0 || !isEvent(emission, 'REPRESENTATIVE_JOINED'))
  const emissions = unsent.map(({ emission }) => emission)
  step.emissions.push(...endBrackets(record.conversation, emissions))
  const undelivered = waiting.filter(({ emission }) => isHumanText(emission)).map(({ id }) => id)
  return isForHumans(record) || undelivered.length ? step.tell({ type: 'closed', undelivered }) : step
}

export const isEvent = (emission: Emission, ...types: readonly EventType[]): boolean =>
  'eventType' in emission && types.includes(emission.eventType)

export const isHumanText = (emission: Emission): boolean => 'text' in emission && emission.by !== undefined

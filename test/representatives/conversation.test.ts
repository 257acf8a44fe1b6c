import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  BEGINNING,
  type Conversation,
  type Emission,
  endBrackets,
  ImpossibleMove,
  type Move,
  makeMove,
  overdueMoves,
} from '../../src/representatives/conversation.ts'
import { BracketWatch } from './bracket-watch.ts'

const BOT = { displayName: 'Hello World Agent', avatarImage: 'https://live.agent/bot-avatar.jpg' }
const JANE = { displayName: 'Jane Doe', avatarImage: 'https://live.agent/human-avatar.jpg' }

function play(...moves: Move[]): { conversation: Conversation; emissions: Emission[] } {
  let conversation = BEGINNING
  const emissions: Emission[] = []
  for (const move of moves) {
    const moved = makeMove(conversation, move, BOT)
    conversation = moved.conversation
    emissions.push(...moved.emissions)
  }
  return { conversation, emissions }
}

const joins = (id: string, at = 0): Move => ({ move: 'human joins', id, face: JANE, at })
const says = (id: string, text = 'I see you have a problem. How can I help?', at = 0): Move => ({
  move: 'human says',
  id,
  text,
  at,
})
const leaves = (id: string): Move => ({ move: 'human leaves', id })
const asks = (at = 0): Move => ({ move: 'bot asks for a human', at })
const botSays = (text: string): Move => ({ move: 'bot says', text })

describe('who writes', () => {
  test('the four moves, and what each emits', () => {
    const human = { ...JANE, representativeType: 'HUMAN' }
    const bot = { ...BOT, representativeType: 'BOT' }
    const { emissions } = play(botSays('Hi'), joins('jane'), says('jane'), leaves('jane'), botSays('Bye'))
    const shown = emissions.map(({ by: _, ...emission }) => emission)
    assert.deepEqual(shown, [
      { text: 'Hi', representative: bot },
      { eventType: 'REPRESENTATIVE_JOINED', representative: human },
      { text: 'I see you have a problem. How can I help?', representative: human },
      { eventType: 'REPRESENTATIVE_LEFT', representative: human },
      { text: 'Bye', representative: bot },
    ])
  })

  test('what cannot be made names the move and the state', () => {
    const cases: [moves: Move[], says: string][] = [
      [[says('jane')], '"human says" ("jane") cannot be made while the bot writes: "jane" has not joined'],
      [[asks(), says('jane')], '"human says" ("jane") cannot be made while a human is awaited: "jane" has not joined'],
      [
        [joins('jane'), joins('jane')],
        '"human joins" ("jane") cannot be made while "jane" writes: "jane" has joined already',
      ],
      [
        [joins('jane'), joins('joe'), says('jim')],
        '"human says" ("jim") cannot be made while "jane" and "joe" write: "jim" has not joined',
      ],
      [[joins('jane'), botSays('Hi')], '"bot says" cannot be made while "jane" writes: a human has joined'],
      [[joins('jane'), leaves('jane'), says('jane')], '"human says" ("jane") cannot be made while the bot writes'],
      [[asks(), asks()], '"bot asks for a human" cannot be made while a human is awaited: one has been asked for'],
      [[leaves('a\u001b[2J')], '"human leaves" ("a\\u001b[2J") cannot be made while the bot writes'],
    ]
    for (const [moves, message] of cases)
      assert.throws(
        () => play(...moves),
        (error) => error instanceof ImpossibleMove && error.message.startsWith(message),
        message,
      )
  })

  test('two humans at once: the bot is silent until both have left', () => {
    const { conversation, emissions } = play(asks(5), joins('jane'), joins('joe'), says('joe'), leaves('jane'))
    assert.deepEqual(
      conversation.humans.map(({ id }) => id),
      ['joe'],
    )
    assert.equal(emissions.length, 4)
    assert.throws(() => makeMove(conversation, botSays('Hi'), BOT), ImpossibleMove)
    assert.deepEqual(makeMove(conversation, leaves('joe'), BOT).conversation, BEGINNING)
  })

  test('who is still shown as joined where the last emissions never arrive', () => {
    const { conversation, emissions } = play(joins('jane'), says('jane'), leaves('jane'), joins('joe'), joins('jane'))
    const left = (unsent: number) =>
      endBrackets(conversation, emissions.slice(emissions.length - unsent)).map((emission) => [
        'eventType' in emission && emission.eventType,
        emission.by,
      ])
    const [jane, joe] = ['jane', 'joe'].map((id) => ['REPRESENTATIVE_LEFT', id])
    assert.deepEqual(left(0), [joe, jane])
    assert.deepEqual(left(1), [joe])
    assert.deepEqual(left(2), [])
    assert.deepEqual(left(3), [jane])
    assert.deepEqual(left(4), [jane])
    assert.deepEqual(left(5), [])
  })

  test('who gives no sign of life leaves by time-out, and a wait that nobody ends is over', () => {
    const patience = { wait: 100, silence: 50 }
    const { conversation } = play(joins('jane', 0), joins('joe', 0), says('joe', 'Hello', 40))
    assert.deepEqual(overdueMoves(conversation, 49, patience), [])
    assert.deepEqual(overdueMoves(conversation, 50, patience), [leaves('jane')])
    assert.deepEqual(overdueMoves(conversation, 90, patience), [leaves('jane'), leaves('joe')])
    const waiting = play(asks(10)).conversation
    assert.deepEqual(overdueMoves(waiting, 109, patience), [])
    assert.deepEqual(overdueMoves(waiting, 110, patience), [{ move: 'nobody comes' }])
    assert.deepEqual(play(asks(10), { move: 'nobody comes' }).conversation, BEGINNING)
  })
})

// ---- against a model that knows nothing but sets

const id = fc.constantFrom('jane', 'joe', 'jim')
const at = fc.nat(1000)
const text = fc.string({ minLength: 1, maxLength: 5 })
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ move: fc.constant('bot says' as const), text }),
  fc.record({ move: fc.constant('bot types' as const), isTyping: fc.boolean() }),
  fc.record({ move: fc.constant('bot asks for a human' as const), at }),
  fc.record({ move: fc.constant('nobody comes' as const) }),
  id.chain((who) =>
    fc.record({
      move: fc.constant('human joins' as const),
      id: fc.constant(who),
      face: fc.constant({ displayName: who }),
      at,
    }),
  ),
  fc.record({ move: fc.constant('human says' as const), id, text, at }),
  fc.record({ move: fc.constant('human types' as const), id, isTyping: fc.boolean(), at }),
  fc.record({ move: fc.constant('human leaves' as const), id }),
)

interface Model {
  readonly joined: Set<string>
  awaited: boolean
}

interface Real {
  conversation: Conversation
  /** The channel, which sees the emissions alone. */
  readonly watch: BracketWatch
}

/** Tries a move, possible or not. */
class Try implements fc.Command<Model, Real> {
  readonly #move: Move

  constructor(move: Move) {
    this.#move = move
  }

  check = (): boolean => true
  toString = (): string => JSON.stringify(this.#move)

  run(model: Model, real: Real): void {
    const move = this.#move
    if (!isPossible(move, model)) {
      assert.throws(() => makeMove(real.conversation, move, { displayName: 'Bot' }), ImpossibleMove)
      return
    }
    const { conversation, emissions } = makeMove(real.conversation, move, { displayName: 'Bot' })
    real.conversation = conversation
    for (const emission of emissions) real.watch.see(emission)
    follow(move, model)
    assert.deepEqual(new Set(conversation.humans.map((human) => human.id)), model.joined)
    assert.deepEqual(real.watch.open, model.joined)
    assert.equal(conversation.waitingSince !== undefined, model.awaited)
  }
}

function isPossible(move: Move, { joined, awaited }: Model): boolean {
  if (move.move === 'human joins') return !joined.has(move.id)
  if ('id' in move) return joined.has(move.id)
  if (joined.size) return false
  return move.move === 'nobody comes' ? awaited : move.move === 'bot asks for a human' ? !awaited : true
}

function follow(move: Move, model: Model): void {
  if (move.move === 'human joins') model.joined.add(move.id)
  if (move.move === 'human leaves') model.joined.delete(move.id)
  if (move.move === 'bot asks for a human') model.awaited = true
  if (move.move === 'nobody comes' || move.move === 'human joins') model.awaited = false
}

test('whatever is tried, in whatever order: what a human writes stands inside their brackets, and nothing impossible is made', () => {
  const tries = fc.commands([anyMove.map((move) => new Try(move))], { maxCommands: 40, size: 'max' })
  fc.assert(
    fc.property(tries, (commands) => {
      const setup = () => ({
        model: { joined: new Set<string>(), awaited: false },
        real: { conversation: BEGINNING, watch: new BracketWatch() },
      })
      fc.modelRun(setup, commands)
    }),
    { numRuns: 2000 },
  )
})

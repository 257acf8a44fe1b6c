import { test } from 'node:test'
import fc from 'fast-check'
import type { Incoming } from '../../src/representatives/incoming.ts'
import { type Fault, World } from './world.ts'

/** One thing that happens, whatever else is going on: fast-check puts them between what has not come to its end yet. */
class Happening implements fc.AsyncCommand<object, World> {
  readonly #name: string
  readonly #happen: (world: World) => void

  constructor(name: string, happen: (world: World) => void) {
    this.#name = name
    this.#happen = happen
  }

  check = (): boolean => true
  run = async (_model: object, world: World): Promise<void> => this.#happen(world)
  toString = (): string => this.#name
}

const happens = <T>(arbitrary: fc.Arbitrary<T>, name: string, happen: (world: World, value: T) => void) =>
  arbitrary.map((value) => new Happening(`${name} ${JSON.stringify(value)}`, (world) => happen(world, value)))

const conversation = fc.constantFrom('3333', '3333', '4444')
const human = fc.constantFrom('jane', 'jane', 'joe')
const faults = fc.constantFrom<Fault>('lost', 'lost', 'answer lost', 'answer lost', 'refused', 'closed')

type Does = (representativeId: string, text: string) => Incoming
const by = { from: 'human' } as const
const ACTS: readonly Does[] = [
  (representativeId) => ({ ...by, representativeId, act: 'join', face: { displayName: representativeId } }),
  (representativeId, text) => ({ ...by, representativeId, act: 'say', text }),
  (representativeId, text) => ({ ...by, representativeId, act: 'say', text }),
  (representativeId) => ({ ...by, representativeId, act: 'typing', isTyping: true }),
  (representativeId) => ({ ...by, representativeId, act: 'leave' }),
]

const said = fc.constantFrom('a human, please', 'a human, please', 'hello', 'long '.repeat(60))
const writes = happens(
  fc.tuple(conversation, said, fc.boolean()),
  'person writes',
  (world, [id, text, hasAttachment]) =>
    world.call(
      world.newItem(id, {
        from: 'person',
        messageId: `m${world.requests.length}`,
        text: `${world.requests.length} ${text}`,
        hasAttachment: hasAttachment && text === 'hello',
      }),
    ),
)

const happenings = [
  writes,
  writes,
  happens(conversation, 'person types', (world, id) =>
    world.call(world.newItem(id, { from: 'person', isTyping: true })),
  ),
  ...ACTS.map((act, i) =>
    happens(fc.tuple(conversation, human), `human act ${i}`, (world, [id, who]) =>
      world.call(world.newItem(id, act(who, `${world.requests.length} by ${who}`))),
    ),
  ),
  happens(fc.nat(30), 'repeats', (world, n) => {
    const item = world.requests[n % (world.requests.length || 1)]
    if (item) world.call(item)
  }),
  happens(fc.constantFrom(0, 60, 150, 400), 'time passes', (world, milliseconds) => world.passTime(milliseconds)),
  happens(fc.array(faults, { minLength: 1, maxLength: 6 }), 'the channel fails', (world, more) =>
    world.faults.push(...more),
  ),
  happens(fc.boolean(), 'the agent is down', (world, isDown) => {
    world.agentIsDown = isDown
  }),
  happens(
    fc.record({ writes: fc.integer({ min: 1, max: 6 }), isDone: fc.boolean() }),
    'is killed at a write',
    (world, fuse) => {
      world.fuse = { ...fuse }
    },
  ),
  happens(fc.constant(null), 'is killed', (world) => world.restart()),
]

test('whatever comes between what: humans are heard inside their brackets alone, and nothing is lost or doubled', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.commands(happenings, { maxCommands: 18, size: 'max' }),
      async (scheduler, commands) => {
        let world: World | undefined
        const setup = () => {
          world = new World(scheduler)
          return { model: {}, real: world }
        }
        await fc.scheduledModelRun(scheduler, setup, commands)
        await world?.comeToRest()
        world?.check()
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 2000) },
  )
})

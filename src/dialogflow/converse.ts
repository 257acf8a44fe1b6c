import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { isMap, type JsonMap } from '../core/json.ts'
import { SURFACES } from '../core/surface.ts'
import { surfaceViews } from '../core/visibility.ts'
import { displayNameOf, mapAt, mapsAt, textAt } from './agent-contents.ts'
import type { Connection } from './connect.ts'
import { fromStruct, toStruct } from './plain-resource.ts'

const map = z.record(z.string(), z.unknown())

const expectation = z.strictObject({
  sees: z
    .strictObject({
      agent: map.optional(),
      comment: map.optional(),
      event: map.optional(),
      data_parameters: map.optional(),
    })
    .optional()
    .meta({
      description: 'What each surface must see of this turn, whole. A surface that is not named is not compared.',
    }),
  missing: z.array(z.string()).optional(),
  says: z.array(z.string()).optional(),
  page: z.string().optional(),
})

/** Whether the person does anything: parameters alone wait for the turn after them. */
export const isTaken = ({ text, dtmf, event }: TurnInput): boolean => (text ?? dtmf ?? event) !== undefined

interface TurnInput {
  readonly text?: string | undefined
  readonly dtmf?: string | undefined
  readonly event?: string | undefined
}

const turn = z
  .strictObject({
    text: z.string().optional(),
    dtmf: z.string().optional(),
    event: z.string().optional(),
    parameters: map.optional(),
    expect: expectation.optional(),
  })
  .refine((given) => [given.text, given.dtmf, given.event].filter((input) => input !== undefined).length < 2, {
    error: 'one of text, dtmf and event',
  })
  .refine((given) => isTaken(given) || given.parameters, { error: 'text, dtmf, event or parameters' })
  .refine((given) => isTaken(given) || !given.expect, {
    error: 'text, dtmf or event beside expect: parameters alone are no turn yet, and nothing comes of them',
  })

/** A conversation to try: what the person does, turn by turn, and what must come of it. */
export const conversationSchema = z.strictObject({
  $schema: z.string().optional(),
  language: z.string().min(1).optional(),
  turns: z
    .array(turn)
    .min(1)
    .refine((turns) => turns.length === 0 || isTaken(turns.at(-1) ?? {}), {
      error: 'text, dtmf or event in the last of them: parameters alone are sent with the turn after them',
    }),
})

export type Conversation = z.infer<typeof conversationSchema>
export type Turn = Conversation['turns'][number]

/** What came of a turn. */
export interface Outcome {
  readonly says: readonly string[]
  /** The `ujet` objects for the contact centre. */
  readonly ujets: readonly JsonMap[]
  /** Why calls of webhooks failed. */
  readonly failures: readonly string[]
  readonly page: string
  readonly flow: string
  readonly missing: readonly string[]
}

/** Sends a turn to the agent, with the parameters that are to be set before it. */
export async function takeTurn(
  connection: Connection,
  session: string,
  turn: Turn,
  parameters: JsonMap,
  languageCode: string,
): Promise<Outcome> {
  const request = {
    session,
    queryInput: { languageCode, ...inputOf(turn) },
    ...(Object.keys(parameters).length ? { queryParams: { parameters: toStruct(parameters) } } : {}),
  }
  const [response] = await connection.write((options) =>
    connection.client('SessionsClient').detectIntent(request as never, options),
  )
  return readOutcome({ ...response.queryResult })
}

function inputOf({ text, dtmf, event }: Turn): JsonMap {
  if (dtmf !== undefined) return { dtmf: { digits: dtmf } }
  return event === undefined ? { text: { text } } : { event: { event } }
}

function readOutcome(result: JsonMap): Outcome {
  const messages = mapsAt(result, 'responseMessages')
  const missing = fromStruct(result.parameters).carryover_missing
  return {
    says: messages.flatMap((message) => {
      const texts = mapAt(message, 'text')?.text
      return Array.isArray(texts) ? texts.map(String) : []
    }),
    ujets: messages.map(({ payload }) => fromStruct(payload).ujet).filter(isMap),
    failures: mapsAt(result, 'webhookStatuses').flatMap((status) =>
      status.code ? (textAt(status, 'message') ?? `code ${status.code}`) : [],
    ),
    page: displayNameOf(mapAt(result, 'currentPage') ?? {}),
    flow: displayNameOf(mapAt(result, 'currentFlow') ?? {}),
    missing: Array.isArray(missing) ? missing.map(String) : [],
  }
}

/** One expectation of a turn that did not come true. */
export interface Mismatch {
  readonly of: string
  readonly expected: unknown
  readonly came: unknown
}

export function compare({ expect }: Turn, outcome: Outcome): Mismatch[] {
  const views = surfaceViews(outcome.ujets)
  const pairs: [of: string, expected: unknown, came: unknown][] = [
    ...SURFACES.map((surface): [string, unknown, unknown] => [
      `${surface} sees`,
      expect?.sees?.[surface],
      views[surface],
    ]),
    ['missing', expect?.missing && [...expect.missing].sort(), [...outcome.missing].sort()],
    ['says', expect?.says, outcome.says],
    ['page', expect?.page, outcome.page],
  ]
  return pairs.flatMap(([of, expected, came]): Mismatch | [] =>
    expected === undefined || isDeepStrictEqual(plain(expected), plain(came)) ? [] : { of, expected, came },
  )
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

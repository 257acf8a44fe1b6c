import type { Connection } from '../dialogflow/connect.ts'
import { takeTurn } from '../dialogflow/converse.ts'
import type { Clock, Log, Peers } from './bridge.ts'
import { sessionIdOf } from './stable-id.ts'

export interface AgentOptions {
  readonly connection: Connection
  /** The agent, or one of its environments: what stands before `/sessions/…`. */
  readonly agent: string
  /** For people whose language the channel does not tell. */
  readonly language: string
  readonly clock: Clock
  readonly log: Log
}

const TRIES = 3
const FIRST_WAIT_MS = 500
/** gRPC's words for what may pass: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE. */
const TRANSIENT: ReadonlySet<unknown> = new Set([4, 8, 10, 13, 14])

/**
 * Asks the agent what it says to a text. Dialogflow knows no id of a call: where an answer is lost on the way, or the process dies with it,
 * the agent hears the text a second time, since the other choice is that the person gets no answer.
 */
export function createAgent({ connection, agent, language, clock, log }: AgentOptions): Peers['ask'] {
  // Made now: it takes half a second, which no call of the channel is to wait for.
  connection.client('SessionsClient')
  return async (conversationId, text, spoken = language) => {
    const session = sessionIdOf(conversationId)
    for (let tries = 1; ; tries++) {
      try {
        const { says, ujets, failures } = await takeTurn(
          connection,
          `${agent}/sessions/${session}`,
          { text },
          {},
          spoken,
        )
        if (failures.length) log('WARNING', 'Webhooks of the agent failed.', { session, failures: failures.length })
        return { texts: says, ujets }
      } catch (error) {
        const status = statusOf(error)
        if (tries === TRIES || !TRANSIENT.has(status)) {
          log('ERROR', 'The agent did not answer.', { session, status })
          return undefined
        }
        await clock.wait(FIRST_WAIT_MS * 2 ** (tries - 1))
      }
    }
  }
}

/** The number of gRPC's status, or the class of an error without one; its words may quote what was asked. */
function statusOf(error: unknown): unknown {
  const { code } = ((error as Error).cause ?? error) as { code?: unknown }
  return code ?? (error as Error).constructor.name
}

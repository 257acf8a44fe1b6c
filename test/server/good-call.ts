import assert from 'node:assert/strict'
import { call, requestWith } from './http-call.ts'

/** A request that is answered with what it holds. */
export const echo = (said: unknown): string => JSON.stringify(requestWith('echo', { said }))

/** The whole answer to it. */
export const echoed = (said: unknown): string => {
  const ujet = { session_variable: { payload: { said }, capture_type: ['agent'], capture_target: 'payload' } }
  return JSON.stringify({ fulfillmentResponse: { messages: [{ payload: { ujet } }] } })
}

let calls = 0

/** Whatever went before: a good request, which nobody has made yet, gets its own answer, to the byte. */
export async function assertAnswers(url: string): Promise<void> {
  const said = `good call ${++calls}`
  const { status, text } = await call(url, { body: echo(said) })
  assert.deepEqual([status, text], [200, echoed(said)])
}

import { isDeepStrictEqual } from 'node:util'
import type { Configuration } from '../core/configuration.ts'
import type { JsonMap } from '../core/json.ts'
import type { Example } from '../core/plan.ts'
import { SURFACES, type Surface } from '../core/surface.ts'
import { surfaceViews } from '../core/visibility.ts'
import { type Answer, answer } from './answer.ts'
import type { FailureCode } from './failure.ts'
import { requestFor } from './request-for.ts'

/** One expectation of an example that did not come true. */
export interface Mismatch {
  readonly of: Expectation
  readonly expected: unknown
  readonly came: unknown
}

/** What an example may expect: what a surface sees, the names of missing values, or the whole answer. */
export type Expectation = Surface | 'missing' | 'answer'

export interface ExampleResult {
  readonly example: Example
  readonly answered: Answer
  /** No answer at all came, whatever was expected. */
  readonly failure: FailureCode | undefined
  readonly mismatches: readonly Mismatch[]
  /** Its capture is switched off: what it expects is of when it is on again. */
  readonly skipped: boolean
}

/** Runs an example through the function that answers requests, and compares what it expects with what came. */
export function runExample(configuration: Configuration, example: Example): ExampleResult {
  const answered = answer(configuration, requestFor(example.plan, example.parameters))
  const skipped = !example.plan.enabled
  if ('failure' in answered) return { example, answered, failure: answered.failure, mismatches: [], skipped }
  if (skipped) return { example, answered, failure: undefined, mismatches: [], skipped }
  const came = outcomeOf(answered)
  const mismatches = expectationsOf(example).flatMap(([of, expected]): Mismatch | [] =>
    isSame(of, toPlain(expected), came[of]) ? [] : { of, expected: toPlain(expected), came: came[of] },
  )
  return { example, answered, failure: undefined, mismatches, skipped }
}

/** Names of missing values have no order that matters. */
function isSame(of: Expectation, expected: unknown, came: unknown): boolean {
  if (of !== 'missing') return isDeepStrictEqual(expected, came)
  return isDeepStrictEqual([...(expected as string[])].sort(), [...(came as string[])].sort())
}

export type Outcome = Readonly<Record<Surface, JsonMap>> & {
  readonly missing: readonly string[]
  readonly answer: unknown
}

/** Everything that an example could expect of an answer, as it came. */
export function outcomeOf({ text, ujets, event }: Extract<Answer, { text: string }>): Outcome {
  return toPlain({ ...surfaceViews(ujets), missing: event.missing ?? [], answer: JSON.parse(text) }) as Outcome
}

export function expectationsOf({ sees, missing, answer: whole }: Example): [Expectation, unknown][] {
  const expected: [Expectation, unknown][] = SURFACES.map((surface) => [surface, sees?.[surface]])
  expected.push(['missing', missing], ['answer', whole])
  return expected.filter(([, value]) => value !== undefined)
}

/** What an example that says nothing yet had best expect of what came. */
export function firstExpectations(came: Outcome): Expectation[] {
  if (came.missing.length) return ['missing']
  const seeing = SURFACES.filter((surface) => Object.keys(came[surface]).length)
  return seeing.length ? seeing : ['answer']
}

/** As JSON has it: maps of one kind, and nothing that JSON could not hold. */
const toPlain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

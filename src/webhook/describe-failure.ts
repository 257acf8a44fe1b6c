import type { Plan } from '../core/plan.ts'
import type { Answer } from './answer.ts'
import { FAILURES } from './failure.ts'

type Failure = Extract<Answer, { failure: unknown }>

/** A failure for the people who write flow files, and what of it the files or the request can mend. */
export function describeFailure({ failure, event }: Failure, tag: string, plans: readonly Plan[]): string {
  const { status, message } = FAILURES[failure]
  return `${status} ${failure}: ${message}${adviceFor({ failure, event }, tag, plans)}`
}

function adviceFor({ failure, event }: Failure, tag: string, plans: readonly Plan[]): string {
  if (failure === 'response_too_large') return ` It would be ${event.answerBytes} bytes.`
  if (failure !== 'unknown_tag') return ''
  const other = plans.find((plan) => plan.tag === tag)
  if (other) return ` ${other.place.file} has it, but for other ids than those in the request's pageInfo.currentPage.`
  return event.nearestTags?.length ? ` Tags like it: ${event.nearestTags.join(', ')}.` : ''
}

import { pathIn } from '../config/show-diagnostic.ts'
import type { Configuration } from '../core/configuration.ts'
import type { Plan } from '../core/plan.ts'
import { NOBODY } from '../core/surface.ts'
import type { ExampleResult } from '../webhook/run-example.ts'
import { plural } from './report-diagnostics.ts'

/** The captures that no example runs, and the variables that no example gives a value. A capture that is switched off is left out. */
export function showCoverage({ plans }: Configuration, results: readonly ExampleResult[], folder: string): string[] {
  const on = plans.filter(({ enabled }) => enabled)
  const shown = on.map((plan) => ({ plan, missed: missedBy(plan, results) }))
  const wanting = shown.filter(({ missed }) => missed === undefined || missed.length)
  const lines = wanting.map(({ plan, missed }) => {
    const where = `${pathIn(folder, plan.place.file)}:${plan.place.line}: ${plan.tag}`
    return missed ? `  ${where}: no example has a value for ${missed.join(', ')}` : `  ${where}: no example`
  })
  const variables = shown.reduce((sum, { plan }) => sum + seenVariables(plan).length, 0)
  const unmet = shown.reduce((sum, { plan, missed }) => sum + (missed ?? seenVariables(plan)).length, 0)
  const captures = shown.filter(({ missed }) => missed).length
  const off = plans.length - on.length
  return [
    '',
    `Examples run ${captures} of ${plural(shown.length, 'capture')} and ${variables - unmet} of ${plural(variables, 'variable')}${off ? `; ${plural(off, 'capture')} ${off === 1 ? 'is' : 'are'} switched off` : ''}.`,
    ...lines,
  ]
}

/** Variables without a value in any example of the capture; undefined where it has no example. */
function missedBy(plan: Plan, results: readonly ExampleResult[]): string[] | undefined {
  const own = results.filter(({ example }) => example.plan === plan)
  const met = new Set(own.flatMap(({ answered }) => Object.values(answered.event.variables ?? {}).flat()))
  return own.length ? seenVariables(plan).filter((key) => !met.has(key)) : undefined
}

/** What nobody sees cannot be met in an answer. */
const seenVariables = ({ variables }: Plan): string[] =>
  variables.filter(({ surfaces }) => surfaces !== NOBODY).map(({ key }) => key)

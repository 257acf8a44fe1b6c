import type { Plan } from './plan.ts'
import type { Policy } from './policy.ts'
import type { Routes } from './routes.ts'

/** Everything that answering needs: all flow files and the policy, compiled; replaced as a whole, never changed. */
export interface Configuration {
  readonly routes: Routes
  readonly policy: Policy
  readonly plans: readonly Plan[]
  /** The names of all variables of all plans. */
  readonly variables: ReadonlySet<string>
  /** How many flow files. */
  readonly flows: number
  /** SHA-256, in hexadecimal, over the names and bytes of all files. */
  readonly hash: string
}

/** Puts together what was compiled, and what can be known of it before the first request. */
export function makeConfiguration(compiled: Omit<Configuration, 'variables'>): Configuration {
  const variables = new Set(compiled.plans.flatMap(({ declared }) => [...declared.keys()]))
  return Object.freeze({ ...compiled, variables })
}

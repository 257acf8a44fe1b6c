import { readFileSync, writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import { makeConfiguration } from '../core/configuration.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { Plan } from '../core/plan.ts'
import { compileGlob, type ParameterRule, Policy } from '../core/policy.ts'
import { buildRoutes } from '../core/routes.ts'
import type { PolicyFile } from '../core/schema.ts'
import type { FlowFolder } from './folder.ts'
import { filesOf, hashOf, type Loaded, textsOf } from './loaded.ts'

/** In the folder of the build, so that no other program's is taken. */
const KEPT = new URL('../configuration.bin', import.meta.url)

/** What the folder of flow files came to when the program was built, as plain data. It stands for these very files and this Node. */
interface Kept {
  readonly hash: string
  readonly node: string
  readonly flows: number
  readonly plans: readonly Plan[]
  readonly diagnostics: readonly Diagnostic[]
  readonly policyPath: string | undefined
  readonly policy: PolicyFile
  readonly rules: readonly Omit<ParameterRule, 'matches'>[]
}

/** Keeps a folder that is free of errors for every start of this build; others are left for the start to report. */
export function keepConfiguration({ configuration, diagnostics }: Loaded, at = KEPT): void {
  if (!configuration) return
  const { hash, flows, plans, policy } = configuration
  const rules = policy.rules.map(({ matches: _, ...rule }) => rule)
  const kept: Kept = {
    hash,
    node: process.version,
    flows,
    plans,
    diagnostics,
    policyPath: policy.file,
    policy: settingsOf(policy),
    rules,
  }
  writeFileSync(at, serialize(kept))
}

/** What of a policy is no rule for parameters, as its file says it. */
const settingsOf = ({ values, onePayload, displayOrder }: Policy): PolicyFile => ({
  values: [...values],
  platform: { payloads_per_answer: onePayload ? 'one' : 'several', display_order: displayOrder ? 'list' : 'off' },
})

/** What the build has made of a folder; undefined where any file of it has changed since: then it is to be loaded. */
export function recallConfiguration(folder: FlowFolder, at = KEPT): Loaded | undefined {
  const kept = readKept(at)
  if (!kept || !isOf(kept, folder)) return undefined
  const { hash, flows, plans, diagnostics } = kept
  const rules = kept.rules.map((rule) => ({ ...rule, matches: compileGlob(rule.pattern) }))
  const policy = new Policy(kept.policyPath, rules, kept.policy)
  return {
    configuration: makeConfiguration({ routes: buildRoutes(plans).routes, policy, plans, flows, hash }),
    diagnostics,
    plans,
    examples: [],
    texts: textsOf(filesOf(folder)),
    files: folder.flows.length,
  }
}

/** A policy by its name alone is an error, and so is in no hash. */
const isOf = (kept: Kept, folder: FlowFolder): boolean =>
  kept.hash === hashOf(folder) &&
  kept.node === process.version &&
  kept.policyPath === folder.policy?.path &&
  folder.misplacedPolicies.length === 0

/** What cannot be read is not there: without it, the start takes longer. */
function readKept(at: URL): Kept | undefined {
  try {
    return deserialize(readFileSync(at))
  } catch {
    return undefined
  }
}

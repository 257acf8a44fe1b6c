import { parseFile } from '../../src/config/parse-file.ts'
import { compilePolicyFile } from '../../src/core/compile-flow.ts'
import type { Policy } from '../../src/core/policy.ts'

/** A policy from its text, which must be right. */
export function policyOf(text: string): Policy {
  const parsed = parseFile({ path: 'policy.yaml', bytes: Buffer.from(text) })
  if (!('source' in parsed)) throw new Error('the policy of a test does not parse')
  const { policy, diagnostics } = compilePolicyFile(parsed.source)
  if (diagnostics.length) throw new Error(JSON.stringify(diagnostics))
  return policy
}

import { screenValue } from '../core/detect.ts'
import { isMap } from '../core/json.ts'
import { applyMask } from '../core/mask.ts'
import type { ParameterRule, Policy } from '../core/policy.ts'
import type { Mask } from '../core/schema.ts'
import { bitOf } from '../core/surface.ts'

/** How values that a caller left are shown: masked, unless somebody asks for them and the policy allows. */
export interface Disclosure {
  readonly reveal: boolean
  readonly policy: Policy
}

/** Metadata is attached to the CRM record: what `comment` may not see may not be in it. */
export const METADATA_SURFACES = bitOf('comment')

/** The first rule against any of the names that a value has. */
export const ruleAgainst = (names: readonly string[], policy: Policy): ParameterRule | undefined =>
  names.map((name) => policy.ruleAgainst(name, METADATA_SURFACES)).find((rule) => rule !== undefined)

/** A value as text for people. `name` is the key that it stands under, which rules of the policy may name. */
export function disclose(name: string, value: unknown, { reveal, policy }: Disclosure, mask: Mask = 'all'): string {
  if (!reveal) return applyMask(textOf(value), mask)
  const rule = ruleAgainst([name], policy)
  if (rule) return `${HIDDEN} (${rule.pattern}, policy line ${rule.line})`
  const against = (key: string): ParameterRule | undefined => ruleAgainst([key], policy)
  const kept = policy.withoutKeys(value, against, name, () => {})
  const screened = screenValue(kept, policy.values)
  if (screened.dropped) return `${HIDDEN} (${screened.rules.map(({ detect }) => detect).join(', ')})`
  return textOf(screened.value)
}

const HIDDEN = applyMask('', 'all')

const textOf = (value: unknown): string =>
  isMap(value) || Array.isArray(value) ? JSON.stringify(value) : String(value ?? '')

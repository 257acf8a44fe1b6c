import { screenValue } from '../core/detect.ts'
import { isMap } from '../core/json.ts'
import { applyMask } from '../core/mask.ts'
import type { ParameterRule, Policy } from '../core/policy.ts'
import { DETECTORS, type Detector, type Mask } from '../core/schema.ts'
import { bitOf } from '../core/surface.ts'
import { describePath } from './json-text.ts'

/** How values that a caller left are shown: masked, unless somebody asks for them and the policy allows. */
export interface Disclosure {
  readonly reveal: boolean
  readonly policy: Policy
}

/** Metadata is attached to the CRM record: what `comment` may not see may not be in it. */
const METADATA_SURFACES = bitOf('comment')

export const ruleAgainst = (names: readonly string[], policy: Policy): ParameterRule | undefined =>
  names.map((name) => policy.ruleAgainst(name, METADATA_SURFACES)).find((rule) => rule !== undefined)

/** A value that a caller left, as text for people. `names` are the keys that it stands under, which rules of the policy may name. */
export function disclose(names: readonly string[], value: unknown, disclosure: Disclosure, mask: Mask = 'all'): string {
  const { reveal, policy } = disclosure
  if (!reveal) return applyMask(textOf(value), mask)
  const rule = ruleAgainst(names, policy)
  if (rule) return `${HIDDEN} (${rule.pattern}, policy line ${rule.line})`
  const against = (key: string): ParameterRule | undefined => ruleAgainst([key], policy)
  return screen(
    policy.withoutKeys(value, against, names[0], () => {}),
    disclosure,
  )
}

/** A key of a map in which every key is the tenant's own: it may be a caller's number. */
export const discloseKey = (key: string, disclosure: Disclosure): string =>
  screen(disclosure.reveal ? key : describePath([key]), disclosure)

/** As text, without what detectors find: those of the policy; where nobody asked to see the value, `unasked`. */
export function screen(
  value: unknown,
  { reveal, policy }: Disclosure,
  unasked: readonly Detector[] = DETECTORS,
): string {
  const screened = screenValue(value, reveal ? policy.values : unasked.map((detect) => ({ detect, action: 'mask' })))
  if (screened.dropped) return `${HIDDEN} (${screened.rules.map(({ detect }) => detect).join(', ')})`
  return textOf(screened.value)
}

const HIDDEN = applyMask('', 'all')

const textOf = (value: unknown): string =>
  isMap(value) || Array.isArray(value) ? JSON.stringify(value) : String(value ?? '')

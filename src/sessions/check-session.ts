import { findMasked } from '../core/detect.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import type { Policy } from '../core/policy.ts'
import { DETECTORS } from '../core/schema.ts'
import type { Path } from '../core/source.ts'
import { ruleAgainst } from './disclose.ts'
import { describePath, diagnoseIn } from './json-text.ts'
import type { Reading } from './read-document.ts'
import { KNOWN_KEYS } from './session-schema.ts'

/** What a record keeps though the policy keeps it from the CRM record, and what any detector recognises in it; each at its place. */
export function checkSession({ session, origin }: Reading, policy: Policy): Diagnostic[] {
  if (!session) return []
  const found: Diagnostic[] = []
  for (const kept of everythingIn(session.record, [], undefined)) {
    const rule = kept.names.map((name) => ruleAgainst(name, policy)).find((one) => one !== undefined)
    const key = describePath(kept.path)
    if (rule) {
      const diagnostic = diagnoseIn(origin, 'session/kept-parameter', kept.path, { key, rule })
      found.push({ ...diagnostic, related: [{ ...rule.place, message: 'the policy rule is here' }] })
    } else if (kept.text !== undefined)
      for (const detector of DETECTORS) {
        const masked = findMasked(kept.text, detector)
        if (masked.length) found.push(diagnoseIn(origin, 'session/kept-value', kept.path, { key, detector, masked }))
      }
  }
  return found
}

/** One value of a record. */
interface Kept {
  readonly path: Path
  /** What rules of the policy may call it; none for what the platform itself writes. */
  readonly names: readonly string[]
  /** What detectors look at. */
  readonly text: string | undefined
}

/** Maps in which every key is the tenant's own. */
const TENANTS = new Set(['virtual_agent_params', 'sip_headers'])
/** Keys of the platform under which callers' own words and numbers stand, or what agents write about them. */
const CALLERS = new Set([
  'feedback',
  'disposition_notes',
  'text_inputs',
  'sms_during_call',
  'sms_while_waiting',
  'phone_number',
  'customer_phone_number',
])
/** Numbers and addresses that the platform gives: a card among them is chance. */
const GIVEN = /(?:^|_)(?:id|uuid|sid|at|url)$/
/** Those who work here have e-mail addresses. */
const STAFF = new Set(['agent_info', 'from_agent', 'to_agent'])
const STAFF_TYPES = new Set<unknown>(['agent', 'manager'])

/** Within a tenant's map: the dotted path to the value, `` at its top; undefined elsewhere. */
type Prefix = string | undefined

function* everythingIn(map: JsonMap, path: Path, prefix: Prefix, isStaff = false): Generator<Kept> {
  const ours = isStaff || STAFF_TYPES.has(map.type)
  for (const [key, value] of Object.entries(map)) {
    if (value === null || value === '') continue
    if (prefix === undefined && ours && key === 'email') continue
    const isTenants = prefix !== undefined || !KNOWN_KEYS.has(key)
    const names = isTenants ? namesOf(key, prefix) : CALLERS.has(key) ? [key] : []
    const inner = prefix !== undefined ? joinPath(prefix, key) : TENANTS.has(key) ? '' : undefined
    const isGiven = !isTenants && GIVEN.test(key)
    if (isTenants) yield { path: [...path, key], names: [], text: key }
    yield { path: [...path, key], names, text: isGiven ? undefined : leafText(value) }
    if (!isGiven) yield* below(value, [...path, key], inner, STAFF.has(key))
  }
}

function* below(value: unknown, path: Path, prefix: Prefix, isStaff: boolean): Generator<Kept> {
  if (isMap(value)) yield* everythingIn(value, path, prefix, isStaff)
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) {
      const text = leafText(item)
      if (text !== undefined) yield { path: [...path, index], names: [], text }
      yield* below(item, [...path, index], prefix, false)
    }
}

const joinPath = (prefix: string, key: string): string => (prefix === '' ? key : `${prefix}.${key}`)

/** As in references: a part of `a` is `b`, and `a.b`. */
const namesOf = (key: string, prefix: Prefix): string[] => (prefix ? [key, `${prefix}.${key}`] : [key])

const leafText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

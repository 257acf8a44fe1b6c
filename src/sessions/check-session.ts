import { findMasked } from '../core/detect.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import type { Policy } from '../core/policy.ts'
import { DETECTORS } from '../core/schema.ts'
import type { Path } from '../core/source.ts'
import { CALLERS_KEYS, isColleague, PERSONAL_KEYS } from './callers-keys.ts'
import { ruleAgainst } from './disclose.ts'
import { isInstant } from './instant.ts'
import { describePath, diagnoseDuplicates, diagnoseIn } from './json-text.ts'
import { KNOWN_KEYS, type KnownKeys } from './known-keys.ts'
import type { Reading } from './read-document.ts'
import { unwrap } from './read-record.ts'

/** What a record keeps though the policy keeps it from the CRM record, and what any detector recognises in it; each at its place. */
export function checkSession({ session, origin }: Reading, policy: Policy): Diagnostic[] {
  if (!session) return []
  const { wrapper } = unwrap(session.record)
  const known: KnownKeys = wrapper ? new Map([[wrapper, KNOWN_KEYS]]) : KNOWN_KEYS
  const found = diagnoseDuplicates(origin)
  for (const kept of everythingIn(session.record, [], { known })) {
    const rule = ruleAgainst(kept.names, policy)
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

/** Who gives a map its keys, and whose it is. */
type Place =
  | { readonly known: KnownKeys; readonly person?: 'colleague' | 'caller' | undefined }
  /** The tenant or the caller, all of them; `prefix` is the dotted path to the map. */
  | { readonly known?: undefined; readonly prefix: string }

function* everythingIn(map: JsonMap, path: Path, place: Place): Generator<Kept> {
  for (const [key, value] of Object.entries(map)) {
    if (value === null || value === '') continue
    const at = [...path, key]
    if (place.known?.has(key)) yield* platforms(key, value, at, place)
    else {
      const prefix = place.known ? '' : place.prefix
      yield { path: at, names: [], text: key }
      yield { path: at, names: namesOf(key, prefix), text: leafText(value) }
      yield* below(value, at, key, { prefix: joinPath(prefix, key) })
    }
  }
}

/** Maps in which every key is the tenant's own. */
const TENANTS = new Set(['virtual_agent_params', 'sip_headers'])
const CALLERS: ReadonlySet<string> = new Set(Object.values(CALLERS_KEYS))
const PERSONAL: ReadonlySet<string> = new Set(Object.values(PERSONAL_KEYS).flat())

/** What stands under a key of the platform. */
function* platforms(key: string, value: unknown, path: Path, { known, person }: Place & { known: KnownKeys }) {
  if (person === 'colleague' && key === 'email') return
  const isCallers = CALLERS.has(key) || (person === 'caller' && PERSONAL.has(key))
  const text = leafText(value)
  yield { path, names: isCallers ? [key] : [], text: text === undefined || isGiven(key, text) ? undefined : text }
  const inner = known.get(key)
  yield* below(value, path, key, inner ? { known: inner } : { prefix: TENANTS.has(key) ? '' : key })
}

function* below(value: unknown, path: Path, key: string, place: Place): Generator<Kept> {
  if (isMap(value)) yield* everythingIn(value, path, place.known ? { ...place, person: personIn(key, value) } : place)
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) {
      const text = leafText(item)
      if (text !== undefined) yield { path: [...path, index], names: [], text }
      yield* below(item, [...path, index], key, place)
    }
}

const STAFF = new Set(['agent_info', 'from_agent', 'to_agent'])

/** Those who work here have e-mail addresses, which are no finding; the others are callers. */
function personIn(key: string, { type }: JsonMap): 'colleague' | 'caller' | undefined {
  if (STAFF.has(key)) return 'colleague'
  if (key === 'participants') return isColleague(type) ? 'colleague' : 'caller'
  return undefined
}

/** Ids that the platform itself gives; those of tickets and contacts are the CRM's. */
const IDS = /(?:^|_)(?:id|uuid|sid)$/
const ID = /^[\w-]{1,64}$/

/** Numbers that the platform gives: a card in an id of one word, or in a time, is chance. */
const isGiven = (key: string, text: string): boolean =>
  isInstant(text) || (IDS.test(key) && !CALLERS.has(key) && ID.test(text))

const joinPath = (prefix: string, key: string): string => (prefix === '' ? key : `${prefix}.${key}`)

/** As in references: a part of `a` is `b`, and `a.b`. */
const namesOf = (key: string, prefix: string): string[] => (prefix === '' ? [key] : [key, `${prefix}.${key}`])

const leafText = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

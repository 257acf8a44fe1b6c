import { isMap, type JsonMap } from '../core/json.ts'
import type { Path } from '../core/source.ts'
import { compileCheck } from './compile-check.ts'
import { firstTextOf } from './record-values.ts'
import type { Session, SessionKind } from './session.ts'
import { type SessionRecord, sessionSchema } from './session-schema.ts'
import { toSession } from './to-session.ts'

/** A value of a kind that its key never has; it is read as absent. */
export interface OddValue {
  /** From the top of the value that was read. */
  readonly path: Path
  readonly expected: string
}

export interface ReadRecord {
  readonly session: Session
  readonly odd: readonly OddValue[]
}

export type RecordKey = keyof SessionRecord & keyof typeof KNOWN

/** Reads one value; undefined for everything but session metadata. `fileName` tells calls from chats where nothing in the record does. */
export type ReadValue = (value: unknown, fileName?: string) => ReadRecord | undefined

/** Makes what reads session metadata records, wrapped or not: all that is known of them, or some keys as if there were no others. */
export function recordReader(keys?: readonly RecordKey[]): ReadValue {
  const parse = recordParser(keys)
  return (value, fileName = '') => {
    if (!isMap(value) || !isMetadata(value)) return undefined
    const { wrapper, inner } = unwrap(value)
    const { record, odd } = parse(keys ? pick(inner, keys) : inner)
    const prefix = wrapper ? [wrapper] : []
    const session = toSession(record, wrapper ?? kindOf(record, fileName), value)
    return { session, odd: odd.map(({ path, expected }) => ({ path: [...prefix, ...path], expected })) }
  }
}

/** Reads one session metadata record, wrapped or not; undefined for everything else. */
export const readRecord = recordReader()

/** All keys, in the same order for every record: V8 then reads them as fast as from a class. */
function pick(inner: JsonMap, keys: readonly RecordKey[]): JsonMap {
  const picked: JsonMap = {}
  for (const key of keys) picked[key] = inner[key]
  return picked
}

/** A record that stands in a `call` or a `chat`, and which of the two. */
export function unwrap(value: JsonMap): { readonly wrapper: SessionKind | undefined; readonly inner: JsonMap } {
  for (const wrapper of ['call', 'chat'] as const) {
    const inner = Object.hasOwn(value, wrapper) ? value[wrapper] : undefined
    if (isMap(inner)) return { wrapper, inner }
  }
  return { wrapper: undefined, inner: value }
}

/** Transcripts lie beside metadata, and have keys in common with it. */
const isTranscript = (value: JsonMap): boolean =>
  Object.hasOwn(value, 'transcript_version') || Object.hasOwn(value, 'comm_id')

const KNOWN = sessionSchema.shape

const isMetadata = (value: JsonMap): boolean =>
  !isTranscript(value) && Object.keys(unwrap(value).inner).some((key) => Object.hasOwn(KNOWN, key))

interface Parsed {
  readonly record: SessionRecord
  readonly odd: readonly OddValue[]
}

/** The schema itself is asked only where something is wrong, for what that is. */
function recordParser(keys: readonly RecordKey[] | undefined): (inner: JsonMap) => Parsed {
  const wanted = Object.fromEntries((keys ?? []).map((key) => [key, true])) as Partial<Record<RecordKey, true>>
  const schema = keys ? sessionSchema.pick(wanted) : sessionSchema
  const fits = compileCheck(schema)
  return (inner) => {
    if (fits(inner)) return { record: inner as SessionRecord, odd: [] }
    const issues = schema.safeParse(inner).error?.issues ?? []
    const odd = issues.map(({ path, message }) => ({ path, expected: message }))
    return { record: without(inner, odd) as SessionRecord, odd }
  }
}

/** A copy with null, as good as nothing to the schema, in place of what is odd. */
function without(record: JsonMap, odd: readonly OddValue[]): JsonMap {
  const copy = structuredClone(record)
  for (const { path } of odd) {
    const holder = path.slice(0, -1).reduce<unknown>((value, step) => (value as JsonMap)[String(step)], copy)
    ;(holder as JsonMap)[String(path.at(-1))] = null
  }
  return copy
}

function kindOf(record: SessionRecord, fileName: string): SessionKind | undefined {
  const { call_uuid, call_type, call_duration, chat_uuid, chat_type, chat_duration } = record
  if (firstTextOf(call_uuid, call_type, call_duration) !== undefined) return 'call'
  if (firstTextOf(chat_uuid, chat_type, chat_duration) !== undefined) return 'chat'
  const type = firstTextOf(record.session_type_v2, record.session_type) ?? ''
  if (/^\W*voice/i.test(type)) return 'call'
  if (/^\W*messaging/i.test(type)) return 'chat'
  return /(?:^|[^a-z])(call|chat)[-_]?\d+/i.exec(fileName)?.[1]?.toLowerCase() as SessionKind | undefined
}

import { isMap, type JsonMap } from '../core/json.ts'
import type { Path } from '../core/source.ts'
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

/** Reads one session metadata record, wrapped or not; undefined for everything else. `fileName` tells calls from chats where nothing in the record does. */
export function readRecord(value: unknown, fileName = ''): ReadRecord | undefined {
  if (!isMap(value) || !isMetadata(value)) return undefined
  const { wrapper, inner } = unwrap(value)
  const { record, odd } = parse(inner)
  const prefix = wrapper ? [wrapper] : []
  const session = toSession(record, wrapper ?? kindOf(record, fileName), value)
  return { session, odd: odd.map(({ path, expected }) => ({ path: [...prefix, ...path], expected })) }
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

/** What this program knows nothing of: keys of the record and those around it. */
export function unknownKeys({ record }: Session): string[] {
  const { wrapper, inner } = unwrap(record)
  const around = wrapper ? Object.keys(record).filter((key) => key !== wrapper) : []
  return [...around, ...Object.keys(inner).filter((key) => !Object.hasOwn(KNOWN, key))]
}

function parse(inner: JsonMap): { record: SessionRecord; odd: OddValue[] } {
  const parsed = sessionSchema.safeParse(inner)
  if (parsed.success) return { record: parsed.data, odd: [] }
  const odd = parsed.error.issues.map(({ path, message }) => ({ path, expected: message }))
  const rest = odd.reduce<unknown>((value, { path }) => without(value, path), inner)
  return { record: sessionSchema.parse(rest), odd }
}

/** A copy in which null stands at the end of the path, as good as nothing to the schema. */
function without(value: unknown, [step, ...rest]: Path): unknown {
  if (step === undefined) return null
  if (Array.isArray(value)) return value.with(Number(step), without(value[Number(step)], rest))
  return { ...(value as JsonMap), [step]: without((value as JsonMap)[String(step)], rest) }
}

function kindOf(record: SessionRecord, fileName: string): SessionKind | undefined {
  const { call_uuid, call_type, call_duration, chat_uuid, chat_type, chat_duration } = record
  if (call_uuid ?? call_type ?? call_duration) return 'call'
  if (chat_uuid ?? chat_type ?? chat_duration) return 'chat'
  const type = String(record.session_type_v2 ?? record.session_type ?? '')
  if (/^\W*voice/i.test(type)) return 'call'
  if (/^\W*messaging/i.test(type)) return 'chat'
  return /(?:^|[^a-z])(call|chat)[-_]?\d+/i.exec(fileName)?.[1]?.toLowerCase() as SessionKind | undefined
}

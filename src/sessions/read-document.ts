import type { Diagnostic } from '../core/diagnostic.ts'
import { describePath, diagnoseIn, type JsonReading, type Origin, readJsonText } from './json-text.ts'
import { type ReadValue, readRecord } from './read-record.ts'
import type { Session } from './session.ts'

/** What was read at one place: a session, perhaps with odd values, or what is there instead. */
export interface Reading {
  readonly session: Session | undefined
  readonly origin: Origin
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads JSON text: one record, or a list of them. */
export function* readDocument(text: string, file: string): Generator<Reading> {
  for (const reading of readJsonText(text, file)) yield toReading(reading)
}

/** Reads a JSON value as a record, by default all of it. */
export function toReading(json: JsonReading, read: ReadValue = readRecord): Reading {
  const { origin } = json
  if ('problem' in json) return { session: undefined, origin, diagnostics: [json.problem] }
  const found = read(json.value, origin.file)
  if (!found) return { session: undefined, origin, diagnostics: [diagnoseIn(origin, 'session/not-metadata', [], {})] }
  const diagnostics = found.odd.map(({ path, expected }) =>
    diagnoseIn(origin, 'session/odd-value', path, { key: describePath(path), expected }),
  )
  return { session: found.session, origin, diagnostics }
}

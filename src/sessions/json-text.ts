import { type Code, type Diagnostic, diagnoseAt, type Findings, type Place } from '../core/diagnostic.ts'
import { findJsonPlace } from '../core/json-place.ts'
import { findJsonProblem } from '../core/json-problem.ts'
import { type Path, rangeOf, type SourceFile, type Span } from '../core/source.ts'

/** Where a value was read. */
export interface Origin {
  readonly file: string
  /** The JSON text around it: a whole file, or one line of it. */
  readonly text: string
  /** The line of the file, from 1, in which that text begins. */
  readonly line: number
  /** From the top of that text to the value: an index where the text is a list. */
  readonly path: Path
}

/** One value of a file, or what keeps it from being read. */
export type JsonReading = { readonly origin: Origin } & ({ readonly value: unknown } | { readonly problem: Diagnostic })

/** Reads JSON text: one value, or the items of a list. */
export function* readJsonText(text: string, file: string, line = 1): Generator<JsonReading> {
  const origin: Origin = { file, text, line, path: [] }
  const parsed = parseJson(text)
  if (parsed) yield* itemsOf(parsed.value, origin)
  else yield unread(origin, findJsonProblem(text) ?? { start: 0, end: 0, problem: 'this is no JSON' })
}

/** What the text of an origin says: a value, or the items of a list. */
export function* itemsOf(value: unknown, origin: Origin): Generator<JsonReading> {
  if (!Array.isArray(value)) yield readValue(value, origin)
  else for (const [index, item] of value.entries()) yield readValue(item, { ...origin, path: [index] })
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    // The error quotes the file.
    return undefined
  }
}

/** As deep as any request or flow file may be. */
const MAX_DEPTH = 64
const TOO_DEEP = `this is nested deeper than ${MAX_DEPTH} levels, more than anything that belongs here`

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1))
}

const readValue = (value: unknown, origin: Origin): JsonReading =>
  isDeeper(value, MAX_DEPTH) ? unread(origin, { start: 0, end: 0, problem: TOO_DEEP }) : { value, origin }

/** What cannot be read at all. */
export const unread = (origin: Origin, { problem, ...span }: Span & { readonly problem: string }): JsonReading => ({
  origin,
  problem: diagnoseAt('file/syntax', placeOf(origin, span), { problem }),
})

/** A diagnostic at a value inside what was read, by the keys that lead to it. */
export const diagnoseIn = <C extends Code>(origin: Origin, code: C, path: Path, finding: Findings[C]): Diagnostic =>
  diagnoseAt(code, placeOf(origin, findJsonPlace(origin.text, [...origin.path, ...path])), finding)

function placeOf({ file, text, line }: Origin, span: Span = { start: 0, end: 0 }): Place {
  const source: SourceFile = { path: file, text, root: { kind: 'scalar', value: null, start: 0, end: 0 } }
  const range = rangeOf(source, span)
  return { file, ...range, line: range.line + line - 1, endLine: range.endLine + line - 1 }
}

/** `participants[2].call_duration`; a key that is no name may be a caller's number, and stands as `…`. */
export const describePath = (path: Path): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${NAME.test(String(step)) ? String(step) : '…'}`))
    .join('')
    .slice(path[0] === undefined || typeof path[0] === 'number' ? 0 : 1)

const NAME = /^[A-Za-z_][\w.-]{0,63}$/

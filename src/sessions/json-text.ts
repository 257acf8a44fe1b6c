import { type Code, type Diagnostic, diagnoseAt, type Findings, type Place } from '../core/diagnostic.ts'
import { isDeeperThan, MAX_DEPTH } from '../core/json.ts'
import { duplicateKeys, JsonPlaces } from '../core/json-place.ts'
import { findJsonProblem } from '../core/json-problem.ts'
import { LINE_END, type Path, rangeOf, type SourceFile, type Span } from '../core/source.ts'
import { type Piece, TOO_DEEP, ValueSplitter } from './split-values.ts'

/** Where a value was read. */
export interface Origin {
  readonly file: string
  /** Its JSON text, and where in the file that begins, from 1. */
  readonly text: string
  readonly line: number
  readonly column: number
}

/** One value of a file, or what keeps it from being read. */
export type JsonReading = { readonly origin: Origin } & ({ readonly value: unknown } | { readonly problem: Diagnostic })

/** Reads JSON text: one value, or several of any form, one behind the other. */
export function* readJsonText(text: string, file: string): Generator<JsonReading> {
  const origin: Origin = { file, text, line: 1, column: 1 }
  const parsed = parseJson(text)
  if (parsed && !Array.isArray(parsed.value)) yield readValue(parsed.value, origin)
  else if (text.trim() === '') yield explain(origin)
  else yield* readLines(text.split(LINE_END), file)
}

function* readLines(lines: Iterable<string>, file: string): Generator<JsonReading> {
  const values = new ValueSplitter()
  for (const line of lines) for (const piece of values.push(line)) yield readPiece(piece, file)
  for (const piece of values.end()) yield readPiece(piece, file)
}

/** Each with its own text and place: what is told of one of many must not take the time of all. */
export function readPiece({ problem, ...piece }: Piece, file: string): JsonReading {
  const origin: Origin = { file, ...piece }
  if (problem !== undefined) return unread(origin, { start: 0, end: 0, problem })
  const parsed = parseJson(piece.text)
  return parsed ? readValue(parsed.value, origin) : explain(origin)
}

const explain = (origin: Origin): JsonReading =>
  unread(origin, findJsonProblem(origin.text) ?? { start: 0, end: 0, problem: 'this is no JSON' })

/** Undefined where the text is no JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    // The error quotes the file.
    return undefined
  }
}

/** What has fewer brackets cannot be deep: of most records nothing else needs to be looked at. */
function hasManyBrackets(text: string): boolean {
  let count = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (++count > MAX_DEPTH) return true
  return false
}

export const readValue = (value: unknown, origin: Origin): JsonReading =>
  hasManyBrackets(origin.text) && isDeeperThan(value, MAX_DEPTH)
    ? unread(origin, { start: 0, end: 0, problem: TOO_DEEP })
    : { value, origin }

/** What cannot be read at all. */
export const unread = (origin: Origin, { problem, ...span }: Span & { readonly problem: string }): JsonReading => ({
  origin,
  problem: diagnoseAt('file/syntax', placesIn(origin).at(span), { problem }),
})

/** Keys that stand a second time in what was read: nobody sees the value of the first. */
export const diagnoseDuplicates = (origin: Origin): Diagnostic[] =>
  duplicateKeys(origin.text).map(({ key, span }) =>
    diagnoseAt('file/duplicate-key', placesIn(origin).at(span), { key: describePath([key]) }),
  )

/** A diagnostic at a value inside what was read, by the keys that lead to it. */
export const diagnoseIn = <C extends Code>(origin: Origin, code: C, path: Path, finding: Findings[C]): Diagnostic =>
  diagnoseAt(code, placesIn(origin).of(path), finding)

/** Places in what was read at an origin, as places in its file. */
class Places {
  readonly #origin: Origin
  readonly #source: SourceFile
  #values: JsonPlaces | undefined

  constructor(origin: Origin) {
    this.#origin = origin
    this.#source = { path: origin.file, text: origin.text, root: { kind: 'scalar', value: null, start: 0, end: 0 } }
  }

  of(path: Path): Place {
    this.#values ??= new JsonPlaces(this.#origin.text)
    return this.at(this.#values.find(path) ?? { start: 0, end: 0 })
  }

  at(span: Span): Place {
    const { file, line, column } = this.#origin
    const range = rangeOf(this.#source, span)
    const columnOf = (inLine: number, inColumn: number): number => (inLine === 1 ? inColumn + column - 1 : inColumn)
    return {
      file,
      line: range.line + line - 1,
      column: columnOf(range.line, range.column),
      endLine: range.endLine + line - 1,
      endColumn: columnOf(range.endLine, range.endColumn),
    }
  }
}

const places = new WeakMap<Origin, Places>()

/** One for all that is told of an origin: to go through its text anew for each would take the square of its length. */
function placesIn(origin: Origin): Places {
  const known = places.get(origin) ?? new Places(origin)
  places.set(origin, known)
  return known
}

/** `participants[2].call_duration`; a key that is no name may be a caller's number, and stands as `…`. */
export const describePath = (path: Path): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${NAME.test(String(step)) ? String(step) : '…'}`))
    .join('')
    .slice(path[0] === undefined || typeof path[0] === 'number' ? 0 : 1)

const NAME = /^[A-Za-z_][\w.-]{0,63}$/

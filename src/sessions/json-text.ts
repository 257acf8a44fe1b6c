import { type Code, type Diagnostic, diagnoseAt, type Findings, type Place } from '../core/diagnostic.ts'
import { JsonPlaces, splitJson, splitList } from '../core/json-place.ts'
import { findJsonProblem } from '../core/json-problem.ts'
import { LINE_END, type Path, rangeOf, type SourceFile, type Span } from '../core/source.ts'

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

/** Reads JSON text: one value, the items of a list, or several values without anything between them. */
export function* readJsonText(text: string, file: string, line = 1): Generator<JsonReading> {
  const origin: Origin = { file, text, line, column: 1 }
  const parsed = parseJson(text)
  if (parsed) yield* readParsed(parsed.value, origin)
  else if (isSeveral(text)) yield* readPieces(origin, splitJson(text))
  else yield explain(origin)
}

/** What the text of an origin says: a value, or the items of a list. */
export function* readParsed(value: unknown, origin: Origin): Generator<JsonReading> {
  if (Array.isArray(value)) yield* readPieces(origin, splitList(origin.text))
  else yield readValue(value, origin)
}

/** As `cat` puts files together. */
function isSeveral(text: string): boolean {
  const first = splitJson(text).next().value
  return first && first.end < text.trimEnd().length
    ? parseJson(text.slice(first.start, first.end)) !== undefined
    : false
}

/** Each with its own text and place: what is told of one of many must not take the time of all. */
function* readPieces({ file, text, line, column }: Origin, spans: Iterable<Span>): Generator<JsonReading> {
  let at = 0
  for (const { start, end } of spans) {
    const lines = text.slice(at, start).split(LINE_END)
    const behind = [...(lines.at(-1) ?? '')].length
    column = lines.length > 1 ? behind + 1 : column + behind
    line += lines.length - 1
    at = start
    const piece: Origin = { file, text: text.slice(start, end), line, column }
    const parsed = parseJson(piece.text)
    yield parsed ? readValue(parsed.value, piece) : explain(piece)
  }
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

/** As deep as any request or flow file may be. */
const MAX_DEPTH = 64
const TOO_DEEP = `this is nested deeper than ${MAX_DEPTH} levels, more than anything that belongs here`

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1))
}

/** What has fewer brackets cannot be deep: of most records nothing else needs to be looked at. */
function hasManyBrackets(text: string): boolean {
  let count = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (++count > MAX_DEPTH) return true
  return false
}

const readValue = (value: unknown, origin: Origin): JsonReading =>
  hasManyBrackets(origin.text) && isDeeper(value, MAX_DEPTH)
    ? unread(origin, { start: 0, end: 0, problem: TOO_DEEP })
    : { value, origin }

/** What cannot be read at all. */
export const unread = (origin: Origin, { problem, ...span }: Span & { readonly problem: string }): JsonReading => ({
  origin,
  problem: diagnoseAt('file/syntax', placesIn(origin).at(span), { problem }),
})

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

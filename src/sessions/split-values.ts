import { MAX_DEPTH } from '../core/json.ts'
import { MAX_TEXT, TooLongError } from './lines.ts'

/** The text of a value, or what stands where one should, and where in the file it begins; lines and columns from 1. */
export interface Piece {
  readonly text: string
  readonly line: number
  readonly column: number
  /** Why it is no value, where the text alone does not say. */
  readonly problem?: string
}

type Start = Pick<Piece, 'line' | 'column'>

export const TOO_DEEP = `this is nested deeper than ${MAX_DEPTH} levels, more than anything that belongs here`

/**
 * Takes lines, and gives the values in them: one behind the other, each on one line or on several, several on one, in lists or not.
 * What is no JSON ends before the next line that begins with a bracket, no further to the right than it began itself, and is one piece.
 * Holds one value at the most. Throws a `TooLongError` where that is longer than any record.
 */
export class ValueSplitter {
  #line = 0
  #open: OpenValue | undefined
  #between: Between = 'outside'
  #list: Start = { line: 0, column: 0 }
  /** How far to the right the next line may begin that is read, behind what was no JSON. */
  #lostFrom: number | undefined

  /** Whether a line may be a value by itself. */
  get isOutside(): boolean {
    return this.#open === undefined && this.#between === 'outside'
  }

  /** The line in which the value begins that is held, else the one that comes next. */
  get line(): number {
    return this.#open?.start.line ?? this.#line + 1
  }

  /** Counts a line that somebody else read, who found one value in it. */
  pass(): void {
    this.#line++
    this.#lostFrom = undefined
  }

  /** Counts a line that is no text. */
  refuse(problem: string): Piece {
    this.#lostFrom = this.#open?.indent
    this.#open = undefined
    return { text: '', line: ++this.#line, column: 1, problem }
  }

  /** What ends in a line, which comes without its end. */
  push(line: string): readonly Piece[] {
    const pieces: Piece[] = []
    this.#readAll([line], pieces)
    return pieces
  }

  /** What is left when no line comes any more. */
  end(): readonly Piece[] {
    const pieces: Piece[] = []
    while (this.#open) this.#readAll(this.#giveUp(this.#open, this.#open.lines, pieces), pieces)
    if (isUnclosed(this.#between)) pieces.push({ ...this.#list, text: '[', problem: 'this [ is not closed' })
    return pieces
  }

  /** The last of the lines comes first. */
  #readAll(lines: string[], pieces: Piece[]): void {
    for (let line = lines.pop(); line !== undefined; line = lines.pop())
      for (const again of this.#read(line, pieces)) lines.push(again)
  }

  /** Gives the lines that must be read once more. */
  #read(line: string, pieces: Piece[]): readonly string[] {
    this.#line++
    if (this.#open) return this.#goOn(this.#open, line, pieces)
    if (this.#lostFrom !== undefined && !begins(line, this.#lostFrom)) return []
    this.#lostFrom = undefined
    this.#readFrom(line, 0, pieces)
    return []
  }

  #goOn(open: OpenValue, line: string, pieces: Piece[]): readonly string[] {
    const end = open.brackets.follow(line, 0)
    if (end === 'broken' || end === 'deep') return this.#giveUp(open, [...open.lines, line], pieces, end)
    hold(open, end === 'open' ? line : line.slice(0, end))
    if (end === 'open') return []
    this.#open = undefined
    pieces.push({ ...open.start, text: open.lines.join('\n') })
    this.#readFrom(line, end, pieces)
    return []
  }

  /** Tells of a value that goes wrong, and gives the lines behind it, the last one first. */
  #giveUp(open: OpenValue, lines: readonly string[], pieces: Piece[], why?: 'broken' | 'deep'): string[] {
    const next = lines.findIndex((line, index) => index > 0 && begins(line, open.indent))
    const behind = next < 0 ? [] : lines.slice(next)
    const text = (next < 0 ? lines : lines.slice(0, next)).join('\n')
    this.#tellBroken({ ...open.start, text }, why, pieces)
    this.#open = undefined
    this.#lostFrom = open.indent
    this.#line -= behind.length
    return behind.reverse()
  }

  #tellBroken(piece: Piece, why: 'broken' | 'deep' | undefined, pieces: Piece[]): void {
    if (this.#between !== 'outside') this.#between = 'unclear'
    pieces.push(why === 'deep' ? { ...piece, problem: TOO_DEEP } : piece)
  }

  #readFrom(line: string, from: number, pieces: Piece[]): void {
    let [column, counted] = [1, 0]
    for (let at = behindBlanks(line, from); at < line.length; at = behindBlanks(line, at)) {
      column += countCharacters(line, counted, at)
      counted = at
      at = this.#readNext(line, at, { line: this.#line, column }, pieces)
    }
  }

  /** Gives where the reading goes on. */
  #readNext(line: string, at: number, start: Start, pieces: Piece[]): number {
    const sign = line[at] ?? ''
    const isSign = SIGNS.has(sign) || (sign === '[' && Object.hasOwn(NEXT[this.#between], sign))
    if (isSign && sign === '[') this.#list = start
    this.#follow(isSign ? sign : 'value', start, pieces)
    if (isSign) return at + 1
    if (sign === '{' || sign === '[') return this.#readBracket(line, at, start, pieces)
    const end = endOfWord(line, at, this.#between)
    pieces.push({ ...start, text: line.slice(at, end).trimEnd() })
    return end
  }

  /** One sign too many or too few is told, and the values are read all the same. */
  #follow(sign: string, start: Start, pieces: Piece[]): void {
    const next = NEXT[this.#between][sign]
    if (!next) pieces.push({ ...start, text: sign, problem: misplaced(sign, this.#between) })
    this.#between = next ?? 'unclear'
  }

  #readBracket(line: string, at: number, start: Start, pieces: Piece[]): number {
    const brackets = new Brackets()
    const end = brackets.follow(line, at)
    const text = line.slice(at, typeof end === 'number' ? end : undefined)
    if (typeof end === 'number') {
      pieces.push({ ...start, text })
      return end
    }
    const indent = behindBlanks(line, 0)
    if (end === 'open') this.#open = { start, indent, brackets, lines: [text], size: text.length }
    else {
      this.#tellBroken({ ...start, text }, end, pieces)
      this.#lostFrom = indent
    }
    return line.length
  }
}

/** A value that goes on in the next line. */
interface OpenValue {
  readonly start: Start
  /** Of the line in which it begins. */
  readonly indent: number
  readonly brackets: Brackets
  readonly lines: string[]
  size: number
}

function hold(open: OpenValue, line: string): void {
  open.lines.push(line)
  open.size += line.length + 1
  if (open.size > MAX_TEXT) throw new TooLongError()
}

// ---- between values

/** What stood there last: nothing of a list, its bracket, an item, a comma; `unclear` behind a sign that did not fit, where none is told. */
type Between = 'outside' | 'begun' | 'item' | 'comma' | 'unclear'

const NEXT: Readonly<Record<Between, Readonly<Record<string, Between>>>> = {
  outside: { '[': 'begun', value: 'outside' },
  begun: { value: 'item', ']': 'outside' },
  item: { ',': 'comma', ']': 'outside' },
  comma: { value: 'item' },
  unclear: { '[': 'begun', value: 'unclear', ']': 'outside', ',': 'unclear', ':': 'unclear', '}': 'unclear' },
}

const SIGNS: ReadonlySet<string> = new Set([',', ':', ']', '}'])

const isUnclosed = (between: Between): boolean => between !== 'outside' && between !== 'unclear'

function misplaced(sign: string, between: Between): string {
  if (sign === 'value') return 'a comma is missing before this'
  if (sign === ',') return 'this comma is one too many'
  return sign === ']' && between === 'comma'
    ? 'the comma before this is one too many'
    : `this ${sign} does not belong here`
}

/** A byte order mark stands where files were put together. */
const isBlank = (line: string, at: number): boolean => line[at] === ' ' || line[at] === '\t' || line[at] === '\uFEFF'

function behindBlanks(line: string, from: number): number {
  let at = from
  while (isBlank(line, at)) at++
  return at
}

function begins(line: string, indent: number): boolean {
  const at = behindBlanks(line, 0)
  return at <= indent && (line[at] === '{' || line[at] === '[')
}

const LITERAL = /^(?:true|false|null|-?\d[\d.eE+-]*)\s*$/

/** Other programs write to a log too, and what is a word to them goes to the end of the line. */
function endOfWord(line: string, at: number, between: Between): number {
  if (line[at] === '"') return endOfText(line, at) ?? line.length
  const next = /[,\]{[]/g
  next.lastIndex = at
  const end = next.exec(line)?.index ?? line.length
  return isUnclosed(between) || LITERAL.test(line.slice(at, end)) ? end : line.length
}

const SECOND_HALF = /(?<=[\uD800-\uDBFF])[\uDC00-\uDFFF]/g

const countCharacters = (line: string, from: number, to: number): number =>
  to - from - (line.slice(from, to).match(SECOND_HALF)?.length ?? 0)

// ---- inside a value

const [BEGIN_MAP, END_MAP, BEGIN_LIST, END_LIST, COLON, COMMA, QUOTE] = [...'{}[]:,"'].map((sign) => sign.charCodeAt(0))

/** Behind the text that begins here; undefined where the line ends before it, which no text of JSON goes over. */
function endOfText(line: string, at: number): number | undefined {
  for (let end = line.indexOf('"', at + 1); end >= 0; end = line.indexOf('"', end + 1)) {
    let slash = end
    while (line[slash - 1] === '\\') slash--
    if ((end - slash) % 2 === 0) return end + 1
  }
  return undefined
}

/** The brackets of one value, followed from line to line; whether all between them is JSON is not looked at. */
class Brackets {
  readonly #open: number[] = []
  #last = COLON

  /** Where behind it the value ends; `open` where it goes on in the next line. */
  follow(line: string, from: number): number | 'open' | 'broken' | 'deep' {
    for (let at = from; at < line.length; at++) {
      const sign = line.charCodeAt(at)
      if (sign <= 0x20) continue
      if (sign === BEGIN_MAP || sign === BEGIN_LIST) {
        if (!this.#mayBegin()) return 'broken'
        if (this.#open.push(sign) > MAX_DEPTH) return 'deep'
      } else if (sign === END_MAP || sign === END_LIST) {
        if (this.#open.pop() !== (sign === END_MAP ? BEGIN_MAP : BEGIN_LIST)) return 'broken'
        if (this.#open.length === 0) return at + 1
      } else if (sign === QUOTE) {
        const end = endOfText(line, at)
        if (end === undefined) return 'broken'
        at = end - 1
      }
      this.#last = sign
    }
    return 'open'
  }

  /** A value that was cut off shows by the next one, which stands where none may. */
  #mayBegin(): boolean {
    return (
      this.#last === COLON || this.#last === BEGIN_LIST || (this.#last === COMMA && this.#open.at(-1) === BEGIN_LIST)
    )
  }
}

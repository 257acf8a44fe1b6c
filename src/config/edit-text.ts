import { isDeepStrictEqual } from 'node:util'
import { Document, Lexer, visit } from 'yaml'
import { isMap, type JsonMap } from '../core/json.ts'
import { type ListNode, type MapNode, type SourceFile, type SourceNode, type Span, toData } from '../core/source.ts'

/** A change of a file's text. */
export interface Edit {
  readonly span: Span
  readonly text: string
}

/** The text with all edits made; they may not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let edited = ''
  let at = 0
  for (const { span, text: instead } of edits.toSorted(
    (a, b) => a.span.start - b.span.start || a.span.end - b.span.end,
  )) {
    edited += text.slice(at, span.start) + instead
    at = span.end
  }
  return edited + text.slice(at)
}

const MAX_LINE = 120

const ON_ONE_LINE = {
  collectionStyle: 'flow',
  lineWidth: 0,
  blockQuote: false,
  doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
} as const

/** An item of a list or an entry of a map: its text, and what it is to say; nothing where it goes. */
interface Piece extends Span {
  readonly node: SourceNode
  readonly wanted: { readonly value: unknown } | undefined
}

type Style = 'flow' | { readonly indent: string }

/** Edits the text of one YAML or JSON file towards other values. Comments, order and the style of what stays are left alone. */
export class TextEditor {
  readonly edits: Edit[] = []
  readonly #text: string
  readonly #isJson: boolean
  readonly #newline: string
  #comments: readonly Span[] | undefined

  constructor({ path, text }: SourceFile) {
    this.#text = text
    this.#isJson = path.toLowerCase().endsWith('.json')
    this.#newline = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n'
  }

  /** Makes a node say `value`. */
  change(node: SourceNode, value: unknown): void {
    if (isDeepStrictEqual(plain(toData(node)), plain(value))) return
    const isAlias = this.#text[node.start] === '*'
    if (!isAlias && node.kind === 'map' && node.entries.length && isMap(value)) this.#changeMap(node, value)
    else if (!isAlias && node.kind === 'list' && node.items.length && Array.isArray(value))
      this.#changeList(node, value)
    else this.#replace(node, value)
  }

  /** Makes the entry `key` of a map say `value`, adding it where it is missing. */
  set(map: MapNode, key: string, value: unknown): void {
    this.change(map, { ...(toData(map) as JsonMap), [key]: value })
  }

  #changeMap(node: MapNode, value: JsonMap): void {
    const pieces = node.entries.map(({ key, keySpan, value: inner }): Piece => {
      const wanted = Object.hasOwn(value, key) ? { value: value[key] } : undefined
      return { start: keySpan.start, end: Math.max(keySpan.end, inner.end), node: inner, wanted }
    })
    const known = new Set(node.entries.map(({ key }) => key))
    const added = Object.keys(value).filter((key) => !known.has(key))
    this.#changePieces(node, pieces, value, (style) => added.map((key) => this.#entry(key, value[key], style)))
  }

  #changeList(node: ListNode, value: readonly unknown[]): void {
    const pieces = node.items.map((item, i): Piece => {
      const wanted = i < value.length ? { value: value[i] } : undefined
      return { start: item.start, end: item.end, node: item, wanted }
    })
    const added = value.slice(pieces.length)
    this.#changePieces(node, pieces, value, (style) => added.map((item) => this.#item(item, style)))
  }

  #changePieces(
    node: SourceNode,
    pieces: readonly Piece[],
    value: unknown,
    write: (style: Style) => readonly string[],
  ): void {
    const isFlow = /[[{]/.test(this.#text[node.start] ?? '')
    const gone = pieces.filter(({ wanted }) => !wanted)
    if (!isFlow && gone.some((piece) => this.#sharesLine(node, piece))) {
      this.#replace(node, value)
      return
    }
    for (const piece of pieces) if (piece.wanted) this.change(piece.node, piece.wanted.value)
    if (isFlow) this.#settleFlow(pieces, write('flow'))
    else this.#settleBlock(node, pieces, write({ indent: this.#indentOf(node.start) }))
  }

  #settleFlow(pieces: readonly Piece[], added: readonly string[]): void {
    const end = pieces.at(-1)?.end ?? 0
    const kept = pieces.findLastIndex(({ wanted }) => wanted)
    for (const [i, piece] of pieces.slice(0, Math.max(kept, 0)).entries())
      if (!piece.wanted) this.#cut({ start: piece.start, end: pieces[i + 1]?.start ?? piece.end })
    const behind = pieces[kept]?.end ?? pieces[0]?.start ?? 0
    if (behind < end) this.#cut({ start: behind, end })
    const text = added.join(', ')
    if (text) this.edits.push({ span: { start: end, end }, text: kept < 0 ? text : `, ${text}` })
  }

  #settleBlock(node: SourceNode, pieces: readonly Piece[], added: readonly string[]): void {
    for (const piece of pieces) if (!piece.wanted) this.#cutLines(piece)
    const isEmpty = added.length === 0 && !pieces.some(({ wanted }) => wanted)
    const lines = isEmpty ? [`${this.#indentOf(node.start)}${node.kind === 'list' ? '[]' : '{}'}`] : added
    if (lines.length === 0) return
    const end = this.#endOfLine(pieces.at(-1)?.end ?? node.end)
    const isUnended = end > 0 && !/[\r\n]/.test(this.#text[end - 1] ?? '')
    const text = lines.join(this.#newline)
    this.edits.push({
      span: { start: end, end },
      text: isUnended ? `${this.#newline}${text}` : `${text}${this.#newline}`,
    })
  }

  /** Whether more than its own dash stands before a piece on its line: the dash of a list around it, or a key. */
  #sharesLine({ kind }: SourceNode, { start }: Piece): boolean {
    return this.#text.slice(this.#startOfLine(start), start).trim() !== (kind === 'list' ? '-' : '')
  }

  /** Takes text out, but for the comments in it. */
  #cut(span: Span): void {
    const text = this.#commentsIn(span).map((comment) => ` ${comment}${this.#newline}`)
    this.edits.push({ span, text: text.join('') })
  }

  /** Takes a piece out with its lines; a comment that stands behind it stays on a line of its own. */
  #cutLines({ start, end }: Span): void {
    const lineStart = this.#startOfLine(start)
    const lineEnd = this.#endOfLine(end)
    const indent = /^ */.exec(this.#text.slice(lineStart))?.[0] ?? ''
    const text = this.#commentsIn({ start, end: lineEnd }).map((comment) => `${indent}${comment}${this.#newline}`)
    this.edits.push({ span: { start: lineStart, end: lineEnd }, text: text.join('') })
  }

  #replace(node: SourceNode, value: unknown): void {
    const old = this.#text.slice(node.start, node.end)
    const before = /[:-]$/.test(this.#text.slice(0, node.start)) ? ' ' : ''
    const after = /[\r\n]$/.test(old) ? this.#newline : ''
    const comments = node.kind === 'scalar' ? [] : this.#commentsIn(node)
    const comment = comments.length ? ` ${comments.join(' ')}` : ''
    this.edits.push({
      span: { start: node.start, end: node.end },
      text: `${before}${this.#inline(value)}${comment}${after}`,
    })
  }

  #commentsIn({ start, end }: Span): string[] {
    this.#comments ??= this.#isJson ? [] : findComments(this.#text)
    const inside = this.#comments.filter((comment) => comment.start >= start && comment.end <= end)
    return inside.map((comment) => this.#text.slice(comment.start, comment.end))
  }

  // ---- writing values

  #item(value: unknown, style: Style): string {
    return style === 'flow' ? this.#inline(value) : `${style.indent}- ${this.#inline(value)}`
  }

  #entry(key: string, value: unknown, style: Style): string {
    const indent = style === 'flow' ? '' : style.indent
    const line = `${indent}${this.#inline(key)}: ${this.#inline(value)}`
    const isShort = line.length <= MAX_LINE || !isMap(value) || Object.keys(value).length === 0
    if (style === 'flow' || isShort) return line
    const inner = Object.entries(value).map(([name, item]) => this.#entry(name, item, { indent: `${indent}  ` }))
    return [`${indent}${this.#inline(key)}:`, ...inner].join(this.#newline)
  }

  /** A value on one line, as it may stand in a flow list, and so anywhere. */
  #inline(value: unknown): string {
    if (this.#isJson) return JSON.stringify(value)
    const document = new Document([plain(value)])
    visit(document, {
      Scalar(_, scalar) {
        if (typeof scalar.value === 'string' && /[\r\n]/.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE'
      },
    })
    const list = document.toString(ON_ONE_LINE)
    return list.trim().slice(2, -2)
  }

  // ---- lines

  #startOfLine = (offset: number): number =>
    Math.max(this.#text.lastIndexOf('\n', offset - 1), this.#text.lastIndexOf('\r', offset - 1)) + 1

  /** Behind the line's end; an offset at the start of a line is the end of the one before. */
  #endOfLine(offset: number): number {
    if (offset > 0 && /[\r\n]/.test(this.#text[offset - 1] ?? '')) return offset
    const end = /\r\n|\n|\r/.exec(this.#text.slice(offset))
    return end ? offset + end.index + end[0].length : this.#text.length
  }

  /** The spaces before a key or a dash; a map that begins behind a dash is indented by the dash too. */
  #indentOf(offset: number): string {
    const before = this.#text.slice(this.#startOfLine(offset), offset)
    return before.replace(/[^ ]/g, ' ')
  }
}

/** The lexer's marks that stand for no text: a document, the end of a flow collection that is not closed, a scalar. */
const MARKS = new Set(['\u0002', '\u0018', '\u001f'])

/** Only the lexer knows which `#` begins a comment. */
function findComments(text: string): Span[] {
  const comments: Span[] = []
  let [at, previous] = [0, '']
  for (const token of new Lexer().lex(text)) {
    const length = MARKS.has(token) ? 0 : token.length
    if (token.startsWith('#') && previous !== '\u001f') comments.push({ start: at, end: at + length })
    at += length
    previous = token
  }
  return comments
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

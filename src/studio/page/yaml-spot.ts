/** Where in a YAML text a person is writing: the way to the map or list around, and what stands there. */
export interface Spot {
  readonly kind: 'key' | 'value'
  /** To the map that has the key, or to the value itself. */
  readonly path: readonly (string | number)[]
  /** What is written of the word so far, and where it begins. */
  readonly word: string
  readonly from: number
  /** Keys that the map has already, before this place. */
  readonly seen: readonly string[]
}

interface Frame {
  readonly kind: 'map' | 'list'
  /** Of its keys or dashes; a collection in brackets has none. */
  readonly indent: number
  step: string | number
  readonly seen: string[]
}

const KEY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#{}[\],&*!|>%@`-][^:#]*?|-[^\s:#][^:#]*?)[ \t]*:(?=\s|$)/
const QUOTED = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/

/**
 * Reads a text up to an offset, as forgivingly as people type: the parser that judges files can make nothing of a line that is not
 * finished. Undefined inside comments and texts over several lines.
 */
export function spotAt(text: string, offset: number): Spot | undefined {
  return new Reader(text.slice(0, offset)).read()
}

class Reader {
  readonly #text: string
  #at = 0
  #frames: Frame[] = []
  /** Lines further right than this belong to a text over several lines. */
  #textIndent: number | undefined

  constructor(text: string) {
    this.#text = text
  }

  read(): Spot | undefined {
    while (this.#at <= this.#text.length) {
      const end = this.#endOfLine()
      const spot = this.#line(end === this.#text.length)
      // Brackets may have gone over the lines that were left.
      if (Math.max(end, this.#at) >= this.#text.length) return spot
      if (this.#at <= end) this.#at = end + 1
    }
    return undefined
  }

  /** Reads one line, and more where brackets or quotes stay open; the spot is that of the text's end. */
  #line(isLast: boolean): Spot | undefined {
    const line = this.#text.slice(this.#at, this.#endOfLine())
    const indent = /^ */.exec(line)?.[0].length ?? 0
    const rest = line.slice(indent)
    if (this.#textIndent !== undefined) {
      if (rest === '' ? !isLast : indent > this.#textIndent) return undefined
      this.#textIndent = undefined
    }
    if (rest.startsWith('#')) return undefined
    if (rest === '' && !isLast) return undefined
    this.#at += indent
    return this.#entry(indent, isLast)
  }

  #entry(indent: number, isLast: boolean): Spot | undefined {
    const rest = this.#restOfLine()
    const dash = /^-(?:[ \t]+|$)/.exec(rest)
    this.#leave(indent, dash !== null)
    if (dash) {
      this.#enter('list', indent)
      this.#at += dash[0].length
      return this.#entry(indent + Math.max(dash[0].length, 2), isLast)
    }
    const key = KEY.exec(rest)
    if (!key) return this.#scalarOrKey(indent, isLast)
    const frame = this.#enter('map', indent)
    frame.step = unquote(key[1] ?? '')
    frame.seen.push(frame.step)
    this.#at += key[0].length
    return this.#value(indent, isLast)
  }

  /** A line that has no colon yet: a key that is being typed, or an entry of a list. */
  #scalarOrKey(indent: number, isLast: boolean): Spot | undefined {
    if (/^[[{"']/.test(this.#restOfLine())) return this.#value(indent, isLast)
    if (!isLast) return undefined
    const top = this.#frames.at(-1)
    const isItem = top?.kind === 'list' && top.indent < indent
    const seen = top?.kind === 'map' && top.indent === indent ? top.seen : []
    const path = this.#pathAbove(indent)
    const word = this.#restOfLine()
    // What stands behind a dash may be either; whoever asks finds out from the schema.
    return { kind: isItem ? 'value' : 'key', path, word, from: this.#at, seen }
  }

  #value(indent: number, isLast: boolean): Spot | undefined {
    this.#at += /^[ \t]*/.exec(this.#restOfLine())?.[0].length ?? 0
    const rest = this.#restOfLine()
    if (/^[|>]/.test(rest)) {
      this.#textIndent = indent
      return undefined
    }
    if (/^[[{]/.test(rest)) return this.#flow()
    if (!isLast || /(?:^|\s)#/.test(rest)) return undefined
    return { kind: 'value', path: this.#path(), word: rest, from: this.#at, seen: [] }
  }

  /** What is in brackets, whatever lines it goes over. */
  #flow(): Spot | undefined {
    const depth = this.#frames.length
    let expectsKey = false
    let from = this.#at
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at)
      const character = rest[0] ?? ''
      const quoted = QUOTED.exec(rest)
      const top = this.#frames.at(-1)
      if (quoted) this.#at += quoted[0].length
      else this.#at++
      if (character === '{' || character === '[') {
        this.#frames.push({ kind: character === '{' ? 'map' : 'list', indent: -1, step: 0, seen: [] })
        expectsKey = character === '{'
        from = this.#at
      } else if (character === '}' || character === ']') {
        this.#frames.pop()
        if (this.#frames.length <= depth) return undefined
        expectsKey = false
        from = this.#at
      } else if (character === ',') {
        if (top?.kind === 'list') top.step = Number(top.step) + 1
        expectsKey = top?.kind === 'map'
        from = this.#at
      } else if (expectsKey && character === ':' && top) {
        top.step = unquote(this.#text.slice(from, this.#at - 1).trim())
        top.seen.push(top.step)
        expectsKey = false
        from = this.#at
      } else if (character === '#' && /\s/.test(this.#text[this.#at - 2] ?? '')) {
        this.#at = Math.min(this.#endOfLine() + 1, this.#text.length)
        if (this.#at === this.#text.length) return undefined
      }
    }
    const written = this.#text.slice(from)
    const word = written.trimStart()
    const top = this.#frames.at(-1)
    const path = expectsKey ? this.#path().slice(0, -1) : this.#path()
    const start = from + written.length - word.length
    return { kind: expectsKey ? 'key' : 'value', path, word, from: start, seen: expectsKey ? (top?.seen ?? []) : [] }
  }

  /** Leaves what is further right; a list's dashes may stand under the key that has it. */
  #leave(indent: number, isDash: boolean): void {
    while (this.#frames.length) {
      const { kind, indent: own } = this.#frames.at(-1) as Frame
      if (own < indent || (own === indent && (kind === 'map' || isDash))) return
      this.#frames.pop()
    }
  }

  #enter(kind: Frame['kind'], indent: number): Frame {
    const top = this.#frames.at(-1)
    if (top?.kind === kind && top.indent === indent) {
      if (kind === 'list') top.step = Number(top.step) + 1
      return top
    }
    const frame: Frame = { kind, indent, step: 0, seen: [] }
    this.#frames.push(frame)
    return frame
  }

  #path = (): (string | number)[] => this.#frames.map(({ step }) => step)

  #pathAbove = (indent: number): (string | number)[] =>
    this.#frames.filter((frame) => frame.indent < indent).map(({ step }) => step)

  #endOfLine(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end < 0 ? this.#text.length : end
  }

  #restOfLine = (): string => this.#text.slice(this.#at, this.#endOfLine())
}

const unquote = (key: string): string => (/^["']/.test(key) ? key.slice(1, -1) : key)

import { isMap } from '../core/json.ts'
import type { MapEntry, SourceFile, SourceNode } from '../core/source.ts'
import { type AgentSnapshot, SNAPSHOT_FILE } from './snapshot.ts'

const WIDTH = 160

/** A snapshot as a file, and where in it each of its entries stands. */
export interface WrittenSnapshot {
  readonly text: string
  /** The place of a map that stands in one of the snapshot's lists, with all that is in it. */
  readonly nodeOf: (entry: object) => SourceNode
}

/** A snapshot as the file that people review: an entry a line where it fits. */
export function writeSnapshot(snapshot: AgentSnapshot): WrittenSnapshot {
  const writer = new Writer()
  writer.write(snapshot, 0)
  const text = `${writer.text()}\n`
  const nodeOf = (entry: object): SourceNode => {
    const start = writer.starts.get(entry)
    if (start === undefined) throw new Error('this is no entry of the snapshot')
    return new TreeReader(text, start).read()
  }
  return { text, nodeOf }
}

/** The same as a file whose tree knows the place of everything. */
export const toSourceFile = ({ text }: WrittenSnapshot): SourceFile => ({
  path: SNAPSHOT_FILE,
  text,
  root: new TreeReader(text, 0).read(),
})

type Fields = Readonly<Record<string, unknown>>

/** Writes JSON, and notes where the maps in lists begin. */
class Writer {
  readonly starts = new Map<object, number>()
  readonly #pieces: string[] = []
  #length = 0

  text(): string {
    return this.#pieces.join('')
  }

  #put(piece: string): void {
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  write(value: unknown, indent: number): void {
    const isBranch = typeof value === 'object' && value !== null
    const inLine = isBranch && isFrame(value, indent) ? undefined : JSON.stringify(value)
    if (inLine !== undefined && (!isBranch || indent + inLine.length <= WIDTH)) this.#put(inLine)
    else if (Array.isArray(value)) this.#writeList(value, indent)
    else this.#writeMap(value as Fields, indent)
  }

  #writeList(list: readonly unknown[], indent: number): void {
    const margin = `\n${' '.repeat(indent + 2)}`
    list.forEach((item, i) => {
      this.#put(i ? `,${margin}` : `[${margin}`)
      if (typeof item === 'object' && item !== null) this.starts.set(item, this.#length)
      this.write(item, indent + 2)
    })
    this.#put(`\n${' '.repeat(indent)}]`)
  }

  #writeMap(map: Fields, indent: number): void {
    const margin = `\n${' '.repeat(indent + 2)}`
    const keys = Object.keys(map).filter((key) => (indent > FRAME ? map[key] !== undefined : !isEmpty(map[key])))
    keys.forEach((key, i) => {
      this.#put(`${i ? ',' : '{'}${margin}${JSON.stringify(key)}: `)
      this.write(map[key], indent + 2)
    })
    this.#put(`\n${' '.repeat(indent)}}`)
  }
}

/** How deep the snapshot's own lists stand, in columns; below them an empty list may be somebody's value. */
const FRAME = 4

/** Left out: what is not there, an empty list, and a map of such. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.values(value).every(isEmpty))

/** Lists of entries have a line for each; deeper, what does not fit into one line is broken. */
function isFrame(value: object, indent: number): boolean {
  if (indent === 0) return true
  if (indent > FRAME + 2) return false
  return Object.values(value).some((item) => isMap(item) || (Array.isArray(item) && isMap(item[0])))
}

/** Reads what `Writer` wrote, from an offset on, into a tree that knows its places: an agent has many entries, and few are asked for. */
class TreeReader {
  readonly #text: string
  #at: number

  constructor(text: string, at: number) {
    this.#text = text
    this.#at = at
  }

  read(): SourceNode {
    const start = this.#skipSpace()
    const first = this.#text[start]
    if (first === '{') return this.#readMap(start)
    if (first === '[') return this.#readList(start)
    const value = JSON.parse(this.#take(first === '"' ? TEXT : WORD))
    return { kind: 'scalar', value, start, end: this.#at }
  }

  #readMap(start: number): SourceNode {
    const entries: MapEntry[] = []
    for (this.#at++; this.#more('}'); ) {
      const keyStart = this.#skipSpace()
      const key = JSON.parse(this.#take(TEXT))
      const keySpan = { start: keyStart, end: this.#at }
      this.#at++
      entries.push({ key, keySpan, value: this.read() })
    }
    return { kind: 'map', entries, start, end: this.#at }
  }

  #readList(start: number): SourceNode {
    const items: SourceNode[] = []
    for (this.#at++; this.#more(']'); ) items.push(this.read())
    return { kind: 'list', items, start, end: this.#at }
  }

  /** Whether another item follows; else the closing bracket is passed. */
  #more(close: string): boolean {
    this.#skipSpace()
    const next = this.#text[this.#at]
    if (next === close || next === ',') this.#at++
    return next !== close
  }

  #skipSpace(): number {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\n') this.#at++
    return this.#at
  }

  #take(token: RegExp): string {
    token.lastIndex = this.#at
    const [taken = ''] = token.exec(this.#text) ?? []
    this.#at += taken.length
    return taken
  }
}

const TEXT = /"(?:[^"\\]|\\.)*"/y
const WORD = /[^\s,\]}]+/y

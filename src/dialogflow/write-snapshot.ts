import { isMap } from '../core/json.ts'
import type { MapEntry, SourceFile, SourceNode } from '../core/source.ts'
import { type AgentSnapshot, SNAPSHOT_FILE } from './snapshot.ts'

const WIDTH = 160

/** A snapshot as the file that people review, an entry a line where it fits, with the place of everything in it. */
export function writeSnapshot(snapshot: AgentSnapshot): SourceFile {
  const writer = new Writer()
  const root = writer.write(snapshot, 0)
  return { path: SNAPSHOT_FILE, text: `${writer.text()}\n`, root }
}

/** Writes JSON, and notes where. */
class Writer {
  readonly #pieces: string[] = []
  #length = 0

  text(): string {
    return this.#pieces.join('')
  }

  #put(piece: string): void {
    this.#pieces.push(piece)
    this.#length += piece.length
  }

  write(value: unknown, indent: number): SourceNode {
    const start = this.#length
    if (Array.isArray(value)) return this.#writeList(value, indent, start)
    if (isMap(value)) return this.#writeMap(value, indent, start)
    this.#put(JSON.stringify(value))
    return { kind: 'scalar', value: value as string | number | boolean | null, start, end: this.#length }
  }

  #writeList(list: readonly unknown[], indent: number, start: number): SourceNode {
    const items: SourceNode[] = []
    this.#between('[', ']', list, breaks(list, indent), indent, (item, inner) => items.push(this.write(item, inner)))
    return { kind: 'list', items, start, end: this.#length }
  }

  #writeMap(map: Readonly<Record<string, unknown>>, indent: number, start: number): SourceNode {
    const entries: MapEntry[] = []
    const keys = Object.keys(map).filter((key) => indent > FRAME || !isEmpty(map[key]))
    this.#between('{', '}', keys, breaks(map, indent), indent, (key, inner) => {
      const keySpan = { start: this.#length, end: this.#length + JSON.stringify(key).length }
      this.#put(`${JSON.stringify(key)}: `)
      entries.push({ key, keySpan, value: this.write(map[key], inner) })
    })
    return { kind: 'map', entries, start, end: this.#length }
  }

  #between<T>(
    open: string,
    close: string,
    items: readonly T[],
    onLines: boolean,
    indent: number,
    write: (item: T, indent: number) => void,
  ): void {
    this.#put(open)
    items.forEach((item, i) => {
      if (i > 0) this.#put(onLines ? ',' : ', ')
      if (onLines) this.#put(`\n${' '.repeat(indent + 2)}`)
      else if (i === 0 && open === '{') this.#put(' ')
      write(item, indent + 2)
    })
    if (items.length) this.#put(onLines ? `\n${' '.repeat(indent)}` : open === '{' ? ' ' : '')
    this.#put(close)
  }
}

/** How deep the snapshot's own lists stand, in columns; below them an empty list may be somebody's value. */
const FRAME = 4

/** Left out: what is not there, an empty list, and a map of such. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.values(value).every(isEmpty))

/** Lists of entries have a line for each; deeper, what does not fit into one line is broken. */
function breaks(value: object, indent: number): boolean {
  const values = Object.values(value)
  if (values.length === 0) return false
  const holdsEntries = indent < 8 && values.some((item) => isMap(item) || (Array.isArray(item) && isMap(item[0])))
  return indent === 0 || holdsEntries || indent + JSON.stringify(value).length > WIDTH
}

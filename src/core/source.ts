import { type JsonMap, put } from './json.ts'

/** Offsets into the text of a file, the end exclusive, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Lines and columns from 1, the end exclusive; a column counts characters (code points), as an editor shows them. */
export interface Range {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export type SourceNode = ScalarNode | ListNode | MapNode
export interface ScalarNode extends Span {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
}
export interface ListNode extends Span {
  readonly kind: 'list'
  readonly items: readonly SourceNode[]
}
export interface MapNode extends Span {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
}
export interface MapEntry {
  readonly key: string
  readonly keySpan: Span
  readonly value: SourceNode
}

/** A parsed YAML or JSON file: a tree in which every key and value knows its place. `path` is relative to the folder of flow files. */
export interface SourceFile {
  readonly path: string
  readonly text: string
  readonly root: SourceNode
}

export type Path = readonly PropertyKey[]

/** The tree as plain data. */
export function toData(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(toData)
  const data: JsonMap = {}
  for (const { key, value } of node.entries) put(data, key, toData(value))
  return data
}

/** A node's place alone, for what outlives the tree. */
export const spanOf = ({ start, end }: Span): Span => ({ start, end })

export const entriesOf = (node: SourceNode | undefined): readonly MapEntry[] =>
  node?.kind === 'map' ? node.entries : []

export const itemsOf = (node: SourceNode | undefined): readonly SourceNode[] =>
  node?.kind === 'list' ? node.items : []

export const entryOf = (node: SourceNode | undefined, key: PropertyKey): MapEntry | undefined =>
  entriesOf(node).find((entry) => entry.key === key)

export const childOf = (node: SourceNode | undefined, key: PropertyKey): SourceNode | undefined =>
  typeof key === 'number' ? itemsOf(node)[key] : entryOf(node, key)?.value

export const nodeAt = (root: SourceNode, path: Path): SourceNode | undefined =>
  path.reduce<SourceNode | undefined>(childOf, root)

/** The same tree with one key of the map at `path` called otherwise, its place kept. */
export function renameKey(node: SourceNode, path: Path, key: string, to: string): SourceNode {
  const [step, ...rest] = path
  if (node.kind === 'list')
    return { ...node, items: node.items.map((item, i) => (i === step ? renameKey(item, rest, key, to) : item)) }
  if (node.kind === 'scalar') return node
  const entries = node.entries.map((entry) => {
    if (step === undefined) return entry.key === key ? { ...entry, key: to } : entry
    return entry.key === step ? { ...entry, value: renameKey(entry.value, rest, key, to) } : entry
  })
  return { ...node, entries }
}

/** What ends a line, as editors count them. */
export const LINE_END = /\r\n|\n|\r/g

/** The number of the line, from 1, in which an offset of a text lies. */
export const lineAt = (text: string, offset: number): number => (text.slice(0, offset).match(LINE_END)?.length ?? 0) + 1

/** What lines and columns are counted by; offsets into the text. */
interface Landmarks {
  readonly lineStarts: readonly number[]
  /** The second half of each character that takes two units. */
  readonly secondHalves: readonly number[]
}

const SECOND_HALF = /(?<=[\uD800-\uDBFF])[\uDC00-\uDFFF]/g

const landmarks = new WeakMap<SourceFile, Landmarks>()

function landmarksOf(file: SourceFile): Landmarks {
  const known = landmarks.get(file)
  if (known) return known
  const { text } = file
  const found = {
    lineStarts: [0, ...Array.from(text.matchAll(LINE_END), ({ index, 0: end }) => index + end.length)],
    secondHalves: Array.from(text.matchAll(SECOND_HALF), ({ index }) => index),
  }
  landmarks.set(file, found)
  return found
}

/** How many of the sorted offsets are less than `offset`. */
function countBefore(offsets: readonly number[], offset: number): number {
  let [low, high] = [0, offsets.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((offsets[middle] ?? 0) < offset) low = middle + 1
    else high = middle
  }
  return low
}

function positionAt(file: SourceFile, offset: number): [line: number, column: number] {
  const { lineStarts, secondHalves } = landmarksOf(file)
  const line = countBefore(lineStarts, offset + 1)
  const start = lineStarts[line - 1] ?? 0
  // Between the two characters of a line's end is still the line's end.
  const end = file.text[offset - 1] === '\r' && offset > start ? offset - 1 : offset
  const halves = countBefore(secondHalves, end) - countBefore(secondHalves, start)
  return [line, end - start - halves + 1]
}

/** Where a span lies in its file. */
export function rangeOf(file: SourceFile, span: Span): Range {
  const [line, column] = positionAt(file, span.start)
  const [endLine, endColumn] = positionAt(file, Math.max(span.start, span.end))
  return { line, column, endLine, endColumn }
}

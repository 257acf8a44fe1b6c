/** A JSON map whose keys may come from outside: read its own properties only, and write such keys with `put`. */
export type JsonMap = Record<string, unknown>

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** In levels: no request, flow file or record may be nested deeper. */
export const MAX_DEPTH = 64

/** Sets a key of any name, as an own property: `__proto__` too is a key like any other. */
export function put(map: JsonMap, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
  else map[key] = value
}

/** Whether maps and lists stand in one another more than so many levels deep. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  // Not `for … in`: over what has just been parsed, Node 24 takes 20 times as long for it.
  return Object.values(value).some((item) => isDeeperThan(item, levels - 1))
}

type Leaf = (leaf: string | number) => unknown
type Key = (key: string) => string

/** `value` with `leaf` applied to every text and number in it, and `key` to the keys of its maps; itself where nothing changes. */
export function mapLeaves(value: unknown, leaf: Leaf, key: Key): unknown {
  if (typeof value === 'string' || typeof value === 'number') return leaf(value)
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? mapItems(value, leaf, key) : mapEntries(value as JsonMap, leaf, key)
}

function mapItems(list: readonly unknown[], leaf: Leaf, key: Key): readonly unknown[] {
  const mapped = list.map((item) => mapLeaves(item, leaf, key))
  return mapped.every((item, i) => item === list[i]) ? list : mapped
}

/** Copied from the first change on: nearly all maps stay as they are. */
function mapEntries(map: JsonMap, leaf: Leaf, key: Key): JsonMap {
  let copy: JsonMap | undefined
  for (const name of Object.keys(map)) {
    const newName = key(name)
    const item = mapLeaves(map[name], leaf, key)
    if (!copy && (newName !== name || item !== map[name])) copy = entriesBefore(map, name)
    if (copy) put(copy, newName, item)
  }
  return copy ?? map
}

function entriesBefore(map: JsonMap, end: string): JsonMap {
  const before: JsonMap = {}
  for (const name of Object.keys(map)) {
    if (name === end) break
    put(before, name, map[name])
  }
  return before
}

/** `value` with `change` applied to every text in it, the keys of maps included; itself where nothing changes. */
export const mapTexts = (value: unknown, change: Key): unknown =>
  mapLeaves(value, (leaf) => (typeof leaf === 'string' ? change(leaf) : leaf), change)

import type { Paint } from '../config/show-diagnostic.ts'

type Leaves = ReadonlyMap<string, string>

/** What was expected and what came, leaf by leaf: `-` for the first, `+` for the second, and what is the same for orientation. */
export function showDifference(expected: unknown, came: unknown, paint: Paint): string[] {
  const [before, after] = [leavesOf(expected), leavesOf(came)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [left, right] = [before.get(path), after.get(path)]
    const line = (sign: string, value: string): string => `${sign} ${path === '' ? value : `${path}: ${value}`}`
    if (left === right) return paint('dim', line(' ', left ?? ''))
    return [
      ...(left === undefined ? [] : [paint('red', line('-', left))]),
      ...(right === undefined ? [] : [paint('green', line('+', right))]),
    ]
  })
}

/** Every value below one, as JSON, by its path. An empty list or map is a leaf. */
function leavesOf(value: unknown, path = '', leaves = new Map<string, string>()): Leaves {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (entries.length === 0) leaves.set(path, JSON.stringify(value))
  for (const [key, item] of entries) leavesOf(item, pathTo(path, key, Array.isArray(value)), leaves)
  return leaves
}

const pathTo = (path: string, key: string, isIndex: boolean): string =>
  isIndex ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`

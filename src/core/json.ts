/** A JSON map whose keys may come from outside: read its own properties only. */
export type JsonMap = Record<string, unknown>

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A map without a prototype: a key named `__proto__` is a key like any other. */
export const emptyMap = (): JsonMap => Object.create(null) as JsonMap

/** A copy of `value` in which `change` was applied to every text, the keys of maps included. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (!isMap(value)) return value
  const copy = emptyMap()
  for (const key of Object.keys(value)) copy[change(key)] = mapTexts(value[key], change)
  return copy
}

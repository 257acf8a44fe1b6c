/** A value as a person types it: text as it is, everything else as JSON, and text that could be taken for JSON in quotes. */
export function typedOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? ''
  return value === '' || readTyped(value) !== value ? JSON.stringify(value) : value
}

/** What a person typed, as a value; undefined for nothing. */
export function readTyped(typed: string): unknown {
  const text = typed.trim()
  if (text === '') return undefined
  if (!/^(?:[{["]|-?\d{1,15}(?:\.\d{1,10})?$|(?:true|false|null)$)/.test(text)) return typed
  try {
    return JSON.parse(text)
  } catch {
    return typed
  }
}

/** What kind of value it is, in the words of flow files. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'not set'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  const kinds: Readonly<Record<string, string>> = { string: 'text', number: 'number', boolean: 'true/false' }
  return kinds[typeof value] ?? 'map'
}

/** A value as a person reads it. */
export const shownOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

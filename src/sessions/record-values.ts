import { isMap, type JsonMap } from '../core/json.ts'
import { parseInstant } from './instant.ts'
import type { MenuPath } from './session.ts'
import { toWord } from './word.ts'

// From what stands in a record, which the schema has checked, to plain values; null, nothing and empty text are undefined.

export type Maybe<T> = T | null | undefined
export type Given = Maybe<string | number>

export const textOf = (value: Given): string | undefined =>
  value === null || value === undefined || value === '' ? undefined : String(value)

/** Of keys that mean the same; an older one is read where a newer one is empty. */
export function firstTextOf(...values: readonly Given[]): string | undefined {
  for (const value of values) {
    const text = textOf(value)
    if (text !== undefined) return text
  }
  return undefined
}

export const numberOf = (value: Given): number | undefined =>
  value === null || value === undefined ? undefined : Number(value)

export const msOf = (value: Maybe<string>): number | undefined => (value ? parseInstant(value)?.ms : undefined)

export const flagOf = (value: Maybe<boolean>): boolean | undefined => value ?? undefined

export function wordOf(value: Given): string | undefined {
  const text = textOf(value)
  return text === undefined ? undefined : toWord(text)
}

/** The platform writes that nothing failed as a word. */
export function failureOf(value: Given): string | undefined {
  const word = wordOf(value)
  return word === 'nothing' ? undefined : word
}

/** Shared by all records that have nothing in a list: most of them, for most lists. */
const NONE: readonly never[] = Object.freeze([])

export function textsOf(value: Maybe<string | number | readonly unknown[]>): readonly string[] {
  if (value === null || value === undefined) return NONE
  const all = Array.isArray(value) ? value : [value]
  return all.flatMap((one) => {
    if (typeof one === 'string' || typeof one === 'number') return textOf(one) ?? []
    return isMap(one)
      ? Object.values(one)
          .flatMap((part) => textIn(part) ?? [])
          .join(' ') || []
      : []
  })
}

export function mapEach<T, U>(list: Maybe<readonly Maybe<T>[]>, toPlain: (row: T) => U): readonly U[] {
  if (!list?.length) return NONE
  const plain: U[] = []
  for (const row of list) if (row !== null && row !== undefined) plain.push(toPlain(row))
  return plain
}

export function menuOf(names: Maybe<string | number | JsonMap>, ids?: Given): MenuPath | undefined {
  if (isMap(names)) {
    const { name, materialized_path, id } = names
    return menuOf(textIn(name), textIn(materialized_path) ?? textIn(id) ?? ids)
  }
  const path = { names: textOf(names), ids: textOf(ids) }
  return path.names === undefined && path.ids === undefined ? undefined : path
}

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? textOf(value) : undefined

import { z } from 'zod'
import { isMap } from '../core/json.ts'
import type { Path } from '../core/source.ts'
import { unwrap } from './read-record.ts'
import type { Session } from './session.ts'
import { sessionSchema } from './session-schema.ts'

/** The keys that a map of a record can have, each with those of the maps below it; undefined below what holds no keys of the platform. */
export type KnownKeys = ReadonlyMap<string, KnownKeys | undefined>

/** A queue by its place, where that is a map. */
const MENU: KnownKeys = new Map(
  ['id', 'name', 'materialized_path', 'items_count', 'menu_type'].map((key) => [key, undefined]),
)

export const KNOWN_KEYS: KnownKeys = keysOf(sessionSchema) ?? new Map()

function keysOf(schema: z.core.$ZodType): KnownKeys | undefined {
  if (schema instanceof z.ZodObject)
    return new Map(
      Object.entries(schema.shape).map(([key, inner]) => [
        key,
        /menu(?:_path)?$/.test(key) ? MENU : keysOf(inner as z.core.$ZodType),
      ]),
    )
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return keysOf(schema.unwrap())
  return schema instanceof z.ZodArray ? keysOf(schema.element) : undefined
}

/** Where keys stand that this program knows nothing of, around the record and in it. */
export function unknownKeys({ record }: Session): Path[] {
  const { wrapper, inner } = unwrap(record)
  const around = wrapper ? Object.keys(record).filter((key) => key !== wrapper) : []
  return [...around.map((key) => [key]), ...unknownIn(inner, KNOWN_KEYS, [])]
}

function* unknownIn(value: unknown, known: KnownKeys | undefined, path: Path): Generator<Path> {
  if (!known) return
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* unknownIn(item, known, [...path, index])
  else if (isMap(value))
    for (const [key, item] of Object.entries(value))
      if (known.has(key)) yield* unknownIn(item, known.get(key), [...path, key])
      else yield [...path, key]
}

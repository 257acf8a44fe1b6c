import { z } from 'zod'
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

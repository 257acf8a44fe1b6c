import { isMap, type JsonMap } from '../core/json.ts'

/**
 * An agent's resources in the form of an export, from wherever they were read: references are display names, messages carry their
 * language. They are read by the functions below, loosely: whatever else a resource holds is nobody's business here.
 */
export interface AgentContents {
  readonly agent: JsonMap
  readonly flows: readonly FlowContents[]
  /** Route groups of the whole agent. */
  readonly groups: readonly JsonMap[]
  readonly intents: readonly JsonMap[]
  readonly entityTypes: readonly EntityTypeContents[]
  readonly webhooks: readonly JsonMap[]
}

/** Pages are most of an agent: they may be read one by one, so that they need not be in memory together. */
export interface FlowContents {
  readonly flow: JsonMap
  readonly pages: Iterable<JsonMap>
  readonly groups: readonly JsonMap[]
}

export interface EntityTypeContents {
  readonly entityType: JsonMap
  readonly entities: readonly JsonMap[]
}

/** The agent cannot be read or changed as asked; the message is one line for people. */
export class AgentError extends Error {}

export const mapAt = (map: JsonMap | undefined, key: string): JsonMap | undefined => {
  const value = map?.[key]
  return isMap(value) ? value : undefined
}

export const mapsAt = (map: JsonMap | undefined, key: string): readonly JsonMap[] => {
  const value = map?.[key]
  if (!Array.isArray(value)) return []
  return value.every(isMap) ? value : value.filter(isMap)
}

/** Undefined where there is no text, or an empty one: the API sends that for what is not set. */
export const textAt = (map: JsonMap | undefined, key: string): string | undefined => {
  const value = map?.[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

export const displayNameOf = (resource: JsonMap): string => textAt(resource, 'displayName') ?? ''

/** The part of a resource name behind the last slash. */
export const idOf = (resourceName: string): string => resourceName.slice(resourceName.lastIndexOf('/') + 1)

import { isMap, type JsonMap, put } from '../core/json.ts'
import { idOf } from './agent-contents.ts'

/** The display names behind resource names. */
export type DisplayNames = ReadonlyMap<string, string>

/** A resource of the API in the form of an export: references by display name, values as JSON, messages with their language. */
export function toExportForm(resource: object, names: DisplayNames, language: string): JsonMap {
  return new Converter(names, language).map({ ...resource })
}

class Converter {
  readonly #names: DisplayNames
  readonly #language: string

  constructor(names: DisplayNames, language: string) {
    this.#names = names
    this.#language = language
  }

  map(resource: JsonMap): JsonMap {
    const plain: JsonMap = {}
    for (const [key, value] of Object.entries(resource)) put(plain, key, this.#value(key, value))
    return plain
  }

  #value(key: string, value: unknown): unknown {
    if (key === 'payload' && isMap(value)) return fromStruct(value)
    if (key === 'value' && isMap(value) && 'kind' in value) return fromValue(value)
    if (key === 'messages' && Array.isArray(value)) return value.filter(isMap).map((message) => this.#message(message))
    if (key === 'message' && isMap(value)) return this.#message(value)
    if (Array.isArray(value)) return value.map((item) => (isMap(item) ? this.map(item) : item))
    if (isMap(value)) return this.map(value)
    return typeof value === 'string' && REFERRING.has(key) ? this.#nameOf(key, value) : value
  }

  #message(message: JsonMap): JsonMap {
    return { ...this.map(message), languageCode: this.#language }
  }

  #nameOf(key: string, resourceName: string): string {
    const name = this.#names.get(resourceName)
    if (key !== 'entityType' || resourceName === '') return name ?? resourceName
    return `@${name ?? idOf(resourceName)}`
  }
}

/** The fields that hold the name of a resource. Dialogflow's own entity types have names like `…/entityTypes/sys.date`. */
const REFERRING: ReadonlySet<string> = new Set(['intent', 'webhook', 'entityType'])

/** What google.protobuf.Struct stands for. */
export function fromStruct(struct: unknown): JsonMap {
  const map: JsonMap = {}
  const fields = isMap(struct) && isMap(struct.fields) ? struct.fields : {}
  for (const [key, value] of Object.entries(fields)) put(map, key, fromValue(value))
  return map
}

/** What google.protobuf.Value stands for. */
export function fromValue(value: unknown): unknown {
  if (!isMap(value)) return null
  if (isMap(value.structValue)) return fromStruct(value.structValue)
  if (isMap(value.listValue)) return Array.isArray(value.listValue.values) ? value.listValue.values.map(fromValue) : []
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null
}

/** JSON as google.protobuf.Value. */
export function toValue(value: unknown): JsonMap {
  if (value === null || value === undefined) return { nullValue: 'NULL_VALUE' }
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { numberValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return Array.isArray(value)
    ? { listValue: { values: value.map(toValue) } }
    : { structValue: toStruct(value as JsonMap) }
}

/** JSON as google.protobuf.Struct. */
export function toStruct(map: JsonMap): { fields: JsonMap } {
  const fields: JsonMap = {}
  for (const [key, value] of Object.entries(map)) put(fields, key, toValue(value))
  return { fields }
}

import type { JsonSchema } from '../core/editor-schema.ts'

interface Field {
  readonly path: string
  readonly key: string
  readonly meaning: string
}

/** The fields of a file and what each does, as a Markdown table, from the schema that the editor reads too. */
export function fieldTable(schema: JsonSchema): string {
  // The platform's keys stand under `then` and under `ujet` alike: told once.
  const fields = new Map([...fieldsOf(schema, '')].reverse().map((field) => [`${field.key} ${field.meaning}`, field]))
  const rows = [...fields.values()].reverse().map(({ path, meaning }) => `| \`${path}\` | ${meaning} |`)
  return ['| field | meaning |', '| --- | --- |', ...rows].join('\n')
}

/** Every field with a description, by its path; a list's items stand under `[]`, keys of any name under `NAME`. */
function* fieldsOf(schema: JsonSchema, path: string): Generator<Field> {
  for (const [key, field] of Object.entries(schema.properties ?? {}))
    if (typeof field === 'object') yield* fieldAndBelow(field, path === '' ? key : `${path}.${key}`, key)
  const any = schema.additionalProperties
  if (typeof any === 'object') yield* fieldAndBelow(any, `${path}.NAME`, 'NAME')
  if (schema.items) yield* fieldsOf(schema.items, `${path}[]`)
}

function* fieldAndBelow(field: JsonSchema, path: string, key: string): Generator<Field> {
  if (typeof field.description === 'string')
    yield { path, key, meaning: [field.description, ...wordsOf(field)].map(escapeCell).join('<br>') }
  yield* fieldsOf(field, path)
}

/** What each word of a field means. */
function wordsOf({ enum: words, enumDescriptions: meanings }: JsonSchema): string[] {
  if (!Array.isArray(words) || !Array.isArray(meanings)) return []
  return words.map((word, i) => `\`${word}\`: ${meanings[i]}`)
}

const escapeCell = (text: string): string => text.replace(/[|*<]/g, '\\$&').replace(/\n/g, ' ')

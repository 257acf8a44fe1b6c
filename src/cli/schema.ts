import { parseArgs } from 'node:util'
import { either } from '../core/diagnostic.ts'
import { flowFileEditorSchema, type JsonSchema, policyEditorSchema, toEditorSchema } from '../core/editor-schema.ts'
import { representativesSchema } from '../representatives/representatives-file.ts'
import { type Command, EXIT, UsageError } from './command.ts'
import { fieldTable } from './field-table.ts'
import { readFormat } from './report-diagnostics.ts'

const SCHEMAS: ReadonlyMap<string, () => JsonSchema> = new Map([
  ['flow', flowFileEditorSchema],
  ['policy', policyEditorSchema],
  ['representatives', () => toEditorSchema(representativesSchema)],
])

export const schema: Command = {
  usage: 'schema [flow|policy|representatives] [--format json|markdown]',
  summary:
    'Prints the JSON Schema of a flow file, of policy.yaml or of representatives.yaml, for editors; or its fields as a table, for people.',
  details: `The first line of a file tells an editor with YAML support where its schema lies:
# yaml-language-server: $schema=flow.schema.json`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { format: { type: 'string', default: 'json' } },
      allowPositionals: true,
    })
    const format = readFormat(values.format, ['json', 'markdown'])
    const [name = 'flow', ...more] = positionals
    const make = SCHEMAS.get(name)
    if (!make || more.length) throw new UsageError(`there are three schemas: ${either([...SCHEMAS.keys()], 'and')}`)
    io.stdout.write(`${format === 'json' ? JSON.stringify(make(), null, 2) : fieldTable(make())}\n`)
    return EXIT.fine
  },
}

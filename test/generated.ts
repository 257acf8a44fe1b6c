import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from './cli/run-cli.ts'

const ROOT = join(import.meta.dirname, '..')

async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args)
  if (code !== 0) throw new Error(`carryover ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

/** The guide, with its tables made anew between their marks. */
async function guide(): Promise<string> {
  let text = readFileSync(join(ROOT, 'flows', 'README.md'), 'utf8')
  for (const [name, schema] of [
    ['fields', 'flow'],
    ['policy fields', 'policy'],
  ] as const) {
    const table = await printed('schema', schema, '--format', 'markdown')
    const section = new RegExp(`(<!-- ${name}:.*-->\n).*(<!-- /${name} -->)`, 's')
    text = text.replace(section, (_, begin, end) => `${begin}${table}${end}`)
  }
  return text
}

/** Every generated file of the repository, by its path, with what it must hold. */
export const GENERATED: Readonly<Record<string, () => Promise<string>>> = {
  'flows/flow.schema.json': () => printed('schema', 'flow'),
  'flows/policy.schema.json': () => printed('schema', 'policy'),
  'flows/README.md': guide,
  'flows/dictionary.md': () => printed('dictionary', join(ROOT, 'flows')),
}

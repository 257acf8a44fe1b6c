import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from './cli/run-cli.ts'
import { SAMPLES } from './samples.ts'

const ROOT = join(import.meta.dirname, '..')
const LIVE = join(ROOT, 'flows')

async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args)
  if (code !== 0) throw new Error(`carryover ${args.join(' ')} ended with ${code}: ${stderr}`)
  return stdout
}

/** The guide, with its tables made anew between their marks. */
async function guide(): Promise<string> {
  let text = readFileSync(join(LIVE, 'README.md'), 'utf8')
  for (const [name, schema] of [
    ['fields', 'flow'],
    ['policy fields', 'policy'],
    ['representatives fields', 'representatives'],
  ] as const) {
    const table = await printed('schema', schema, '--format', 'markdown')
    const section = new RegExp(`(<!-- ${name}:.*-->\n).*(<!-- /${name} -->)`, 's')
    text = text.replace(section, (_, begin, end) => `${begin}${table}${end}`)
  }
  return text
}

/** The README, with the queries of the report between their marks. */
async function readme(): Promise<string> {
  const sql = readFileSync(join(ROOT, 'src/sessions/report.sql'), 'utf8')
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8')
  return text.replace(
    /(<!-- report:.*?-->\n).*?(<!-- \/report -->)/s,
    (_, begin, end) => `${begin}\`\`\`sql\n${sql}\`\`\`\n${end}`,
  )
}

/** Every generated file of the repository that its tests hold fresh, by its path, with what it must hold. */
export const GENERATED: Readonly<Record<string, () => Promise<string>>> = {
  'flows/flow.schema.json': () => printed('schema', 'flow'),
  'flows/policy.schema.json': () => printed('schema', 'policy'),
  'flows/representatives.schema.json': () => printed('schema', 'representatives'),
  'README.md': readme,
  'flows/README.md': guide,
  'test/fixtures/flows/dictionary.md': () => printed('dictionary', SAMPLES),
}

/** Made from the flow files that are live, whose designers run no tests: "carryover dictionary --check" holds it fresh. */
export const GENERATED_FROM_FLOWS: typeof GENERATED = {
  'flows/dictionary.md': () => printed('dictionary', LIVE),
}

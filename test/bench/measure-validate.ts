import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { start } from './processes.ts'
import type { Measure } from './rounds.ts'

interface Round {
  readonly parse: number
  readonly validate: number
}

/** Validating flow files, of which parsing their YAML is the part that cannot be saved. */
export const measureValidate: Measure = async ({ node }) => {
  const program = [node, '--import', 'tsx', join(import.meta.dirname, 'validate.ts')]
  const child = start(program, undefined, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([child.stdout ? text(child.stdout) : '', once(child, 'exit')])
  if (code !== 0) throw new Error('The flow files of the benchmark could not be validated.')
  const rounds: readonly Round[] = JSON.parse(output)
  return [
    {
      measure: 'Validating 1,000 flow files / parsing their YAML',
      goal: { under: 3 },
      ratios: rounds.map(({ parse, validate }) => validate / parse),
    },
  ]
}

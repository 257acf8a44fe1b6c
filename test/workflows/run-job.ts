import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ran, runProgram } from './run-program.ts'
import type { Job, Step } from './workflow-files.ts'

export interface RunnerOptions {
  readonly folder: string
  /** What `${{ … }}` names apart from steps: `vars.X`, `needs.X.outputs.Y`, `inputs.X` and so on; all else is empty. */
  readonly values?: Readonly<Record<string, string>>
  /** For all steps, beside their own. */
  readonly environment?: Readonly<Record<string, string>>
  /** The outputs of actions, by the id of their step: none of them is run. */
  readonly actions?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Steps that are left out. */
  readonly without?: (step: Step) => boolean
  /** A last word on each output of a step. */
  readonly adjust?: (output: string) => string
}

export interface JobRun {
  /** The scripts that ran, by the name of their step (or its first line), with what came. */
  readonly ran: ReadonlyMap<string, Ran>
  readonly failed: string | undefined
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

const nameOf = ({ name, id, run = '' }: Step): string => name ?? id ?? run.split('\n')[0] ?? ''

/** Runs the scripts of a job in their order, as GitHub's runner would; of its expressions it knows those that our workflows use. */
export async function runJob(job: Job, options: RunnerOptions): Promise<JobRun> {
  const { folder, values = {}, environment = {}, actions = {}, adjust = (output) => output } = options
  const scratch = mkdtempSync(join(tmpdir(), 'carryover-runner-'))
  const [output, summary] = [join(scratch, 'output'), join(scratch, 'summary')]
  writeFileSync(summary, '')
  const known: Record<string, string> = { ...values }
  const look = (expression: string): string =>
    expression
      .split('||')
      .map((path) => known[path.trim()] ?? '')
      .find((value) => value !== '') ?? ''
  const fill = (text: string): string => text.replaceAll(/\$\{\{ (.*?) \}\}/g, (_all, expression) => look(expression))
  const filled = (entries: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(entries).map(([key, text]) => [key, fill(String(text))]))
  const isWanted = (condition: string | undefined, failed: boolean): boolean => {
    if (condition === undefined) return !failed
    if (condition === 'always()') return true
    const [, path = '', value] = /^([\w.]+) == '(.*)'$/.exec(condition) ?? []
    if (value === undefined) throw new Error(`the runner does not know ${condition}`)
    return !failed && look(path) === value
  }
  const ran = new Map<string, Ran>()
  let failed: string | undefined
  for (const step of job.steps ?? []) {
    const conclude = (outcome: string): void => {
      if (step.id) known[`steps.${step.id}.outcome`] = outcome
    }
    if (options.without?.(step) || !isWanted(step.if, failed !== undefined)) {
      conclude('skipped')
      continue
    }
    if (step.run === undefined) {
      for (const [name, value] of Object.entries(actions[step.id ?? ''] ?? {}))
        known[`steps.${step.id}.outputs.${name}`] = value
      conclude('success')
      continue
    }
    writeFileSync(output, '')
    const result = await runProgram('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
      cwd: folder,
      environment: {
        ...environment,
        ...filled(job.env),
        ...filled(step.env),
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      },
    })
    ran.set(nameOf(step), result)
    for (const [, name = '', value = ''] of readFileSync(output, 'utf8').matchAll(/^(\w+)=(.*)$/gm))
      known[`steps.${step.id}.outputs.${name}`] = adjust(value)
    conclude(result.code === 0 ? 'success' : 'failure')
    if (result.code !== 0) failed ??= nameOf(step)
  }
  const told = readFileSync(summary, 'utf8')
  rmSync(scratch, { recursive: true })
  return { ran, failed, outputs: filled(job.outputs), summary: told }
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const ROOT = join(import.meta.dirname, '..', '..')
const FOLDER = join(ROOT, '.github', 'workflows')

export interface Step {
  readonly name?: string
  readonly id?: string
  readonly if?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

export interface Job {
  readonly uses?: string
  readonly needs?: string
  readonly if?: string
  readonly 'runs-on'?: string
  readonly 'timeout-minutes'?: number
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: Concurrency
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly outputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly steps?: readonly Step[]
}

export interface Concurrency {
  readonly group: string
  readonly 'cancel-in-progress'?: boolean | string
}

export interface Workflow {
  readonly file: string
  readonly text: string
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions?: Readonly<Record<string, string>>
  readonly concurrency?: Concurrency
  readonly defaults?: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

/** Every workflow, by its file's name without the ending. A file that is no YAML, or has a key twice, throws. */
export const WORKFLOWS: ReadonlyMap<string, Workflow> = new Map(
  readdirSync(FOLDER).map((file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    return [file.replace(/\.ya?ml$/, ''), { ...parse(text, { strict: true, uniqueKeys: true }), file, text }]
  }),
)

export function jobOf(workflow: string, job: string): Job {
  const found = WORKFLOWS.get(workflow)?.jobs[job]
  if (!found) throw new Error(`there is no job ${job} in ${workflow}`)
  return found
}

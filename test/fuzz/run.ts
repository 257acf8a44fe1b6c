/**
 * Searches for inputs that break what must always hold: request bodies, flow files, policies, references and session metadata.
 * `node --import tsx test/fuzz/run.ts [--seconds N] [--runs N] [--target NAME] [--seed S] [--add] [--findings DIR] [--file FILE]`
 * CONTRIBUTING.md says when; each option is explained below. Exit code 1 where something was found.
 */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Share, shareOf } from './coverage.ts'
import type { Finding, Order, Progress } from './fuzz-target.ts'
import { supervise } from './supervise.ts'

/** No input may take longer. Milliseconds. */
const GUARD = 30_000
const NAMES = ['request', 'flow', 'policy', 'reference', 'session']

const { values: options } = parseArgs({
  options: {
    /** For how long, all targets together. */
    seconds: { type: 'string', default: '60' },
    /** How many inputs for each target, however long that takes. */
    runs: { type: 'string', default: '0' },
    target: { type: 'string', multiple: true, default: NAMES },
    /** The same seed and number of runs try the same inputs. */
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    /** Writes what reaches more code to the committed corpus. */
    add: { type: 'boolean', default: false },
    findings: { type: 'string' },
    /** Looks at one file again. */
    file: { type: 'string' },
  },
})

const findings = options.findings ?? mkdtempSync(join(tmpdir(), 'carryover-fuzz-'))

async function fuzz(target: string): Promise<Progress & { found: number }> {
  const current = join(findings, `${target}-current`)
  const order: Order = {
    target,
    seed: Number(options.seed),
    seconds: Number(options.seconds) / options.target.length,
    runs: Number(options.runs),
    current,
    add: options.add,
    file: options.file,
  }
  let progress: Progress = { runs: 0, corpus: 0, kept: 0 }
  let found = 0
  const child = fork(join(import.meta.dirname, 'fuzz-target.ts'), [JSON.stringify(order)], {
    serialization: 'advanced',
  })
  const end = await supervise(child, GUARD, (message) => {
    if ('runs' in (message as object)) progress = message as Progress
    else {
      found++
      tell(target, message as Finding)
    }
  })
  if (!existsSync(current)) throw new Error(`fuzzing of ${target} did not begin`)
  if ('silence' in end || end.code !== 0) {
    found++
    const error = 'silence' in end ? `no sign of life for ${end.silence} ms` : `the process ended with ${end.code}`
    tell(target, { input: readFileSync(current), error })
  }
  rmSync(current, { force: true })
  return { ...progress, found }
}

function tell(target: string, { input, error }: Finding): void {
  const file = join(findings, `${target}-${createHash('sha256').update(input).digest('hex').slice(0, 16)}`)
  writeFileSync(file, input)
  console.log(`${target}: ${error}\n  again: node --import tsx test/fuzz/run.ts --target ${target} --file ${file}`)
}

const percentages = (share: Share): string =>
  Object.entries(share)
    .map(([folder, { ran, all }]) => `${folder} ${((100 * ran) / all).toFixed(1)} %`)
    .sort()
    .join(', ')

mkdirSync(findings, { recursive: true })
console.log(`seed ${options.seed}; what is found is kept in ${findings}`)
const files: ReadonlyMap<string, Uint8Array>[] = []
let total = 0
for (const target of options.target) {
  const { runs, corpus, kept, found, files: ran } = await fuzz(target)
  if (ran) files.push(ran)
  total += found
  const reached = ran ? percentages(shareOf([ran])) : ''
  console.log(`${target}: ${runs} runs, ${corpus} in the corpus (${kept} new), reached ${reached}; found ${found}`)
}
console.log(`together: reached ${percentages(shareOf(files))}; found ${total}`)
process.exitCode = total ? 1 : 0

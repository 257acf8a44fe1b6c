// `npm run bench`: how fast the webhook is, as ratios, with their goals. It ends with 1 where a goal is not met, and where any
// answer is not a 2xx with the bytes that are expected.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeFlows } from './case.ts'
import { copyBuild } from './copy-build.ts'
import { Generator } from './generator.ts'
import { checkVersions, installPeers, nodesToMeasure } from './install.ts'
import { measureFirstAnswer } from './measure-first-answer.ts'
import { measureLargest, measureP99 } from './measure-latency.ts'
import { measureMemory } from './measure-memory.ts'
import { measureReport } from './measure-report.ts'
import { measureStudio } from './measure-studio.ts'
import { measureThroughput } from './measure-throughput.ts'
import { measureValidate } from './measure-validate.ts'
import { endAllOnExit, twoCores } from './processes.ts'
import type { Measure } from './rounds.ts'
import { isMet, type Row, resultTable } from './table.ts'

const MEASURES: Readonly<Record<string, Measure>> = {
  throughput: measureThroughput,
  p99: measureP99,
  'first-answer': measureFirstAnswer,
  memory: measureMemory,
  largest: measureLargest,
  validate: measureValidate,
  studio: measureStudio,
  report: measureReport,
}

const HOW_TO_READ = `Each figure is the median of rounds in which the two took turns, with the least and the greatest.
Each answer was held against the expected bytes. Logs went to files. Under load, servers had one core and the load generator another.
Half load is half of what the slower of the two can answer; a call that had to wait is timed from when it was due.`

interface Choice {
  readonly isQuick: boolean
  readonly measures: readonly string[]
  /** Programs; undefined for the machine's own and the one that is deployed. */
  readonly nodes: readonly string[] | undefined
}

function readArguments(): Choice {
  const { quick, only, node } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: Object.keys(MEASURES) },
      node: { type: 'string', multiple: true },
    },
  }).values
  for (const name of only)
    if (!Object.hasOwn(MEASURES, name))
      throw new Error(`--only takes one of ${Object.keys(MEASURES).join(', ')}; repeat it for several.`)
  return { isQuick: quick, measures: only, nodes: node }
}

function writeFolders(folder: string) {
  const write = (name: string, count: number, lastLine?: string): string =>
    writeFlows(join(folder, name), count, lastLine)
  return {
    1: write('one', 1),
    100: write('hundred', 100),
    1000: write('thousand', 1000),
    changed: write('changed', 100, '# changed\n'),
  }
}

/** Measures on each Node, and prints the table. True if every goal is met. */
async function runBenchmark({ isQuick, measures, nodes }: Choice, folder: string): Promise<boolean> {
  checkVersions()
  installPeers()
  const flows = writeFolders(folder)
  const [serverCore, generatorCore] = twoCores() ?? []
  if (!serverCore) console.error('There is one core alone: the load generator shares it with the servers.')
  const generator = new Generator(generatorCore)
  const rowsByNode = new Map<string, readonly Row[]>()
  for (const node of nodes ?? nodesToMeasure()) {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
    const program = copyBuild(join(folder, version), node, flows[100])
    const rows: Row[] = []
    for (const name of measures) {
      console.error(`Node ${version}: ${name}`)
      rows.push(...((await MEASURES[name]?.({ node, folder, program, flows, serverCore, generator, isQuick })) ?? []))
    }
    rowsByNode.set(version, rows)
  }
  console.log(`${resultTable(rowsByNode)}\n\n${HOW_TO_READ}`)
  return [...rowsByNode.values()].flat().every(isMet)
}

endAllOnExit()
try {
  if (process.platform !== 'linux') throw new Error('The benchmark reads /proc, which Linux alone has.')
  const folder = mkdtempSync(join(tmpdir(), 'carryover-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.exit((await runBenchmark(readArguments(), folder)) ? 0 : 1)
} catch (error) {
  console.error(error)
  process.exit(1)
}

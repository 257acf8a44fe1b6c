import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { finalRecords } from '../sessions/made-sessions.ts'
import { start } from './processes.ts'
import { inTurns, type Measure } from './rounds.ts'

const FEWER = 25_000
const SESSIONS = 100_000
const MORE = 400_000

async function writeLines(path: string, count: number): Promise<string> {
  function* lines(): Generator<string> {
    for (const record of finalRecords(count)) yield `${JSON.stringify(record)}\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(path))
  return path
}

async function run<T>(node: string, ...args: readonly string[]): Promise<T> {
  const program = [node, '--import', 'tsx', join(import.meta.dirname, 'report.ts'), ...args]
  const child = start(program, undefined, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([child.stdout ? text(child.stdout) : '', once(child, 'exit')])
  if (code !== 0) throw new Error('The sessions of the benchmark could not be counted.')
  return JSON.parse(output)
}

/** Counting session metadata, of which parsing its JSON is the part that cannot be saved; and what it keeps in memory. */
export const measureReport: Measure = async ({ node, folder, isQuick }) => {
  const files = {
    [FEWER]: await writeLines(join(folder, 'fewer-sessions.jsonl'), FEWER),
    [SESSIONS]: await writeLines(join(folder, 'sessions.jsonl'), SESSIONS),
    [MORE]: await writeLines(join(folder, 'more-sessions.jsonl'), MORE),
  }
  const rounds = isQuick ? 1 : 5
  const times = await run<{ parse: number; report: number }[]>(
    node,
    'time',
    files[SESSIONS],
    String(SESSIONS),
    String(rounds),
  )
  const memory = await inTurns(Object.keys(files), isQuick ? 1 : 3, (count) =>
    run<number>(node, 'memory', files[Number(count) as keyof typeof files], count),
  )
  const growth = (from: number, to: number): number[] =>
    memory.map((sizes) => (sizes[to] ?? Number.NaN) / (sizes[from] ?? Number.NaN))
  return [
    {
      measure: 'Report over 100,000 sessions / JSON.parse of the same bytes',
      goal: { atMost: 3 },
      ratios: times.map(({ parse, report }) => report / parse),
    },
    {
      measure: 'Memory at its most in a report over 100,000 sessions / over 25,000',
      goal: { atMost: 1.25 },
      ratios: growth(FEWER, SESSIONS),
    },
    {
      measure: 'Memory at its most in a report over 400,000 sessions / over 100,000',
      goal: { atMost: 1.25 },
      ratios: growth(SESSIONS, MORE),
    },
  ]
}

// Counts the sessions of a file of JSON lines, and prints as JSON what that took: `time` compares it with JSON.parse of the bytes
// of its lines, in milliseconds of each round; `memory` tells the most that the process ever had in memory, in kB.
import { readFileSync } from 'node:fs'
import { makeReport } from '../../src/sessions/make-report.ts'
import { readSessions } from '../../src/sessions/read-sessions.ts'
import { REPORT_KEYS } from '../../src/sessions/report-rows.ts'
import { memoryOf } from './processes.ts'

const [what, file = '', count, rounds = '1'] = process.argv.slice(2)

async function* sessionsIn(path: string) {
  for await (const { session } of readSessions([path], { keys: REPORT_KEYS })) if (session) yield session
}

async function report(): Promise<void> {
  const { sessions } = await makeReport(sessionsIn(file))
  if (sessions !== Number(count)) throw new Error(`the report of the benchmark has ${sessions} sessions`)
}

const time = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function compare(): Promise<unknown> {
  const bytes = readFileSync(file)
  const parse = (): void => {
    for (let start = 0, end = 0; start < bytes.length; start = end + 1) {
      end = bytes.indexOf('\n', start)
      JSON.parse(bytes.toString('utf8', start, end))
    }
  }
  const results: { parse: number; report: number }[] = []
  // The two take turns, after a round that does not count.
  for (let round = 0; round <= Number(rounds); round++)
    results.push({ parse: await time(parse), report: await time(report) })
  return results.slice(1)
}

if (what === 'memory') await report()
console.log(JSON.stringify(what === 'memory' ? memoryOf(process.pid, 'VmHWM') : await compare()))

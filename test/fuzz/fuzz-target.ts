/**
 * Fuzzes one target, in a process of its own that may hang or die: `run.ts` starts it, hears what it says and keeps the input that it
 * was looking at. Inputs that reach code which none reached before are kept, and changed further.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Coverage } from './coverage.ts'
import { Mutator } from './mutator.ts'

/** What `run.ts` wants, as its only argument. */
export interface Order {
  readonly target: string
  readonly seed: number
  /** Both at least: for how long, and how many. */
  readonly seconds: number
  readonly runs: number
  /** The input that is being looked at is always in this file. */
  readonly current: string
  /** Whether what is new goes to the committed corpus. */
  readonly add: boolean
  /** Looks at this file alone. */
  readonly file: string | undefined
}

/** How it stands; said every second, and at the end with what ran. */
export interface Progress {
  readonly runs: number
  readonly corpus: number
  readonly kept: number
  readonly files?: ReadonlyMap<string, Uint8Array>
}

export interface Finding {
  readonly input: Uint8Array
  readonly error: string
}

const BATCH = 32
const BEAT = 1_000
const LARGEST_ADDED = 8 * 1024
const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'fuzz')

const order = JSON.parse(process.argv[2] ?? '') as Order
const OURS = /\/src\/(?:core|config|webhook|sessions)\//
/** Flow files go new ways through the parser as well; policies need not go them again. */
const WITH_PARSER = /\/src\/(?:core|config|webhook|sessions)\/|\/node_modules\/yaml\//
const coverage = new Coverage(order.target === 'flow' ? WITH_PARSER : OURS)
await coverage.start()
const { TARGETS } = await import('./targets.ts')
const target = TARGETS[order.target as keyof typeof TARGETS]
const mutator = new Mutator(order.seed, target.codec, target.largest)
const folder = join(FOLDER, order.target)
const current = openSync(order.current, 'w')
const told = new Set<string>()
let runs = 0
let beat = Date.now()

const say = (message: Progress | Finding): Promise<void> => new Promise((done) => process.send?.(message, () => done()))

function look(input: Buffer): void {
  ftruncateSync(current)
  writeSync(current, input, 0, input.length, 0)
  runs++
  try {
    target.look(input)
  } catch (error) {
    tell(input, error)
  }
  if (Date.now() - beat < BEAT) return
  beat = Date.now()
  say(progress())
}

/** Tells a finding once: errors that come from the same place are the same. */
function tell(input: Buffer, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const place = /^ +at .*/m.exec(text)?.[0] ?? text
  if (told.has(place)) return
  told.add(place)
  say({ input, error: text })
}

const committed = existsSync(folder)
  ? readdirSync(folder)
      .sort()
      .map((name) => readFileSync(join(folder, name)))
  : []
const corpus = order.file ? [readFileSync(order.file)] : [...target.seeds(), ...committed]
const first = corpus.length
const progress = (): Progress => ({ runs, corpus: corpus.length, kept: corpus.length - first })

/** The smaller of two: what is small is looked at sooner. */
function pick(): Buffer {
  const [a, b] = [mutator.one(corpus), mutator.one(corpus)]
  return a.length < b.length ? a : b
}

async function search(): Promise<void> {
  const end = Date.now() + order.seconds * 1_000
  while (runs < order.runs || Date.now() < end) {
    const batch = Array.from({ length: BATCH }, () => mutator.mutate(pick(), pick()))
    for (const input of batch) look(input)
    if (await coverage.take(false)) corpus.push(...(await thoseThatReachMore(batch)))
  }
}

async function thoseThatReachMore(inputs: readonly Buffer[]): Promise<Buffer[]> {
  const kept: Buffer[] = []
  for (const input of inputs) {
    look(input)
    if (await coverage.take()) kept.push(input)
  }
  return kept
}

/** Leaves in the committed corpus the smallest inputs that together reach what all of them do, beyond what the seeds reach. */
async function commit(): Promise<void> {
  const candidates = [...committed, ...corpus.slice(first)].filter(({ length }) => length <= LARGEST_ADDED)
  coverage.forget()
  for (const input of target.seeds()) look(input)
  await coverage.take()
  const kept = await thoseThatReachMore(candidates.sort((a, b) => a.length - b.length))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const input of kept)
    writeFileSync(join(folder, createHash('sha256').update(input).digest('hex').slice(0, 16)), input)
}

for (const input of corpus) look(input)
await coverage.take()
if (!order.file) await search()
const files = structuredClone(coverage.files)
if (order.add) await commit()
await say({ ...progress(), files })
process.disconnect?.()

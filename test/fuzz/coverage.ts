import { type Profiler, Session } from 'node:inspector/promises'

/** What has run of the functions of a file, one byte for each character. */
const [OUTSIDE, WAITING, RAN] = [0, 1, 2]

/** How many characters of functions there are, and how many of them ran, for each folder of `src`. */
export type Share = Readonly<Record<string, { readonly ran: number; readonly all: number }>>

/** Which parts of which functions have run, by V8's block counters. What it finds new guides the search. */
export class Coverage {
  readonly #session = new Session()
  readonly #files = new Map<string, Uint8Array>()
  readonly #followed: RegExp

  /** Follows the files whose URL fits. They must be loaded after `start`: a file is known by what happens when it loads. */
  constructor(followed: RegExp) {
    this.#followed = followed
  }

  async start(): Promise<void> {
    this.#session.connect()
    await this.#session.post('Profiler.enable')
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** How many characters ran since the last call that never ran before. They are new only once, unless they are not to be `kept`. */
  async take(kept = true): Promise<number> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage')
    let found = 0
    for (const { url, functions } of result) if (this.#followed.test(url)) found += this.#mark(url, functions, kept)
    return found
  }

  /** Forgets what ran, as if nothing but loading had happened. */
  forget(): void {
    for (const states of this.#files.values())
      for (const [i, state] of states.entries()) if (state === RAN) states[i] = WAITING
  }

  #mark(url: string, functions: readonly Profiler.FunctionCoverage[], kept: boolean): number {
    const states = this.#files.get(url) ?? this.#learn(url, functions)
    const counts = new Uint8Array(states.length)
    for (const { ranges } of functions)
      for (const { startOffset, endOffset, count } of ranges) counts.fill(Math.min(count, 1), startOffset, endOffset)
    let found = 0
    for (let at = 0; at < states.length; at++) {
      if (counts[at] === 0 || states[at] !== WAITING) continue
      found++
      if (kept) states[at] = RAN
    }
    return found
  }

  /** The first function is the whole file; the others stand inside of it. */
  #learn(url: string, [file, ...functions]: readonly Profiler.FunctionCoverage[]): Uint8Array {
    const states = new Uint8Array(file?.ranges[0]?.endOffset ?? 0).fill(OUTSIDE)
    for (const {
      ranges: [whole],
    } of functions)
      states.fill(WAITING, whole?.startOffset, whole?.endOffset)
    this.#files.set(url, states)
    return states
  }

  /** The files' states, for putting those of several processes together. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return this.#files
  }
}

const FOLDER = /\/src\/(\w+)\//

/** Puts together what ran in several processes that loaded the same files. */
export function shareOf(runs: readonly ReadonlyMap<string, Uint8Array>[]): Share {
  const shares: Record<string, { ran: number; all: number }> = {}
  for (const url of new Set(runs.flatMap((files) => [...files.keys()]))) {
    const folder = FOLDER.exec(url)?.[1]
    if (folder === undefined) continue
    const share = shares[folder] ?? { ran: 0, all: 0 }
    shares[folder] = share
    const [first, ...others] = runs.flatMap((files) => files.get(url) ?? [])
    for (const [at, state] of first?.entries() ?? []) {
      if (state !== OUTSIDE) share.all++
      if (state === RAN || others.some((states) => states[at] === RAN)) share.ran++
    }
  }
  return shares
}

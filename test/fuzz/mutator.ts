import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'

/** How an input reads as plain data, and is written again, for changes to its structure; what does not parse throws. */
export interface Codec {
  readonly parse: (text: string) => unknown
  readonly print: readonly ((data: unknown) => string)[]
}

/** What parsers, names, formats and detectors stumble over. */
const known = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'fuzz', 'words.json'), 'utf8'))
const sample = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, { seed: 0, numRuns: 100 })
const WORDS: readonly string[] = [...known.words, ...sample(fc.string({ unit: 'binary', maxLength: 8 }))]
const VALUES: readonly unknown[] = [...known.values, ...sample(fc.jsonValue({ maxDepth: 3 }))]
const DEPTHS = [1, 2, 7, 60, 64, 70, 500]
const TIMES = [...DEPTHS, 5_000]

type Container = Record<string, unknown>
interface Slot {
  readonly inside: Container
  readonly key: string
}

/** Every place of a value in some data; what stands at several of them, as a YAML alias does, is walked once. */
function slotsIn(data: unknown, walked = new Set<unknown>()): Slot[] {
  if (typeof data !== 'object' || data === null || walked.has(data)) return []
  walked.add(data)
  const inside = data as Container
  return Object.keys(inside).flatMap((key) => [{ inside, key }, ...slotsIn(inside[key], walked)])
}

function put(inside: Container, key: string, value: unknown): void {
  if (Array.isArray(inside)) inside.push(value)
  else Object.defineProperty(inside, key, { value, enumerable: true, configurable: true, writable: true })
}

function remove(inside: Container, key: string): void {
  if (Array.isArray(inside)) inside.splice(Number(key), 1)
  else delete inside[key]
}

/** Changes inputs at random; the same seed makes the same changes. */
export class Mutator {
  #state: number
  readonly #codec: Codec

  readonly #largest: number

  /** `largest` is how many bytes an input may have. */
  constructor(seed: number, codec: Codec, largest: number) {
    this.#state = seed
    this.#codec = codec
    this.#largest = largest
  }

  /** A whole number from 0, below `below`. https://en.wikipedia.org/wiki/Linear_congruential_generator */
  int(below: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * below)
  }

  one<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T
  }

  /** `input` with one to four changes; `other` lends parts of itself. */
  mutate(input: Buffer, other: Buffer): Buffer {
    let changed = input
    for (let left = 1 + this.int(4); left > 0; left--) {
      const structured = this.int(2) ? this.#changeStructure(changed, other) : undefined
      changed = (structured ?? this.#changeText(changed, other)).subarray(0, this.#largest)
    }
    return changed
  }

  /** In bytes, so that broken UTF-8 is among what comes of it. */
  #changeText(bytes: Buffer, other: Buffer): Buffer {
    const [at, from] = [this.int(bytes.length + 1), this.int(other.length)]
    const length = 1 + this.int(this.one([2, 12, 200]))
    const [before, inside, behind] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + length),
      bytes.subarray(at + length),
    ]
    const word = Buffer.from(this.one(WORDS))
    const change = this.one<() => Buffer[]>([
      () => [before, behind],
      () => [before, word, inside, behind],
      () => [before, word, behind],
      () => [before, behind.subarray(0, length), inside, behind.subarray(length)],
      () => [before, inside.map((byte) => byte ^ (1 << this.int(8))) as Buffer, behind],
      () => [before, other.subarray(from, from + length), behind],
      () => [before, ...Array.from({ length: this.one(TIMES) }, () => inside), behind],
      () => this.#changeLine(bytes),
    ])
    return Buffer.concat(change())
  }

  /** A line is indented otherwise, left out, or told again elsewhere: lost parents and duplicate keys come of it. */
  #changeLine(bytes: Buffer): Buffer[] {
    const lines = bytes.toString('latin1').split(/(?<=\n)/)
    const at = this.int(lines.length)
    const line = lines[at] ?? ''
    if (this.int(4)) lines[at] = this.one([`  ${line}`, ` ${line}`, `\t${line}`, line.replace(/^ {1,2}/, ''), ''])
    else lines.splice(this.int(lines.length), 0, line)
    return [Buffer.from(lines.join(''), 'latin1')]
  }

  #changeStructure(bytes: Buffer, other: Buffer): Buffer | undefined {
    try {
      const root = { data: this.#codec.parse(bytes.toString()) }
      const slots = slotsIn(root)
      this.#changeSlot(this.one(slots), slots, other)
      return Buffer.from(this.one(this.#codec.print)(root.data))
    } catch {
      // It does not parse, or is too deep to be walked or printed.
      return undefined
    }
  }

  #changeSlot({ inside, key }: Slot, slots: readonly Slot[], other: Buffer): void {
    const value = inside[key]
    const name = this.one(WORDS).replace(/:.*/, '')
    const change = this.one<() => void>([
      () => put(inside, key, this.one(VALUES)),
      () => put(inside, key, this.one(WORDS)),
      () => put(inside, key, this.#lend(slots)),
      () => put(inside, key, this.#lend(slotsIn(this.#codec.parse(other.toString())))),
      () => remove(inside, key),
      () => put(inside, name, value),
      () => put(inside, this.one(slots).key, value),
      () => put(inside, key, this.#wrap(value)),
      () => put(inside, key, this.#lengthen(value)),
    ])
    if (Array.isArray(inside) && this.int(2)) remove(inside, key)
    change()
  }

  #lend(slots: readonly Slot[]): unknown {
    if (slots.length === 0) return this.one(VALUES)
    const { inside, key } = this.one(slots)
    return structuredClone(inside[key])
  }

  #wrap(value: unknown): unknown {
    let wrapped = value
    for (let left = this.one(DEPTHS); left > 0; left--) wrapped = this.int(2) ? [wrapped] : { a: wrapped }
    return wrapped
  }

  #lengthen(value: unknown): unknown {
    if (typeof value === 'string') return this.int(2) ? value + this.one(WORDS) : value.repeat(this.one(TIMES))
    if (Array.isArray(value)) return [...value, this.one(VALUES)]
    return typeof value === 'number' ? value * this.one([-1, 10, 1e9, 0.1]) : [value, value]
  }
}

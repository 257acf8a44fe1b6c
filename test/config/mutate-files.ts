/**
 * Mutates flow files and holds what `validate` says of them against what must always be true: it neither throws nor points outside
 * the file. `node --import tsx test/config/mutate-files.ts RUNS [SEED]` prints a line now and then, so that a hang can be told.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { load } from '../../src/config/load.ts'
import { SAMPLES } from '../samples.ts'
import { holdLoaded } from './hold-loaded.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures')
const BAD = join(FIXTURES, 'bad')
const { words } = JSON.parse(readFileSync(join(FIXTURES, 'fuzz', 'words.json'), 'utf8'))

const texts = [SAMPLES, BAD].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.(?:yaml|json)$/.test(name) && !name.endsWith('.schema.json'))
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) })),
)

type Mutation = readonly [kind: 'cut' | 'insert' | 'repeat' | 'swap' | 'flip', at: number, length: number, word: string]

const mutation: fc.Arbitrary<Mutation> = fc.tuple(
  fc.constantFrom('cut', 'insert', 'repeat', 'swap', 'flip'),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom<string>(...words),
)

/** In bytes, so that broken UTF-8 is among what comes of it. */
function mutate(bytes: Buffer, [kind, where, length, word]: Mutation): Buffer {
  const at = Math.floor(where * bytes.length)
  const [before, inside, behind] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)]
  if (kind === 'cut') return Buffer.concat([before, behind])
  if (kind === 'insert') return Buffer.concat([before, Buffer.from(word), inside, behind])
  if (kind === 'repeat') return Buffer.concat([before, inside, inside, behind])
  if (kind === 'swap') return Buffer.concat([before, behind.subarray(0, length), inside, behind.subarray(length)])
  return Buffer.concat([
    before,
    Buffer.from(inside.map((byte, i) => (i === 0 ? byte ^ (1 << (length % 8)) : byte))),
    behind,
  ])
}

function check(name: string, bytes: Buffer, isPolicy: boolean): boolean {
  const sound = {
    path: 'sound.yaml',
    bytes: Buffer.from(
      'flow: S\ncaptures: [{ tag: s, visible_to: [agent], variables: { ssn: $session.params.a.b } }]\n',
    ),
  }
  const flows = isPolicy ? [sound] : [{ path: name, bytes }]
  const policy = isPolicy ? { path: 'policy.yaml', bytes } : undefined
  const loaded = load({ flows, policy, policyPath: 'policy.yaml', misplacedPolicies: [] })
  holdLoaded(loaded)
  return loaded.diagnostics.some(({ code }) => !code.startsWith('file/'))
}

const runs = Number(process.argv[2] ?? 5_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
console.log(`${runs} mutated files, seed ${seed}`)
let [run, found, lastLine] = [0, 0, Date.now()]
fc.assert(
  fc.property(fc.constantFrom(...texts), fc.array(mutation, { minLength: 1, maxLength: 3 }), (file, mutations) => {
    run++
    if (Date.now() - lastLine > 1_000) {
      console.log(`${run} looked at`)
      lastLine = Date.now()
    }
    const bytes = mutations.reduce(mutate, file.bytes)
    if (check(file.name, bytes, file.name.endsWith('policy.yaml'))) found++
  }),
  { numRuns: runs, seed, interruptAfterTimeLimit: 3_600_000, markInterruptAsFailure: true },
)
console.log(
  `${run} mutated files: ${found} that parse and have other mistakes, none with a crash or a place outside the file`,
)

/**
 * Mutates flow files and holds what `validate` says of them against what must always be true: it neither throws nor points outside
 * the file. `node --import tsx test/config/mutate-files.ts RUNS [SEED]` prints a line now and then, so that a hang can be told.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { load } from '../../src/config/load.ts'
import { showDiagnostic } from '../../src/config/show-diagnostic.ts'
import { messageOf, type Place } from '../../src/core/diagnostic.ts'
import { SAMPLES } from '../samples.ts'

const BAD = join(import.meta.dirname, '..', 'fixtures', 'bad')
const WORDS = [
  '$session.params.x',
  '$',
  '${',
  '$$',
  '$intent.params.a.resolved',
  '&a ',
  '*a',
  '<<: *a',
  '!!binary x',
  '|',
  '>-',
  '- ',
  '? ',
  ': ',
  ', ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '#',
  '%YAML 1.2',
  '---',
  '...',
  '\t',
  '\r',
  '\r\n',
  '\n',
  '\u0000',
  '\uFEFF',
  '\u2028',
  '한국어',
  '🧳',
  'e\u0301',
  '\u202E',
  '~',
  'null',
  'yes',
  '0x1F',
  '1e999',
  '.inf',
  '__proto__',
  'constructor',
  'captures:',
  'visible_to: [agent]',
  'ujet:',
  'variables:',
  'then:',
  'examples:',
  'session_variable:',
  'invisible_to_agent: [a]',
  'flow_id: []',
  'format: money',
  'from:',
]

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
  fc.constantFrom(...WORDS),
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

function assertInside({ file, line, column, endLine, endColumn }: Place, shown: ReadonlyMap<string, string>): void {
  const lines = shown.get(file)?.split(/\r\n|\n|\r/)
  assert.ok(lines, `a place in ${file}, which was not read`)
  const isIn = (l: number, c: number): boolean =>
    l >= 1 && c >= 1 && l <= lines.length && c <= [...(lines[l - 1] ?? '')].length + 1
  assert.ok(isIn(line, column), `${line}:${column} is outside of ${file}`)
  assert.ok(isIn(endLine, endColumn), `the end ${endLine}:${endColumn} is outside of ${file}`)
  assert.ok(
    endLine > line || (endLine === line && endColumn >= column),
    `${line}:${column} to ${endLine}:${endColumn} runs backwards`,
  )
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
  const {
    diagnostics,
    texts: shown,
    configuration,
  } = load({ flows, policy, policyPath: 'policy.yaml', misplacedPolicies: [] })
  for (const diagnostic of diagnostics) {
    assertInside(diagnostic, shown)
    for (const place of diagnostic.related) assertInside(place, shown)
    assert.ok(messageOf(diagnostic).length > 10)
    showDiagnostic(diagnostic, { folder: '', texts: shown })
  }
  assert.equal(configuration !== undefined, !diagnostics.some(({ severity }) => severity === 'error'))
  return diagnostics.some(({ code }) => !code.startsWith('file/'))
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

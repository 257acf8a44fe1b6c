import { parseDocument } from 'yaml'
import { load } from '../../src/config/load.ts'

const FILES = 1_000
const VARIABLES = 20
const ROUNDS = 5

/** A flow file of 20 variables, in all the ways of writing them that the format has. */
function flowFile(n: number): string {
  const lines = [
    `flow: Flow ${n}`,
    'locale: en-US',
    'captures:',
    `  - tag: tag-${n}`,
    '    visible_to: [agent, comment]',
  ]
  lines.push('    variables:')
  for (let i = 0; i < VARIABLES; i += 4)
    lines.push(
      `      plain_${i}: $session.params.plain_${i}`,
      `      shown_${i}: { from: $session.params.shown_${i}, format: money, visible_to: [agent, comment, event] }`,
      `      text_${i}: "from $session.params.a_${i}.city to $session.params.b_${i}[0].name"`,
      `      long_${i}:`,
      `        from: $intent.params.long_${i}.resolved`,
      '        mask: last4',
      '        visible_to: [agent]',
      '        default: none',
    )
  return `${lines.join('\n')}\n`
}

const flows = Array.from({ length: FILES }, (_, n) => ({ path: `${n}.yaml`, bytes: Buffer.from(flowFile(n)) }))
const policy = {
  path: 'policy.yaml',
  bytes: Buffer.from(
    'parameters:\n  - { match: ["card_*", "*cvv*"], visible_to: [] }\nvalues:\n  - { detect: iban, action: mask }\n',
  ),
}

const OURS = 'validate'
const PEER = 'parse the same YAML'

const WORK: Readonly<Record<string, () => void>> = {
  [PEER]() {
    for (const { bytes } of flows)
      if (parseDocument(bytes.toString('utf8')).errors.length)
        throw new Error('the YAML of the benchmark does not parse')
  },
  [OURS]() {
    const { diagnostics, configuration } = load({ flows, policy, policyPath: 'policy.yaml', misplacedPolicies: [] })
    if (diagnostics.length || !configuration) throw new Error('the flow files of the benchmark have mistakes')
  },
}

/** The median, in milliseconds, of rounds in which the two take turns, after one that does not count. */
export function run(): void {
  const times = new Map(Object.keys(WORK).map((name) => [name, [] as number[]]))
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, work] of Object.entries(WORK)) {
      const start = performance.now()
      work()
      if (round > 0) times.get(name)?.push(performance.now() - start)
    }
  const median = (name: string): number => times.get(name)?.sort((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN
  const ratio = median(OURS) / median(PEER)
  console.log(
    `${FILES} files of ${VARIABLES} variables: parse ${median(PEER).toFixed(0)} ms, validate ${median(OURS).toFixed(0)} ms: ${ratio.toFixed(2)} times (goal: under 3)`,
  )
}
run()

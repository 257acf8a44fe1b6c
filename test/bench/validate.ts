// Prints how long it takes to validate 1,000 flow files, and to parse their YAML alone: milliseconds of each round, as JSON.
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

/** What is compared, by the names under which `measure-validate.ts` reads its times. */
const WORK = {
  parse() {
    for (const { bytes } of flows)
      if (parseDocument(bytes.toString('utf8')).errors.length)
        throw new Error('the YAML of the benchmark does not parse')
  },
  validate() {
    const { diagnostics, configuration } = load({ flows, policy, policyPath: 'policy.yaml', misplacedPolicies: [] })
    if (diagnostics.length || !configuration) throw new Error('the flow files of the benchmark have mistakes')
  },
}

const time = (work: () => void): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

// The two take turns, after a round that does not count.
const rounds = Array.from({ length: ROUNDS + 1 }, () => ({ parse: time(WORK.parse), validate: time(WORK.validate) }))
console.log(JSON.stringify(rounds.slice(1)))

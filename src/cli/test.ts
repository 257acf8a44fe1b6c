import { parseArgs } from 'node:util'
import { type Paint, painter, pathIn } from '../config/show-diagnostic.ts'
import type { Example } from '../core/plan.ts'
import { isSurface } from '../core/surface.ts'
import { FAILURES } from '../webhook/failure.ts'
import { type ExampleResult, expectationsOf, type Mismatch, runExample } from '../webhook/run-example.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { showCoverage } from './coverage.ts'
import { hintsOn } from './example-hints.ts'
import { configurationOf, type FlowFiles, loadFlows } from './flow-folder.ts'
import { plural } from './report-diagnostics.ts'
import { showDifference } from './show-difference.ts'
import { updateExamples } from './update-examples.ts'

export const test: Command = {
  usage: 'test [DIR] [--update] [--coverage]',
  summary: 'Runs the examples of the flow files below DIR (default: flows) as production would answer them.',
  details: `--update    writes what came into the examples that fail or expect nothing; look at the change before you keep it
--coverage  names the captures and variables that no example exercises`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { update: { type: 'boolean', default: false }, coverage: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('one folder at a time')
    const flows = await loadFlows(positionals[0], io)
    const { examples, folder } = flows
    const configuration = configurationOf(flows)
    const results = examples.map((example) => runExample(configuration, example))
    const report = values.update ? await update(flows, results) : showResults(results, folder, io)
    io.stdout.write(
      `${[...report, ...(values.coverage ? showCoverage(configuration, results, folder) : [])].join('\n')}\n`,
    )
    const failed = results.some(hasFailed)
    return failed && !values.update ? EXIT.problems : EXIT.fine
  },
}

const hasFailed = ({ failure, mismatches }: ExampleResult): boolean => failure !== undefined || mismatches.length > 0

const expectsNothing = ({ example, failure, skipped }: ExampleResult): boolean =>
  failure === undefined && !skipped && expectationsOf(example).length === 0

const countSkipped = (results: readonly ExampleResult[]): string => {
  const { length } = results.filter(({ skipped }) => skipped)
  return length ? `, ${length} skipped` : ''
}

function showResults(results: readonly ExampleResult[], folder: string, io: Io): string[] {
  const paint = painter(io.screen.colour)
  const failed = results.filter(hasFailed).length
  const passed = results.filter((result) => !result.skipped && !hasFailed(result)).length
  const summary = results.length
    ? `${plural(results.length, 'example')}: ${passed} passed, ${failed} failed${countSkipped(results)}.`
    : 'There is no example yet: add some under examples:, or begin with "carryover new flow NAME".'
  return [...results.flatMap((result) => showResult(result, folder, paint)), summary]
}

function showResult(result: ExampleResult, folder: string, paint: Paint): string[] {
  const { example, failure, mismatches } = result
  const name = `${placeOf(example, folder)}: ${example.name}`
  if (result.skipped) return [`${paint('yellow', 'skip')}  ${name} (${example.plan.tag} is switched off)`]
  if (!hasFailed(result)) {
    const hint = expectsNothing(result) ? paint('yellow', ' (it expects nothing: --update writes what came)') : ''
    return [`${paint('green', 'ok  ')}  ${name}${hint}`]
  }
  const why = failure ? [`      ${FAILURES[failure].status} ${failure}: ${FAILURES[failure].message}`] : []
  return [
    `${paint('red', 'FAIL')}  ${name}`,
    ...why,
    ...mismatches.flatMap((mismatch) => showMismatch(mismatch, paint)),
    ...hintsOn(result).map((hint) => `        ${hint}`),
    '',
  ]
}

const placeOf = ({ place }: Example, folder: string): string => `${pathIn(folder, place.file)}:${place.line}`

const showMismatch = ({ of, expected, came }: Mismatch, paint: Paint): string[] => [
  `      ${isSurface(of) ? `${of} sees` : of} (- expected, + came):`,
  ...showDifference(expected, came, paint).map((line) => `        ${line}`),
]

async function update({ folder }: FlowFiles, results: readonly ExampleResult[]): Promise<string[]> {
  const broken = results.find(({ failure }) => failure !== undefined)
  if (broken)
    throw new CannotRunError(
      `${placeOf(broken.example, folder)}: ${broken.example.name} gets no answer (${broken.failure}): there is nothing to write`,
    )
  const wanting = results.filter((result) => hasFailed(result) || expectsNothing(result))
  await updateExamples(wanting, folder)
  const lines = wanting.map(({ example }) => `updated  ${placeOf(example, folder)}: ${example.name}`)
  return [...lines, `${plural(results.length, 'example')}: ${wanting.length} updated${countSkipped(results)}.`]
}

import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { audiencesOf } from '../core/audience.ts'
import type { Configuration } from '../core/configuration.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { lineAt } from '../core/source.ts'
import { suggest } from '../core/suggest.ts'
import { surfaceViews } from '../core/visibility.ts'
import { type Answer, answer } from '../webhook/answer.ts'
import { describeFailure } from '../webhook/describe-failure.ts'
import { findRequests } from '../webhook/find-request.ts'
import { requestFor } from '../webhook/request-for.ts'
import { CannotRunError, type Command, EXIT, UsageError } from './command.ts'
import { type FlowFiles, loadFlows } from './flow-folder.ts'
import { type Previewed, showPreview } from './show-preview.ts'

export const preview: Command = {
  usage: 'preview TAG [--dir DIR] [--flow NAME] (--request FILE | --params FILE) [--json]',
  summary: 'Shows the answer to a request, what each surface sees of it, and why a variable is missing.',
  details: `--request FILE  a WebhookRequest as Dialogflow sends it, or a log entry that holds one; its tag is replaced by TAG
--params FILE   a JSON map of session parameters
                (- in place of FILE reads what is piped in)
--flow NAME     the flow's display name, where several flows have the tag
--dir DIR       the folder of flow files (default: flows)
--json          {response, surfaces, notes}, for programs`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string' },
        flow: { type: 'string' },
        request: { type: 'string' },
        params: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    const [tag] = positionals
    if (tag === undefined || positionals.length > 1) throw new UsageError('name one tag')
    if ((values.request === undefined) === (values.params === undefined))
      throw new UsageError('give either --request or --params')
    const flows = await loadFlows(values.dir, io)
    const { configuration, folder } = flows
    if (!configuration) throw new CannotRunError(`the flow files have errors; see "carryover validate ${folder}"`)
    const given = await readJsonMap(values.request ?? values.params ?? '')
    const answered = answer(configuration, requestFrom(given, values, tag, configuration))
    if ('failure' in answered) {
      io.stderr.write(`carryover preview: ${explainFailure(answered, tag, configuration)}\n`)
      return EXIT.problems
    }
    io.stdout.write(
      values.json ? `${toJson(answered)}\n` : showPreview(toPreviewed(answered, flows, configuration), io.screen),
    )
    return EXIT.fine
  },
}

interface Choice {
  readonly request?: string | undefined
  readonly flow?: string | undefined
}

/** The request to answer: a captured one as it is, or one made for the parameters; led to the flow named, where one is. */
function requestFrom(given: JsonMap, { request, flow }: Choice, tag: string, configuration: Configuration): JsonMap {
  if (request === undefined) return requestFor(choosePlan(configuration, tag, flow), given)
  const [found = given, ...others] = findRequests(given)
  if (others.length)
    throw new CannotRunError(`${request} holds ${others.length + 1} webhook requests; leave one of them in it`)
  const led = flow === undefined ? {} : { pageInfo: requestFor(choosePlan(configuration, tag, flow), {}).pageInfo }
  return { ...found, ...led, fulfillmentInfo: { tag } }
}

async function readJsonMap(file: string): Promise<JsonMap> {
  const text = await (file === '-' ? readAll(process.stdin) : readFile(file, 'utf8')).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CannotRunError(`${file} cannot be read (${error.code})`)
    },
  )
  const value = parseJson(text.replace(/^\uFEFF/, ''), file)
  const entry = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (isMap(entry)) return entry
  throw new CannotRunError(`${file} does not hold a JSON map: it must begin with { and end with }`)
}

/** Says where the mistake is, and not what stands there. */
function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1]
    const line = text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length
    throw new CannotRunError(`${file} is not JSON: see line ${line} for a missing or surplus comma, quote or bracket`)
  }
}

/** The one capture with this tag, of the flow named where several have it. */
function choosePlan({ plans }: Configuration, tag: string, flow: string | undefined): Plan {
  const withTag = plans.filter((plan) => plan.tag === tag)
  const [chosen, ...others] = withTag.filter((plan) => flow === undefined || plan.flow === flow)
  if (!chosen) {
    const isTag = withTag.length === 0
    const known = [...new Set(isTag ? plans.map((plan) => plan.tag) : withTag.map((plan) => plan.flow))]
    const [near] = suggest(isTag ? tag : (flow ?? ''), known)
    throw new UsageError(
      `there is no such ${isTag ? 'tag' : 'flow with this tag'}; there are: ${known.join(', ') || 'none'}${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`,
    )
  }
  if (others.length)
    throw new UsageError(
      `several flows have this tag; choose one by --flow: ${withTag.map((plan) => plan.flow).join(', ')}`,
    )
  return chosen
}

type Success = Extract<Answer, { text: string }>
type Failure = Exclude<Answer, Success>

/** A failure, and which option leads the request to a capture that has the tag. */
function explainFailure(answered: Failure, tag: string, { plans }: Configuration): string {
  const other = answered.failure === 'unknown_tag' ? plans.find((plan) => plan.tag === tag) : undefined
  const option = other ? ` --flow ${JSON.stringify(other.flow)} leads the request there.` : ''
  return `${describeFailure(answered, tag, plans)}${option}`
}

/** The contract with programs: the answer, what each surface sees of it, and notes, which hold no value. */
const toJson = ({ text, ujets, event }: Success): string =>
  JSON.stringify({ response: JSON.parse(text), surfaces: surfaceViews(ujets), notes: event.notes ?? [] }, null, 2)

function toPreviewed(answered: Success, { texts }: FlowFiles, { policy }: Configuration): Previewed {
  const { plan, text, ujets, event } = answered
  const notes = event.notes ?? []
  const audiences = audiencesOf({ plan, ujets, notes, missing: event.missing ?? [] }, policy)
  const source = texts.get(plan.place.file) ?? ''
  return { plan, text, ujets, notes, audiences, lineOf: ({ start }) => lineAt(source, start) }
}

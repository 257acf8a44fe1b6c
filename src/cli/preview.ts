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
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { configurationOf, type FlowFiles, loadFlows } from './flow-folder.ts'
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
    if (values.request !== undefined && values.params !== undefined)
      throw new UsageError('give --request or --params, not both')
    const file = values.request ?? values.params
    if (file === undefined) throw new UsageError('give --request or --params')
    const flows = await loadFlows(values.dir, io)
    const configuration = configurationOf(flows)
    const given = await readJson(file, values.request === undefined ? '--params' : '--request')
    const request =
      values.request === undefined
        ? requestFor(choosePlan(configuration, tag, values.flow), parametersIn(given, file))
        : leadTo(values.flow, chooseRequest(given, { file, tag, quiet: values.json }, io), tag, configuration)
    const answered = answer(configuration, request)
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

/** The captured request, as one to `tag`; led to the flow named, where one is. */
function leadTo(flow: string | undefined, request: JsonMap, tag: string, configuration: Configuration): JsonMap {
  const led = flow === undefined ? {} : { pageInfo: requestFor(choosePlan(configuration, tag, flow), {}).pageInfo }
  return { ...request, ...led, fulfillmentInfo: { tag } }
}

interface Wanted {
  readonly file: string
  readonly tag: string
  /** Print nothing but the answer. */
  readonly quiet: boolean
}

/** The webhook request in what a person captured: of several the last with this tag, else the last. */
function chooseRequest(given: unknown, { file, tag, quiet }: Wanted, io: Io): JsonMap {
  const found = findRequests(given)
  const tagged = found.filter(({ fulfillmentInfo }) => isMap(fulfillmentInfo) && fulfillmentInfo.tag === tag)
  const chosen = tagged.at(-1) ?? found.at(-1)
  if (found.length > 1 && !quiet)
    io.stderr.write(
      `carryover preview: ${file} holds ${found.length} webhook requests: this is the last of them${tagged.length ? ` with the tag ${tag}` : ''}.\n`,
    )
  const request = chosen ?? theOnly(given)
  if (isMap(request) && isLikeRequest(request)) return request
  throw new CannotRunError(
    isMap(request) && isMap(request.queryResult)
      ? `${file} holds an answer of Dialogflow's and no webhook request; put the map at queryResult.parameters into a file, and give that with --params`
      : `${file} holds no webhook request, a map with fulfillmentInfo or sessionInfo; for a map of parameters use --params`,
  )
}

const theOnly = (given: unknown): unknown => (Array.isArray(given) && given.length === 1 ? given[0] : given)

/** Any part of a request will do: the tag comes from the command line, and what is not there is not set. */
const isLikeRequest = (map: JsonMap): boolean =>
  Object.keys(map).length === 0 || REQUEST_KEYS.some((key) => isMap(map[key]))

const REQUEST_KEYS = ['fulfillmentInfo', 'sessionInfo', 'pageInfo', 'intentInfo']

function parametersIn(given: unknown, file: string): JsonMap {
  const parameters = theOnly(given)
  if (!isMap(parameters))
    throw new CannotRunError(`${file} does not hold a JSON map: it must begin with { and end with }`)
  const isRequest = isMap(parameters.sessionInfo) || findRequests(given).length > 0
  if (isRequest) throw new CannotRunError(`${file} holds a webhook request: give it with --request`)
  return parameters
}

async function readJson(file: string, option: string): Promise<unknown> {
  if (/^\s*[{[]/.test(file)) throw new UsageError(`${option} takes the name of a file, or - for what is piped in`)
  const text = await (file === '-' ? readAll(process.stdin) : readFile(file, 'utf8')).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CannotRunError(`${file} cannot be read (${error.code})`)
    },
  )
  const json = text.replace(/^\uFEFF/, '')
  return linesOfJson(json) ?? parseJson(json, file)
}

/** Logs are exported as one entry a line. */
function linesOfJson(text: string): unknown[] | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (lines.length < 2 || !lines.every((line) => /^\s*\{.*\}\s*$/.test(line))) return undefined
  try {
    return lines.map((line) => JSON.parse(line))
  } catch {
    return undefined
  }
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
      `${isTag ? `no capture has the tag ${JSON.stringify(tag)}` : `no flow with this tag is called ${JSON.stringify(flow)}`}; there are: ${known.join(', ') || 'none'}${near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`}`,
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
  const { plan, turn, text, ujets, event } = answered
  const notes = event.notes ?? []
  const made = { plan, turn, ujets, notes, missing: event.missing ?? [] }
  const source = texts.get(plan.place.file) ?? ''
  return {
    plan,
    text,
    ujets,
    notes,
    audiences: audiencesOf(made, policy),
    lineOf: ({ start }) => lineAt(source, start),
  }
}

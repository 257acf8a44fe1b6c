import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import type { Note } from '../core/build.ts'
import type { Configuration } from '../core/configuration.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { SURFACES, type Surface } from '../core/surface.ts'
import { surfaceViews } from '../core/visibility.ts'
import { type Answer, answer, MAX_ANSWER_BYTES } from '../webhook/answer.ts'
import { FAILURES } from '../webhook/failure.ts'
import { requestFor } from '../webhook/request-for.ts'
import { CannotRunError, type Command, EXIT, UsageError } from './command.ts'
import { loadFlows } from './flow-folder.ts'

export const preview: Command = {
  usage: 'preview TAG [--dir DIR] [--flow NAME] (--request FILE | --params FILE) [--json]',
  summary: 'Shows the answer to a request, what each surface sees of it, and why a variable is missing.',
  details: `--request FILE  a WebhookRequest, as Dialogflow sends it; its tag is replaced by TAG
--params FILE   a JSON map of session parameters
--flow NAME     the flow's display name, where several flows have the tag`,
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
    const { configuration, folder } = await loadFlows(values.dir, io)
    if (!configuration) throw new CannotRunError(`the flow files have errors; see "carryover validate ${folder}"`)
    const given = await readJsonMap(values.request ?? values.params ?? '')
    const answered = answer(configuration, requestFrom(given, values, tag, configuration))
    if ('failure' in answered) {
      io.stderr.write(`carryover preview: ${describeFailure(answered)}\n`)
      return EXIT.problems
    }
    const report = reportOf(answered)
    io.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : showReport(report, answered))
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
  const led = flow === undefined ? {} : { pageInfo: requestFor(choosePlan(configuration, tag, flow), {}).pageInfo }
  return { ...given, ...led, fulfillmentInfo: { tag } }
}

async function readJsonMap(file: string): Promise<JsonMap> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CannotRunError(`${file} cannot be read (${error.code})`)
  })
  try {
    const value: unknown = JSON.parse(text)
    if (isMap(value)) return value
  } catch {
    // What is wrong is said below; the error would quote the file.
  }
  throw new CannotRunError(`${file} does not hold a JSON map`)
}

/** The one capture with this tag, of the flow named where several have it. */
function choosePlan({ plans }: Configuration, tag: string, flow: string | undefined): Plan {
  const withTag = plans.filter((plan) => plan.tag === tag)
  const [chosen, ...others] = withTag.filter((plan) => flow === undefined || plan.flow === flow)
  if (!chosen) {
    const known = flow === undefined ? plans.map((plan) => plan.tag) : withTag.map((plan) => plan.flow)
    throw new UsageError(
      `there is no such ${flow === undefined || !withTag.length ? 'tag' : 'flow with this tag'}; there are: ${[...new Set(known)].join(', ') || 'none'}`,
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

function describeFailure({ failure, event }: Failure): string {
  const near = event.nearestTags?.length ? ` Tags like it: ${event.nearestTags.join(', ')}.` : ''
  return `${FAILURES[failure].status} ${failure}: ${FAILURES[failure].message}${near}`
}

interface Report {
  readonly response: unknown
  readonly surfaces: Readonly<Record<Surface, JsonMap>>
  readonly notes: readonly Note[]
}

const reportOf = ({ text, ujets, event }: Success): Report => ({
  response: JSON.parse(text),
  surfaces: surfaceViews(ujets),
  notes: event.notes ?? [],
})

const SURFACE_NAMES: Readonly<Record<Surface, string>> = {
  agent: "agent (the human agent's adapter)",
  comment: 'comment (the CRM record)',
  event: 'event (post events)',
  data_parameters: 'data_parameters (the next virtual agent)',
}

function showReport({ response, surfaces, notes }: Report, { text, ujets }: Success): string {
  const lines = [
    `Answer (${Buffer.byteLength(text)} of ${MAX_ANSWER_BYTES} bytes):`,
    JSON.stringify(response, null, 2),
    '',
  ]
  for (const surface of SURFACES) {
    lines.push(SURFACE_NAMES[surface])
    const values = Object.entries(surfaces[surface])
    lines.push(...(values.length ? values.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`) : ['  nothing']))
  }
  if (notes.length) lines.push('', 'Left out or changed:', ...notes.map(showNote))
  const payloads = ujets.filter((ujet) => isMap(ujet.session_variable)).length
  if (payloads > 1) lines.push('', `This answer holds ${payloads} session_variable payloads. ${SEVERAL_PAYLOADS}`)
  return `${lines.join('\n')}\n`
}

const SEVERAL_PAYLOADS =
  'Whether the platform takes several in one answer is not documented: try it on your tenant with this capture, look at the adapter, and if a payload is lost, set payloads_per_answer: one under platform in policy.yaml.'

const NOTES: { readonly [C in Note['code']]: (note: Extract<Note, { code: C }>) => string } = {
  unset: () => 'not set',
  'required-missing': () => 'required, and not set: nothing is sent',
  'action-unset': () => 'the action is not set: nothing of "then" is sent',
  'does-not-fit': ({ format }) => `does not fit the format ${format}, and went as text`,
  'masked-by-policy': ({ rule }) => `masked by the policy (${rule})`,
  'dropped-by-policy': ({ rule }) => `dropped by the policy (${rule})`,
  'part-left-out-by-policy': ({ rule }) => `a part of it was left out by the policy (${rule})`,
}

const showNote = (note: Note): string => `  ${note.variable}: ${(NOTES[note.code] as (note: Note) => string)(note)}`

import { type Audience, audiencesOf, describeNote, describeReason, type Reason, type Remark } from '../core/audience.ts'
import type { Configuration } from '../core/configuration.ts'
import { type Diagnostic, messageOf, type NamedRule } from '../core/diagnostic.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import { SEVERAL_PAYLOADS } from '../core/meanings.ts'
import type { Example, Plan } from '../core/plan.ts'
import { rangeOf, type Span } from '../core/source.ts'
import { SURFACES, type Surface } from '../core/surface.ts'
import { sessionVariablesOf } from '../core/visibility.ts'
import { type Answer, answer, MAX_ANSWER_BYTES } from '../webhook/answer.ts'
import { describeFailure } from '../webhook/describe-failure.ts'
import { requestFor } from '../webhook/request-for.ts'
import { runExample } from '../webhook/run-example.ts'
import { Places } from './find-places.ts'
import { parametersOf } from './parameters-of.ts'
import { postedEvents } from './posted-events.ts'
import type { Edited } from './project.ts'
import type {
  AnswerView,
  AudienceView,
  Evaluation,
  ExampleView,
  Finding,
  OutcomeView,
  Question,
  ReasonView,
  RuleView,
} from './protocol.ts'
import { requestWith } from './request-with.ts'

/** What is wrong with the files, and who sees what of the answer to a request: by the functions of `validate` and of the server. */
export function evaluate(edited: Edited, open: Question): Evaluation {
  const { loaded } = edited
  const question = settle(open, edited)
  const own = loaded.plans.filter(({ place }) => place.file === question.file)
  const source = edited.sourceOf(question.file)
  return {
    diagnostics: loaded.diagnostics.map(toFinding),
    captures: own.map((plan) => ({
      tag: plan.tag,
      description: plan.description,
      at: plan.place,
      parameters: parametersOf(plan),
    })),
    examples: source
      ? loaded.examples.filter(({ file }) => file.path === question.file).map((example) => runOne(example, edited))
      : [],
    asked: { tag: question.tag, example: question.asked.kind === 'example' ? question.asked.name : undefined },
    outcome: outcomeOf(edited, question),
  }
}

/** A question that leaves open what is asked is about the first example, else the first capture. */
function settle(question: Question, { loaded }: Edited): Question {
  const examples = loaded.examples.filter(({ file }) => file.path === question.file)
  const [first] = examples
  if (question.asked.kind === 'first' && first && question.tag === undefined)
    return { ...question, tag: first.plan.tag, asked: { kind: 'example', name: first.name } }
  const named = question.asked
  if (named.kind === 'example') return { ...question, tag: examples.find(({ name }) => name === named.name)?.plan.tag }
  if (named.kind === 'captured') return question
  const tag = question.tag ?? loaded.plans.find(({ place }) => place.file === question.file)?.tag
  return { ...question, tag, asked: named.kind === 'made' ? named : { kind: 'made', given: { parameters: {} } } }
}

function toFinding(diagnostic: Diagnostic): Finding {
  const { finding, ...plain } = diagnostic
  const [meant] = 'near' in finding ? finding.near : []
  return { ...plain, message: messageOf(diagnostic), meant }
}

function runOne(example: Example, { configuration, broken }: Edited): ExampleView {
  const { name, plan, parameters, file, node } = example
  const canRun = configuration && !broken.has(file.path)
  const result = canRun ? runExample(configuration, example) : undefined
  const mismatches = result && result.failure === undefined ? result.mismatches : undefined
  return { name, tag: plan.tag, at: rangeOf(file, node), parameters, mismatches }
}

function outcomeOf(edited: Edited, question: Question): OutcomeView {
  const { configuration, broken, policyPath } = edited
  if (!configuration) return { kind: 'errors', files: broken.has(policyPath) ? [policyPath] : [...broken] }
  if (question.asked.kind !== 'captured' && broken.has(question.file)) return { kind: 'errors', files: [question.file] }
  const request = requestOf(edited, configuration, question)
  if ('message' in request) return { kind: 'nothing', message: request.message }
  const answered = answer(configuration, request.body)
  if ('failure' in answered)
    return { kind: 'failure', message: describeFailure(answered, request.tag, configuration.plans) }
  return toAnswerView(answered, edited, configuration)
}

type Request = { readonly body: JsonMap; readonly tag: string } | { readonly message: string }

function requestOf({ loaded }: Edited, { plans }: Configuration, { file, tag, asked }: Question): Request {
  if (asked.kind === 'captured') return { body: asked.body, tag: tagIn(asked.body) }
  if (asked.kind === 'example') {
    const example = loaded.examples.find(({ name, place }) => place.file === file && name === asked.name)
    if (!example) return { message: `This file has no example that is called “${asked.name}”.` }
    return { body: requestFor(example.plan, example.parameters), tag: example.plan.tag }
  }
  const plan = plans.find((candidate) => candidate.place.file === file && candidate.tag === tag)
  if (!plan || asked.kind !== 'made')
    return { message: 'This file has no such capture: a webhook tag, and what it answers.' }
  return { body: requestWith(plan, asked.given), tag: plan.tag }
}

const tagIn = ({ fulfillmentInfo }: JsonMap): string => (isMap(fulfillmentInfo) ? String(fulfillmentInfo.tag) : '')

type Success = Extract<Answer, { text: string }>

function toAnswerView(answered: Success, edited: Edited, { policy }: Configuration): AnswerView | OutcomeView {
  const { plan, turn, text, ujets, event } = answered
  const source = edited.sourceOf(plan.place.file)
  if (!source) throw new Error('an answer of a file that does not parse')
  const notes = event.notes ?? []
  const missing = event.missing ?? []
  const places = new Places(source, plan)
  const describer = new Describer(plan, places)
  const audiences = audiencesOf({ plan, turn, ujets, notes, missing }, policy)
  const order = displayOrder(ujets)
  const views = SURFACES.map((surface) => [surface, describer.audience(audiences[surface], order)])
  const isVariable = new Set(plan.variables.map(({ key }) => key))
  const payloads = sessionVariablesOf(ujets).length
  return {
    kind: 'answer',
    file: plan.place.file,
    flow: plan.flow,
    tag: plan.tag,
    enabled: plan.enabled,
    at: plan.place,
    response: JSON.parse(text),
    bytes: Buffer.byteLength(text),
    maxBytes: MAX_ANSWER_BYTES,
    missing,
    audiences: Object.fromEntries(views) as Record<Surface, AudienceView>,
    ordered: order.isWhole,
    notes: [
      ...notes.filter(({ variable }) => !isVariable.has(variable)).map(describeNote),
      ...(payloads > 1 ? [`This answer holds ${payloads} session_variable payloads. ${SEVERAL_PAYLOADS}`] : []),
    ],
    keys: places.keys(),
    events: postedEvents(ujets, new Date()),
    broken: [...edited.broken],
  }
}

/** The order in which the adapter and the CRM show the variables; `isWhole` where the answer leaves none of it to chance. */
function displayOrder(ujets: readonly JsonMap[]): { readonly keys: readonly string[]; readonly isWhole: boolean } {
  const shown = sessionVariablesOf(ujets).map(({ payload, display_order_in_adapter: list }) => {
    const keys = isMap(payload) ? Object.keys(payload) : []
    const listed = Array.isArray(list) ? list.map(String) : []
    return { keys: [...listed, ...keys], isWhole: keys.length < 2 || keys.every((key) => listed.includes(key)) }
  })
  return { keys: shown.flatMap(({ keys }) => keys), isWhole: shown.every(({ isWhole }) => isWhole) }
}

/** Audiences in words, each of them with its place in the file. */
class Describer {
  readonly #plan: Plan
  readonly #places: Places

  constructor(plan: Plan, places: Places) {
    this.#plan = plan
    this.#places = places
  }

  audience({ values, absent, changed }: Audience, order: { readonly keys: readonly string[] }): AudienceView {
    const rank = (key: string): number => order.keys.indexOf(key)
    const keys = Object.keys(values).sort((a, b) => rank(a) - rank(b))
    return {
      values: keys.map((key) => ({
        key,
        value: values[key],
        at: this.#placeOf(key),
        remarks: changed.filter(({ variable }) => variable === key).map((remark) => this.#reason(remark)),
      })),
      absent: absent.map((remark) => ({
        key: remark.variable,
        at: this.#placeOf(remark.variable),
        reason: this.#reason(remark),
      })),
    }
  }

  #placeOf(key: string) {
    const { variables, arrangement } = this.#plan
    const answer = arrangement.form === 'platform' ? arrangement.answer : undefined
    const span = variables.find((variable) => variable.key === key)?.span ?? answer?.span
    return span ? this.#places.entryAt(span) : this.#plan.place
  }

  #reason({ reason }: Remark): ReasonView {
    const text = describeReason(withoutRule(reason), (span: Span) => this.#places.at(span).line)
    if (reason.code !== 'hidden') return { code: reason.code, text }
    return { code: reason.code, text, at: this.#places.at(reason.by), rule: reason.rule && nameRule(reason.rule) }
  }
}

/** The rule is told beside the reason, as a link of its own. */
const withoutRule = (reason: Reason): Reason => (reason.code === 'hidden' ? { ...reason, rule: undefined } : reason)

export const nameRule = ({ line, reason, pattern }: NamedRule): RuleView => ({ line, why: reason ?? pattern })

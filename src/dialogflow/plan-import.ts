import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Diagnostic } from '../core/diagnostic.ts'
import { messageOf } from '../core/diagnostic.ts'
import { isMap, type JsonMap, put } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { parseReferences } from '../core/reference.ts'
import { slugOf } from '../core/slug.ts'
import { childOf, type SourceNode, toData } from '../core/source.ts'
import { AgentModel, type PlacedPayload, type WebhookCall } from './agent-model.ts'
import { type CaptureNode, capturesIn } from './captures.ts'
import type { CheckedFlows } from './check-agent.ts'
import { judgePayloads } from './judge-payload.ts'
import { type AgentSnapshot, describePlace } from './snapshot.ts'

/** A payload of the agent as a capture that answers with the same. */
export interface ImportedCapture {
  readonly flow: string
  readonly tag: string
  /** Where the payload stands. */
  readonly place: string
  /** Whether its fulfillment calls the webhook with this tag already. */
  readonly isCalled: boolean
  readonly ujet: JsonMap
}

/** A payload whose tag a capture answers already. */
export interface KnownCapture extends ImportedCapture {
  /** Why that capture is not what the payload is; undefined where it was taken over before. */
  readonly differs: string | undefined
}

/** A payload that stays in the agent, and why. */
export interface Refused {
  readonly place: string
  readonly reason: string
}

export interface ImportPlan {
  /** Those that share a tag are equal: one capture answers for all of them. */
  readonly captures: readonly ImportedCapture[]
  readonly known: readonly KnownCapture[]
  readonly refused: readonly Refused[]
}

/** What of the agent's payloads can be taken over into flow files, beside those that are there; `webhook` is the one that is to answer. */
export function planImport(snapshot: AgentSnapshot, flows: CheckedFlows, webhook: string): ImportPlan {
  const agent = new AgentModel(snapshot)
  const existing = capturesIn(flows.sources, flows.plans)
  const captures = new Map<string, ImportedCapture[]>()
  const known: KnownCapture[] = []
  const refused: Refused[] = agent.payloads
    .filter(({ ujet }) => !isMap(ujet))
    .map(({ standing: { place } }) => ({
      place,
      reason: 'its ujet is no map: correct it in the console, or remove it',
    }))
  const places = new Set<string>()
  const calls = new Map(agent.calls.map((call) => [call.standing.place, call]))
  const judged = judgePayloads(agent, flows.policy).map((one) => {
    const { place } = one.payload.standing
    return { ...one, place, call: calls.get(place) }
  })
  // A tag that is sent already is a fact: ours give way to it.
  judged.sort((a, b) => Number(isCalling(b.call)) - Number(isCalling(a.call)))
  for (const { payload, place, call, diagnostics } of judged) {
    const reason = whyNot(payload, call, webhook, diagnostics, places.has(place))
    if (reason !== undefined) {
      refused.push({ place, reason })
      continue
    }
    places.add(place)
    const capture = toCapture(payload, call)
    const { tag } = capture
    const answering = answeringFor(tag, payload, existing)
    const others = captures.get(tag) ?? []
    const other = others.find((one) => one.flow !== capture.flow || !isDeepStrictEqual(one.ujet, capture.ujet))
    if (answering.length) known.push({ ...capture, differs: whyDifferent(answering, capture) })
    else if (other)
      refused.push({
        place,
        reason: `its tag, ${tag}, is that of another payload (${other.place}): type a tag of its own there`,
      })
    else captures.set(tag, [...others, capture])
  }
  return { captures: [...captures.values()].flat(), known, refused }
}

const isCalling = (call: WebhookCall | undefined): boolean => call?.webhook !== undefined

function toCapture(payload: PlacedPayload, call: WebhookCall | undefined): ImportedCapture {
  const tag = isCalling(call) ? call?.tag : undefined
  return {
    flow: payload.flow?.name ?? '',
    tag: tag ?? tagFor(payload),
    place: payload.standing.place,
    isCalled: tag !== undefined,
    ujet: escaped(payload.ujet) as JsonMap,
  }
}

/** The captures that may answer a tag in the payload's flow: which agent asks is not always known. */
function answeringFor(tag: string, { flow }: PlacedPayload, captures: readonly CaptureNode[]): readonly CaptureNode[] {
  const sharing = captures.filter(({ plan }) => plan.tag === tag)
  const ofFlow = sharing.filter(({ plan }) => plan.flowIds?.includes(flow?.id.toLowerCase() ?? ''))
  return ofFlow.length ? ofFlow : sharing.filter(({ plan }) => plan.flowIds === undefined)
}

/** What is another in the captures that answer a tag than in the payload that they shall answer with. */
function whyDifferent(answering: readonly CaptureNode[], { tag, flow, ujet }: ImportedCapture): string | undefined {
  for (const { plan, node } of answering) {
    const why = difference(plan, childOf(node, 'ujet'), flow, ujet)
    if (why === undefined) continue
    const { file, line } = plan.place
    return `the capture that answers its tag, ${tag} (${file}:${line}), ${why}: where that is right, remove the payload in the agent, else correct the capture`
  }
  return undefined
}

function whyNot(
  { flow, condition, language, channel, at }: PlacedPayload,
  call: WebhookCall | undefined,
  webhook: string,
  diagnostics: readonly Diagnostic[],
  isSecond: boolean,
): string | undefined {
  if (!flow) return 'it stands in a route group of the whole agent, and a flow file is for one flow'
  if (condition !== undefined)
    return `it is sent under a condition (${condition}); give each case a route of its own, and call the webhook there`
  if (language !== undefined)
    return `it is for the language ${language} alone; one capture answers in all languages: write it by hand`
  if (channel !== undefined)
    return `it is for the channel ${channel} alone, and a capture answers on all of them: take the channel away in the console where that is meant`
  if (/event webhook\.error/.test(at)) return 'a handler of webhook errors may not call a webhook'
  if (call?.webhook !== undefined && call.webhook !== webhook)
    return `its fulfillment calls the webhook ${JSON.stringify(call.webhook)} already, and it can call one alone`
  if (isSecond) return 'it stands beside another payload in the same fulfillment, and one tag answers with one'
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  return errors.length ? messagesOf(errors) : undefined
}

/** What is wrong, as one reason. */
export const messagesOf = (errors: readonly Diagnostic[]): string => [...new Set(errors.map(messageOf))].join('; ')

function difference(plan: Plan, written: SourceNode | undefined, flow: string, ujet: JsonMap): string | undefined {
  if (!plan.enabled) return 'is switched off'
  if (plan.flow !== flow) return `is for the flow ${JSON.stringify(plan.flow)}`
  return written && isDeepStrictEqual(toData(written), ujet) ? undefined : 'says something else'
}

/** Named after the flow and the place. The hash tells places apart whose names differ in what a tag cannot show, whatever other places there are. */
function tagFor({ flow, page, at }: PlacedPayload): string {
  const part = at === 'entry fulfillment' ? '' : at.replace(/^route (?:on intent |on )/, '')
  const name = slugOf([flow?.name ?? '', page ?? '', part === 'true' ? '' : part].join(' ').slice(0, MAX_NAME))
  const hash = createHash('sha256').update(describePlace(flow?.name, { page, at }))
  return `${name || 'payload'}-${hash.digest('hex').slice(0, HASH_DIGITS)}`
}

const MAX_NAME = 60
const HASH_DIGITS = 6

/** In a flow file `$$` is a dollar sign; in the agent it is two. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('$$') ? escapeDollars(value) : value
  if (Array.isArray(value)) return value.map(escaped)
  if (!isMap(value)) return value
  const copy: JsonMap = {}
  for (const [key, item] of Object.entries(value)) put(copy, key, escaped(item))
  return copy
}

/** Doubles each dollar sign that begins no reference. */
function escapeDollars(text: string): string {
  const pieces: string[] = []
  let rest = text
  while (rest) {
    const dollar = rest.indexOf('$')
    if (dollar < 0) break
    pieces.push(rest.slice(0, dollar))
    rest = rest.slice(dollar)
    const [first] = parseReferences(rest).parts
    const written = typeof first === 'object' ? `$${first.text}` : '$'
    pieces.push(typeof first === 'object' ? written : '$$')
    rest = rest.slice(written.length)
  }
  return pieces.join('') + rest
}

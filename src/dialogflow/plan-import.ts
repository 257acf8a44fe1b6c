import type { Diagnostic } from '../core/diagnostic.ts'
import { messageOf } from '../core/diagnostic.ts'
import { isMap, type JsonMap, put } from '../core/json.ts'
import type { Policy } from '../core/policy.ts'
import { parseReferences } from '../core/reference.ts'
import { slugOf } from '../core/slug.ts'
import { AgentModel, type PlacedPayload, type WebhookCall } from './agent-model.ts'
import { judgePayloads } from './judge-payload.ts'
import type { AgentSnapshot } from './snapshot.ts'

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

/** A payload that stays in the agent, and why. */
export interface Refused {
  readonly place: string
  readonly reason: string
}

export interface ImportPlan {
  readonly captures: readonly ImportedCapture[]
  /** Taken over before: a capture with the tag is there. */
  readonly known: readonly ImportedCapture[]
  readonly refused: readonly Refused[]
}

export interface ImportOptions {
  readonly policy: Policy
  /** The tags that flow files answer already. */
  readonly tags: ReadonlySet<string>
  /** The webhook that is to answer. */
  readonly webhook: string
}

/** What of the agent's payloads can be taken over into flow files. Equal agents give equal tags, so that a second time changes nothing. */
export function planImport(snapshot: AgentSnapshot, options: ImportOptions): ImportPlan {
  const agent = new AgentModel(snapshot)
  const captures: ImportedCapture[] = []
  const known: ImportedCapture[] = []
  const refused: Refused[] = []
  const taken = new Set<string>()
  const places = new Set<string>()
  const calls = new Map(agent.calls.map((call) => [call.standing.place, call]))
  for (const { payload, diagnostics } of judgePayloads(agent, options.policy)) {
    const { place } = payload.standing
    const call = calls.get(place)
    const reason = whyNot(payload, call, options, diagnostics, places.has(place))
    if (reason !== undefined) {
      refused.push({ place, reason })
      continue
    }
    places.add(place)
    const called = call?.webhook === undefined ? undefined : call.tag
    const tag = called ?? freeTag(payload, taken)
    taken.add(tag)
    const capture: ImportedCapture = {
      flow: payload.flow?.name ?? '',
      tag,
      place,
      isCalled: called !== undefined,
      ujet: escaped(payload.ujet) as JsonMap,
    }
    ;(options.tags.has(tag) ? known : captures).push(capture)
  }
  return { captures, known, refused }
}

function whyNot(
  { flow, condition, language, at }: PlacedPayload,
  call: WebhookCall | undefined,
  { webhook }: ImportOptions,
  diagnostics: readonly Diagnostic[],
  isSecond: boolean,
): string | undefined {
  if (!flow) return 'it stands in a route group of the whole agent, and a flow file is for one flow'
  if (condition !== undefined)
    return `it is sent under a condition (${condition}); give each case a route of its own, and call the webhook there`
  if (language !== undefined)
    return `it is for the language ${language} alone; one capture answers in all languages: write it by hand`
  if (/event webhook\.error/.test(at)) return 'a handler of webhook errors may not call a webhook'
  if (call?.webhook !== undefined && call.webhook !== webhook)
    return `its fulfillment calls the webhook ${JSON.stringify(call.webhook)} already, and it can call one alone`
  if (isSecond) return 'it stands beside another payload in the same fulfillment, and one tag answers with one'
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  return errors.length ? [...new Set(errors.map(messageOf))].join('; ') : undefined
}

/** Named after the flow and the place, and counted where two places give the same. */
function freeTag({ flow, page, at }: PlacedPayload, taken: ReadonlySet<string>): string {
  const part = at === 'entry fulfillment' ? '' : at.replace(/^route (?:on intent |on )/, '')
  const name =
    slugOf([flow?.name ?? '', page ?? '', part === 'true' ? '' : part].join(' ').slice(0, MAX_TAG)) || 'payload'
  let tag = name
  for (let n = 2; taken.has(tag); n++) tag = `${name}-${n}`
  return tag
}

const MAX_TAG = 60

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

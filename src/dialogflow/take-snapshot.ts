import { isDeeperThan, isMap, type JsonMap, put } from '../core/json.ts'
import { oneLine } from '../core/one-line.ts'
import {
  type AgentContents,
  AgentError,
  displayNameOf,
  type EntityTypeContents,
  type FlowContents,
  idOf,
  mapAt,
  mapsAt,
  textAt,
} from './agent-contents.ts'
import type { AgentSnapshot, ParameterSnapshot, PayloadSnapshot, ScopeSnapshot, ValueKind } from './snapshot.ts'

/** What an agent's resources come to; the order in which they were read never matters. */
export function takeSnapshot(contents: AgentContents): AgentSnapshot {
  const filling = contents.intents.filter((intent) => mapsAt(intent, 'parameters').length > 0)
  const reader: Reader = {
    language: textAt(contents.agent, 'defaultLanguageCode') ?? 'en',
    filling: new Set(filling.map(displayNameOf)),
    redacted: new Set(contents.entityTypes.filter(({ entityType }) => entityType.redact === true).map(entityName)),
  }
  return {
    version: 1,
    webhooks: contents.webhooks.map(readWebhook).sort(byName),
    entities: contents.entityTypes.flatMap(readEntity).sort(byName),
    intents: filling
      .map((intent) => ({
        name: displayNameOf(intent),
        parameters: mapsAt(intent, 'parameters').map((parameter) => ({
          name: textAt(parameter, 'id') ?? '',
          ...typeOf(parameter, reader),
        })),
      }))
      .sort(byName),
    shared: readScope(
      contents.groups.flatMap((group) => groupParts(group)),
      reader,
    ),
    flows: contents.flows
      .map((flow) => ({
        name: displayNameOf(flow.flow),
        id: idOf(textAt(flow.flow, 'name') ?? ''),
        ...readScope(flowParts(flow), reader),
      }))
      .sort(byName),
  }
}

interface Reader {
  readonly language: string
  /** The intents that have parameters: the others set nothing. */
  readonly filling: ReadonlySet<string>
  /** The entity types that Dialogflow is told to redact. */
  readonly redacted: ReadonlySet<string>
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byName = (a: { readonly name: string }, b: { readonly name: string }): number => compare(a.name, b.name)
const byPlace = (a: Placed, b: Placed): number => compare(a.page ?? '', b.page ?? '') || compare(a.at, b.at)

// ---- webhooks, entity types

function readWebhook(webhook: JsonMap): AgentSnapshot['webhooks'][number] {
  const service = mapAt(webhook, 'genericWebService') ?? mapAt(mapAt(webhook, 'serviceDirectory'), 'genericWebService')
  const isFlexible = textAt(service, 'webhookType') === 'FLEXIBLE'
  const sets = isFlexible
    ? mappingKeys(service?.parameterMapping)
        .map(targetOf)
        .filter((name) => name !== undefined)
    : []
  return {
    name: displayNameOf(webhook),
    type: isFlexible ? 'flexible' : 'standard',
    ...(webhook.disabled === true ? { disabled: true } : {}),
    ...(sets.length ? { sets: sets.sort(compare) } : {}),
  }
}

/** A proto map: in an export a list of `{key, value}`, from the API a map. */
const mappingKeys = (mapping: unknown): string[] =>
  Array.isArray(mapping)
    ? mapping.flatMap((entry) => (isMap(entry) && typeof entry.key === 'string' ? entry.key : []))
    : isMap(mapping)
      ? Object.keys(mapping)
      : []

const entityName = ({ entityType }: EntityTypeContents): string => `@${displayNameOf(entityType)}`

/** Entries such as `@sys.given-name:first` make the value a map. */
const COMPOSITE = /@[\w.-]+:[\w-]+/

function readEntity(contents: EntityTypeContents): AgentSnapshot['entities'] {
  const { entityType, entities } = contents
  const isComposite =
    textAt(entityType, 'kind') === 'KIND_LIST' &&
    entities.some((entity) => COMPOSITE.test(textAt(entity, 'value') ?? ''))
  const redact = entityType.redact === true
  if (!isComposite && !redact) return []
  return [
    {
      name: entityName(contents),
      ...(isComposite ? { composite: true as const } : {}),
      ...(redact ? { redact } : {}),
    },
  ]
}

function typeOf(parameter: JsonMap, { redacted }: Reader): { type?: string; list?: true; redact?: true } {
  const type = textAt(parameter, 'entityType')
  const redact = parameter.redact === true || (type !== undefined && redacted.has(type))
  return {
    ...(type === undefined ? {} : { type }),
    ...(parameter.isList === true ? { list: true } : {}),
    ...(redact ? { redact: true } : {}),
  }
}

// ---- fulfillments

interface Placed {
  readonly page?: string | undefined
  readonly at: string
}

/** A fulfillment at its place, or what waits there for an intent, or a form's parameter. */
interface Part {
  readonly page?: string | undefined
  /** Few parts are written down: only those need a description. */
  readonly describe: () => string
  readonly fulfillment?: JsonMap | undefined
  readonly intent?: string | undefined
  readonly parameter?: JsonMap
}

function* flowParts({ flow, pages, groups }: FlowContents): Generator<Part> {
  yield* routeParts(flow)
  for (const group of groups) yield* groupParts(group)
  for (const page of pages) yield* pageParts(page)
}

const below = (where: string, { describe, ...part }: Part): Part => ({
  ...part,
  describe: () => `${where}, ${describe()}`,
})

const groupParts = (group: JsonMap): Part[] =>
  routeParts(group).map((part) => below(`route group ${JSON.stringify(displayNameOf(group))}`, part))

function pageParts(page: JsonMap): Part[] {
  const name = displayNameOf(page)
  const form = mapsAt(mapAt(page, 'form'), 'parameters').flatMap((parameter) => formParts(parameter, name))
  const entry = {
    page: name,
    describe: () => 'entry fulfillment',
    fulfillment: fulfillmentAt(page, 'entryFulfillment'),
  }
  return [entry, ...form, ...routeParts(page, name)]
}

function formParts(parameter: JsonMap, page: string): Part[] {
  const at = `parameter ${JSON.stringify(displayNameOf(parameter))}`
  const behavior = mapAt(parameter, 'fillBehavior')
  return [
    { page, describe: () => at, parameter },
    { page, describe: () => `${at}, initial prompt`, fulfillment: fulfillmentAt(behavior, 'initialPromptFulfillment') },
    ...eventParts(behavior, 'repromptEventHandlers', page).map((part) => below(at, part)),
  ]
}

function routeParts(holder: JsonMap, page?: string): Part[] {
  const routes = mapsAt(holder, 'transitionRoutes').map((route): Part => {
    const intent = textAt(route, 'intent')
    const fulfillment = fulfillmentAt(route, 'triggerFulfillment')
    return { page, describe: () => describeRoute(intent, textAt(route, 'condition')), intent, fulfillment }
  })
  const fulfillment = fulfillmentAt(mapAt(holder, 'knowledgeConnectorSettings'), 'triggerFulfillment')
  return [...routes, ...eventParts(holder, 'eventHandlers', page), { page, describe: () => 'data stores', fulfillment }]
}

function describeRoute(intent: string | undefined, condition: string | undefined): string {
  const cut = condition !== undefined && condition.length > MAX_SHOWN ? `${condition.slice(0, MAX_SHOWN)}…` : condition
  if (intent === undefined) return `route on ${cut ?? 'nothing'}`
  return `route on intent ${JSON.stringify(intent)}${cut === undefined ? '' : ` and ${cut}`}`
}

/** Enough of a condition to find its route by. */
const MAX_SHOWN = 60

/** Only a fulfillment that is worth a look. */
function fulfillmentAt(holder: JsonMap | undefined, key: string): JsonMap | undefined {
  const fulfillment = mapAt(holder, key)
  return fulfillment && saysAnything(fulfillment) ? fulfillment : undefined
}

const eventParts = (holder: JsonMap | undefined, key: string, page: string | undefined): Part[] =>
  mapsAt(holder, key).map((handler) => ({
    page,
    describe: () => `event ${textAt(handler, 'event') ?? ''}`,
    fulfillment: fulfillmentAt(handler, 'triggerFulfillment'),
  }))

function readScope(parts: Iterable<Part>, reader: Reader): ScopeSnapshot {
  const intents = new Set<string>()
  const scope: ScopeSnapshot = { intents: [], fulfillments: [], parameters: [], payloads: [] }
  const times = new Map<string, number>()
  for (const { page, describe, fulfillment, intent, parameter } of parts) {
    if (intent !== undefined && reader.filling.has(intent)) intents.add(intent)
    if (!parameter && !fulfillment) continue
    const where = { ...(page === undefined ? {} : { page }), at: numbered(times, page, describe()) }
    if (parameter) scope.parameters.push(readFormParameter(parameter, where, reader))
    if (fulfillment) readFulfillment(fulfillment, where, scope, reader)
  }
  scope.intents.push(...[...intents].sort(compare))
  scope.fulfillments.sort(byPlace)
  scope.parameters.sort((a, b) => compare(a.name, b.name) || byPlace(a, b))
  scope.payloads.sort((a, b) => byPlace(a, b) || compare(a.language ?? '', b.language ?? ''))
  return scope
}

/** Most fulfillments only speak: what they say is nothing to us. */
function saysAnything({ webhook, tag, setParameterActions, conditionalCases, messages }: JsonMap): boolean {
  if (webhook || tag || isFilled(setParameterActions) || isFilled(conditionalCases)) return true
  return Array.isArray(messages) && messages.some((message) => isMap(message) && isMap(message.payload))
}

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0

/** Two routes may be described alike; the second is called so. */
function numbered(times: Map<string, number>, page: string | undefined, at: string): string {
  const key = `${page ?? ''}\n${at}`
  const time = (times.get(key) ?? 0) + 1
  times.set(key, time)
  return time === 1 ? at : `${at} (number ${time})`
}

/** More than any reader of protobuf's JSON takes, Dialogflow's own among them. */
const MAX_DEPTH = 100

function readFulfillment(fulfillment: JsonMap, where: Placed, scope: ScopeSnapshot, reader: Reader): void {
  if (isDeeperThan(fulfillment, MAX_DEPTH)) {
    const page = where.page === undefined ? '' : `page ${JSON.stringify(where.page)}, `
    throw new AgentError(
      `${oneLine(page + where.at)} of the agent is nested deeper than ${MAX_DEPTH} levels, which Dialogflow does not take; export the agent again`,
    )
  }
  const webhook = textAt(fulfillment, 'webhook')
  const tag = textAt(fulfillment, 'tag')
  if (webhook !== undefined || tag !== undefined)
    scope.fulfillments.push({
      ...where,
      ...(webhook === undefined ? {} : { webhook }),
      ...(tag === undefined ? {} : { tag }),
    })
  for (const action of mapsAt(fulfillment, 'setParameterActions')) {
    const preset = readPreset(action, where)
    if (preset) scope.parameters.push(preset)
  }
  scope.payloads.push(...readPayloads(fulfillment, where, reader))
}

// ---- parameters

const readFormParameter = (parameter: JsonMap, where: Placed, reader: Reader): ParameterSnapshot => ({
  name: targetOf(displayNameOf(parameter)) ?? displayNameOf(parameter),
  ...where,
  by: 'form',
  ...typeOf(parameter, reader),
})

/** A preset; undefined where it clears the parameter, or sets one of another scope. */
function readPreset(action: JsonMap, where: Placed): ParameterSnapshot | undefined {
  const name = targetOf(textAt(action, 'parameter') ?? '')
  const { value } = action
  if (name === undefined || value === undefined || value === null) return undefined
  const copies = [...new Set([...textsIn(value)].flatMap(parametersIn))]
  return { name, ...where, by: 'preset', value: kindOf(value), ...(copies.length ? { copies } : {}) }
}

/** The name that a preset or a mapping sets: of the session's parameters bare, of the flow's with `$flow.`. */
function targetOf(target: string): string | undefined {
  const session = /^\$session\.params\.(.+)$/.exec(target)?.[1]
  if (session !== undefined) return session
  return target !== '' && (!target.startsWith('$') || /^\$flow\../.test(target)) ? target : undefined
}

function kindOf(value: unknown): ValueKind {
  if ([...textsIn(value)].some((text) => /\$sys\.func\./i.test(text))) return 'function'
  if (typeof value === 'string')
    return /^\$(?:session|intent|page|flow|request)\.[\w.[\]-]+$/.test(value) ? 'reference' : 'text'
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  return Array.isArray(value) ? 'list' : 'map'
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) yield* textsIn(item)
}

const REFERENCE = /\$(?:(session|intent|page)\.params|(flow))\.([\w-](?:[\w.-]*[\w-])?)/g

const parametersIn = (text: string): string[] =>
  [...text.matchAll(REFERENCE)].map(([, scope, flow, path = '']) => {
    if (flow) return `$flow.${path}`
    return scope === 'intent' ? path.replace(/\.(?:original|resolved)$/, '') : path
  })

// ---- custom payloads

interface Found {
  readonly ujet: unknown
  readonly condition: string | undefined
  readonly channel: string | undefined
  readonly language: string
}

function readPayloads(fulfillment: JsonMap, where: Placed, reader: Reader): PayloadSnapshot[] {
  const found = [...messagesIn(fulfillment)].flatMap(({ message, condition }): Found[] => {
    const ujet = mapAt(message, 'payload')?.ujet ?? undefined
    if (ujet === undefined) return []
    const language = textAt(message, 'languageCode') ?? reader.language
    return [{ ujet: sortedKeys(ujet), condition, channel: textAt(message, 'channel'), language }]
  })
  const said = new Set(found.filter(({ language }) => language === reader.language).map(sameness))
  return found
    .filter((payload) => payload.language === reader.language || !said.has(sameness(payload)))
    .map(({ ujet, condition, channel, language }) => ({
      ...where,
      ...(condition === undefined ? {} : { condition }),
      ...(language === reader.language ? {} : { language }),
      ...(channel === undefined ? {} : { channel }),
      ujet,
    }))
}

const sameness = ({ ujet, condition, channel }: Found): string => JSON.stringify([condition, channel, ujet])

interface Message {
  readonly message: JsonMap
  readonly condition?: string
}

function* messagesIn(fulfillment: JsonMap): Generator<Message> {
  for (const message of mapsAt(fulfillment, 'messages')) yield { message }
  for (const cases of mapsAt(fulfillment, 'conditionalCases')) yield* messagesInCases(cases)
}

function* messagesInCases(cases: JsonMap): Generator<Message> {
  for (const one of mapsAt(cases, 'cases')) {
    const condition = textAt(one, 'condition') ?? 'else'
    for (const content of mapsAt(one, 'caseContent')) {
      const message = mapAt(content, 'message')
      const nested = mapAt(content, 'additionalCases')
      if (message) yield { message, condition }
      if (nested) yield* messagesInCases(nested)
    }
  }
}

/** Neither an export nor the API keeps the order in which the keys of a payload were typed. */
function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (!isMap(value)) return value
  const sorted: JsonMap = {}
  for (const key of Object.keys(value).sort(compare)) put(sorted, key, sortedKeys(value[key]))
  return sorted
}

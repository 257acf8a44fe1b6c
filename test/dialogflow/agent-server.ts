import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { connect as connectTcp, createServer, type Socket, type Server as TcpServer } from 'node:net'
import { dirname, join } from 'node:path'
import { protos } from '@google-cloud/dialogflow-cx'
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceClientConstructor,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { isMap, type JsonMap } from '../../src/core/json.ts'
import { fromStruct, toStruct, toValue } from '../../src/dialogflow/plain-resource.ts'
import type { MadeAgent } from './made-agent.ts'

export const AGENT = 'projects/example/locations/global/agents/0c1d2e3f-1111-4222-8333-444455556666'

const require = createRequire(import.meta.url)
const PROTOS = join(dirname(require.resolve('@google-cloud/dialogflow-cx/package.json')), 'build', 'protos')
const COMMON = join(dirname(require.resolve('google-gax', { paths: [PROTOS] })), '..', 'protos')

const definition = loadSync(
  [
    'agent',
    'flow',
    'page',
    'transition_route_group',
    'intent',
    'entity_type',
    'webhook',
    'environment',
    'version',
    'session',
  ].map((name) => `google/cloud/dialogflow/cx/v3/${name}.proto`),
  { includeDirs: [PROTOS, COMMON], longs: String, enums: String, oneofs: true },
)
const api = loadPackageDefinition(definition) as unknown as {
  google: { cloud: { dialogflow: { cx: { v3: Record<string, ServiceClientConstructor> } } } }
}

/** What goes wrong with a call: a status, no answer at all, or a connection that breaks. */
export type Fault = { readonly code: number; readonly details: string } | 'hang' | 'break'

export interface Received {
  readonly method: string
  readonly request: JsonMap
}

/** What happens in a turn of the conversation, by what the person says, types or triggers. */
export interface Turn {
  readonly flow: string
  readonly page: string
  readonly parameters?: JsonMap
  readonly fulfillment: JsonMap
}

export interface AgentServer {
  /** `host:port`, as DIALOGFLOW_ENDPOINT takes it. */
  readonly endpoint: string
  readonly received: Received[]
  /** The webhooks and environments as they are now. */
  readonly webhooks: JsonMap[]
  readonly environments: JsonMap[]
  /** The next calls of a method go wrong, one by one. */
  readonly faults: Map<string, Fault[]>
  readonly close: () => Promise<void>
}

export interface ServeOptions {
  readonly turns?: Readonly<Record<string, Turn>>
  /** The most entries that a list gives at once, whatever was asked for. */
  readonly pageSize?: number
  readonly environments?: readonly JsonMap[]
  readonly versions?: readonly JsonMap[]
}

/** Serves an agent over gRPC as Dialogflow does: lists in pages and in languages, changes by field masks, and turns of a conversation. */
export async function serveAgent(made: MadeAgent, options: ServeOptions = {}): Promise<AgentServer> {
  const dialogflow = new FakeDialogflow(made, options)
  const grpc = new Server()
  for (const [service, methods] of Object.entries(dialogflow.services())) {
    const client = api.google.cloud.dialogflow.cx.v3[service]
    if (!client) throw new Error(`no service ${service}`)
    grpc.addService(client.service, methods)
  }
  const port = await new Promise<number>((resolve, reject) =>
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  const line = await breakableLine(port)
  dialogflow.breakLine = line.breakAll
  return {
    endpoint: `127.0.0.1:${line.port}`,
    received: dialogflow.received,
    webhooks: dialogflow.webhooks,
    environments: dialogflow.environments,
    faults: dialogflow.faults,
    close: async () => {
      grpc.forceShutdown()
      line.close()
    },
  }
}

/** A port in front of the server, whose connections can be cut. */
async function breakableLine(port: number): Promise<{ port: number; breakAll: () => void; close: () => void }> {
  const sockets = new Set<Socket>()
  const proxy: TcpServer = createServer((incoming) => {
    const outgoing = connectTcp(port, '127.0.0.1')
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket)
          incoming.destroy()
          outgoing.destroy()
        })
    }
    incoming.pipe(outgoing).pipe(incoming)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const close = (): void => {
    proxy.close()
    breakAll()
  }
  return { port: (proxy.address() as AddressInfo).port, breakAll, close }
}

type Handler = (request: JsonMap) => JsonMap | Promise<JsonMap>

class Failed extends Error {
  readonly code: number
  constructor(code: number, details: string) {
    super(details)
    this.code = code
  }
}

const key = (resource: JsonMap): string => String(resource.name ?? resource.displayName)

class FakeDialogflow {
  readonly received: Received[] = []
  readonly faults = new Map<string, Fault[]>()
  readonly webhooks: JsonMap[]
  readonly environments: JsonMap[]
  breakLine: () => void = () => {}
  readonly #made: MadeAgent
  readonly #options: ServeOptions
  readonly #names = new Map<string, string>()
  readonly #sessions = new Map<string, JsonMap>()

  constructor(made: MadeAgent, options: ServeOptions) {
    this.#made = made
    this.#options = options
    const collections = {
      intents: made.intents,
      webhooks: made.webhooks,
      entityTypes: made.entityTypes.map(({ entityType }) => entityType),
    }
    for (const [collection, resources] of Object.entries(collections))
      for (const resource of resources)
        this.#names.set(`${collection} ${resource.displayName}`, `${AGENT}/${collection}/${key(resource)}`)
    this.webhooks = made.webhooks.map((webhook) => ({
      ...webhook,
      name: this.#names.get(`webhooks ${webhook.displayName}`),
      genericWebService: apiWebService(webhook.genericWebService as JsonMap),
    }))
    this.environments = (options.environments ?? []).map((environment) => ({ ...environment }))
  }

  services(): Record<string, UntypedServiceImplementation> {
    const { agent, intents, entityTypes, groups } = this.#made
    const language = String(agent.defaultLanguageCode ?? 'en')
    const localised = (resources: readonly JsonMap[], parent: string, collection: string) => (request: JsonMap) =>
      resources.map((resource) =>
        this.#toApi(resource, `${parent}/${collection}/${key(resource)}`, String(request.languageCode || language)),
      )
    const flowOf = (request: JsonMap) =>
      this.#made.flows.find(({ flow }) => request.parent === `${AGENT}/flows/${key(flow)}`)
    return {
      Agents: this.#methods({
        getAgent: ({ name }) => {
          if (name !== AGENT) throw new Failed(status.NOT_FOUND, 'Agent not found')
          return {
            name,
            displayName: agent.displayName,
            defaultLanguageCode: language,
            supportedLanguageCodes: agent.supportedLanguageCodes,
          }
        },
      }),
      Flows: this.#methods({
        listFlows: this.#pages(
          'flows',
          localised(
            this.#made.flows.map(({ flow }) => flow),
            AGENT,
            'flows',
          ),
        ),
      }),
      Pages: this.#methods({
        listPages: this.#pages('pages', (request) =>
          localised(flowOf(request)?.pages ?? [], String(request.parent), 'pages')(request),
        ),
      }),
      TransitionRouteGroups: this.#methods({
        listTransitionRouteGroups: this.#pages('transitionRouteGroups', (request) =>
          localised(flowOf(request)?.groups ?? groups, String(request.parent), 'transitionRouteGroups')(request),
        ),
      }),
      Intents: this.#methods({ listIntents: this.#pages('intents', localised(intents, AGENT, 'intents')) }),
      EntityTypes: this.#methods({
        listEntityTypes: this.#pages('entityTypes', () =>
          entityTypes.map(({ entityType, entities }) => ({
            ...entityType,
            name: this.#names.get(`entityTypes ${entityType.displayName}`),
            entities,
          })),
        ),
      }),
      Webhooks: this.#methods({
        listWebhooks: this.#pages('webhooks', () => this.webhooks),
        createWebhook: ({ parent, webhook }) => {
          const created = { ...(webhook as JsonMap), name: `${parent}/webhooks/${this.webhooks.length + 100}` }
          this.webhooks.push(created)
          return created
        },
        updateWebhook: (request) => update(this.webhooks, request.webhook as JsonMap, request.updateMask as JsonMap),
      }),
      Environments: this.#methods({
        listEnvironments: this.#pages('environments', () => this.environments),
        updateEnvironment: (request) => {
          const updated = update(this.environments, request.environment as JsonMap, request.updateMask as JsonMap)
          const { Environment } = protos.google.cloud.dialogflow.cx.v3
          const value = Environment.encode(Environment.fromObject(updated)).finish()
          const type = 'type.googleapis.com/google.cloud.dialogflow.cx.v3.Environment'
          return { name: `${AGENT}/operations/1`, done: true, result: 'response', response: { type_url: type, value } }
        },
      }),
      Versions: this.#methods({
        listVersions: this.#pages('versions', ({ parent }) =>
          (this.#options.versions ?? []).filter(({ name }) => String(name).startsWith(`${parent}/`)),
        ),
      }),
      Sessions: this.#methods({ detectIntent: (request) => this.#detectIntent(request) }),
    }
  }

  #methods(handlers: Readonly<Record<string, Handler>>): UntypedServiceImplementation {
    const served = Object.entries(handlers).map(([method, handle]) => [
      method,
      async (call: ServerUnaryCall<JsonMap, JsonMap>, answer: sendUnaryData<JsonMap>) => {
        this.received.push({ method, request: call.request })
        const fault = this.faults.get(method)?.shift()
        if (fault === 'hang') return
        if (fault === 'break') {
          this.breakLine()
          return
        }
        if (fault) return answer(fault as never)
        try {
          answer(null, await handle(call.request))
        } catch (error) {
          const { code = status.INTERNAL, message } = error as Failed
          answer({ code, details: message } as never)
        }
      },
    ])
    return Object.fromEntries(served)
  }

  /** A list, a few entries at a time; a page token is good for its own list alone. */
  #pages(field: string, list: (request: JsonMap) => readonly JsonMap[]): Handler {
    return (request) => {
      const all = list(request)
      const token = String(request.pageToken ?? '')
      const [, of, at] = /^(.+) (\d+)$/.exec(token) ?? []
      if (token && of !== field) throw new Failed(status.INVALID_ARGUMENT, 'bad page token')
      const start = Number(at ?? 0)
      const end = start + Math.min(Number(request.pageSize) || 100, this.#options.pageSize ?? 100)
      return { [field]: all.slice(start, end), nextPageToken: end < all.length ? `${field} ${end}` : '' }
    }
  }

  /** A resource of an export as the API has it. */
  #toApi(resource: JsonMap, name: string, language: string): JsonMap {
    return { ...(this.#apiValue(withoutSettings(resource), language) as JsonMap), name }
  }

  #apiValue(value: unknown, language: string, key = ''): unknown {
    if (key === 'messages' && Array.isArray(value))
      return value
        .filter(({ languageCode = language }) => languageCode === language)
        .map((message) => apiMessage(message))
    if (key === 'caseContent' && Array.isArray(value))
      return value
        .filter(({ message }) => !message || (message.languageCode ?? language) === language)
        .map((content) =>
          content.message ? { message: apiMessage(content.message) } : this.#apiValue(content, language),
        )
    if (key === 'setParameterActions' && Array.isArray(value))
      return value.map(({ parameter, value }) => ({ parameter, value: toValue(value) }))
    if (Array.isArray(value)) return value.map((item) => this.#apiValue(item, language))
    if (isMap(value))
      return Object.fromEntries(
        Object.entries(value).map(([inner, item]) => [inner, this.#apiValue(item, language, inner)]),
      )
    if (typeof value !== 'string') return value
    if (key === 'intent') return this.#names.get(`intents ${value}`)
    if (key === 'webhook') return this.#names.get(`webhooks ${value}`)
    if (key === 'entityType')
      return (
        this.#names.get(`entityTypes ${value.slice(1)}`) ??
        `projects/-/locations/-/agents/-/entityTypes/${value.slice(1)}`
      )
    return value
  }

  async #detectIntent(request: JsonMap): Promise<JsonMap> {
    const input = request.queryInput as {
      text?: { text: string }
      dtmf?: { digits: string }
      event?: { event: string }
    }
    const said = input.text?.text ?? input.dtmf?.digits ?? input.event?.event ?? ''
    const turn = this.#options.turns?.[said]
    if (!turn) throw new Failed(status.INVALID_ARGUMENT, 'nothing was prepared for this turn')
    const session = String(request.session)
    const given = fromStruct((request.queryParams as JsonMap | undefined)?.parameters)
    const parameters: JsonMap = { ...this.#sessions.get(session), ...given, ...turn.parameters }
    const { fulfillment } = turn
    const messages = ((fulfillment.messages ?? []) as JsonMap[]).map(apiMessage)
    const called = await this.#callWebhook(turn, session, parameters, said)
    for (const [name, value] of Object.entries(called.parameters ?? {}))
      if (value === null) delete parameters[name]
      else parameters[name] = value
    this.#sessions.set(session, parameters)
    return {
      responseId: '1',
      queryResult: {
        languageCode: 'en',
        parameters: toStruct(parameters),
        responseMessages: [...messages, ...called.messages.map(apiMessage)],
        webhookStatuses: called.status ? [called.status] : [],
        currentPage: { displayName: turn.page },
        currentFlow: { displayName: turn.flow },
      },
    }
  }

  async #callWebhook(
    { flow, page, fulfillment }: Turn,
    session: string,
    parameters: JsonMap,
    text: string,
  ): Promise<{ messages: JsonMap[]; parameters?: JsonMap; status?: JsonMap }> {
    const webhook = this.webhooks.find(({ displayName }) => displayName === fulfillment.webhook)
    if (!webhook) return { messages: [] }
    const { uri } = webhook.genericWebService as { uri: string }
    const id = key(this.#made.flows.find((one) => one.flow.displayName === flow)?.flow ?? {})
    const response = await fetch(uri, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        detectIntentResponseId: '1',
        text,
        languageCode: 'en',
        fulfillmentInfo: { tag: fulfillment.tag },
        pageInfo: { currentPage: `${AGENT}/flows/${id}/pages/1`, displayName: page },
        sessionInfo: { session, parameters },
      }),
    })
    if (!response.ok)
      return { messages: [], status: { code: 13, message: `Webhook call failed. Error: ${response.status}.` } }
    const answered = (await response.json()) as {
      fulfillmentResponse?: { messages: JsonMap[] }
      sessionInfo?: { parameters: JsonMap }
    }
    const set = answered.sessionInfo?.parameters
    return {
      messages: answered.fulfillmentResponse?.messages ?? [],
      ...(set ? { parameters: set } : {}),
      status: { code: 0 },
    }
  }
}

const apiMessage = ({ languageCode: _, payload, ...message }: JsonMap): JsonMap =>
  isMap(payload) ? { ...message, payload: toStruct(payload) } : message

/** What of an export has another form in the API, and is read by nobody here. */
function withoutSettings(resource: JsonMap): JsonMap {
  const dropped = new Set([
    'advancedSettings',
    'nluSettings',
    'generators',
    'labels',
    'targetPage',
    'targetFlow',
    'transitionRouteGroups',
    'defaultValue',
  ])
  return JSON.parse(JSON.stringify(resource, (name, value) => (dropped.has(name) ? undefined : value)))
}

const asMap = (pairs: unknown): unknown =>
  Array.isArray(pairs) ? Object.fromEntries(pairs.map(({ key, value }) => [key, value])) : pairs

const apiWebService = (service: JsonMap = {}): JsonMap => ({
  ...service,
  ...(service.requestHeaders ? { requestHeaders: asMap(service.requestHeaders) } : {}),
  ...(service.parameterMapping ? { parameterMapping: asMap(service.parameterMapping) } : {}),
})

/** Changes what the mask names, and nothing else. */
function update(resources: JsonMap[], given: JsonMap, mask: JsonMap | undefined): JsonMap {
  const target = resources.find(({ name }) => name === given.name)
  if (!target) throw new Failed(status.NOT_FOUND, 'no such resource')
  const paths = (mask?.paths ?? []) as string[]
  if (paths.length === 0) throw new Failed(status.INVALID_ARGUMENT, 'the mask is empty')
  for (const path of paths)
    copy(
      given,
      target,
      path.split('.').map((word) => word.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())),
    )
  return target
}

function copy(from: JsonMap, to: JsonMap, [step = '', ...rest]: string[]): void {
  if (rest.length === 0) {
    to[step] = from[step]
    return
  }
  const inner = { ...(to[step] as JsonMap | undefined) }
  copy((from[step] ?? {}) as JsonMap, inner, rest)
  to[step] = inner
}

import { isMap, type JsonMap } from '../core/json.ts'
import { oneLine } from '../core/one-line.ts'
import type { Progress } from '../core/progress.ts'
import {
  type AgentContents,
  AgentError,
  displayNameOf,
  type EntityTypeContents,
  type FlowContents,
  idOf,
  mapsAt,
  textAt,
} from './agent-contents.ts'
import type { CallOptions, Connection } from './connect.ts'
import { type DisplayNames, toExportForm } from './plain-resource.ts'

/** Reads the draft of a live agent: every page of every list, in every language of the agent. */
export async function readLive(connection: Connection, progress: Progress = () => {}): Promise<AgentContents> {
  return new LiveAgent(connection, progress).read()
}

const PAGE_SIZE = 100
/** Flows are read side by side; more at once would only use up the quota sooner. */
const AT_ONCE = 4

type Listing = (parent: string, language: string, counted: string) => Promise<object[]>

class LiveAgent {
  readonly #connection: Connection
  readonly #progress: Progress
  readonly #counts: Record<string, number> = {}

  constructor(connection: Connection, progress: Progress) {
    this.#connection = connection
    this.#progress = progress
  }

  async read(): Promise<AgentContents> {
    const { name } = this.#connection.agent
    const [agent] = await this.#connection.read((options) =>
      this.#connection.client('AgentsClient').getAgent({ name }, options),
    )
    const language = agent.defaultLanguageCode || 'en'
    const languages = [...new Set([language, ...(agent.supportedLanguageCodes ?? [])])]
    const [intents, entityTypes, webhooks] = await Promise.all([
      this.#intents(name, language, 'intents'),
      this.#entityTypes(name, language, 'entity types'),
      this.#webhooks(name, language, 'webhooks'),
    ])
    const names: DisplayNames = new Map(
      [...intents, ...entityTypes, ...webhooks].map((resource) => [
        resourceName(resource),
        displayNameOf({ ...resource }),
      ]),
    )
    const convert = (resource: object): JsonMap => toExportForm(resource, names, language)
    const inAllLanguages = (list: Listing, parent: string, counted: string): Promise<JsonMap[]> =>
      this.#inAllLanguages(list, parent, counted, languages, names)
    const flows = await inAllLanguages(this.#flows, name, 'flows')
    return {
      agent: { defaultLanguageCode: language },
      flows: await inParallel(flows, AT_ONCE, async (flow): Promise<FlowContents> => {
        const parent = textAt(flow, 'name') ?? ''
        return {
          flow,
          pages: await inAllLanguages(this.#pages, parent, 'pages'),
          groups: await inAllLanguages(this.#groups, parent, 'route groups'),
        }
      }),
      groups: await inAllLanguages(this.#groups, name, 'route groups'),
      intents: intents.map(convert),
      entityTypes: entityTypes
        .map(convert)
        .map((entityType): EntityTypeContents => ({ entityType, entities: mapsAt(entityType, 'entities') })),
      webhooks: webhooks.map(convert),
    }
  }

  async #inAllLanguages(
    list: Listing,
    parent: string,
    counted: string,
    [first = 'en', ...others]: readonly string[],
    names: DisplayNames,
  ): Promise<JsonMap[]> {
    const resources = (await list(parent, first, counted)).map((resource) => toExportForm(resource, names, first))
    const byName = new Map(resources.map((resource, i) => [resource.name, i]))
    for (const language of others)
      for (const translated of await list(parent, language, '')) {
        const at = byName.get(resourceName(translated))
        const base = at === undefined ? undefined : resources[at]
        if (base && at !== undefined) resources[at] = withMessages(base, toExportForm(translated, names, language))
      }
    return resources
  }

  #count(counted: string): (count: number) => void {
    return (count) => {
      this.#counts[counted] = (this.#counts[counted] ?? 0) + count
      this.#progress(this.#counts)
    }
  }

  /** All pages of a list, counted for the progress under a word, or not where it is empty. */
  #listing(list: ListCall): Listing {
    return (parent, languageCode, counted) =>
      listAll(this.#connection, { parent, languageCode }, list, counted ? this.#count(counted) : undefined)
  }

  readonly #flows = this.#listing((of, options) => this.#connection.client('FlowsClient').listFlows(of, options))
  readonly #pages = this.#listing((of, options) => this.#connection.client('PagesClient').listPages(of, options))
  readonly #groups = this.#listing((of, options) =>
    this.#connection.client('TransitionRouteGroupsClient').listTransitionRouteGroups(of, options),
  )
  readonly #intents = this.#listing((of, options) =>
    this.#connection.client('IntentsClient').listIntents({ ...of, intentView: 'INTENT_VIEW_PARTIAL' }, options),
  )
  readonly #entityTypes = this.#listing((of, options) =>
    this.#connection.client('EntityTypesClient').listEntityTypes(of, options),
  )
  readonly #webhooks = this.#listing((of, options) =>
    this.#connection.client('WebhooksClient').listWebhooks(of, options),
  )
}

interface ListRequest {
  readonly parent: string
  readonly languageCode?: string
  readonly pageSize?: number
  readonly pageToken?: string
}
type ListCall = (request: ListRequest, options: CallOptions) => Promise<unknown>

const listAll = <T>(
  connection: Connection,
  request: ListRequest,
  list: ListCall,
  told?: (count: number) => void,
): Promise<T[]> =>
  connection.list((pageToken, options) => list({ ...request, pageSize: PAGE_SIZE, pageToken }, options), told)

const resourceName = (resource: object): string => String((resource as { name?: unknown }).name ?? '')

/** The same resource with what it says in another language beside what it says already. */
function withMessages(base: JsonMap, translated: JsonMap): JsonMap {
  const merged: JsonMap = { ...base }
  for (const [key, value] of Object.entries(translated)) {
    const own = base[key]
    if (Array.isArray(own) && Array.isArray(value))
      merged[key] =
        key === 'messages' || key === 'conditionalCases'
          ? [...own, ...value]
          : own.map((item, i) => (isMap(item) && isMap(value[i]) ? withMessages(item, value[i]) : item))
    else if (isMap(own) && isMap(value)) merged[key] = withMessages(own, value)
  }
  return merged
}

/** The agent's webhooks, as the API has them. */
export const listWebhooks = (connection: Connection): Promise<JsonMap[]> =>
  listAll(connection, { parent: connection.agent.name }, (of, options) =>
    connection.client('WebhooksClient').listWebhooks(of, options),
  )

const listEnvironments = (connection: Connection): Promise<JsonMap[]> =>
  listAll(connection, { parent: connection.agent.name }, (of, options) =>
    connection.client('EnvironmentsClient').listEnvironments(of, options),
  )

/** The environment with a display name, as the API has it. */
export async function findEnvironment(connection: Connection, displayName: string): Promise<JsonMap> {
  const environments = await listEnvironments(connection)
  const found = environments.find((environment) => displayNameOf(environment) === displayName)
  if (found) return found
  const known = environments.map((environment) => oneLine(displayNameOf(environment))).join(', ') || 'none'
  throw new AgentError(`the agent has no environment ${JSON.stringify(displayName)}; it has ${known}`)
}

/** Which versions an environment gives its callers, by the names that people see. */
export interface EnvironmentVersions {
  readonly name: string
  readonly versions: readonly { readonly flow: string; readonly version: string }[]
}

/** The agent's environments: what is read above is the draft, and these may run older versions of it. */
export async function readEnvironments(
  connection: Connection,
  flows: AgentContents['flows'],
): Promise<EnvironmentVersions[]> {
  const environments: readonly Environment[] = await listEnvironments(connection)
  const used = new Set(
    environments.flatMap(({ versionConfigs }) => (versionConfigs ?? []).map(({ version }) => flowOf(version))),
  )
  const names = new Map<string, string>()
  await inParallel([...used], AT_ONCE, async (flow) => {
    const versions = await listAll<Version>(connection, { parent: flow }, (of, options) =>
      connection.client('VersionsClient').listVersions(of, options),
    )
    for (const { name, displayName } of versions) names.set(name ?? '', displayName ?? '')
  })
  const flowNames = new Map(flows.map(({ flow }) => [idOf(textAt(flow, 'name') ?? ''), displayNameOf(flow)]))
  return environments.map(({ displayName, versionConfigs }) => ({
    name: displayName ?? '',
    versions: (versionConfigs ?? []).map(({ version }) => ({
      flow: flowNames.get(idOf(flowOf(version))) ?? idOf(flowOf(version)),
      version: names.get(version ?? '') || idOf(version ?? ''),
    })),
  }))
}

interface Environment {
  readonly displayName?: string | null
  readonly versionConfigs?: readonly { readonly version?: string | null }[] | null
}
interface Version {
  readonly name?: string | null
  readonly displayName?: string | null
}

const flowOf = (version: string | null | undefined): string => (version ?? '').replace(/\/versions\/[^/]*$/, '')

async function inParallel<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}

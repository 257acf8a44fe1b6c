import { isMap, type JsonMap } from '../core/json.ts'
import { AgentError, displayNameOf, mapAt, mapsAt, textAt } from './agent-contents.ts'
import type { Connection } from './connect.ts'
import { findEnvironment, listWebhooks } from './read-live.ts'

/** The webhook as it shall be. Calls carry the service agent's identity token; with headers, those in its place. */
export interface WantedWebhook {
  readonly displayName: string
  readonly url: string
  readonly timeoutSeconds: number
  /** Names of Secret Manager versions, by the name of the header. */
  readonly headers: Readonly<Record<string, string>>
}

/** One field that is to change. Values of secrets never come here: their names do. */
export interface FieldChange {
  /** As a field mask names it. */
  readonly path: string
  readonly before: string | undefined
  readonly after: string
}

export interface Registration {
  /** What is created or changed, in words. */
  readonly what: string
  readonly isNew: boolean
  readonly changes: readonly FieldChange[]
  /** Does it. */
  readonly apply: () => Promise<void>
}

/** Works out what must change for the agent to call the webhook, or, with an environment, for that environment to call it. Changes nothing yet. */
export async function planRegistration(
  connection: Connection,
  wanted: WantedWebhook,
  environment: string | undefined,
): Promise<Registration> {
  const webhooks = await listWebhooks(connection)
  const existing = webhooks.find((webhook) => displayNameOf(webhook) === wanted.displayName)
  if (existing && mapAt(existing, 'serviceDirectory'))
    throw new AgentError(
      `the webhook ${JSON.stringify(wanted.displayName)} goes through Service Directory: change it in the console, or register another by --webhook`,
    )
  if (environment !== undefined) return planOverride(connection, wanted, existing, environment)
  const changes = changesTo(existing, wanted)
  const client = connection.client('WebhooksClient')
  const webhook = changed(existing, wanted)
  const paths = changes.map(({ path }) => path)
  return {
    what: `Webhook ${JSON.stringify(wanted.displayName)}`,
    isNew: !existing,
    changes,
    apply: async () => {
      if (existing)
        await connection.write((options) => client.updateWebhook({ webhook, updateMask: { paths } }, options))
      else
        await connection.write((options) => client.createWebhook({ parent: connection.agent.name, webhook }, options))
    },
  }
}

async function planOverride(
  connection: Connection,
  wanted: WantedWebhook,
  webhook: JsonMap | undefined,
  displayName: string,
): Promise<Registration> {
  const environment = await findEnvironment(connection, displayName)
  if (!webhook)
    throw new AgentError(
      `the agent has no webhook ${JSON.stringify(wanted.displayName)} to override: register it without --environment first`,
    )
  const name = textAt(webhook, 'name') ?? ''
  const overrides = mapsAt(mapAt(environment, 'webhookConfig'), 'webhookOverrides')
  const own = overrides.find((override) => textAt(override, 'name') === name)
  const webhookOverrides = [...overrides.filter((override) => override !== own), { ...changed(own, wanted), name }]
  const client = connection.client('EnvironmentsClient')
  return {
    what: `Override of the webhook ${JSON.stringify(wanted.displayName)} in the environment ${JSON.stringify(displayName)}`,
    isNew: !own,
    changes: changesTo(own, wanted),
    apply: async () => {
      const request = {
        environment: { name: textAt(environment, 'name') ?? '', webhookConfig: { webhookOverrides } },
        updateMask: { paths: ['webhook_config'] },
      }
      const [operation] = await connection.write((options) => client.updateEnvironment(request, options))
      await connection.write(() => operation.promise())
    },
  }
}

/** The fields that we set, as people read them; what is not set has Dialogflow's default. */
const FIELDS: readonly (readonly [path: string, of: (webhook: JsonMap) => string])[] = [
  ['generic_web_service.uri', ({ genericWebService: service }) => textAt(service as JsonMap, 'uri') ?? ''],
  ['generic_web_service.webhook_type', ({ genericWebService: service }) => wordAt(service, 'webhookType', 'STANDARD')],
  [
    'generic_web_service.service_agent_auth',
    ({ genericWebService: service }) => wordAt(service, 'serviceAgentAuth', 'ID_TOKEN'),
  ],
  ['generic_web_service.secret_versions_for_request_headers', ({ genericWebService: service }) => showHeaders(service)],
  ['timeout', (webhook) => `${secondsOf(mapAt(webhook, 'timeout') ?? { seconds: 5 })} s`],
  ['disabled', ({ disabled }) => String(disabled === true)],
]

const secondsOf = ({ seconds, nanos }: JsonMap): number => Number(seconds ?? 0) + Number(nanos ?? 0) / 1e9

function wordAt(service: unknown, key: string, fallback: string): string {
  const word = isMap(service) ? textAt(service, key) : undefined
  return word === undefined || word.endsWith('_UNSPECIFIED') ? fallback : word
}

function showHeaders(service: unknown): string {
  const headers = isMap(service) ? mapAt(service, 'secretVersionsForRequestHeaders') : undefined
  const shown = Object.entries(headers ?? {}).map(
    ([name, value]) => `${name} from ${isMap(value) ? value.secretVersion : ''}`,
  )
  return shown.sort().join(', ') || 'none'
}

function changesTo(existing: JsonMap | undefined, wanted: WantedWebhook): FieldChange[] {
  const next = changed(existing, wanted)
  return FIELDS.flatMap(([path, of]): FieldChange | [] => {
    const before = existing && of(existing)
    const after = of(next)
    return before === after ? [] : { path, before, after }
  })
}

/** The resource as it shall be; what nobody asked to change stays. */
function changed(existing: JsonMap | undefined, { displayName, url, timeoutSeconds, headers }: WantedWebhook): JsonMap {
  const secrets = Object.entries(headers).map(([name, secretVersion]) => [name, { secretVersion }])
  return {
    ...existing,
    displayName,
    timeout: { seconds: timeoutSeconds },
    disabled: false,
    genericWebService: {
      ...mapAt(existing, 'genericWebService'),
      uri: url,
      webhookType: 'STANDARD',
      serviceAgentAuth: secrets.length ? 'NONE' : 'ID_TOKEN',
      secretVersionsForRequestHeaders: Object.fromEntries(secrets),
    },
  }
}

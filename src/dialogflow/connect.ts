import type { v3 } from '@google-cloud/dialogflow-cx'
import { oneLineOfProse } from '../core/one-line.ts'
import { AgentError } from './agent-contents.ts'

/** `projects/P/locations/L/agents/A`, in its parts. */
export interface AgentName {
  readonly name: string
  readonly project: string
  readonly location: string
  readonly id: string
}

/** Undefined where the text is no agent's name. */
export function parseAgentName(text: string): AgentName | undefined {
  const [, project, location, id] = /^projects\/([^/]+)\/locations\/([^/]+)\/agents\/([^/]+)$/.exec(text) ?? []
  return project && location && id ? { name: text, project, location, id } : undefined
}

export interface ConnectOptions {
  /** `host:port` in place of Google's; a loopback address is spoken to without TLS and credentials. */
  readonly endpoint?: string | undefined
  /** For each attempt of a call. */
  readonly timeoutMs?: number
  /** How many attempts a call has; left out: as many as a quota takes to fill again. */
  readonly tries?: number
  /** Told in a sentence whenever a call has to wait. */
  readonly tell?: (text: string) => void
  readonly sleep?: (ms: number) => Promise<void>
}

type ClientOptions = Readonly<Record<string, string | number | object>>
type Package = typeof import('@google-cloud/dialogflow-cx')
type ClientName = {
  [K in keyof Package['v3']]: K extends `${string}Client` ? K : never
}[keyof Package['v3']]
type Client<N extends ClientName> = InstanceType<(typeof v3)[N]>

/** We try again and turn pages ourselves: the library is told not to. */
export interface CallOptions {
  readonly timeout: number
  readonly retry: null
  readonly autoPaginate: false
}

/** A call of the client library: it gets the options that every call is made with. */
type Call<T> = (options: CallOptions) => Promise<T>

/** Prepares talking to Dialogflow about an agent, in the agent's region. Nothing is sent yet. */
export async function connect(agent: AgentName, options: ConnectOptions = {}): Promise<Connection> {
  const dialogflow = await import('@google-cloud/dialogflow-cx').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new AgentError(
      'talking to Dialogflow needs a package: npm install --no-save @google-cloud/dialogflow-cx@5.8.2 (an export can be read without)',
    )
  })
  return new Connection(dialogflow, agent, await clientOptions(dialogflow, agent, options.endpoint), options)
}

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|::1)$/

async function clientOptions(
  dialogflow: Package,
  { location }: AgentName,
  endpoint: string | undefined,
): Promise<ClientOptions> {
  const at = endpoint === undefined ? { apiEndpoint: endpointOf(location) } : parseEndpoint(endpoint)
  if (LOOPBACK.test(at.apiEndpoint)) {
    const { credentials } = await import('@grpc/grpc-js')
    return { ...at, sslCreds: credentials.createInsecure() }
  }
  // One set of credentials for all clients; asked for here, since without them the library's own calls end the process.
  const { auth } = new dialogflow.v3.AgentsClient(at)
  await auth.getClient().catch((error: Error) => {
    // The library's message may quote the file, private key and all: it goes no further.
    throw new AgentError(error.message.includes('default credentials') ? NO_CREDENTIALS : BROKEN_CREDENTIALS)
  })
  return { ...at, auth }
}

const endpointOf = (location: string): string =>
  location === 'global' ? 'dialogflow.googleapis.com' : `${location}-dialogflow.googleapis.com`

function parseEndpoint(endpoint: string): { readonly apiEndpoint: string; readonly port: number } {
  const url = URL.canParse(`https://${endpoint}`) ? new URL(`https://${endpoint}`) : undefined
  if (url?.href !== `${url?.origin}/`)
    throw new AgentError('DIALOGFLOW_ENDPOINT takes host:port, such as europe-west1-dialogflow.googleapis.com:443')
  const { hostname, port } = url
  return { apiEndpoint: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) }
}

/** What is worth another try: a quota that fills again by the minute, and what Google calls transient. */
const RESOURCE_EXHAUSTED = 8
const TRANSIENT: ReadonlySet<unknown> = new Set([4, 10, 13, 14])
const TRIES = 7
const FIRST_WAIT_MS = 1000

/** Talks to Dialogflow: makes clients, tries again what may succeed, and tells in one line what went wrong. */
export class Connection {
  readonly agent: AgentName
  readonly #package: Package
  readonly #options: ClientOptions
  readonly #clients = new Map<ClientName, { close(): Promise<void> }>()
  readonly #timeoutMs: number
  readonly #tries: number
  readonly #tell: (text: string) => void
  readonly #sleep: (ms: number) => Promise<void>

  constructor(dialogflow: Package, agent: AgentName, clientOptions: ClientOptions, options: ConnectOptions) {
    this.agent = agent
    this.#package = dialogflow
    this.#options = clientOptions
    this.#timeoutMs = options.timeoutMs ?? 30_000
    this.#tries = options.tries ?? TRIES
    this.#tell = options.tell ?? (() => {})
    this.#sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))
  }

  client<N extends ClientName>(name: N): Client<N> {
    const known = this.#clients.get(name)
    if (known) return known as unknown as Client<N>
    const made = new this.#package.v3[name](this.#options) as unknown as Client<N> & { close(): Promise<void> }
    this.#clients.set(name, made)
    return made
  }

  /** A call that may be repeated whatever became of it. */
  read<T>(call: Call<T>): Promise<T> {
    return this.#try(call, (code) => code === RESOURCE_EXHAUSTED || TRANSIENT.has(code))
  }

  /** A call that must not happen twice: it is repeated only where Dialogflow did not begin with it. */
  write<T>(call: Call<T>): Promise<T> {
    return this.#try(call, (code) => code === RESOURCE_EXHAUSTED)
  }

  /** Every page of a list. */
  async list<T>(
    page: (pageToken: string, options: CallOptions) => Promise<unknown>,
    told: (count: number) => void = () => {},
  ): Promise<T[]> {
    const all: T[] = []
    let token = ''
    do {
      const [items, , response] = (await this.read((options) => page(token, options))) as ListPage<T>
      all.push(...items)
      told(items.length)
      token = response.nextPageToken ?? ''
    } while (token)
    return all
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close().catch(() => {})))
  }

  async #try<T>(call: Call<T>, mayRepeat: (code: unknown) => boolean): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await call({ timeout: this.#timeoutMs, retry: null, autoPaginate: false })
      } catch (error) {
        const { code } = error as { code?: unknown }
        if (tries === this.#tries || !mayRepeat(code)) throw explain(error, this.agent)
        const wait = FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2)
        const why = code === RESOURCE_EXHAUSTED ? "Dialogflow's quota is used up" : 'Dialogflow does not answer'
        this.#tell(`${why}; trying again in ${Math.ceil(wait / 1000)} s`)
        await this.#sleep(wait)
      }
    }
  }
}

type ListPage<T> = readonly [items: T[], next: unknown, response: { readonly nextPageToken?: string | null }]

export const NO_CREDENTIALS =
  'there are no Google credentials here: run "gcloud auth application-default login", or name a key file in GOOGLE_APPLICATION_CREDENTIALS (reading an export with --export needs none)'

const BROKEN_CREDENTIALS =
  'the Google credentials here cannot be read: GOOGLE_APPLICATION_CREDENTIALS, where it is set, must name a whole JSON key file; else run "gcloud auth application-default login" (reading an export with --export needs none)'

/** What to do about a status of gRPC, by its number. */
const ADVICE: Readonly<Record<number, (agent: AgentName) => string>> = {
  4: () => 'Dialogflow did not answer in time; try again',
  5: ({ name }) => `there is no ${name}, or what was asked for in it; the name stands in the console's address`,
  7: ({ project }) =>
    `these credentials may not do this in the project ${project}: reading needs the role Dialogflow API Reader, changing and trying the role Dialogflow API Admin`,
  8: () => "Dialogflow's quota is used up, and stayed so; try again in some minutes",
  13: () => 'the connection to Dialogflow broke; try again',
  14: () => 'Dialogflow cannot be reached; look at the network, and at the location in the name of the agent',
  16: () => 'Google does not accept these credentials any more: run "gcloud auth application-default login"',
}

function explain(error: unknown, agent: AgentName): Error {
  const { code, details, message = '' } = error as { code?: unknown; details?: string; message?: string }
  if (/default credentials|invalid_grant|invalid_rapt/i.test(message)) return new AgentError(NO_CREDENTIALS)
  if (typeof code !== 'number') return error as Error
  const said = oneLineOfProse(details ?? '').slice(0, MAX_SAID)
  const advice = ADVICE[code]?.(agent)
  return new AgentError(`${advice ?? 'Dialogflow refuses this'}${said ? ` (it says: ${said})` : ''}`, { cause: error })
}

const MAX_SAID = 300

import * as z from 'zod'
import { type AgentName, parseAgentName } from '../dialogflow/connect.ts'

/** A header with a secret in it. */
export interface SecretHeader {
  /** In lower case. */
  readonly name: string
  readonly value: string
}

/** All settings of the bridge, read once from the environment. Times are milliseconds. */
export interface BridgeSettings {
  readonly port: number
  readonly host: string
  readonly flowsDir: string
  readonly policyFile: string | undefined
  readonly store: string
  readonly agent: { readonly name: AgentName; readonly path: string }
  readonly dialogflowEndpoint: string | undefined
  readonly channelUrl: string
  readonly channelToken: string
  /** Any of which lets a call of the channel in. */
  readonly channelHeaders: readonly SecretHeader[]
  readonly humanHeaders: readonly SecretHeader[]
  readonly channelTimeout: number
  readonly channelTries: number
  readonly channelMaxText: number
  readonly agentMaxText: number
  readonly waitTimeout: number
  readonly humanTimeout: number
  readonly keepHours: number
  readonly maxBodyBytes: number
  readonly shutdownGrace: number
}

const wholeNumber = (low: number, high: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((number) => number >= low && number <= high)

const HEADER = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(\S.*)$/

const headers = z
  .string()
  .transform((text) => text.split(/\r?\n/).flatMap((line) => line.trim() || []))
  .pipe(z.array(z.string().regex(HEADER)).min(1))
  .transform((lines) => lines.map(toHeader))

function toHeader(line: string): SecretHeader {
  const [, name = '', value = ''] = HEADER.exec(line) ?? []
  return { name: name.toLowerCase(), value }
}

const ENVIRONMENT = /\/environments\/[^/]+$/

const agent = z.string().transform((path, context) => {
  const name = parseAgentName(path.replace(ENVIRONMENT, ''))
  if (name) return { name, path }
  context.addIssue({ code: 'custom', message: 'no agent' })
  return z.NEVER
})

/** Tokens over plain HTTP could be read by anybody; on this machine alone they cannot. */
function isChannelUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, search, hash, username } = new URL(text)
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  return (protocol === 'https:' || (protocol === 'http:' && isLoopback)) && !search && !hash && !username
}

const url = z
  .string()
  .refine(isChannelUrl)
  .transform((text) => text.replace(/\/+$/, ''))

const HEADER_LINES = 'Name: value; several, one a line'
const MILLISECONDS = 'milliseconds, digits only'

/** Each setting: its reading, its default as text, and what it accepts, in words for whoever mistyped it. */
const SETTINGS = {
  PORT: { read: wholeNumber(0, 65_535), default: '8080', accepts: 'a port, a whole number from 0 to 65535' },
  HOST: { read: z.string(), default: '0.0.0.0', accepts: 'an address or a host name' },
  FLOWS_DIR: { read: z.string(), default: 'flows', accepts: 'a folder' },
  BRIDGE_STORE: { read: z.string(), default: 'bridge.sqlite', accepts: 'a file' },
  BRIDGE_AGENT: {
    read: agent,
    default: undefined,
    accepts: 'projects/PROJECT/locations/LOCATION/agents/AGENT, with /environments/ENVIRONMENT behind it or not',
  },
  CHANNEL_URL: { read: url, default: undefined, accepts: 'an https URL, up to /v1 (http on a loopback address only)' },
  CHANNEL_TOKEN: { read: z.string().regex(/^[\x21-\x7e]+$/), default: undefined, accepts: 'a bearer token' },
  CHANNEL_HEADER: { read: headers, default: undefined, accepts: HEADER_LINES },
  HUMAN_HEADER: { read: headers, default: undefined, accepts: HEADER_LINES },
  CHANNEL_TIMEOUT_MS: { read: wholeNumber(1, 600_000), default: '10000', accepts: MILLISECONDS },
  CHANNEL_TRIES: { read: wholeNumber(1, 10_000), default: '100', accepts: 'a whole number from 1 to 10000' },
  CHANNEL_MAX_TEXT: { read: wholeNumber(2, 1e6), default: '3072', accepts: 'a number of characters, digits only' },
  AGENT_MAX_TEXT: { read: wholeNumber(1, 1e6), default: '256', accepts: 'a number of characters, digits only' },
  WAIT_TIMEOUT_MS: { read: wholeNumber(1, 1e9), default: '300000', accepts: MILLISECONDS },
  HUMAN_TIMEOUT_MS: { read: wholeNumber(1, 1e9), default: '900000', accepts: MILLISECONDS },
  KEEP_HOURS: { read: wholeNumber(1, 100_000), default: '72', accepts: 'a number of hours, at least 1' },
  MAX_BODY_BYTES: { read: wholeNumber(1, 1e9), default: '262144', accepts: 'a number of bytes, digits only' },
  SHUTDOWN_GRACE_MS: { read: wholeNumber(0, 3_600_000), default: '2500', accepts: MILLISECONDS },
} as const

type Name = keyof typeof SETTINGS
export const BRIDGE_SETTING_NAMES = Object.keys(SETTINGS) as readonly Name[]
type Read<N extends Name> = z.output<(typeof SETTINGS)[N]['read']>

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads all settings, or says everything that is wrong with them. An empty setting is an unset one. Values are never quoted: some are secrets. */
export function readBridgeSettings(environment: Environment): { settings: BridgeSettings } | { problems: string[] } {
  const problems: string[] = []
  const get = <N extends Name>(name: N): Read<N> => {
    const { read, default: otherwise, accepts } = SETTINGS[name]
    const text = environment[name]?.trim() || otherwise
    const result = text === undefined ? undefined : read.safeParse(text)
    if (!result) problems.push(`${name} is not set, and must be: ${accepts}.`)
    else if (!result.success) problems.push(`${name} cannot be read: it accepts ${accepts}.`)
    return result?.data as Read<N>
  }
  const settings: BridgeSettings = {
    port: get('PORT'),
    host: get('HOST'),
    flowsDir: get('FLOWS_DIR'),
    policyFile: environment.POLICY_FILE?.trim() || undefined,
    store: get('BRIDGE_STORE'),
    agent: get('BRIDGE_AGENT'),
    dialogflowEndpoint: environment.DIALOGFLOW_ENDPOINT?.trim() || undefined,
    channelUrl: get('CHANNEL_URL'),
    channelToken: get('CHANNEL_TOKEN'),
    channelHeaders: get('CHANNEL_HEADER'),
    humanHeaders: get('HUMAN_HEADER'),
    channelTimeout: get('CHANNEL_TIMEOUT_MS'),
    channelTries: get('CHANNEL_TRIES'),
    channelMaxText: get('CHANNEL_MAX_TEXT'),
    agentMaxText: get('AGENT_MAX_TEXT'),
    waitTimeout: get('WAIT_TIMEOUT_MS'),
    humanTimeout: get('HUMAN_TIMEOUT_MS'),
    keepHours: get('KEEP_HOURS'),
    maxBodyBytes: get('MAX_BODY_BYTES'),
    shutdownGrace: get('SHUTDOWN_GRACE_MS'),
  }
  return problems.length ? { problems } : { settings: Object.freeze(settings) }
}

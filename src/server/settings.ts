import * as z from 'zod'

export const AUTH_MODES = ['basic', 'header', 'google', 'none'] as const
export type AuthMode = (typeof AUTH_MODES)[number]
const LOG_LEVELS = ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly'] as const
const GOOGLE_CERTS = 'https://www.googleapis.com/oauth2/v3/certs'

/** All settings of the webhook, read once from the environment. */
export interface Settings {
  readonly port: number
  readonly host: string
  readonly flowsDir: string
  readonly policyFile: string | undefined
  readonly auth: readonly AuthMode[]
  /** `user:password`, each of which lets a call in. */
  readonly basic: readonly string[]
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly googleAccounts: readonly string[]
  readonly googleAudiences: readonly string[]
  readonly googleCertsUrl: URL
  readonly maxBodyBytes: number
  readonly logLevel: (typeof LOG_LEVELS)[number]
  /** Milliseconds. */
  readonly shutdownGrace: number
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Blanks around it are nothing that anybody means: around a password alone they are. */
const word = z.string().trim()

const wholeNumber = (low: number, high: number) =>
  word
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .refine((number) => number >= low && number <= high)

const split = (separator: RegExp) => (text: string) =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')

const list = z.string().transform(split(/,/))
const lines = z.string().transform(split(/\r?\n/))
/** Lines may be indented; what stands at the end of one is the password's. */
const pairs = z.string().transform((text) =>
  text
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== ''),
)
const PAIR = /^[^\s:][^:]*:.*\S/

const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(\S.*)$/

const certsUrl = word.refine(isCertsUrl).transform((url) => new URL(url))

/** Keys over plain HTTP could be anybody's; on this machine alone they cannot. */
function isCertsUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')))
}

/** Each setting: its reading, its default as text, and what it accepts, in words for whoever mistyped it. */
const SETTINGS = {
  PORT: { read: wholeNumber(0, 65_535), default: '8080', accepts: 'a port, a whole number from 0 to 65535' },
  HOST: { read: word, default: '0.0.0.0', accepts: 'an address or a host name' },
  FLOWS_DIR: { read: word, default: 'flows', accepts: 'a folder' },
  POLICY_FILE: { read: word, default: undefined, accepts: 'a file' },
  WEBHOOK_AUTH: {
    read: list.pipe(
      z
        .array(z.enum(AUTH_MODES))
        .min(1)
        .refine((modes) => modes.length === 1 || !modes.includes('none')),
    ),
    default: undefined,
    accepts: 'a comma list of basic, header and google; or none alone, where HOST is a loopback address',
  },
  WEBHOOK_BASIC: {
    read: pairs.pipe(z.array(z.string().regex(PAIR)).min(1)),
    default: undefined,
    accepts: 'user:password; several, one a line',
  },
  WEBHOOK_HEADER: {
    read: lines.pipe(z.array(z.string().regex(HEADER_LINE)).min(1)),
    default: undefined,
    accepts: 'Name: value; several, one a line',
  },
  GOOGLE_SERVICE_ACCOUNTS: {
    read: list.pipe(z.array(z.string().regex(/^[^\s@]+@[^\s@]+$/)).min(1)),
    default: undefined,
    accepts: 'a comma list of e-mail addresses, such as service-NUMBER@gcp-sa-dialogflow.iam.gserviceaccount.com',
  },
  GOOGLE_AUDIENCES: {
    read: list.pipe(z.array(z.string()).min(1)),
    default: undefined,
    accepts: 'a comma list of aud values',
  },
  GOOGLE_CERTS_URL: {
    read: certsUrl,
    default: GOOGLE_CERTS,
    accepts: 'an https URL (http on a loopback address only)',
  },
  MAX_BODY_BYTES: {
    read: wholeNumber(1, 1e9),
    default: '262144',
    accepts: 'a number of bytes from 1 to 1000000000, digits only',
  },
  LOG_LEVEL: { read: word.pipe(z.enum(LOG_LEVELS)), default: 'info', accepts: LOG_LEVELS.join(', ') },
  SHUTDOWN_GRACE_MS: {
    read: wholeNumber(0, 3_600_000),
    default: '2500',
    accepts: 'milliseconds from 0 to 3600000, digits only',
  },
} as const

type Name = keyof typeof SETTINGS
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly Name[]
type Read<N extends Name> = z.output<(typeof SETTINGS)[N]['read']>

/** Reads all settings, or says everything that is wrong with them. An empty setting is an unset one. Values are never quoted: some are secrets. */
export function readSettings(environment: Environment): { settings: Settings } | { problems: string[] } {
  const problems: string[] = []
  const get = <N extends Name>(name: N): Read<N> | undefined => {
    const { read, default: otherwise, accepts } = SETTINGS[name]
    const set = environment[name]
    const text = set?.trim() ? set : otherwise
    if (text === undefined) return undefined
    const result = read.safeParse(text)
    if (result.success) return result.data as Read<N>
    problems.push(`${name} cannot be read: it accepts ${accepts}.`)
    return undefined
  }
  const settings: Settings = {
    port: get('PORT') ?? 0,
    host: get('HOST') ?? '',
    flowsDir: get('FLOWS_DIR') ?? '',
    policyFile: get('POLICY_FILE'),
    auth: get('WEBHOOK_AUTH') ?? [],
    basic: get('WEBHOOK_BASIC') ?? [],
    headers: (get('WEBHOOK_HEADER') ?? []).map(toHeader),
    googleAccounts: get('GOOGLE_SERVICE_ACCOUNTS') ?? [],
    googleAudiences: get('GOOGLE_AUDIENCES') ?? [],
    googleCertsUrl: get('GOOGLE_CERTS_URL') ?? new URL(GOOGLE_CERTS),
    maxBodyBytes: get('MAX_BODY_BYTES') ?? 0,
    logLevel: get('LOG_LEVEL') ?? 'info',
    shutdownGrace: get('SHUTDOWN_GRACE_MS') ?? 0,
  }
  problems.push(...missingForModes(settings, problems))
  return problems.length ? { problems } : { settings: Object.freeze(settings) }
}

function toHeader(line: string): { name: string; value: string } {
  const [, name = '', value = ''] = HEADER_LINE.exec(line) ?? []
  return { name: name.toLowerCase(), value }
}

function missingForModes(
  { auth, basic, headers, googleAccounts, host }: Settings,
  problems: readonly string[],
): string[] {
  const unset = (name: Name): boolean => !problems.some((problem) => problem.startsWith(`${name} `))
  const missing: string[] = []
  const demand = (mode: AuthMode, given: readonly unknown[], name: Name): void => {
    if (auth.includes(mode) && given.length === 0 && unset(name))
      missing.push(`WEBHOOK_AUTH=${mode} needs ${name}: ${SETTINGS[name].accepts}.`)
  }
  if (auth.length === 0 && unset('WEBHOOK_AUTH'))
    missing.push(
      `WEBHOOK_AUTH is not set, so nobody could be told from anybody: set it to ${SETTINGS.WEBHOOK_AUTH.accepts}.`,
    )
  demand('basic', basic, 'WEBHOOK_BASIC')
  demand('header', headers, 'WEBHOOK_HEADER')
  demand('google', googleAccounts, 'GOOGLE_SERVICE_ACCOUNTS')
  if (auth.includes('none') && !isLoopback(host))
    missing.push(
      'WEBHOOK_AUTH=none is accepted only where HOST is a loopback address: set HOST=127.0.0.1, or choose another mode.',
    )
  return missing
}

/** Whether only this machine can reach an address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(host)

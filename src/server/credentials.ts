import { timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { GoogleTokens } from './google-tokens.ts'
import { isLoopback, type Settings } from './settings.ts'

/** What a caller showed whom Google vouches for, short and printable, to be compared with the settings. */
export interface Observed {
  readonly observedAudience?: string
  readonly observedEmail?: string
}

/** Whether a call may come in; `refusal` says why not, for the log: no word of it is the caller's. */
export type Admission =
  | { readonly admitted: true }
  | {
      readonly admitted: false
      readonly failure: 'unauthenticated' | 'keys_unavailable'
      readonly refusal: string
      /** For the log, beside `refusal`. */
      readonly observed?: Observed
    }

const ADMITTED: Admission = { admitted: true }

const refused = (refusal: string): Admission => ({ admitted: false, failure: 'unauthenticated', refusal })

/** Tells callers by the modes of `WEBHOOK_AUTH`, any of which lets a call in; identity tokens alone have to be waited for. */
export type Doorkeeper = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => Admission | Promise<Admission>

/** Secrets that were agreed on, compared in a time that tells nothing of them: every text is padded to one length first. */
class Secrets {
  readonly #accepted: readonly { readonly padded: Buffer; readonly length: number }[]
  readonly #given: Buffer

  constructor(secrets: readonly string[]) {
    const texts = secrets.map((secret) => Buffer.from(secret))
    const longest = Math.max(0, ...texts.map(({ length }) => length))
    this.#given = Buffer.alloc(longest)
    this.#accepted = texts.map((text) => {
      const padded = Buffer.alloc(longest)
      text.copy(padded)
      return { padded, length: text.length }
    })
  }

  include(given: Buffer): boolean {
    this.#given.fill(0)
    given.copy(this.#given)
    let found = false
    for (const { padded, length } of this.#accepted)
      if (timingSafeEqual(this.#given, padded) && given.length === length) found = true
    return found
  }
}

export function createDoorkeeper(settings: Settings, googleTokens: GoogleTokens | undefined): Doorkeeper {
  const { auth } = settings
  if (auth.includes('none')) return admitHere
  const basic = new Secrets(settings.basic)
  const headers = auth.includes('header') ? secretHeaders(settings) : []
  return ({ headers: given }) => {
    if (admitsHeader(given, headers)) return ADMITTED
    const authorization = given.authorization ?? ''
    if (auth.includes('basic') && admitsBasic(authorization, basic)) return ADMITTED
    if (googleTokens && /^bearer /i.test(authorization)) return googleTokens.admit(authorization.slice(7).trim())
    return refused(authorization ? 'wrong credentials' : 'no credentials')
  }
}

/** Where the handler stands in somebody's own application, HOST does not say who reaches it. */
function admitHere({ socket }: Pick<IncomingMessage, 'socket'>): Admission {
  const address = socket.localAddress?.replace(/^::ffff:/, '') ?? ''
  return isLoopback(address)
    ? ADMITTED
    : refused('WEBHOOK_AUTH=none, and the call came by an address that is no loopback')
}

type SecretHeader = readonly [name: string, secrets: Secrets]

function secretHeaders({ headers }: Settings): SecretHeader[] {
  const valuesByName: Record<string, string[]> = Object.create(null)
  for (const { name, value } of headers) {
    valuesByName[name] ??= []
    valuesByName[name].push(value)
  }
  // As keys of a record, names are looked up faster than as any other text.
  return Object.entries(valuesByName).map(([name, values]) => [name, new Secrets(values)])
}

/** Node gives header values as Latin-1. */
function admitsHeader(given: IncomingHttpHeaders, headers: readonly SecretHeader[]): boolean {
  let admits = false
  for (const [name, secrets] of headers) {
    const value = given[name]
    if (typeof value === 'string' && secrets.include(Buffer.from(value, 'latin1'))) admits = true
  }
  return admits
}

function admitsBasic(authorization: string, accepted: Secrets): boolean {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization)?.[1]
  return encoded !== undefined && accepted.include(Buffer.from(encoded, 'base64'))
}

/** What `WWW-Authenticate` offers for the modes in force. */
export function challengeFor({ auth }: Settings): string {
  const offers = [
    ...(auth.includes('basic') ? ['Basic realm="carryover", charset="UTF-8"'] : []),
    ...(auth.includes('google') ? ['Bearer'] : []),
  ]
  return offers.join(', ') || 'Carryover'
}

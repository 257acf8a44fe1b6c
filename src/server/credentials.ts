import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { GoogleTokens } from './google-tokens.ts'
import type { Settings } from './settings.ts'

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

/** Tells callers by the modes of `WEBHOOK_AUTH`, any of which lets a call in; identity tokens alone have to be waited for. */
export type Doorkeeper = (headers: IncomingHttpHeaders) => Admission | Promise<Admission>

/** Secrets are compared as digests, of one length and in constant time; Node gives header values as Latin-1. */
const digest = (text: string, encoding: BufferEncoding): Buffer =>
  createHash('sha256').update(Buffer.from(text, encoding)).digest()

function matchesAny(given: Buffer, accepted: readonly Buffer[]): boolean {
  let matches = false
  for (const secret of accepted) if (timingSafeEqual(given, secret)) matches = true
  return matches
}

export function createDoorkeeper(settings: Settings, googleTokens: GoogleTokens | undefined): Doorkeeper {
  const { auth } = settings
  if (auth.includes('none')) return () => ADMITTED
  const basic = settings.basic.map((pair) => digest(pair, 'utf8'))
  const headers = new Map<string, Buffer[]>()
  for (const { name, value } of settings.headers)
    headers.set(name, [...(headers.get(name) ?? []), digest(value, 'utf8')])
  return (given) => {
    if (auth.includes('header') && admitsHeader(given, headers)) return ADMITTED
    const authorization = given.authorization ?? ''
    if (auth.includes('basic') && admitsBasic(authorization, basic)) return ADMITTED
    if (googleTokens && /^bearer /i.test(authorization)) return googleTokens.admit(authorization.slice(7).trim())
    return {
      admitted: false,
      failure: 'unauthenticated',
      refusal: authorization ? 'wrong credentials' : 'no credentials',
    }
  }
}

function admitsHeader(given: IncomingHttpHeaders, accepted: ReadonlyMap<string, readonly Buffer[]>): boolean {
  let admits = false
  for (const [name, secrets] of accepted) {
    const value = given[name]
    if (typeof value === 'string' && matchesAny(digest(value, 'latin1'), secrets)) admits = true
  }
  return admits
}

function admitsBasic(authorization: string, accepted: readonly Buffer[]): boolean {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization)?.[1]
  return encoded !== undefined && matchesAny(digest(encoded, 'base64'), accepted)
}

/** What `WWW-Authenticate` offers for the modes in force. */
export function challengeFor({ auth }: Settings): string {
  const offers = [
    ...(auth.includes('basic') ? ['Basic realm="carryover", charset="UTF-8"'] : []),
    ...(auth.includes('google') ? ['Bearer'] : []),
  ]
  return offers.join(', ') || 'Carryover'
}

import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** Why a call is turned away; the text quotes nothing of it. */
export interface Refusal {
  readonly status: 401 | 403 | 421
  readonly message: string
}

/** A page elsewhere may have led its own name to this address: only ours is answered. */
export function refuseHost({ headers }: IncomingMessage, origin: string): Refusal | undefined {
  if (headers.host === new URL(origin).host) return undefined
  return { status: 421, message: `This is the studio of Carryover; its address begins with ${origin}.` }
}

/** Whoever may read or write files knows the token, which is in no address that a browser sends, and comes from our own page. */
export function refuseCaller({ headers, method }: IncomingMessage, origin: string, token: string): Refusal | undefined {
  const isOurs = headers.origin === undefined ? method === 'GET' : headers.origin === origin
  if (!isOurs) return { status: 403, message: 'Only the page of the studio may ask this.' }
  const [scheme, given = ''] = headers.authorization?.split(' ') ?? []
  if (scheme === 'Bearer' && isEqual(given, token)) return undefined
  return {
    status: 401,
    message: 'The token is missing or wrong; open the address that "carryover studio" has printed.',
  }
}

function isEqual(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** What every answer carries; `policy` is the content security policy of a page. */
export const securityHeaders = (policy = "default-src 'none'; frame-ancestors 'none'"): OutgoingHttpHeaders => ({
  'cache-control': 'no-store',
  'content-security-policy': policy,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
})

/** Scripts and styles of our own alone, nothing that becomes HTML from text, and no network but the studio. */
export const policyOfPage = (nonce: string, adapter: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    `frame-src 'self' ${adapter}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

/** A page made of somebody's files: it has a policy of its own for what it shows, runs nothing, and stands in the studio's page alone. */
export const POLICY_OF_DROPPED = "script-src 'none'; connect-src 'none'; frame-ancestors 'self'"

/** The simulated adapter stands in the studio's page and nowhere else. */
export const policyOfAdapter = (studio: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${studio}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')

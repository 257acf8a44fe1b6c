import { type CryptoKey, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Admission, Observed } from './credentials.ts'
import { type Clock, GoogleKeys } from './google-keys.ts'
import type { Logger } from './log.ts'
import type { Settings } from './settings.ts'

/** Both spellings occur in Google's tokens. */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com']
const CLOCK_TOLERANCE_S = 10
const MAX_AGE_S = 86_400
const MAX_OBSERVED = 200

/** Dialogflow's service identity tokens: told from others by signature, issuer, times, e-mail and, where it is set, audience. */
export interface GoogleTokens {
  readonly admit: (token: string) => Promise<Admission>
  /** Fetches the keys, so that no caller waits for them; false where they cannot be had. */
  readonly warmUp: () => Promise<boolean>
}

export interface GoogleTokensOptions {
  /** Told when the keys can no longer be fetched, and when they can again. */
  readonly logger?: Logger
  readonly clock?: Clock
}

export function createGoogleTokens(settings: Settings, { logger, clock }: GoogleTokensOptions = {}): GoogleTokens {
  const keys = new GoogleKeys(settings.googleCertsUrl, logger, clock)
  const accounts = new Set(settings.googleAccounts)
  const audience = settings.googleAudiences.length ? { audience: [...settings.googleAudiences] } : {}
  const options: JWTVerifyOptions = {
    algorithms: ['RS256'],
    issuer: ISSUERS,
    requiredClaims: ['exp', 'iat', 'email', 'email_verified'],
    clockTolerance: CLOCK_TOLERANCE_S,
    maxTokenAge: MAX_AGE_S,
    ...audience,
  }
  return {
    async admit(token) {
      try {
        const { payload } = await jwtVerify(token, ({ kid }) => keyFor(kid, keys), options)
        return admitAccount(payload, accounts)
      } catch (error) {
        return refusalFor(error)
      }
    },
    warmUp: () => keys.load(),
  }
}

/** None of Google's keys is known, so no token can be told from another. */
class KeysUnavailable extends Error {}

async function keyFor(kid: unknown, keys: GoogleKeys): Promise<CryptoKey> {
  if (typeof kid !== 'string') throw new errors.JWKSNoMatchingKey()
  const key = await keys.find(kid)
  if (key) return key
  throw keys.areKnown ? new errors.JWKSNoMatchingKey() : new KeysUnavailable()
}

function admitAccount(payload: JWTPayload, accounts: ReadonlySet<string>): Admission {
  const { email, email_verified } = payload
  if (email_verified !== true) return refuse('email_verified is not true', payload)
  if (typeof email !== 'string' || !accounts.has(email))
    return refuse('the e-mail is not in GOOGLE_SERVICE_ACCOUNTS', payload)
  return { admitted: true }
}

/** The payload is one whose signature was valid. */
function refuse(refusal: string, payload?: JWTPayload): Admission {
  const isGoogles = payload?.iss !== undefined && ISSUERS.includes(payload.iss)
  return { admitted: false, failure: 'unauthenticated', refusal, ...(isGoogles ? { observed: observe(payload) } : {}) }
}

/** jose's codes are a closed list, and its claims are named by us; its messages may quote the token and go no further. */
function refusalFor(error: unknown): Admission {
  if (error instanceof KeysUnavailable)
    return { admitted: false, failure: 'keys_unavailable', refusal: "Google's keys cannot be had" }
  if (!(error instanceof errors.JOSEError)) throw error
  const refusal = `the identity token is not valid: ${error.code}`
  const isOfClaim = error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired
  return isOfClaim ? refuse(`${refusal} (${error.claim})`, error.payload) : refuse(refusal)
}

/** What an operator compares with the settings. */
function observe({ aud, email }: JWTPayload): Observed {
  const texts = [aud].flat().filter((one) => typeof one === 'string')
  return {
    ...(texts.length ? { observedAudience: printable(texts.join(', ')) } : {}),
    ...(typeof email === 'string' ? { observedEmail: printable(email) } : {}),
  }
}

const printable = (text: string): string => text.slice(0, MAX_OBSERVED).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')

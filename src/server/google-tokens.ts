import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import type { Admission } from './credentials.ts'
import type { Settings } from './settings.ts'

/** Both spellings occur in Google's tokens. */
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com']
const CLOCK_TOLERANCE_S = 10
const MAX_AGE_S = 86_400
const KEY_SERVER_TIMEOUT_MS = 1_000

/** Dialogflow's service identity tokens: told from others by signature, issuer, times, e-mail and, where it is set, audience. */
export interface GoogleTokens {
  readonly admit: (token: string) => Promise<Admission>
  /** Fetches the keys, so that no caller waits for them; false where they cannot be had. */
  readonly warmUp: () => Promise<boolean>
}

export function createGoogleTokens(settings: Settings): GoogleTokens {
  const keys = createRemoteJWKSet(settings.googleCertsUrl, { timeoutDuration: KEY_SERVER_TIMEOUT_MS })
  const accounts = new Set(settings.googleAccounts)
  const audience = settings.googleAudiences.length ? { audience: [...settings.googleAudiences] } : {}
  return {
    async admit(token) {
      try {
        const { payload } = await jwtVerify(token, keys, {
          algorithms: ['RS256'],
          issuer: ISSUERS,
          requiredClaims: ['exp', 'iat', 'email', 'email_verified'],
          clockTolerance: CLOCK_TOLERANCE_S,
          maxTokenAge: MAX_AGE_S,
          ...audience,
        })
        if (payload.email_verified !== true) return refuse('email_verified is not true')
        if (typeof payload.email !== 'string' || !accounts.has(payload.email))
          return refuse('the e-mail is not in GOOGLE_SERVICE_ACCOUNTS')
        return { admitted: true }
      } catch (error) {
        return refusalFor(error)
      }
    },
    async warmUp() {
      if (keys.fresh) return true
      return keys.reload().then(
        () => true,
        () => false,
      )
    },
  }
}

const refuse = (refusal: string): Admission => ({ admitted: false, failure: 'unauthenticated', refusal })

/** jose's codes are a closed list; its messages may quote the token and go no further. */
function refusalFor(error: unknown): Admission {
  const isTokenProblem =
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  if (!isTokenProblem) return { admitted: false, failure: 'keys_unavailable', refusal: "Google's keys cannot be had" }
  const claim =
    error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired ? ` (${error.claim})` : ''
  return refuse(`the identity token is not valid: ${error.code}${claim}`)
}

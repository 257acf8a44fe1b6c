import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { Clock } from '../../src/server/google-keys.ts'

export const EMAIL = 'service-5550100@gcp-sa-dialogflow.iam.gserviceaccount.com'
export const AUDIENCE = 'https://webhook.example.com'

/** A server of token keys, which answers as a test likes and counts how often it was asked. */
export interface KeyServer {
  readonly url: string
  readonly requests: () => number
  answer: RequestListener
  readonly close: () => void
}

export async function startKeyServer(answer: RequestListener): Promise<KeyServer> {
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    keyServer.answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const keyServer: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/certs`,
    requests: () => requests,
    answer,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
  return keyServer
}

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>

export interface Signer {
  readonly kid: string
  readonly publicKey: KeyPair['publicKey']
  readonly privateKey: KeyPair['privateKey']
  /** The public key, as a key server has it. */
  readonly jwk: JWK
  /** The whole key, as no key server may have it. */
  readonly privateJwk: JWK
}

export async function newSigner(kid: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const names = { kid, alg: 'RS256', use: 'sig' }
  const jwk = { ...(await exportJWK(publicKey)), ...names }
  return { kid, publicKey, privateKey, jwk, privateJwk: { ...(await exportJWK(privateKey)), ...names } }
}

export const answerJson =
  (value: unknown, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json; charset=UTF-8', ...headers })
      .end(JSON.stringify(value))

/** A key server's answer with the keys of these. */
export const answerKeys = (...signers: Signer[]): RequestListener => answerJson({ keys: signers.map(({ jwk }) => jwk) })

export const now = (): number => Math.floor(Date.now() / 1000)

export type Claims = Record<string, unknown>

/** A token's claims as Google makes them, some of them changed; undefined leaves one out. */
export const claims = (changed: Claims = {}): Claims => ({
  iss: 'https://accounts.google.com',
  aud: AUDIENCE,
  sub: '5550100',
  email: EMAIL,
  email_verified: true,
  iat: now(),
  exp: now() + 3600,
  ...changed,
})

/** A token signed with a signer's key, which may name another key in its header. */
export const signWith = ({ kid, privateKey }: Signer, changed: Claims = {}, header: object = {}): Promise<string> =>
  new SignJWT(claims(changed)).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT', ...header }).sign(privateKey)

/** Time that passes when a test says so. */
export class FakeClock implements Clock {
  #now = 5_000
  readonly #jobs = new Map<() => void, number>()

  now = (): number => this.#now

  after = (milliseconds: number, job: () => void): (() => void) => {
    const own = (): void => job()
    this.#jobs.set(own, this.#now + milliseconds)
    return () => this.#jobs.delete(own)
  }

  /** How long it is until the next job, in milliseconds; there is never more than one. */
  untilNext(): number {
    const [due] = this.#jobs.values()
    if (due === undefined || this.#jobs.size > 1) throw new Error(`${this.#jobs.size} jobs are waiting`)
    return due - this.#now
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds
    for (const [job, due] of [...this.#jobs]) if (due <= this.#now && this.#jobs.delete(job)) job()
  }
}

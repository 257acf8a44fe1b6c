import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { call } from '../server/http-call.ts'

/** A server on this machine, gone after the tests of the file that asked for it; gives its address. */
export async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  after(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Listener = (...args: Parameters<RequestListener>) => boolean

/** Passes calls on, as a front end does, after those that `first` answers by itself: it says so by true. */
export const inFrontOf = (url: string, first: Listener): Promise<string> =>
  listen(async (request, response) => {
    if (first(request, response)) return
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: path = '', headers } = request
    const body = method === 'POST' ? Buffer.concat(chunks) : undefined
    const reply = await call(url, { method, path, headers, ...(body ? { body } : {}) })
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.text)
  })

const KID = 'key-1'
export const DEPLOYER = 'deployer@example-project.iam.gserviceaccount.com'

/** The settings of a webhook that trusts these keys, and a token of the deploying account. */
export async function googleWithDeployer(): Promise<{ settings: Record<string, string>; token: string }> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: KID, alg: 'RS256', use: 'sig' }] }
  const url = await listen((_request, response) => response.end(JSON.stringify(jwks)))
  const claims = {
    iss: 'https://accounts.google.com',
    aud: 'https://a.example.com',
    email: DEPLOYER,
    email_verified: true,
  }
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: KID })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
  const settings = { WEBHOOK_AUTH: 'google', GOOGLE_SERVICE_ACCOUNTS: DEPLOYER, GOOGLE_CERTS_URL: `${url}/certs` }
  return { settings, token }
}

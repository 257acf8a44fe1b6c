import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { call, codeOf, type Reply, requestWith } from './http-call.ts'
import { serve, type TestApp } from './test-app.ts'

const EMAIL = 'service-5550100@gcp-sa-dialogflow.iam.gserviceaccount.com'
const OTHER = 'bot@example.com'
const AUDIENCE = 'https://webhook.example.com'
const KID = 'key-1'

const google = await generateKeyPair('RS256', { extractable: true })
const stranger = await generateKeyPair('RS256')
const jwks = { keys: [{ ...(await exportJWK(google.publicKey)), kid: KID, alg: 'RS256', use: 'sig' }] }

async function keyServer(answer: RequestListener): Promise<{ url: string; close: () => void }> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/certs`, close }
}

const keys = await keyServer((_request, response) => response.end(JSON.stringify(jwks)))
const settings = (url: string) => ({
  WEBHOOK_AUTH: 'google',
  GOOGLE_SERVICE_ACCOUNTS: `${EMAIL}, ${OTHER}`,
  GOOGLE_CERTS_URL: url,
})
const app = await serve({ ...settings(keys.url), GOOGLE_AUDIENCES: `https://other.example.com,${AUDIENCE}` })
const anyAudience = await serve(settings(keys.url))
after(async () => {
  await Promise.all([app.close(), anyAudience.close()])
  keys.close()
})

const now = (): number => Math.floor(Date.now() / 1000)

type Claims = Record<string, unknown>

/** A token's claims, some of them changed; undefined leaves one out. */
const claims = (changed: Claims = {}): Claims => ({
  iss: 'https://accounts.google.com',
  aud: AUDIENCE,
  sub: '5550100',
  email: EMAIL,
  email_verified: true,
  iat: now(),
  exp: now() + 3600,
  ...changed,
})

const sign = (payload: Claims, key: Parameters<SignJWT['sign']>[0] = google.privateKey, header: object = {}) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: KID, typ: 'JWT', ...header }).sign(key)

const callWith = (token: string, { url }: TestApp = app): Promise<Reply> =>
  call(url, {
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: requestWith('echo'),
  })

const accepted: [what: string, Claims][] = [
  ['as Google makes them', {}],
  ['the other spelling of the issuer', { iss: 'accounts.google.com' }],
  ['another account of the list', { email: OTHER }],
  ['another audience of the list', { aud: 'https://other.example.com' }],
  ['a list of audiences', { aud: ['https://nobody.example.com', AUDIENCE] }],
  ['clocks that differ by some seconds', { iat: now() + 4, exp: now() + 3600 }],
]

for (const [what, changed] of accepted)
  test(`a good token: ${what}`, async () => {
    assert.equal((await callWith(await sign(claims(changed)))).status, 200)
  })

test('the scheme may be written in any case', async () => {
  const authorization = `bearer   ${await sign(claims())} `
  const headers = { 'content-type': 'application/json', authorization }
  assert.equal((await call(app.url, { headers, body: requestWith('echo') })).status, 200)
})

const refused: [what: string, Claims][] = [
  ['another issuer', { iss: 'https://accounts.example.com' }],
  ['the issuer with a slash', { iss: 'https://accounts.google.com/' }],
  ['no issuer', { iss: undefined }],
  ['expired', { iat: now() - 7200, exp: now() - 3600 }],
  ['no exp', { exp: undefined }],
  ['issued in the future', { iat: now() + 3600, exp: now() + 7200 }],
  ['no iat', { iat: undefined }],
  ['issued days ago', { iat: now() - 200_000 }],
  ['not valid yet', { nbf: now() + 3600 }],
  ['no email', { email: undefined }],
  ['an email of nobody', { email: 'nobody@example.com' }],
  ['an email in capitals', { email: EMAIL.toUpperCase() }],
  ['two emails in a list', { email: [EMAIL, OTHER] }],
  ['an email in a list', { email: [EMAIL] }],
  ['both emails in one', { email: `${EMAIL}, ${OTHER}` }],
  ['an email that is not verified', { email_verified: false }],
  ['an email of which nobody says so', { email_verified: undefined }],
  ['an email verified in text', { email_verified: 'true' }],
  ['another audience', { aud: 'https://webhook.example.com.example.org' }],
  ['no audience', { aud: undefined }],
]

for (const [what, changed] of refused)
  test(`a token is refused: ${what}`, async () => {
    const reply = await callWith(await sign(claims(changed)))
    assert.deepEqual([reply.status, codeOf(reply)], [401, 'unauthenticated'])
    assert.equal(reply.headers['www-authenticate'], 'Bearer')
  })

test('any audience will do where GOOGLE_AUDIENCES is unset', async () => {
  for (const aud of ['https://nobody.example.com', undefined])
    assert.equal((await callWith(await sign(claims({ aud })), anyAudience)).status, 200)
})

test('an algorithm that is not RS256 is refused', async () => {
  const pem = new TextEncoder().encode(await exportSPKI(google.publicKey))
  const pss = await generateKeyPair('PS256')
  const elliptic = await generateKeyPair('ES256')
  const tokens = {
    none: new UnsecuredJWT(claims()).encode(),
    'none with a kid': `${Buffer.from(JSON.stringify({ alg: 'none', kid: KID })).toString('base64url')}.${Buffer.from(JSON.stringify(claims())).toString('base64url')}.`,
    'HS256 with the public key as its secret': await sign(claims(), pem, { alg: 'HS256' }),
    PS256: await sign(claims(), pss.privateKey, { alg: 'PS256' }),
    ES256: await sign(claims(), elliptic.privateKey, { alg: 'ES256' }),
  }
  for (const [what, token] of Object.entries(tokens)) assert.equal((await callWith(token)).status, 401, what)
})

test('a signature of another key is refused, whatever key it names', async () => {
  for (const header of [{ kid: KID }, { kid: 'key-2' }, { kid: undefined }, { jwk: jwks.keys[0] }]) {
    const reply = await callWith(await sign(claims(), stranger.privateKey, header))
    assert.deepEqual([reply.status, codeOf(reply)], [401, 'unauthenticated'], JSON.stringify(header))
  }
})

test('a token that was changed after it was signed is refused', async () => {
  const [header, , signature] = (await sign(claims({ email: 'nobody@example.com' }))).split('.')
  const forged = Buffer.from(JSON.stringify(claims())).toString('base64url')
  assert.equal((await callWith(`${header}.${forged}.${signature}`)).status, 401)
})

const rubbish = ['x', '..', 'a.b.c', 'null', '{}', 'eyJhbGciOiJSUzI1NiJ9..', 'a.b.c.d.e', '%00', '', 'x'.repeat(8000)]

test('what is no token is refused', async () => {
  const header = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url')
  const odd = [header({ alg: 'RS256', kid: 5 }), header({ alg: 5 }), header({ alg: 'RS256', crit: ['x'], x: 1 })]
  const signed = await new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid: KID }).sign(google.privateKey)
  for (const token of [...rubbish, ...odd.map((text) => `${text}.e30.e30`), signed])
    assert.equal((await callWith(token)).status, 401, token.slice(0, 80))
})

test('a token alone in another scheme or header is refused', async () => {
  const token = await sign(claims())
  for (const headers of [{ authorization: token }, { authorization: `Basic ${token}` }, { 'x-id-token': token }]) {
    const all = { 'content-type': 'application/json', ...headers }
    assert.equal((await call(app.url, { headers: all, body: requestWith('echo') })).status, 401)
  }
})

test('the log names the claim and nothing of the token', async () => {
  await callWith(await sign(claims({ iss: 'https://evil.example.com' })))
  assert.match(app.logged(), /"refusal":"the identity token is not valid: ERR_JWT_CLAIM_VALIDATION_FAILED \(iss\)"/)
  assert.doesNotMatch(app.logged(), /evil|eyJ|nobody@|gserviceaccount/)
})

const broken: [what: string, RequestListener][] = [
  ['is down', (request) => request.socket.destroy()],
  ['answers 500', (_request, response) => response.writeHead(500).end(JSON.stringify(jwks))],
  ['answers rubbish', (_request, response) => response.end('<html>')],
  ['answers other JSON', (_request, response) => response.end('{"keys": 5}')],
  ['redirects', (_request, response) => response.writeHead(302, { location: keys.url }).end()],
  ['never answers', () => undefined],
]

async function serveWithKeys(t: TestContext, answer: RequestListener): Promise<TestApp> {
  const server = await keyServer(answer)
  const served = await serve(settings(server.url))
  t.after(async () => {
    await served.close()
    server.close()
  })
  return served
}

for (const [what, answer] of broken)
  test(`503 keys_unavailable: the key server ${what}`, async (t) => {
    const served = await serveWithKeys(t, answer)
    const replies = [await callWith(await sign(claims()), served), await call(served.url, { path: '/_ah/warmup' })]
    for (const reply of replies) assert.deepEqual([reply.status, codeOf(reply)], [503, 'keys_unavailable'])
    assert.equal(replies[0]?.headers['www-authenticate'], undefined)
    assert.equal((await call(served.url, { path: '/health' })).status, 200)
  })

test('without keys, what cannot be good is still 401', async (t) => {
  const served = await serveWithKeys(t, (request) => request.socket.destroy())
  for (const token of ['x', new UnsecuredJWT(claims()).encode()])
    assert.equal((await callWith(token, served)).status, 401)
})

test('warm-up fetches the keys, and a call then fetches none; what was down may come back', async (t) => {
  let fetched = 0
  let down = true
  const served = await serveWithKeys(t, (_request, response) => {
    fetched++
    response.writeHead(down ? 500 : 200).end(JSON.stringify(jwks))
  })
  const warmUp = async (): Promise<number> => (await call(served.url, { path: '/_ah/warmup' })).status
  assert.equal(await warmUp(), 503)
  down = false
  assert.deepEqual([await warmUp(), await warmUp()], [200, 200])
  assert.equal((await callWith(await sign(claims()), served)).status, 200)
  assert.equal(fetched, 2)
})

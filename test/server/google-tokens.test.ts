import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { after, type TestContext, test } from 'node:test'
import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { createGoogleTokens } from '../../src/server/google-tokens.ts'
import { basicFor, call, codeOf, type Reply, requestWith } from './http-call.ts'
import {
  AUDIENCE,
  answerKeys,
  type Claims,
  claims,
  EMAIL,
  newSigner,
  now,
  signWith,
  startKeyServer,
} from './key-server.ts'
import { serve, settingsOf, type TestApp } from './test-app.ts'

const OTHER = 'bot@example.com'
const KID = 'key-1'

const google = await newSigner(KID)
const stranger = await newSigner(KID)

const keys = await startKeyServer(answerKeys(google))
const settings = (url: string) => ({
  WEBHOOK_AUTH: 'google',
  GOOGLE_SERVICE_ACCOUNTS: `${EMAIL}, ${OTHER}`,
  GOOGLE_CERTS_URL: url,
})
const audiences = { GOOGLE_AUDIENCES: `https://other.example.com,${AUDIENCE}` }
const app = await serve({ ...settings(keys.url), ...audiences })
const anyAudience = await serve(settings(keys.url))
const combined = await serve({
  ...settings(keys.url),
  WEBHOOK_AUTH: 'google,header,basic',
  WEBHOOK_BASIC: 'a:555-0100',
  WEBHOOK_HEADER: 'X-Key: 555-0101\nAuthorization: Bearer 555-0102',
})
after(async () => {
  await Promise.all([app.close(), anyAudience.close(), combined.close()])
  keys.close()
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
  ['exp that is no number', { exp: '9999999999' }],
  ['iat that is no number', { iat: String(now()) }],
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
  ['other audiences', { aud: ['https://nobody.example.com', 'https://webhook.example.co'] }],
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
  for (const header of [{ kid: KID }, { kid: 'key-2' }, { kid: undefined }, { jwk: stranger.jwk }, { jku: keys.url }]) {
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

test('the log names the claim and nothing of the token', async (t) => {
  const served = await serve({ ...settings(keys.url), ...audiences })
  t.after(served.close)
  await callWith(await sign(claims({ iss: 'https://evil.example.com' })), served)
  assert.match(served.logged(), /"refusal":"the identity token is not valid: ERR_JWT_CLAIM_VALIDATION_FAILED \(iss\)"/)
  assert.doesNotMatch(served.logged(), /evil|eyJ|gserviceaccount/)
})

test('the log tells what a token of Google showed', async (t) => {
  const served = await serve({ ...settings(keys.url), ...audiences })
  t.after(served.close)
  await callWith(await sign(claims({ aud: 'https://new.example.com' })), served)
  const { observedAudience, observedEmail } = JSON.parse(served.logged())
  assert.deepEqual([observedAudience, observedEmail], ['https://new.example.com', EMAIL])
  assert.doesNotMatch(served.logged(), /eyJ/)
})

const tokens = createGoogleTokens(settingsOf({ ...settings(keys.url), ...audiences }))
const INVALID = 'the identity token is not valid: '
const observed = { observedAudience: AUDIENCE, observedEmail: EMAIL }

/** A token of Google's whose claims, all but the issuer, are not as they should be: its audience and e-mail are told. */
const told: [what: string, Claims, refusal: string, observed: object][] = [
  [
    'another audience',
    { aud: 'https://new.example.com' },
    `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (aud)`,
    { ...observed, observedAudience: 'https://new.example.com' },
  ],
  [
    'several audiences',
    { aud: ['a', 5, 'b'] },
    `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (aud)`,
    { ...observed, observedAudience: 'a, b' },
  ],
  ['no audience', { aud: undefined }, `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (aud)`, { observedEmail: EMAIL }],
  [
    'an audience that is no text',
    { aud: { x: 1 } },
    `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (aud)`,
    { observedEmail: EMAIL },
  ],
  [
    'another account',
    { email: 'nobody@example.com' },
    'the e-mail is not in GOOGLE_SERVICE_ACCOUNTS',
    { ...observed, observedEmail: 'nobody@example.com' },
  ],
  [
    'e-mails in a list',
    { email: [EMAIL] },
    'the e-mail is not in GOOGLE_SERVICE_ACCOUNTS',
    { observedAudience: AUDIENCE },
  ],
  ['an e-mail that is not verified', { email_verified: false }, 'email_verified is not true', observed],
  ['expired', { iat: now() - 7200, exp: now() - 3600 }, `${INVALID}ERR_JWT_EXPIRED (exp)`, observed],
  ['from the future', { iat: now() + 900 }, `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (iat)`, observed],
  ['too old', { iat: now() - 200_000 }, `${INVALID}ERR_JWT_EXPIRED (iat)`, observed],
  ['no exp', { exp: undefined }, `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (exp)`, observed],
  [
    'control characters, and text that runs backwards',
    { aud: 'a\r\n\u001b[31m\u0000\u2028b\u202e\u200bc\ud800', email: `x\n${EMAIL}` },
    `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (aud)`,
    { observedAudience: 'a[31mbc', observedEmail: `x${EMAIL}` },
  ],
  [
    'long texts',
    { aud: 'a'.repeat(5000), email: 'b'.repeat(5000) },
    `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (aud)`,
    { observedAudience: 'a'.repeat(200), observedEmail: 'b'.repeat(200) },
  ],
]

for (const [what, changed, refusal, expected] of told)
  test(`why a call is refused, and what it showed: ${what}`, async () => {
    const admission = await tokens.admit(await sign(claims(changed)))
    assert.deepEqual(admission, { admitted: false, failure: 'unauthenticated', refusal, observed: expected })
  })

test('what nobody vouches for is not told', async () => {
  const expected: [token: string, refusal: string][] = [
    [await sign(claims({ iss: 'https://evil.example.com' })), `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (iss)`],
    [await sign(claims({ iss: undefined })), `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (iss)`],
    [await sign(claims({ iss: ['https://accounts.google.com'] })), `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (iss)`],
    [
      await sign(claims({ iss: 'https://evil.example.com', email: undefined })),
      `${INVALID}ERR_JWT_CLAIM_VALIDATION_FAILED (email)`,
    ],
    [await signWith(stranger), `${INVALID}ERR_JWS_SIGNATURE_VERIFICATION_FAILED`],
    [await signWith(stranger, {}, { kid: 'key-2' }), `${INVALID}ERR_JWKS_NO_MATCHING_KEY`],
    [await signWith(google, {}, { kid: undefined }), `${INVALID}ERR_JWKS_NO_MATCHING_KEY`],
    [new UnsecuredJWT(claims()).encode(), `${INVALID}ERR_JOSE_ALG_NOT_ALLOWED`],
    ['x', `${INVALID}ERR_JWS_INVALID`],
  ]
  for (const [token, refusal] of expected)
    assert.deepEqual(await tokens.admit(token), { admitted: false, failure: 'unauthenticated', refusal })
})

const TOKEN = `Bearer ${await signWith(google)}`
const WRONG_TOKEN = `Bearer ${await signWith(stranger)}`
const modes: [what: string, headers: Record<string, string>, status: number][] = [
  ['a token', { authorization: TOKEN }, 200],
  ['a pair', { authorization: basicFor('a:555-0100') }, 200],
  ['a header', { 'x-key': '555-0101' }, 200],
  ['a header that looks like a token', { authorization: 'Bearer 555-0102' }, 200],
  ['a token and a wrong header', { authorization: TOKEN, 'x-key': 'wrong' }, 200],
  ['a header and a wrong token', { authorization: WRONG_TOKEN, 'x-key': '555-0101' }, 200],
  ['a header and a wrong pair', { authorization: basicFor('a:wrong'), 'x-key': '555-0101' }, 200],
  ['a wrong token', { authorization: WRONG_TOKEN }, 401],
  ['a wrong pair', { authorization: basicFor('a:wrong') }, 401],
  ['a wrong token and a wrong header', { authorization: WRONG_TOKEN, 'x-key': 'wrong' }, 401],
  ['nothing', {}, 401],
]

for (const [what, headers, status] of modes)
  test(`all modes together, ${what}: ${status}`, async () => {
    const all = { 'content-type': 'application/json', ...headers }
    const reply = await call(combined.url, { headers: all, body: requestWith('echo') })
    assert.equal(reply.status, status)
    if (status === 401)
      assert.equal(reply.headers['www-authenticate'], 'Basic realm="carryover", charset="UTF-8", Bearer')
  })

const broken: [what: string, RequestListener][] = [
  ['is down', (request) => request.socket.destroy()],
  ['answers 500', (_request, response) => response.writeHead(500).end(JSON.stringify({ keys: [google.jwk] }))],
  ['answers rubbish', (_request, response) => response.end('<html>')],
  ['answers other JSON', (_request, response) => response.end('{"keys": 5}')],
  ['redirects', (_request, response) => response.writeHead(302, { location: keys.url }).end()],
  ['never answers', () => undefined],
]

async function serveWithKeys(t: TestContext, answer: RequestListener): Promise<TestApp> {
  const server = await startKeyServer(answer)
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

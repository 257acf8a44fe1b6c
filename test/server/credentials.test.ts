import assert from 'node:assert/strict'
import type { OutgoingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { basicFor, call, requestWith } from './http-call.ts'
import { serve } from './test-app.ts'

/** As Node sends header values: a byte a character. */
const inUtf8 = (text: string): string => Buffer.from(text).toString('latin1')

const apps = {
  basic: await serve({
    WEBHOOK_AUTH: 'basic',
    WEBHOOK_BASIC: 'old:555-0100\nnew:pa:ss word\njürgen:grüße€\nblank:555-0102 ',
  }),
  header: await serve({
    WEBHOOK_AUTH: 'header',
    WEBHOOK_HEADER: 'X-Key: old\nX-Key: new one\nAuthorization: Token 555-0101\nX-Wort: grüße\nX-La: voilà',
  }),
  both: await serve({ WEBHOOK_AUTH: 'header,basic', WEBHOOK_BASIC: 'a:555-0100', WEBHOOK_HEADER: 'X-Key: 555-0101' }),
  open: await serve(),
}
after(() => Promise.all(Object.values(apps).map((app) => app.close())))

/** What answers these very bytes. */
const rawCall = (url: string, bytes: string): Promise<string> =>
  text(connect(Number(new URL(url).port), '127.0.0.1').end(bytes))

const statusFor = async (app: keyof typeof apps, headers: OutgoingHttpHeaders): Promise<number> => {
  const all = { 'content-type': 'application/json', ...headers }
  return (await call(apps[app].url, { headers: all, body: requestWith('echo') })).status
}

const cases: [app: keyof typeof apps, what: string, headers: OutgoingHttpHeaders, status: number][] = [
  ['basic', 'the first pair', { authorization: basicFor('old:555-0100') }, 200],
  ['basic', 'the second pair, with colon and space', { authorization: basicFor('new:pa:ss word') }, 200],
  ['basic', 'UTF-8', { authorization: basicFor('jürgen:grüße€') }, 200],
  ['basic', 'a blank at the end of the password', { authorization: basicFor('blank:555-0102 ') }, 200],
  ['basic', 'that blank left out', { authorization: basicFor('blank:555-0102') }, 401],
  ['basic', 'the scheme in capitals', { authorization: basicFor('old:555-0100').replace('Basic', 'BASIC') }, 200],
  ['basic', 'more spaces', { authorization: basicFor('old:555-0100').replace(' ', '   ') }, 200],
  ['basic', 'nothing', {}, 401],
  ['basic', 'a wrong password', { authorization: basicFor('old:555-0199') }, 401],
  ['basic', "another user's password", { authorization: basicFor('old:pa:ss word') }, 401],
  ['basic', 'half a password', { authorization: basicFor('old:555-01') }, 401],
  ['basic', 'a longer password', { authorization: basicFor('old:555-0100 ') }, 401],
  ['basic', 'other case', { authorization: basicFor('OLD:555-0100') }, 401],
  ['basic', 'all pairs at once', { authorization: basicFor('old:555-0100\nnew:pa:ss word') }, 401],
  ['basic', 'UTF-8 as Latin-1', { authorization: `Basic ${Buffer.from('jürgen', 'latin1').toString('base64')}` }, 401],
  ['basic', 'an empty pair', { authorization: basicFor('') }, 401],
  ['basic', 'no pair', { authorization: 'Basic' }, 401],
  ['basic', 'no base64', { authorization: 'Basic old:555-0100' }, 401],
  ['basic', 'another scheme', { authorization: basicFor('old:555-0100').replace('Basic', 'Digest') }, 401],
  ['basic', 'a bearer', { authorization: 'Bearer 555-0100' }, 401],
  ['basic', 'another header', { 'proxy-authorization': basicFor('old:555-0100') }, 401],
  ['header', 'the first value', { 'x-key': 'old' }, 200],
  ['header', 'the second value', { 'X-KEY': 'new one' }, 200],
  ['header', 'authorization', { authorization: 'Token 555-0101' }, 200],
  ['header', 'UTF-8', { 'x-wort': inUtf8('grüße') }, 200],
  ['header', 'UTF-8 with a last byte that Latin-1 calls a space', { 'x-la': inUtf8('voilà') }, 200],
  ['header', 'nothing', {}, 401],
  ['header', 'a wrong value', { 'x-key': 'older' }, 401],
  ['header', 'other case', { 'x-key': 'Old' }, 401],
  ['header', 'an empty value', { 'x-key': '' }, 401],
  ['header', 'the value of another header', { 'x-wort': 'old' }, 401],
  ['header', 'twice', { 'x-key': ['old', 'old'] }, 401],
  ['header', 'right and wrong', { 'x-key': ['old', 'wrong'] }, 401],
  ['header', 'basic', { authorization: basicFor('x-key:old') }, 401],
  ['both', 'basic', { authorization: basicFor('a:555-0100') }, 200],
  ['both', 'header', { 'x-key': '555-0101' }, 200],
  ['both', 'a right header and a wrong pair', { 'x-key': '555-0101', authorization: basicFor('a:wrong') }, 200],
  ['both', 'a wrong header and a right pair', { 'x-key': 'wrong', authorization: basicFor('a:555-0100') }, 200],
  ['both', 'both wrong', { 'x-key': 'wrong', authorization: basicFor('a:wrong') }, 401],
  ['both', 'nothing', {}, 401],
  ['open', 'nothing', {}, 200],
  ['open', 'anything', { authorization: basicFor('a:b') }, 200],
]

for (const [app, what, headers, status] of cases)
  test(`${app}, ${what}: ${status}`, async () => {
    assert.equal(await statusFor(app, headers), status)
  })

test('of two Authorization headers the first alone counts', async () => {
  const lines = ['x:y', 'old:555-0100'].map((pair) => `Authorization: ${basicFor(pair)}\r\n`)
  const head = 'POST /webhook HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n'
  const reply = await rawCall(apps.basic.url, `${head}${lines.join('')}\r\n`)
  assert.match(reply, /^HTTP\/1\.1 401 /)
})

test('a setting without its mode lets nobody in', async (t) => {
  const app = await serve({ WEBHOOK_AUTH: 'basic', WEBHOOK_BASIC: 'a:555-0100', WEBHOOK_HEADER: 'X-Key: 555-0101' })
  t.after(app.close)
  const headers = { 'content-type': 'application/json', 'x-key': '555-0101' }
  assert.equal((await call(app.url, { headers, body: requestWith('echo') })).status, 401)
})

const GOOGLE = { WEBHOOK_AUTH: 'google,basic', WEBHOOK_BASIC: 'a:b', GOOGLE_SERVICE_ACCOUNTS: 'bot@example.com' }

test('WWW-Authenticate says what is asked for', async (t) => {
  const google = await serve(GOOGLE)
  t.after(google.close)
  const challenge = async (url: string) => (await call(url, { body: {} })).headers['www-authenticate']
  assert.equal(await challenge(apps.basic.url), 'Basic realm="carryover", charset="UTF-8"')
  assert.equal(await challenge(google.url), 'Basic realm="carryover", charset="UTF-8", Bearer')
  assert.ok(await challenge(apps.header.url))
  assert.equal(await challenge(apps.open.url), undefined)
})

test('the log says why, and nothing of what came', async () => {
  await statusFor('both', { 'x-key': 'wrong-555', authorization: basicFor('a:wrong-555') })
  assert.match(apps.both.logged(), /"refusal":"wrong credentials"/)
  assert.match(apps.both.logged(), /"refusal":"no credentials"/)
  assert.doesNotMatch(apps.both.logged(), /wrong-555|YTp3cm9uZ/)
})

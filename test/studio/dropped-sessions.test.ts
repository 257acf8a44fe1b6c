import assert from 'node:assert/strict'
import { after, describe, type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { DroppedFile, DroppedView } from '../../src/studio/protocol.ts'
import { hasBrowser, launchBrowser, withoutBrowser } from '../browser.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { call } from '../server/http-call.ts'
import { FULL_CALL } from '../sessions/full-record.ts'
import { madeSessions } from '../sessions/made-sessions.ts'
import { buildPages } from './build-pages.ts'
import { openStudio } from './open-studio.ts'
import { StudioPage } from './studio-page.ts'

const folder = temporaryFolder()
folder.write('flows/a.yaml', 'flow: A\ncaptures: []\n')
folder.write('flows/policy.yaml', 'parameters:\n  - { match: [shoe_size], visible_to: [] }\n')
const studio = await openStudio(`${folder.path}/flows`)

const CALL = {
  name: 'call-1418.json',
  text: JSON.stringify({
    ...FULL_CALL,
    participants: [{ type: 'virtual_agent', virtual_agent_params: { shoe_size: '47 wide' } }],
  }),
}
const MONTH = {
  name: 'month.jsonl',
  text: [...madeSessions(30)]
    .flatMap(({ first, final }) => [first, final].map((one) => JSON.stringify(one)))
    .join('\n'),
}

async function drop(...files: readonly DroppedFile[]): Promise<DroppedView> {
  const reply = await studio.ask('POST', '/api/sessions', { files })
  assert.equal(reply.status, 200, reply.text)
  return JSON.parse(reply.text)
}

const pageAt = (path: string) => call(studio.origin, { method: 'GET', path })

describe('dropped metadata files', () => {
  test('one session has a timeline, masked unless somebody asks, and never what the policy forbids', async () => {
    const { count, sessions } = await drop(CALL)
    assert.deepEqual([count, sessions.map(({ title }) => title)], [1, ['call 1418']])
    const { text, headers } = await pageAt(sessions[0]?.page ?? '')
    assert.match(text, /<h1><bdi>Call 1418<\/bdi><\/h1>/)
    assert.doesNotMatch(text, /Quick and kind|\+12025550142|47 wide/)
    assert.equal(headers['content-security-policy'], "script-src 'none'; connect-src 'none'; frame-ancestors 'self'")
    assert.equal(headers['cache-control'], 'no-store')
    const revealed = (await pageAt(`${sessions[0]?.page}?reveal`)).text
    assert.match(revealed, /Quick and kind/)
    assert.doesNotMatch(revealed, /47 wide/, 'the policy has a rule for it')
    assert.match(revealed, /shoe_size/)
  })

  test('several have a report, in which each counts once', async () => {
    const { count, report } = await drop(MONTH, CALL)
    assert.equal(count, 31)
    assert.ok('page' in report)
    assert.match((await pageAt(report.page)).text, /<h1>31 sessions<\/h1>/)
  })

  test('what cannot be read is told with its place, and the rest is read', async () => {
    const { count, problems } = await drop(CALL, { name: 'broken.json', text: '{"id": 1,\n"status' })
    assert.equal(count, 1)
    assert.match(problems.join('\n'), /^broken\.json:2:1: /)
    const none = await drop({ name: 'other.json', text: '{}' })
    assert.deepEqual([none.count, none.report], [0, { problem: 'there is no session in what was dropped' }])
  })

  test('a page is for who knows its path, until others are dropped', async () => {
    const { sessions } = await drop(CALL)
    const path = sessions[0]?.page ?? ''
    assert.match(path, /^\/sessions\/[\w-]{32}\/0$/)
    for (const other of [path.replace(/0$/, '1'), `${path}x`, '/sessions/x/0', '/sessions/', `${path}/../report`])
      assert.equal((await pageAt(other)).status, 404, other)
    const elsewhere = await call(studio.origin, { method: 'GET', path, headers: { host: 'evil.example.com' } })
    assert.equal(elsewhere.status, 421)
    await drop(CALL)
    assert.equal((await pageAt(path)).status, 404)
  })

  test('nobody drops without the token, nor what is no file', async () => {
    const files = [CALL]
    const refused = await studio.ask('POST', '/api/sessions', { files }, { authorization: 'Bearer x' })
    assert.equal(refused.status, 401)
    for (const body of [{}, { files: 'x' }, { files: [1] }, { files: [{ name: 'a' }] }])
      assert.equal((await studio.ask('POST', '/api/sessions', body)).status, 400)
  })
})

// ---- in the page

const options = hasBrowser ? { browser: await launchBrowser(), pages: buildPages() } : undefined
after(() => options?.browser.close())

async function openView(context: TestContext): Promise<StudioPage> {
  assert.ok(options)
  const open = await StudioPage.open(context, options)
  await open.view('After the call')
  return open
}

const choose = ({ page }: StudioPage, ...files: readonly { readonly name: string; readonly buffer: Buffer }[]) =>
  page.getByLabel('Metadata files').setInputFiles(files.map((file) => ({ ...file, mimeType: 'application/json' })))

describe('the view of sessions', { skip: withoutBrowser }, () => {
  test('shows the timeline of one file, and the report of several, one of them compressed', async (context) => {
    const open = await openView(context)
    const frame = open.page.frameLocator('iframe.dropped')
    await choose(open, { name: CALL.name, buffer: Buffer.from(CALL.text) })
    await frame.getByRole('heading', { name: 'Call 1418' }).waitFor()
    await open.page.getByLabel('Show what the caller left').check()
    await frame.getByText('Quick and kind').waitFor()
    await choose(
      open,
      { name: 'month.jsonl.gz', buffer: gzipSync(MONTH.text) },
      { name: 'broken.json', buffer: Buffer.from('{') },
      { name: 'not-whole.json.gz', buffer: gzipSync(CALL.text).subarray(0, 100) },
    )
    await frame.getByRole('heading', { name: '30 sessions' }).waitFor()
    await open.page.getByText('not-whole.json.gz cannot be read').waitFor()
    await open.page.getByText('broken.json:1:1: ').waitFor()
    await open.page.getByRole('combobox').selectOption({ index: 1 })
    await frame.getByRole('heading', { name: /^C(?:all|hat) 1000$/ }).waitFor()
    assert.deepEqual(open.errors, [])
    for (const origin of open.requested) assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$|^null$/)
  })

  test('takes what is dropped on it', async (context) => {
    const open = await openView(context)
    const data = await open.page.evaluateHandle(([name = '', text = '']) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([text], name))
      return transfer
    }, Object.values(CALL))
    await open.page.dispatchEvent('.drop', 'drop', { dataTransfer: data })
    await open.page.frameLocator('iframe.dropped').getByRole('heading', { name: 'Call 1418' }).waitFor()
  })
})

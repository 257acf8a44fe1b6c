import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { hasBrowser, testInBrowser } from '../browser.ts'
import { until } from '../server/http-call.ts'
import { buildPackage } from './built-package.ts'
import { EVENTS, JOINED, joined, LEFT } from './events.ts'

const { dist } = hasBrowser ? buildPackage() : { dist: '' }

// ---- the sample, as a reader starts it

async function startSample(context: TestContext): Promise<string> {
  const sample = spawn(process.execPath, [join(dist, 'adapter/sample/main.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  context.after(() => sample.kill())
  let output = ''
  sample.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  return until(() => /http:\S+/.exec(output)?.[0])
}

testInBrowser(
  'the sample opens one tab for each session, and keeps each variable once',
  async (page, _errors, context) => {
    const complaints: string[] = []
    page.on('console', (message) => void complaints.push(message.text()))
    await page.goto(await startSample(context))
    const adapter = page.frameLocator('iframe')
    const click = (name: string) => adapter.getByRole('button', { name }).click()
    const tabs = page.getByRole('navigation').getByRole('button')
    const ticket = page.locator('#ticket')
    const lines = async () => (await ticket.locator('h2, p, dt, dd').allTextContents()).filter(Boolean)

    await click('The virtual agent joins')
    await tabs.first().waitFor()
    assert.deepEqual(await lines(), ['Chat 103646', 'Trip assistant has joined.'])

    await click('It captures a variable')
    await ticket.getByText('Osaka').waitFor()
    await adapter.getByLabel('Posted as').selectOption('JSON text')
    await click('It captures a variable')
    await ticket.getByText('Nov 20, 2026').waitFor()
    const variables = ['destination', 'Osaka', 'start_date', 'Nov 20, 2026']
    assert.deepEqual(await lines(), ['Chat 103646', 'Trip assistant has joined.', ...variables])

    await click('It leaves')
    await ticket.getByText('has left').waitFor()
    assert.deepEqual(await lines(), ['Chat 103646', 'The virtual agent has left: Task VA finished.', ...variables])
    assert.deepEqual(await tabs.allInnerTexts(), ['Chat 103646'])

    await adapter.getByLabel('Session').selectOption('Call 103646')
    await click('It captures a variable')
    await ticket.getByText('Call 103646').waitFor()
    assert.deepEqual(await lines(), ['Call 103646', 'destination', 'Osaka'])
    assert.deepEqual(await tabs.allInnerTexts(), ['Chat 103646', 'Call 103646'])
    await tabs.first().click()
    assert.deepEqual(await lines(), ['Chat 103646', 'The virtual agent has left: Task VA finished.', ...variables])

    const arrived = `new Promise((resolve) => {
    addEventListener('message', resolve)
    postMessage(${JSON.stringify(joined({ chat_id: 5550101 }))}, '*')
  }).then(() => {})`
    await page.evaluate(arrived)
    assert.deepEqual(await tabs.allInnerTexts(), ['Chat 103646', 'Call 103646'])
    assert.deepEqual(complaints, [])
  },
)

// ---- real origins; nothing of it leaves the browser

const CRM = 'https://crm.example.com'
const ADAPTER = 'https://adapter.example.com'
const FOREIGN = [
  'https://evil.example.net',
  'https://adapter.example.com.evil.example.net',
  'https://sub.adapter.example.com',
  'https://adapter.example.com:8443',
  CRM,
]

/** What the page keeps: the calls of its callbacks, and how many messages arrived at all. */
const PAGE = `
  const calls = []
  let arrived = 0
  const keep = (name) => (message) => calls.push([name, message])
  const listen = (callbacks) =>
    carryover.listenToVirtualAgent(window, { origin: '${ADAPTER}', onUnknown: keep('onUnknown'), ...callbacks })
  const everything = { onJoined: keep('onJoined'), onVariables: keep('onVariables'), onLeft: keep('onLeft') }
  const breaking = () => { throw new Error('the page is broken') }
  const counting = () => addEventListener('message', () => arrived++)`

/** A page with the built script, and an empty frame of each origin; the last one's sandbox takes its origin away. */
async function openPage(page: Page): Promise<void> {
  const script = readFileSync(join(dist, 'adapter/listen-to-virtual-agent.min.js'), 'utf8')
  const frames = [ADAPTER, ...FOREIGN].map((origin) => `<iframe src="${origin}/frame"></iframe>`)
  const sandboxed = `<iframe sandbox="allow-scripts" src="${ADAPTER}/sandboxed"></iframe>`
  const html = `<!doctype html>${frames.join('')}${sandboxed}<script>${script}</script><script>${PAGE}</script>`
  await page.route('**/*', (route) =>
    route.fulfill({ contentType: 'text/html', body: route.request().url() === `${CRM}/` ? html : '' }),
  )
  await page.goto(`${CRM}/`)
}

/** Posts from frames, waits until everything has arrived, and tells from how many. */
async function post(page: Page, isFrom: (url: string) => boolean, message: unknown): Promise<number> {
  const frames = page.frames().filter((frame) => frame !== page.mainFrame() && isFrom(frame.url()))
  const before = Number(await page.evaluate('arrived'))
  for (const frame of frames) await frame.evaluate(`parent.postMessage(${JSON.stringify(message)}, '*')`)
  await page.waitForFunction(`arrived === ${before + frames.length}`)
  return frames.length
}
const fromAdapter = (url: string): boolean => url === `${ADAPTER}/frame`

testInBrowser('across origins, the events of the adapter come, and of nobody else', async (page) => {
  await openPage(page)
  await page.evaluate('{ globalThis.stop = listen(everything); counting() }')
  const foreign = await post(page, (url) => !fromAdapter(url), JOINED)
  assert.equal(foreign, FOREIGN.length + 1, 'from each foreign origin, and from a sandbox without one')
  assert.deepEqual(await page.evaluate('calls'), [])

  for (const event of EVENTS) await post(page, fromAdapter, event)
  for (const event of EVENTS) await post(page, fromAdapter, JSON.stringify(event))
  await post(page, fromAdapter, 'hello')
  const names = ['onJoined', 'onVariables', 'onLeft']
  const expected = EVENTS.map((event, i) => [names[i], event])
  assert.deepEqual(await page.evaluate('calls'), [...expected, ...expected, ['onUnknown', 'hello']])

  await page.evaluate('stop()')
  await post(page, fromAdapter, LEFT)
  assert.equal(await page.evaluate('calls.length'), 2 * EVENTS.length + 1)
})

testInBrowser('an error in a callback is one of the page, and the next event comes', async (page, errors) => {
  await openPage(page)
  await page.evaluate('{ listen({ ...everything, onJoined: breaking }); listen(everything); counting() }')
  for (const event of [JOINED, LEFT]) await post(page, fromAdapter, event)
  const reported = errors.splice(0).map(({ message }) => message)
  assert.deepEqual(reported, ['the page is broken'])
  const twice = ['onLeft', LEFT]
  assert.deepEqual(await page.evaluate('calls'), [['onJoined', JOINED], twice, twice])
})

testInBrowser('a page that names no origin is told at once', async (page, errors) => {
  await openPage(page)
  for (const origin of ['*', '', 'null', 'https://*.example.com', `${ADAPTER}/`]) {
    const options = JSON.stringify({ origin })
    const told = page.evaluate(`carryover.listenToVirtualAgent(window, ${options})`)
    await assert.rejects(told, /TypeError: origin must be exactly/, origin)
  }
  assert.deepEqual(errors, [])
})

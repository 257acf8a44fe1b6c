import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { hasBrowser, launchBrowser, withoutBrowser } from '../browser.ts'
import { FULL_CALL } from '../sessions/full-record.ts'
import { buildPages } from './build-pages.ts'
import { seriousIn } from './serious-in.ts'
import { StudioPage } from './studio-page.ts'

const options = hasBrowser ? { browser: await launchBrowser(), pages: buildPages() } : undefined
after(() => options?.browser.close())

const VIEWS: Readonly<Record<string, (open: StudioPage) => Promise<void>>> = {
  flow: async (open) =>
    open
      .card('agent')
      .getByRole('button', { name: /^budget/ })
      .click(),
  mistake: async (open) => {
    await open.retype('comment, event', 'comments, event')
    await open.page.locator('.problems li').waitFor()
  },
  captured: async (open) => {
    await open.page.getByLabel('Captured request').fill('{')
    await open.page.getByText('This is not JSON').waitFor()
  },
  conflict: async (open) => {
    await open.retype('Book a trip', 'Mine')
    open.write('trip.yaml', 'flow: Theirs\ncaptures: []\n')
    await open.page.getByText('What differs').click()
  },
  matrix: async (open) => {
    await open.view('Who sees what')
    await open.page.locator('.matrix tbody').first().waitFor()
  },
  'a CRM page': async (open) => {
    await open.view('A CRM page')
    const frame = open.page.frameLocator('iframe')
    for (const name of ['Joined', 'Variables received']) await frame.getByRole('button', { name }).click()
    await open.page.locator('.events summary').last().click()
  },
  sessions: async (open) => {
    await open.view('After the call')
    const buffer = Buffer.from(JSON.stringify(FULL_CALL))
    await open.page
      .getByLabel('Metadata files')
      .setInputFiles([{ name: 'call.json', mimeType: 'application/json', buffer }])
    await open.page.frameLocator('iframe.dropped').getByRole('heading', { name: 'Call 1418' }).waitFor()
  },
  locked: async (open) => {
    await open.page.evaluate(() => localStorage.clear())
    await open.page.reload()
    await open.page.getByLabel('The printed address').waitFor()
  },
}

const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 800 },
] as const

async function assertForEverybody(page: Page): Promise<void> {
  // A dropped file's page runs no script, not even axe: it has tests of its own.
  const frames = page.frames().filter((frame) => !frame.url().includes('/sessions/'))
  for (const frame of frames) assert.deepEqual(await seriousIn(frame), [])
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`)
}

for (const [view, show] of Object.entries(VIEWS))
  test(`axe finds nothing serious: ${view}`, { skip: withoutBrowser }, async (context) => {
    assert.ok(options)
    const open = await StudioPage.open(context, options)
    await show(open)
    for (const { colorScheme, width } of LOOKS)
      await context.test(`${colorScheme}, ${width} pixels wide`, async () => {
        await open.page.emulateMedia({ colorScheme })
        await open.page.setViewportSize({ width, height: 800 })
        await assertForEverybody(open.page)
      })
  })

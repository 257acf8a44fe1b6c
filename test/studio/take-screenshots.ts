import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startStudio } from '../../src/studio/start-studio.ts'
import { launchBrowser } from '../browser.ts'
import { finalRecords } from '../sessions/made-sessions.ts'
import { buildPages } from './build-pages.ts'

// Pictures of every view, light and dark, wide and narrow, to be looked at: test/screenshots/. A name takes those of one view alone,
// and --readme the two that the README shows: .github/pictures/.

const ROOT = join(import.meta.dirname, '../..')
const FOR_README = process.argv.includes('--readme')
const SHOTS = join(ROOT, FOR_README ? '.github/pictures' : 'test/screenshots')

type Shot = (page: Page) => Promise<void>

const settled = (page: Page) => page.waitForSelector('.audiences .card')

/** To the line of a variable, from its value. */
async function goTo(page: Page, variable: string): Promise<void> {
  await page.locator('.card.agent').getByRole('button', { name: variable }).click()
  await page.waitForSelector('.flow-pane .cm-focused .shown-place')
}

const VIEWS: Readonly<Record<string, Shot>> = {
  async flow(page) {
    await settled(page)
    await goTo(page, 'card')
    await page.waitForSelector('[data-current]')
  },
  async mistake(page) {
    await settled(page)
    await page.locator('.flow-pane .cm-line', { hasText: 'visible_to: [agent, comment]' }).first().click()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.type('s')
    await page.keyboard.press('Escape')
    await page.waitForSelector('.problems li')
    await page.waitForTimeout(200)
  },
  async completion(page) {
    await settled(page)
    await goTo(page, 'charged_on')
    // Once to the end of what is seen of the line, and once to its own.
    await page.keyboard.press('End')
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.type(', ma')
    await page.waitForSelector('.cm-tooltip-autocomplete')
    await page.waitForTimeout(300)
  },
  async platform(page) {
    await page.locator('.files a', { hasText: 'book-a-trip' }).click()
    await settled(page)
    await page.waitForTimeout(300)
  },
  async captured(page) {
    await settled(page)
    const body = {
      fulfillmentInfo: { tag: 'to-a-person' },
      sessionInfo: { parameters: { topic: 'a late order', attempts: 2 } },
    }
    await page.locator('#captured').fill(JSON.stringify(body, null, 2))
    await page.waitForSelector('.captured a')
  },
  async conflict(page) {
    await settled(page)
    await goTo(page, 'charged_on')
    await page.keyboard.press('End')
    await page.keyboard.type(' # mine')
    writeFileSync(join(flows, 'billing-dispute.yaml'), 'flow: Somebody else\ncaptures: []\n')
    await page.waitForSelector('.conflict')
    await page.locator('.conflict summary').click()
  },
  async matrix(page) {
    await page.locator('.top nav a', { hasText: 'Who sees what' }).click()
    await page.waitForSelector('.matrix tbody')
  },
  async sessions(page) {
    await page.locator('.top nav a', { hasText: 'After the call' }).click()
    const text = [...finalRecords(200)].map((record) => JSON.stringify(record)).join('\n')
    const files = [{ name: 'month.jsonl', mimeType: 'application/json', buffer: Buffer.from(text) }]
    await page.getByLabel('Metadata files').setInputFiles(files)
    await page.frameLocator('iframe.dropped').getByRole('heading', { name: '200 sessions' }).waitFor()
  },
  async crm(page) {
    await settled(page)
    await page.locator('.top nav a', { hasText: 'A CRM page' }).click()
    const frame = page.frameLocator('iframe')
    for (const name of ['Joined', 'Variables received', 'Left']) await frame.getByRole('button', { name }).click()
    await page.waitForSelector('.events li:nth-child(3)')
    await page.locator('.events summary').nth(1).click()
  },
  async locked(page) {
    await page.evaluate(() => localStorage.clear())
    await page.reload()
    await page.waitForSelector('.locked')
  },
}

type Scheme = 'light' | 'dark'
type Picture = readonly [view: string, scheme: Scheme, width: number, file: string]

const WANTED: readonly Picture[] = FOR_README
  ? [
      ['flow', 'light', 1280, 'studio-flow.webp'],
      ['matrix', 'light', 1280, 'studio-matrix.webp'],
    ]
  : Object.keys(VIEWS)
      .filter((view) => process.argv[2] === undefined || process.argv[2] === view)
      .flatMap((view) =>
        (['light', 'dark'] as const).flatMap((scheme) =>
          [1280, 800].map((width): Picture => [view, scheme, width, `${view}-${scheme}-${width}.png`]),
        ),
      )

/** A third of the bytes, by the browser's own hand. */
async function toWebp(png: Buffer): Promise<Buffer> {
  const page = await browser.newPage()
  const url = await page.evaluate(
    async (source) => {
      const image = await createImageBitmap(await (await fetch(source)).blob())
      const canvas = document.createElement('canvas')
      canvas.width = image.width
      canvas.height = image.height
      canvas.getContext('2d')?.drawImage(image, 0, 0)
      return canvas.toDataURL('image/webp', 0.85)
    },
    `data:image/png;base64,${png.toString('base64')}`,
  )
  await page.close()
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64')
}

const folder = mkdtempSync(join(tmpdir(), 'carryover-shots-'))
const flows = join(folder, 'flows')
const browser = await launchBrowser()
const pages = buildPages()
mkdirSync(SHOTS, { recursive: true })
try {
  for (const [view, colorScheme, width, file] of WANTED) {
    cpSync(join(ROOT, 'flows'), flows, { recursive: true })
    const studio = await startStudio({ folder: flows, policyFile: undefined, editPolicy: false, port: 0, pages })
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
    page.on('pageerror', (error) => console.error(view, error))
    await page.goto(studio.url)
    await VIEWS[view]?.(page)
    const picture = await page.screenshot({ fullPage: width < 1000 })
    writeFileSync(join(SHOTS, file), file.endsWith('.webp') ? await toWebp(picture) : picture)
    await page.close()
    await studio.stop()
  }
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}

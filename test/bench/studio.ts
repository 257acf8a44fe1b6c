import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { startStudio } from '../../src/studio/start-studio.ts'
import { launchBrowser } from '../browser.ts'
import { buildPages } from '../studio/build-pages.ts'

// How long after a keystroke its audiences are on the screen, with one flow file and with many: by the clock of a real browser. Prints
// the 95th percentile of each round, in milliseconds, by the names under which `measure-studio.ts` reads them.

const MANY = 200
const VARIABLES = 20
const ROUNDS = 5
const KEYSTROKES = 40

function flowFile(n: number): string {
  const variables = Array.from({ length: VARIABLES }, (_, i) =>
    i % 2
      ? `      name_${i}: { from: $session.params.name_${i}, visible_to: [agent, comment] }`
      : `      name_${i}: $session.params.name_${i}`,
  )
  const parameters = Array.from({ length: VARIABLES }, (_, i) => `name_${i}: value`).join(', ')
  return [
    `flow: Flow ${n}`,
    'captures:',
    `  - tag: tag-${n}`,
    '    visible_to: [agent, comment, event]',
    '    variables:',
    `      typed: from`,
    ...variables,
    'examples:',
    `  - { name: one, tag: tag-${n}, parameters: { ${parameters} } }`,
    '',
  ].join('\n')
}

interface Times {
  /** From the key to the audiences on the screen, the pause that waits for more typing included. */
  readonly whole: number[]
  /** Without that pause: from the question to the audiences on the screen. */
  readonly asked: number[]
}

interface Watching {
  seen: Promise<{ whole: number; asked: number }>
}

/** In the page: notes when the next key is pressed, and when the text that it leads to has been drawn. */
function watchFor(wanted: string): void {
  const watching = globalThis as unknown as Watching
  watching.seen = new Promise((done) => {
    let pressed = Number.NaN
    addEventListener(
      'keydown',
      () => {
        pressed = performance.now()
      },
      { capture: true, once: true },
    )
    const observer = new MutationObserver(() => {
      if (document.querySelector('.card.agent [data-key="typed"] .text')?.textContent !== wanted) return
      observer.disconnect()
      requestAnimationFrame(() => {
        const asked = performance.getEntriesByName('asked').at(-1)?.startTime ?? Number.NaN
        done({ whole: performance.now() - pressed, asked: performance.now() - asked })
      })
    })
    observer.observe(document.body, { subtree: true, childList: true, characterData: true })
  })
}

/** Types one letter, and waits until the agent's adapter shows it. */
async function typeLetter(page: Page, times: Times): Promise<void> {
  const value = page.locator('.card.agent [data-key="typed"] .text')
  const expected = `${await value.textContent()}x`
  await page.evaluate(watchFor, expected)
  await page.keyboard.press('x')
  const { whole, asked } = await page.evaluate(() => (globalThis as unknown as Watching).seen)
  times.whole.push(whole)
  times.asked.push(asked)
}

/** A studio with so many flow files, ready to be typed in. */
async function open(browser: Browser, pages: string, flows: number) {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-bench-'))
  for (let n = 0; n < flows; n++) writeFileSync(join(folder, `flow-${String(n).padStart(3, '0')}.yaml`), flowFile(n))
  const studio = await startStudio({ folder, policyFile: undefined, editPolicy: false, port: 0, pages })
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.addInitScript('globalThis.__name = (named) => named')
  await page.goto(studio.url)
  await page
    .locator('.card.agent')
    .getByRole('button', { name: /^typed/ })
    .click()
  await page.waitForSelector('.flow-pane .cm-focused .shown-place')
  await page.keyboard.press('End')
  const close = async () => {
    await page.close()
    await studio.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { page, close }
}

const percentile = (times: readonly number[], share: number): number =>
  [...times].sort((a, b) => a - b)[Math.ceil(times.length * share) - 1] ?? Number.NaN

/** Both take turns at each letter, so that what else the machine does falls on both. */
async function round(studios: Readonly<Record<'one' | 'many', { readonly page: Page }>>) {
  const times = { one: { whole: [], asked: [] } as Times, many: { whole: [], asked: [] } as Times }
  for (let i = 0; i < KEYSTROKES; i++)
    for (const name of ['one', 'many'] as const) {
      await studios[name].page.bringToFront()
      await typeLetter(studios[name].page, times[name])
    }
  const p95 = ({ whole, asked }: Times) => ({ whole: percentile(whole, 0.95), asked: percentile(asked, 0.95) })
  return { one: p95(times.one), many: p95(times.many) }
}

const browser = await launchBrowser()
try {
  const pages = buildPages()
  const studios = { one: await open(browser, pages, 1), many: await open(browser, pages, MANY) }
  const rounds = []
  for (let i = 0; i <= ROUNDS; i++) rounds.push(await round(studios))
  await studios.one.close()
  await studios.many.close()
  // The first does not count.
  console.log(JSON.stringify(rounds.slice(1)))
} finally {
  await browser.close()
}

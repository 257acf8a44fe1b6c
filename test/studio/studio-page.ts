import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Browser, Locator, Page } from 'playwright-core'
import type { Surface } from '../../src/core/surface.ts'
import { type RunningStudio, startStudio } from '../../src/studio/start-studio.ts'

export const FLOW = `# A trip that somebody wants to book.
flow: Book a trip
captures:
  - tag: trip-details
    visible_to: [agent, comment, event]
    variables:
      destination: $session.params.location
      budget: { from: $session.params.budget, format: money }
      card: { from: $session.params.card_number, mask: last4, visible_to: [agent] }
  - tag: goodbye
    then: { action: end }
examples:
  - name: a trip to Osaka
    tag: trip-details
    parameters: { location: Osaka, budget: { amount: 1200, currency: USD } }
    sees:
      agent: { destination: Osaka, budget: "$1,200.00" }
`
export const POLICY = `parameters:
  - match: ["card_*"]
    visible_to: [agent]
    reason: PCI DSS 3
`

interface Options {
  readonly browser: Browser
  readonly pages: string
  readonly editPolicy?: boolean
  /** More files, by name. */
  readonly files?: Readonly<Record<string, string>>
}

/** A studio with a page of its own, on files that are gone after the test. */
export class StudioPage {
  readonly page: Page
  readonly folder: string
  readonly studio: RunningStudio
  /** What went wrong in the page, and where it asked for anything. */
  readonly errors: string[] = []
  readonly requested = new Set<string>()

  private constructor(page: Page, folder: string, studio: RunningStudio) {
    this.page = page
    this.folder = folder
    this.studio = studio
    page.on('pageerror', (error) => this.errors.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text())
    })
    page.on('request', (request) => this.requested.add(new URL(request.url()).origin))
  }

  static async open(test: TestContext, options: Options): Promise<StudioPage> {
    const { browser, pages, editPolicy = false, files = {} } = options
    const folder = mkdtempSync(join(tmpdir(), 'carryover-page-'))
    for (const [name, text] of Object.entries({ 'policy.yaml': POLICY, 'trip.yaml': FLOW, ...files }))
      writeFileSync(join(folder, name), text)
    const studio = await startStudio({ folder, policyFile: undefined, editPolicy, port: 0, pages })
    const open = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    test.after(async () => {
      await open.close()
      await studio.stop()
      rmSync(folder, { recursive: true, force: true })
    })
    const opened = new StudioPage(await open.newPage(), folder, studio)
    // The test runner's compiler names functions by a helper of its own, which the page has not.
    await opened.page.addInitScript('globalThis.__name = (named) => named')
    await opened.page.goto(studio.url)
    await opened.page.waitForSelector('.card, .banner')
    return opened
  }

  get origin(): string {
    return new URL(this.studio.url).origin
  }

  read = (name = 'trip.yaml'): string => readFileSync(join(this.folder, name), 'utf8')
  write = (name: string, text: string): void => writeFileSync(join(this.folder, name), text)

  get editor(): Locator {
    return this.page.getByRole('textbox', { name: 'Flow file' })
  }

  /** The text as the editor shows it; all of it, where it is short. */
  text = async (): Promise<string> =>
    (await this.page.locator('.flow-pane .cm-content').first().locator('.cm-line').allTextContents()).join('\n')

  /** Selects a text in the editor, as a mouse would. */
  async select(text: string): Promise<void> {
    const line = this.page.locator('.flow-pane > .editor-pane .cm-line').filter({ hasText: text }).first()
    await line.click()
    // What the checks have just found may be drawn meanwhile, and the selection be put back.
    await this.until(() => line.evaluate(selectIn, text))
  }

  /** Replaces a text in the editor by typing. */
  async retype(before: string, after: string): Promise<void> {
    await this.select(before)
    if (after) await this.page.keyboard.insertText(after)
    else await this.page.keyboard.press('Delete')
  }

  card = (surface: Surface | 'answer'): Locator => this.page.locator(`.card.${surface}`)

  /** What a surface gets: its keys, and whether they are there. */
  async seen(surface: Surface): Promise<Record<string, string>> {
    const rows = await this.card(surface)
      .locator('.seen > div')
      .evaluateAll((all) =>
        all.map((row) => [
          row.getAttribute('data-key') ?? '',
          row.querySelector('dd .text, dd .data')?.textContent ?? '',
        ]),
      )
    return Object.fromEntries(rows)
  }

  absent = (surface: Surface): Promise<string[]> =>
    this.card(surface)
      .locator('.absent > div')
      .evaluateAll((all) => all.map((row) => row.textContent ?? ''))

  /** Waits until what is asked for comes true: the page is drawn when it has heard from its server. */
  async until(probe: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 30_000
    while (!(await probe())) {
      if (Date.now() > deadline) throw new Error('this has not come true within 30 s')
      await this.page.waitForTimeout(20)
    }
  }

  view = (name: string): Promise<void> =>
    this.page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name }).click()
}

/** Selects a text in an element of the page. Whether it is still selected when the page has been drawn again. */
async function selectIn(element: Element, wanted: string): Promise<boolean> {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const start = (element.textContent ?? '').indexOf(wanted)
  const at = (offset: number): [Node, number] => {
    walker.currentNode = element
    let before = 0
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const length = node.textContent?.length ?? 0
      if (before + length >= offset) return [node, offset - before]
      before += length
    }
    throw new Error('the text is not in the line')
  }
  const drawn = (): Promise<number> => new Promise((done) => requestAnimationFrame(done))
  getSelection()?.setBaseAndExtent(...at(start), ...at(start + wanted.length))
  await drawn()
  await drawn()
  return getSelection()?.toString() === wanted
}

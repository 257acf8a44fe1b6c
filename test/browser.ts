import { existsSync } from 'node:fs'
import { after, type TestContext, test } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'

const USUAL = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const executablePath = process.env.CHROMIUM ?? USUAL.find((path) => existsSync(path))

/** Whether tests in a browser run. On a person's machine a browser may be missing; in CI a test that did not run would look like one that passed: there they fail. */
export const hasBrowser = Boolean(executablePath || process.env.CI)
export const withoutBrowser = hasBrowser
  ? false
  : 'no browser: install Chromium (apt-get install chromium-headless-shell), or name one in CHROMIUM'

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executablePath ?? 'chromium', args: ['--disable-gpu'] })

/** One for all tests of a process, which closes it. */
let shared: Promise<Browser> | undefined

/** A test with an empty page of a real browser; an error that nobody caught in the page fails it, unless it is taken from `errors`. */
export function testInBrowser(
  name: string,
  act: (page: Page, errors: Error[], context: TestContext) => Promise<void>,
): void {
  after(async () => (await shared)?.close())
  test(name, { skip: withoutBrowser }, async (context) => {
    shared ??= launchBrowser()
    const page = await (await shared).newPage()
    context.after(() => page.close())
    const errors: Error[] = []
    page.on('pageerror', (error) => errors.push(error))
    await act(page, errors, context)
    if (errors.length) throw errors[0]
  })
}

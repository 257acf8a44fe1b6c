import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Where a browser is: CHROMIUM, or one of the usual places. */
export const browserPath: string | undefined = [process.env.CHROMIUM, ...PLACES].find(
  (path) => path && existsSync(path),
)

/** Why the tests of pages cannot run here; in CI they must, so that there the missing browser is a failure. */
export const withoutBrowser: string | false =
  browserPath === undefined &&
  !process.env.CI &&
  'no Chromium here: install it (apt-get install chromium), or name it in CHROMIUM'

export async function openBrowser(): Promise<Browser> {
  if (browserPath === undefined)
    throw new Error('There is no Chromium: apt-get install -y chromium, or name it in CHROMIUM.')
  return chromium.launch({
    executablePath: browserPath,
    // As root, as in a container, the browser has no sandbox of its own. It is shown our own pages alone.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu', '--force-color-profile=srgb'],
  })
}

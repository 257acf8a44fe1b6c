import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_POLICY } from '../../src/core/policy.ts'
import { describeSession } from '../../src/sessions/describe-session.ts'
import { readRecord } from '../../src/sessions/read-record.ts'
import { drawSessionPage } from '../../src/studio/session-page.ts'
import { testInBrowser } from '../browser.ts'
import { FULL_CALL } from '../sessions/full-record.ts'
import { seriousIn } from './serious-in.ts'

function draw(record: unknown): string {
  const read = readRecord(record)
  assert.ok(read, 'it is metadata')
  return drawSessionPage(describeSession(read.session, { reveal: true, policy: NO_POLICY }))
}

test('what a file says is text in the page, never markup', () => {
  const nasty = '</title></style><img src=x onerror=alert(1)>"\'&\u202e'
  const page = draw({
    ...{ id: nasty, session_type_v2: nasty, status: nasty, menu_path: nasty, feedback: nasty, [nasty]: 1 },
    participants: [{ type: nasty, name: nasty, virtual_agent_params: { [nasty]: nasty } }],
    consumer_in_menu_durations: [{ menu_path: nasty, event: nasty, started_at: '2026-01-01', ended_at: '2026-01-02' }],
  })
  const tags = new Set([...page.matchAll(/<\/?([a-z]+)/gi)].map(([, name]) => name))
  const known = new Set([...draw(FULL_CALL).matchAll(/<\/?([a-z]+)/gi)].map(([, name]) => name))
  assert.deepEqual(
    [...tags].filter((tag) => !known.has(tag)),
    [],
  )
  assert.doesNotMatch(page, /<[^>]*\son\w+=|<img|<script|\u202e/)
})

test('a session of which nearly nothing is known is a page too', () => {
  const page = draw({ status: 8 })
  assert.match(page, /<h1><bdi>A session without an id<\/bdi><\/h1>/)
  assert.doesNotMatch(page, /What happened|NaN|Infinity|undefined/)
})

testInBrowser('the page is for everybody, loads nothing, and fits a telephone', async (page) => {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 400],
  ] as const) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    await page.setContent(draw(FULL_CALL))
    assert.deepEqual(await seriousIn(page), [])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`)
    const bars = await page.locator('svg').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width))
    assert.ok(Math.min(...bars) > 200, 'bars can be seen')
  }
  assert.deepEqual(asked, [])
})

testInBrowser('a long name leaves room for what stands beside it', async (page) => {
  const long = 'carryover_'.repeat(7)
  const participants = [{ virtual_agent_params: { [long]: 'Two weeks in Osaka and Kyoto, for two' } }]
  for (const width of [1100, 400]) {
    await page.setViewportSize({ width, height: 800 })
    await page.setContent(draw({ ...FULL_CALL, participants, recordings: [{ id: long, duration: 5 }] }))
    const shares = await page
      .locator('dd')
      .evaluateAll((all) => all.map((one) => one.clientWidth / (one.parentElement?.clientWidth ?? 1)))
    assert.ok(Math.min(...shares) > 0.5, `a value has ${Math.min(...shares)} of the line at ${width} pixels`)
  }
})

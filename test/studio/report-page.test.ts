import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeReport } from '../../src/sessions/make-report.ts'
import { readRecord } from '../../src/sessions/read-record.ts'
import { Charts } from '../../src/studio/draw-chart.ts'
import { drawReportPage } from '../../src/studio/report-page.ts'
import { testInBrowser } from '../browser.ts'
import { finalRecords } from '../sessions/made-sessions.ts'
import { seriousIn } from './serious-in.ts'

const charts = await Charts.load()

async function draw(records: Iterable<object>): Promise<string> {
  const sessions = [...records].flatMap((record) => readRecord(record)?.session ?? [])
  return drawReportPage(await makeReport(sessions), charts)
}

const MONTH = await draw(finalRecords(400))

const tagsIn = (page: string): Set<string | undefined> =>
  new Set([...page.matchAll(/<\/?([a-z]+)/gi)].map(([, name]) => name))

test('what a file says is text in the page and in its charts, never markup', async () => {
  const nasty = '</title></style></svg><img src=x onerror=alert(1)>"\'&\u202e'
  const part = { virtual_agent: { name: nasty }, finish_reason: nasty, escalation_reason: nasty, call_duration: 5 }
  const page = await draw([
    {
      ...{ id: nasty, session_type_v2: nasty, status: nasty, answer_type: nasty, deflection: nasty, call_duration: 5 },
      virtual_agent_handle_durations: [part],
      queue_durations: [{ menu_path: nasty, queue_duration: 4 }],
    },
  ])
  const known = tagsIn(MONTH)
  assert.deepEqual(
    [...tagsIn(page)].filter((tag) => !known.has(tag)),
    [],
  )
  assert.doesNotMatch(page, /<[^>]*\son\w+=|<img|<script|\u202e/)
})

test('colours, sight and a script are needed by nobody', () => {
  const charts = [...MONTH.matchAll(/<svg [^>]*>/g)].map(([tag]) => tag)
  assert.ok(charts.length > 15, 'a chart or two in each section')
  for (const chart of charts) assert.match(chart, /aria-hidden="true"/)
  assert.equal(MONTH.match(/<section /g)?.length, MONTH.match(/<table>/g)?.length, 'a table in each section')
  assert.doesNotMatch(MONTH, /<script|\sstyle=/, 'the policy allows the one style sheet')
})

test('a session of which nearly nothing is known makes a page too', async () => {
  const page = await draw([{ status: 8 }])
  assert.match(page, /<h1>1 session<\/h1>/)
  assert.doesNotMatch(page, /NaN|Infinity|undefined/)
})

testInBrowser('the page is for everybody, loads nothing, and fits a telephone and a sheet of paper', async (page) => {
  const [asked, said]: [string[], string[]] = [[], []]
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => said.push(message.text()))
  for (const [colorScheme, width] of [
    ['light', 1280],
    ['dark', 400],
  ] as const) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme })
    await page.setContent(MONTH)
    assert.deepEqual(await seriousIn(page), [])
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`)
  }
  // A sheet of A4 without its margins, in pixels of 1/96 inch.
  await page.setViewportSize({ width: 703, height: 1032 })
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  const tables = await page.locator('table').evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right))
  assert.ok(Math.max(...tables) <= 703, 'no column is off the paper')
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)')
  assert.deepEqual([asked, said], [[], []])
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { SessionsError } from '../../src/sessions/find-files.ts'
import { makeReport } from '../../src/sessions/make-report.ts'
import { readRecord } from '../../src/sessions/read-record.ts'
import { fallbackRate, groupsOf, type SessionReport } from '../../src/sessions/report.ts'
import type { Session } from '../../src/sessions/session.ts'
import { arbitraryRecord } from './arbitrary-record.ts'
import { madeSessions } from './made-sessions.ts'
import { naiveGroups, naiveRatings } from './naive-report.ts'

const sessionsIn = (records: Iterable<unknown>): Session[] =>
  [...records].flatMap((record) => readRecord(record)?.session ?? [])

const ownClock = (ms: number, { utcOffsetMinutes = 0 }: Session): string =>
  new Date(ms + utcOffsetMinutes * 60_000).toISOString()

function clockOf(timeZone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  return (ms) => format.format(ms)
}

async function assertAgrees(sessions: readonly Session[], timeZone?: string): Promise<SessionReport> {
  const report = await makeReport(sessions, { timeZone })
  const clock = timeZone === undefined ? ownClock : clockOf(timeZone)
  assert.deepEqual(report.groups, naiveGroups(sessions, clock))
  assert.deepEqual(report.ratings, naiveRatings(sessions))
  assert.equal(report.records, sessions.length)
  return report
}

describe('a second count, without SQL, agrees with every figure', () => {
  test('of made months', async () => {
    const exports = [...madeSessions(1500)].flatMap(({ first, final }) => [first, final])
    const report = await assertAgrees(sessionsIn(exports))
    assert.equal(report.sessions, 1500)
    await assertAgrees(sessionsIn(exports.reverse()), 'America/St_Johns')
  })

  test('of whatever may stand in files', async () => {
    const some = fc.array(arbitraryRecord, { maxLength: 40 })
    const zones = fc.constantFrom(undefined, undefined, 'Europe/Berlin')
    await fc.assert(
      fc.asyncProperty(some, zones, async (records, timeZone) => {
        await assertAgrees(sessionsIn(records), timeZone)
      }),
      { numRuns: 40 },
    )
  })
})

const at = (second: number): string => new Date(Date.UTC(2026, 9, 1, 22) + second * 1000).toISOString()
const part = (name: string, from: number, to: number, finish: string, rest: object = {}) => ({
  virtual_agent: { name },
  started_at: at(from),
  ended_at: at(to),
  finish_reason: finish,
  ...rest,
})

/** What a person would work out by hand. */
describe('figures', () => {
  test('time until a human runs from the end of the escalating bot to the first human after it began', async () => {
    const record = {
      id: 1,
      virtual_agent_handle_durations: [
        part('first', 0, 10, 'escalated', { escalation_reason: 'by_consumer' }),
        part('second', 10, 30, 'escalated'),
        part('third', 50, 60, 'escalated'),
        part('alone', 30, 40, 'resolved'),
      ],
      handle_durations: [{ started_at: at(42) }, { started_at: at(25) }],
    }
    const report = await makeReport(sessionsIn([record]))
    const byBot = groupsOf(report, 'virtual_agent').map(({ value, figures }) => [value, figures.until_human?.total])
    // The second was still there when the human came; nobody came after the third.
    assert.deepEqual(byBot, [
      ['alone', undefined],
      ['first', 15],
      ['second', 0],
      ['third', undefined],
    ])
  })

  test('percentiles are by nearest rank, and fallbacks a share of the answers', async () => {
    const answers = (response_count: number | null, fallback_response_count: number) =>
      part('bot', 0, 1, 'resolved', { response_count, fallback_response_count })
    const records = Array.from({ length: 20 }, (_, id) => ({
      id,
      call_duration: id + 1,
      virtual_agent_handle_durations: id < 2 ? [answers(10, id), answers(null, 9)] : [],
    }))
    const report = await makeReport(sessionsIn(records))
    const [total] = groupsOf(report, 'total')
    assert.equal(total?.count, 20)
    assert.deepEqual(total?.figures.duration, { known: 20, total: 210, mean: 10.5, median: 10, p90: 18, p95: 19 })
    const [bot] = groupsOf(report, 'virtual_agent')
    assert.equal(bot && fallbackRate(bot), 1 / 20)
  })

  test('of two exports the final one counts, wherever it stands', async () => {
    const first = { id: 7, ends_at: at(0), updated_at: at(3), rating: null }
    const final = { ...first, updated_at: at(1000), rating: 2 }
    for (const exports of [
      [first, final],
      [final, first],
    ]) {
      const report = await makeReport(sessionsIn(exports))
      assert.deepEqual([report.records, report.sessions], [2, 1])
      assert.deepEqual(report.ratings, [{ bot: false, rating: 2, count: 1 }])
    }
  })

  test('a transfer that was not deflected met no deflection', async () => {
    const transfers = [{ deflection: 'no_deflection' }]
    const records = [{ id: 1 }, { id: 2, transfers }, { id: 3, transfers, deflection: 'voicemail' }]
    const report = await makeReport(sessionsIn(records))
    assert.deepEqual(
      groupsOf(report, 'deflection').map(({ value, count }) => [value, count]),
      [
        [undefined, 2],
        ['voicemail', 1],
      ],
    )
  })

  test('participants are not counted', async () => {
    const participants = [
      { type: 'virtual_agent', virtual_agent_id: 6 },
      { type: 'agent', user_id: 5 },
    ]
    const report = await makeReport(sessionsIn([{ id: 1, participants }]))
    assert.deepEqual(
      groupsOf(report, 'took_part').map(({ value }) => value),
      ['nobody'],
    )
    assert.deepEqual(groupsOf(report, 'virtual_agent'), [])
  })

  test('days and hours are those of the files, or of a time zone', async () => {
    const record = { id: 1, created_at: '2026-10-02T00:30:00+03:00' }
    const dayAndHour = async (timeZone?: string) => {
      const report = await makeReport(sessionsIn([record]), { timeZone })
      assert.deepEqual(report.utcOffsets, [180])
      return (['day', 'hour'] as const).map((facet) => groupsOf(report, facet)[0]?.value)
    }
    assert.deepEqual(await dayAndHour(), ['2026-10-02', '00'])
    assert.deepEqual(await dayAndHour('UTC'), ['2026-10-01', '21'])
    assert.deepEqual(await dayAndHour('America/New_York'), ['2026-10-01', '17'])
    await assert.rejects(
      dayAndHour("Europe/Berlin'"),
      /there is no time zone "Europe\/Berlin'"; did you mean "Europe\/Berlin"/,
    )
  })

  test('a date alone is that day everywhere, and no hour of it', async () => {
    for (const timeZone of [undefined, 'America/New_York']) {
      const report = await makeReport(sessionsIn([{ id: 1, created_at: '2026-10-02' }]), { timeZone })
      const values = (['day', 'hour'] as const).map((facet) => groupsOf(report, facet).map(({ value }) => value))
      assert.deepEqual([values, report.utcOffsets], [[['2026-10-02'], [undefined]], []])
    }
  })

  test('of nothing there is nothing', async () => {
    const report = await makeReport([])
    assert.deepEqual(report, { timeZone: undefined, utcOffsets: [], records: 0, sessions: 0, groups: [], ratings: [] })
  })
})

test('where there is no folder for temporary files, the error says so', async (context) => {
  const { TMPDIR } = process.env
  context.after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  })
  process.env.TMPDIR = '/nowhere/at-all'
  await assert.rejects(
    makeReport([]),
    (error) => error instanceof SessionsError && /folder for temporary files: .*\/nowhere/.test(error.message),
  )
})

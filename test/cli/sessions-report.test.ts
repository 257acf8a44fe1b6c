import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { EXIT, NO_SCREEN } from '../../src/cli/command.ts'
import { until } from '../server/http-call.ts'
import { madeSessions } from '../sessions/made-sessions.ts'
import { type Ran, runCli } from './run-cli.ts'
import { spawnCli, startCli, withFullDisk, withoutPackage } from './spawn-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const report = (...args: string[]): Promise<Ran> => runCli(['sessions', 'report', ...args])

const lines = (records: Iterable<unknown>): string => [...records].map((record) => JSON.stringify(record)).join('\n')
const exports = [...madeSessions(300)]
const month = folder.write('month/first.jsonl', lines(exports.map(({ first }) => first)))
folder.write('month/later/final.json', JSON.stringify(exports.map(({ final }) => final)))

const bot = (finish_reason: string, seconds: number) => ({
  virtual_agent: { name: 'Trip assistant' },
  finish_reason,
  call_duration: seconds,
  response_count: 4,
  fallback_response_count: 1,
})
const FEW = [
  {
    id: 1,
    status: 8,
    rating: 4,
    created_at: '2026-09-01T23:10:00+03:00',
    virtual_agent_handle_durations: [bot('resolved', 30)],
  },
  { id: 2, status: 'finished', call_duration: 3725, created_at: '2026-09-02T00:10:00+03:00' },
  { id: 3, status: '=HYPERLINK("x")\u001b[2J', virtual_agent_handle_durations: [bot('escalated', 90)] },
]
const few = folder.write('few.json', FEW)

describe('carryover sessions report', () => {
  test('reads whatever lies there, and counts each session once', async () => {
    const { code, stdout, stderr } = await report(join(folder.path, 'month'), '--format', 'json')
    assert.equal(code, EXIT.fine, stderr)
    // On a slow machine it tells how far it is.
    assert.match(stderr, /^(?:Read \d+ files, \d+ sessions …\n)*$/)
    const { records, sessions, utc_offsets, time_zone } = JSON.parse(stdout)
    assert.deepEqual(
      { records, sessions, utc_offsets, time_zone },
      { records: 600, sessions: 300, utc_offsets: [180], time_zone: null },
    )
  })

  test('as tables', async () => {
    const { code, stdout } = await report(few)
    assert.equal(code, EXIT.fine)
    assert.match(
      stdout,
      /^3 sessions\nRecords {2}3, of which the last export of each session counts\nDays {5}2026-09-01 to 2026-09-02\n/,
    )
    assert.match(stdout, /^Clock {4}days and hours by the clocks of the files \(UTC\+03:00\)$/m)
    assert.match(stdout, /^Length {3}median 1:02:05, p90 1:02:05, p95 1:02:05, of 1$/m)
    assert.match(stdout, /^finished +2 {2}66\.7% .* 1:02:05/m)
    assert.match(stdout, /^Trip assistant +2 {2}100\.0% +0:30 +1:30 +1:30 .* 25\.0%$/m)
    assert.match(stdout, /^with a bot +2 +1 {2}4\.00 {2}0 {2}0 {2}0 {2}1 {2}0 +0$/m)
    assert.ok(!stdout.includes('\u001b'), 'what a file holds moves no cursor')
  })

  test('every rating that counts has its column', async () => {
    const rated = [0, 4, 10].map((rating, id) => ({ id, rating }))
    const { stdout } = await report(folder.write('rated.json', rated))
    assert.match(stdout, /^ +1 +2 +3 +4 +5 +other$/m)
    assert.match(stdout, /^without a bot +3 +3 +4\.67 +0 +0 +0 +1 +0 +2$/m)
  })

  test('as CSV that a spreadsheet takes for data', async () => {
    const { stdout } = await report(few, '--format', 'csv')
    const [head = '', ...rows] = stdout.split('\r\n')
    assert.match(
      head,
      /^"facet","value","count","duration_known","duration_mean","duration_median","duration_p90","duration_p95",/,
    )
    const row = (start: string) => rows.find((one) => one.startsWith(start))
    assert.match(row('"total"') ?? '', /^"total","all","3","1","3725","3725","3725","3725",/)
    assert.ok(row(`"status","'=`), 'a formula is text')
    assert.match(row('"finish_reason","escalated"') ?? '', /,"4","1","0\.25"$/)
    assert.equal(rows.at(-1), '')
  })

  test('a figure below zero is a figure in CSV too', async () => {
    const below = folder.write('below.json', { id: 1, rating: -2 })
    const { stdout } = await report(below, '--format', 'csv')
    assert.match(stdout, /"total","all","1",.*"1","-2",/)
  })

  test('interrupted, it leaves nothing behind', { timeout: 30_000 }, async (t) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      const TMPDIR = join(folder.path, signal)
      mkdirSync(TMPDIR)
      const child = startCli(['sessions', 'report', '-'], { TMPDIR })
      t.after(() => child.kill('SIGKILL'))
      await until(() => readdirSync(TMPDIR).find((name) => name.startsWith('carryover-report-')))
      child.kill(signal)
      assert.deepEqual(await once(child, 'exit'), [null, signal])
      assert.deepEqual(
        readdirSync(TMPDIR).filter((name) => name.startsWith('carryover-')),
        [],
      )
    }
  })

  test('a duration below zero is told, and counts for nothing', async () => {
    const below = folder.write('below.json', { id: 1, wait_duration: -240 })
    const { stdout, stderr } = await report(below, '--format', 'csv')
    assert.doesNotMatch(stdout, /240/)
    assert.match(stderr, /below\.json:1:25: warning: wait_duration: .*a number of seconds.*\[session\/odd-value\]/)
  })

  test('as JSON', async () => {
    const { stdout } = await report(few, '--format', 'json', '--time-zone', 'UTC')
    const { time_zone, groups, ratings } = JSON.parse(stdout)
    assert.equal(time_zone, 'UTC')
    assert.deepEqual(
      groups.find(({ facet }: { facet: string }) => facet === 'finish_reason'),
      {
        facet: 'finish_reason',
        value: 'escalated',
        count: 1,
        duration: { known: 1, mean: 90, median: 90, p90: 90, p95: 90 },
        fallbacks: 1,
        responses: 4,
        until_human: { known: 0, mean: null, median: null, p90: null, p95: null },
        fallback_rate: 0.25,
      },
    )
    const days = groups.filter(({ facet }: { facet: string }) => facet === 'day')
    assert.deepEqual(
      days.map(({ value, count }: { value: unknown; count: unknown }) => [value, count]),
      [
        ['2026-09-01', 2],
        [null, 1],
      ],
    )
    assert.deepEqual(ratings, [{ bot: true, rating: 4, count: 1 }])
  })

  test('a broken file is told with its place, and the others are counted', async () => {
    const broken = folder.write('some/broken.json', '{"id": 1,')
    folder.write('some/whole.json', FEW)
    folder.write('some/transcript.json', { comm_id: 1, entries: [] })
    const { code, stdout, stderr } = await report(join(folder.path, 'some'))
    assert.equal(code, EXIT.problems)
    assert.match(stdout, /^3 sessions\n/)
    assert.ok(stderr.includes(`${broken}:1:1: error: `), stderr)
    assert.match(stderr, /transcript\.json:1:1: warning: .* \[session\/not-metadata\]/)
  })

  test('compressed lines on standard input', async () => {
    const bytes = gzipSync(readFileSync(month))
    const { stdout } = await runCli(['sessions', 'report', '-'], {}, NO_SCREEN, Readable.from([bytes]))
    assert.match(stdout, /^300 sessions\n/)
  })

  const wrong: [args: string[], code: number, says: RegExp][] = [
    [[], EXIT.usage, /name what to read/],
    [
      [few, '--time-zone', 'Europe/Berln'],
      EXIT.usage,
      /--time-zone: there is no time zone "Europe\/Berln"; did you mean "Europe\/Berlin"\?/,
    ],
    [[few, '--format', 'xml'], EXIT.usage, /--format takes text, csv, json, html/],
    [[join(folder.path, 'nothing')], EXIT.cannotRun, /there is no file or folder/],
    [[folder.write('empty.jsonl', '')], EXIT.problems, /there is no session in what was read/],
  ]
  for (const [args, code, says] of wrong)
    test(`says what is wrong: ${says.source}`, async () => {
      const ran = await report(...args)
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stderr, says)
      assert.equal(ran.stdout, '')
    })

  const absent: [name: string, what: string, args: string[]][] = [
    ['@duckdb/node-api', 'counting sessions', []],
    ['vega', 'charts', ['--format', 'html']],
  ]
  for (const [name, what, args] of absent)
    test(`where ${name} is absent, one line says what to install, before anything is read`, () => {
      const broken = folder.write('broken.json', '{')
      const { status, stderr } = spawnCli(['sessions', 'report', broken, ...args], folder.path, withoutPackage(name))
      assert.equal(status, EXIT.cannotRun, stderr)
      const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
      assert.match(
        stderr,
        new RegExp(`^carryover sessions report: ${what} needs? a package: npm install --no-save .*\\n$`),
      )
      assert.ok(stderr.includes(` ${name}@${devDependencies[name]}`), 'the version that is tested')
    })

  test('as one page', async () => {
    const { code, stdout } = await report(few, '--format', 'html')
    assert.equal(code, EXIT.fine)
    assert.match(stdout, /^<!doctype html>.*<h1>3 sessions<\/h1>/s)
  })

  test('on a full disk ends with one line', () => {
    const many = folder.write('many.jsonl', lines(Array.from({ length: 20_000 }, (_, id) => ({ id }))))
    const { status, stdout, stderr } = spawnCli(['sessions', 'report', many], folder.path, [], withFullDisk(400))
    assert.match(stderr, /^carryover sessions report: in .*carryover-report-.*, DuckDB could not count: .*$/m)
    assert.equal(status, EXIT.cannotRun)
    assert.equal(stdout, '')
  })
})

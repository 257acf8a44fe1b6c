import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { JsonMap } from '../../src/core/json.ts'
import { readRecord } from '../../src/sessions/read-record.ts'
import { type Timeline, timelineOf } from '../../src/sessions/timeline.ts'
import { FULL_CALL } from './full-record.ts'
import { madeSessions } from './made-sessions.ts'

function timeline(record: JsonMap): Timeline {
  const read = readRecord(record)
  assert.ok(read, 'it is metadata')
  return timelineOf(read.session)
}

const at = (minute: number, second = 0): number => Date.UTC(2026, 2, 23, 7, minute, second)

test('everything that a session can hold, in the order in which it happened', () => {
  const { span, stretches, undated } = timeline(FULL_CALL)
  assert.deepEqual(span, { fromMs: at(0), toMs: at(22) })
  assert.deepEqual(undated, [])
  assert.deepEqual(
    stretches.map(({ kind, label, fromMs, toMs, seconds }) => [kind, label, fromMs, toMs, seconds]),
    [
      ['menu', 'Main Menu/Billing', at(0), at(1), 37],
      ['virtual_agent', 'Trip assistant', at(2), at(3), 50],
      ['deflection', 'temp_redirection_queue', at(3), at(3), undefined],
      ['queue', 'Main Menu/Billing', at(3), at(4), 9],
      ['human', 'Ada Example', at(6), at(7, 1), 59],
      ['transfer', 'to Trip assistant, Travel/Groups', at(7), at(9), 18],
      ['wrap_up', 'Ada Example', at(7, 1), at(7, 21), 20],
      ['survey', 'csat', at(21), at(22), 11],
    ],
  )
  assert.deepEqual(
    stretches.map(({ notes }) => notes),
    [
      [],
      ['escalated', 'by_virtual_agent', '3 responses, 1 of them fallbacks'],
      ['by_consumer', 'escalated by Trip assistant'],
      ['in_sla'],
      ['5 s on hold', '2 s before the call', 'after a transfer'],
      ['transferred'],
      [],
      [],
    ],
  )
})

test('an end follows from a beginning and a duration, and a beginning from an end', () => {
  const visit = (row: JsonMap) => timeline({ id: 1, consumer_in_menu_durations: [row] })
  const [started, ended] = ['2026-03-23T07:00:00Z', '2026-03-23T07:01:00Z']
  const range = ({ stretches: [one] }: Timeline) => [one?.fromMs, one?.toMs, one?.seconds]
  assert.deepEqual(range(visit({ started_at: started, duration: 60 })), [at(0), at(1), 60])
  assert.deepEqual(range(visit({ ended_at: ended, duration: 60 })), [at(0), at(1), 60])
  assert.deepEqual(range(visit({ started_at: started, ended_at: ended })), [at(0), at(1), 60])
  assert.deepEqual(range(visit({ started_at: ended, ended_at: started })), [at(1), at(1), -60])
  const { span, stretches, undated } = visit({ duration: 60 })
  assert.deepEqual([span, stretches.length, undated[0]?.seconds], [undefined, 0, 60])
})

test('who only joined is shown where no list tells what they did', () => {
  const joined = { connected_at: '2026-03-23T07:00:00Z', ended_at: '2026-03-23T07:01:00Z' }
  const participants = [
    { type: 'agent', user_id: 5, first_name: 'Ada', hold_duration: 3, ...joined },
    { type: 'task_virtual_agent', virtual_agent_id: 15, fail_reason: 'timeout', ...joined },
    { type: 'end_user', ...joined },
  ]
  const { stretches } = timeline({ id: 1, participants })
  assert.deepEqual(
    stretches.map(({ kind, label, notes }) => [kind, label, notes]),
    [
      ['task_assistant', '15', ['timeout']],
      ['human', 'Ada', ['3 s on hold']],
    ],
  )
})

test('whatever the times are, stretches lie within the span, in order, and none ends before it begins', () => {
  const records = [...madeSessions(30)].flatMap(({ first, final }) => [first, final])
  const seconds = fc.oneof(fc.integer({ min: -100, max: 10_000 }), fc.constant(null))
  fc.assert(
    fc.property(fc.constantFrom(...records), seconds, seconds, (record, duration, wait) => {
      const shifted = JSON.parse(JSON.stringify(record), (key, value) => {
        if (key.endsWith('_duration')) return duration
        return key === 'ended_at' && wait === null ? null : value
      })
      const { span, stretches } = timeline(shifted)
      assert.ok(span, 'there are times')
      let last = span.fromMs
      for (const { fromMs, toMs } of stretches) {
        assert.ok(span.fromMs <= fromMs && fromMs <= toMs && toMs <= span.toMs, 'within')
        assert.ok(last <= fromMs, 'in order')
        last = fromMs
      }
    }),
  )
})

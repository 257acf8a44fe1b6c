import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { isMap, type JsonMap } from '../../src/core/json.ts'
import { unknownKeys } from '../../src/sessions/known-keys.ts'
import { readDocument } from '../../src/sessions/read-document.ts'
import { readRecord } from '../../src/sessions/read-record.ts'
import { readSessions } from '../../src/sessions/read-sessions.ts'
import type { Session } from '../../src/sessions/session.ts'
import { sessionSchema } from '../../src/sessions/session-schema.ts'
import { STATUSES } from '../../src/sessions/status.ts'
import { supersedes } from '../../src/sessions/supersedes.ts'
import { FULL_CALL, FULL_CHAT } from './full-record.ts'
import { madeSessions } from './made-sessions.ts'

function read(record: unknown): Session {
  const found = readRecord(record)
  assert.ok(found, 'it is metadata')
  assert.deepEqual(found.odd, [])
  return found.session
}

const at = (minute: number): number => Date.UTC(2026, 2, 23, 7, minute)
const span = (minute: number) => ({ startedAtMs: at(minute), endedAtMs: at(minute + 1) })
const inMenu = { menu: { names: 'Main Menu/Billing', ids: '30' }, language: 'en' }
const noTransfer = { isTransfer: false, transferId: undefined }
const human = { kind: 'human', id: '5', name: 'Ada Example', email: 'ada@example.com', number: '77', alias: undefined }
const bot = {
  kind: 'virtual_agent',
  id: '6',
  name: 'Trip assistant',
  email: undefined,
  number: undefined,
  alias: 'trips',
}

const EXPECTED = {
  key: 'call 1418',
  kind: 'call',
  id: '1418',
  uuid: '00000000-0000-4000-8000-000000001418',
  language: 'en',
  type: { original: 'Voice Inbound (IVR)', group: 'voice inbound (ivr)' },
  status: { number: 81, word: 'voicemail_received' },
  subStatus: 'connected_with_agent',
  createdAtMs: at(0),
  queuedAtMs: at(3),
  assignedAtMs: at(5),
  connectedAtMs: at(6),
  virtualAgentAssignedAtMs: at(1),
  virtualAgentConnectedAtMs: at(2),
  endedAtMs: at(20),
  scheduledAtMs: at(0),
  updatedAtMs: at(38),
  utcOffsetMinutes: 180,
  isFinal: true,
  waitSeconds: 27,
  durationSeconds: 126,
  holdSeconds: 5,
  virtualAgentWaitSeconds: 4,
  messageCount: 9,
  answerType: 'manual',
  failReason: 'eu_abandoned',
  failDetails: 'The line was busy',
  disconnectedBy: 'disconnected_by_agent',
  deflection: 'after_hours_message_only',
  deflections: [{ id: '1', deflection: 'voicemail', transferId: '12', from: { names: 'Billing', ids: '4' } }],
  voicemailReason: 'over_capacity',
  automationRedirection: 'none',
  rating: 4,
  feedback: 'Quick and kind',
  supportNumber: '+12025550100',
  outboundNumber: '+12025550101',
  customerNumber: '+12025550142',
  endUser: { id: '42', identifier: 'made-up', contactId: 'C-1' },
  ticketId: 'T-77',
  ticketUrl: 'https://crm.example.com/T-77',
  recordingPermission: 'granted',
  recordingUrl: 'https://recordings.example.com/1',
  queuePriority: 3,
  menu: { names: 'Billing', ids: '2420/4563' },
  selectedMenu: { names: 'Billing', ids: '4563' },
  agent: human,
  smartActions: {
    verified: 'true',
    photos: [{ id: '1', type: 'photo', url: 'https://photos.example.com/1' }],
    videos: [{ id: '2', type: undefined, url: 'https://videos.example.com/2' }],
    texts: ['12 Example Street'],
  },
  dispositionCodes: ['Refund'],
  dispositionNotes: ['Asked for a refund'],
  smsDuringCall: ['Your link'],
  smsWhileWaiting: ['Please hold'],
  sipHeaders: { 'P-Attestation-Indicator': 'A' },
  virtualAgentHandles: [
    {
      ...{ ...span(2), ...inMenu, ...noTransfer, id: '1069', virtualAgent: bot, durationSeconds: 50 },
      ...{ escalationReason: 'by_virtual_agent', finishReason: 'escalated', sentiment: 52 },
      ...{ responseCount: 3, fallbackResponseCount: 1, initiatedBy: 'end_user' },
    },
  ],
  deflectedEscalations: [
    {
      ...{ ...inMenu, id: '101', virtualAgent: bot, escalatedAtMs: at(3), deflection: 'temp_redirection_queue' },
      ...{ escalationId: '201', escalationReason: 'by_consumer' },
    },
  ],
  participants: [
    {
      ...{ id: '2916', type: 'virtual_agent', entryType: 'queue_or_transfer', userId: '1', endUserId: '2' },
      ...{ virtualAgentId: '6', conversationId: '103MadeUpConversation' },
      parameters: { ani: '+12025550142', queue_id: 25 },
      sipHeaders: { 'P-Origination-ID': '00000000-0000-4000-8000-000000000001' },
      ...{ status: 'finished', failReason: undefined, name: 'Ben Example', email: 'ben@example.com' },
      ...{ phoneNumber: '+12025550142', connectedAtMs: at(2), endedAtMs: at(4), durationSeconds: 50, holdSeconds: 1 },
    },
  ],
  handles: [
    {
      ...{ ...span(6), ...inMenu, isTransfer: true, transferId: '12', id: '70', agentId: '5', durationSeconds: 59 },
      ...{ holdSeconds: 5, afterCallSeconds: 20, beforeCallSeconds: 2, responseSeconds: 4 },
    },
  ],
  queueWaits: [
    {
      ...{ ...span(3), ...inMenu, isTransfer: false, transferId: '12', id: '324', agentId: '5', durationSeconds: 9 },
      ...{ isColdTransfer: true, serviceLevel: 'in_sla' },
    },
  ],
  consumerHandles: [
    {
      ...{ ...span(6), durationSeconds: 58, holdSeconds: 4, messageCount: 7, responseCount: 3 },
      ...{ responseTotalSeconds: 12, responseMaxSeconds: 6, responseSeconds: 4 },
    },
  ],
  menuVisits: [{ ...span(0), ...inMenu, id: '1188', type: undefined, event: 'finished', durationSeconds: 37 }],
  consumerEvents: [{ ...span(21), ...inMenu, id: '1189', type: 'csat', event: 'finished', durationSeconds: 11 }],
  transfers: [
    {
      ...{ id: '12', status: 'transferred', failReason: undefined, createdAtMs: at(7), assignedAtMs: at(8) },
      ...{ connectedAtMs: at(9), startedAtMs: at(7), updatedAtMs: at(10), durationSeconds: 87, waitSeconds: 18 },
      ...{ deflection: 'no_deflection', answerTypePath: 'manual_to_manual', from: human, to: bot },
      ...{ fromMenu: { names: 'Billing', ids: '4' }, toMenu: { names: 'Travel/Groups', ids: '6/8' } },
    },
  ],
  recordings: [
    {
      ...{ ...span(6), id: '1085', callId: '1418', conferenceId: '1a251a25-534d-412b-b4b9-8245462c9125' },
      ...{ type: 'default', durationSeconds: 60, redactions: [{ ...span(7), durationSeconds: 2.94 }] },
    },
  ],
}

describe('what is read of a record', () => {
  test('every attribute and list of a call', () => {
    const { record, ...session } = read(FULL_CALL)
    assert.deepEqual(session, EXPECTED)
    assert.equal(record, FULL_CALL)
  })

  test("a chat's words", () => {
    const session = read(FULL_CHAT)
    const { key, type, subStatus, endedAtMs, durationSeconds } = session
    assert.deepEqual(
      { key, type: type?.group, subStatus, endedAtMs, durationSeconds },
      {
        ...{ key: 'chat 135', type: 'messaging inbound (web)', subStatus: 'in_queue' },
        ...{ endedAtMs: at(20), durationSeconds: 59 },
      },
    )
    const lists = [session.virtualAgentHandles, session.participants, session.handles, session.consumerHandles]
    assert.deepEqual(
      [...lists, session.transfers].map(([row]) => row?.durationSeconds),
      [30, 31, 32, 33, 34],
    )
    assert.deepEqual(
      [session.transfers[0]?.from?.name, session.transfers[0]?.to?.name],
      ['Trip assistant', 'Ada Example'],
    )
    assert.equal(session.participants[0]?.name, 'Trip assistant')
  })

  test('every key that the schema knows stands in these two', () => {
    const known = keysOf(sessionSchema)
    const seen = new Set([FULL_CALL, FULL_CHAT].flatMap((record) => keysIn(record, known)))
    // A person has no conversation and no alias, a bot no e-mail: not every kind of agent has all keys of all.
    const missing = known.filter((key) => !seen.has(key) && !/(?:agent|agent_info)\.\w+$/.test(key))
    assert.deepEqual(missing, [])
  })

  for (const [number, word] of STATUSES)
    test(`status ${number} is ${word}, both ways`, () => {
      for (const status of [number, String(number), word, word.toUpperCase(), word.replaceAll('_', ' ')])
        assert.deepEqual(read({ id: 1, status }).status, { number, word })
    })

  test('a status that the vendor does not list stays itself', () => {
    assert.deepEqual(read({ status: 7 }).status, { number: 7, word: '7' })
    assert.deepEqual(read({ status: 'on the moon' }).status, { number: undefined, word: 'on_the_moon' })
  })

  const types: [given: string, group: string][] = [
    ['Voice Inbound', 'voice inbound'],
    ['Voice Inbound (IVR by Mobile)', 'voice inbound (ivr by mobile)'],
    ['Voice Inbound (IVR using Mobile)', 'voice inbound (ivr by mobile)'],
    ['Voice inbound (Mobile)', 'voice inbound (mobile)'],
    ['Voice Callback (Web)', 'voice callback (web)'],
    ['Voice Inbound (API)', 'voice inbound (api)'],
    ['Voice Scheduled (Mobile)', 'voice scheduled (mobile)'],
    ['Voice Scheduled (Web)', 'voice scheduled (web)'],
    ['Voice Outbound', 'voice outbound'],
    ['Voice Outbound (API)', 'voice outbound (api)'],
    ['Voice Campaign', 'voice campaign'],
    ['Voice Inbound (IVR)', 'voice inbound (ivr)'],
    ['Messaging (WhatsApp)', 'messaging (whatsapp)'],
    ['Messaging (Whatsapp)', 'messaging (whatsapp)'],
    ['Messaging Inbound (SMS)', 'messaging inbound (sms)'],
    ['messaging_inbound (sms)', 'messaging inbound (sms)'],
    ['Messaging Outbound (SMS)', 'messaging outbound (sms)'],
    ['Messaging Outbound (SMS by API)', 'messaging outbound (sms by api)'],
    ['Messaging (Web)', 'messaging (web)'],
    ['Messaging (Mobile)', 'messaging (mobile)'],
    ['Messaging Inbound (Web Chat)', 'messaging inbound (web)'],
    ['Hologram  Inbound(Mars)', 'hologram inbound (mars)'],
  ]
  for (const [original, group] of types)
    test(`type ${original} belongs to ${group}`, () =>
      assert.deepEqual(read({ session_type_v2: original }).type, { original, group }))

  const kinds: [record: JsonMap, name: string, key: string][] = [
    [{ id: 1, call_uuid: 'a' }, '', 'call 1'],
    [{ id: 1, call_uuid: null, chat_type: 'Messaging (Web)' }, '', 'chat 1'],
    [{ id: 1, session_type: 'Messaging (Web)' }, '', 'chat 1'],
    [{ id: 1, session_type_v2: 'Voice Campaign' }, '', 'call 1'],
    [{ id: 1 }, 'bucket/2026/chat-1.json', 'chat 1'],
    [{ id: 1 }, 'call_1.json.gz', 'call 1'],
    [{ id: 1 }, 'recall-notes.json', 'session 1'],
    [{ call: { id: 1 } }, 'chat-1.json', 'call 1'],
    [{ chat: { id: 1, call_uuid: 'a' }, version: 2 }, '', 'chat 1'],
    [{ chat_uuid: 'b' }, '', 'chat b'],
    [{ call_uuid: '', chat_uuid: 'b' }, '', 'chat b'],
    [{ id: 1, call_uuid: '', call_type: 'Voice Inbound' }, '', 'call 1'],
    [{ id: 1, session_type_v2: '', session_type: 'Voice Inbound' }, '', 'call 1'],
    [{ id: 1, call_duration: 0 }, '', 'call 1'],
  ]
  for (const [record, name, key] of kinds)
    test(`${JSON.stringify(record)} in ${JSON.stringify(name)} is ${key}`, () =>
      assert.equal(readRecord(record, name)?.session.key, key))

  test('a number beyond all numbers is none', () => {
    const [longest] = readDocument('{"id": 1, "wait_duration": 999999999, "hold_duration": 4242424242424242}', 'a.json')
    assert.deepEqual([longest?.session?.waitSeconds, longest?.session?.holdSeconds], [999_999_999, undefined])
    assert.equal(longest?.diagnostics.length, 1)
    const text = `{"id": 1e999, "wait_duration": 1e999, "hold_duration": "${'9'.repeat(400)}", "rating": -1e999, "call_duration": 5}`
    const [reading] = readDocument(text, 'a.json')
    const { key, waitSeconds, holdSeconds, rating, durationSeconds } = reading?.session ?? {}
    assert.deepEqual(
      [key, waitSeconds, holdSeconds, rating, durationSeconds, reading?.diagnostics.length],
      [undefined, undefined, undefined, undefined, 5, 4],
    )
  })

  test('empty text hides no older key', () => {
    const { type, subStatus } = read({
      session_type_v2: '',
      call_type: 'Voice Inbound',
      sub_status: '',
      subStatus: 'Busy',
    })
    assert.deepEqual([type?.original, subStatus], ['Voice Inbound', 'busy'])
  })

  test('keys that nobody knows are kept, and named', () => {
    const participants = [{ type: 'agent' }, { brand_new: 1, virtual_agent: { newer: 1 }, sip_headers: { 'X-Own': 1 } }]
    const record = {
      call: { id: 1, brand_new: { a: 1 }, menu_path: { name: 'Billing' }, participants },
      exported_by: 'x',
    }
    const session = read(record)
    assert.equal(session.record, record)
    assert.deepEqual(unknownKeys(session), [
      ['exported_by'],
      ['brand_new'],
      ['participants', 1, 'brand_new'],
      ['participants', 1, 'virtual_agent', 'newer'],
    ])
  })
})

describe('the two exports of a session', () => {
  test('are told apart by their times', () => {
    for (const { first, final } of madeSessions(50)) {
      assert.equal(read(first).isFinal, false)
      assert.equal(read(final).isFinal, true)
    }
    assert.equal(read({ id: 1 }).isFinal, undefined)
    assert.equal(
      read({ created_at: '2026-03-23', call_duration: 60, updated_at: '2026-03-23T00:02:59Z' }).isFinal,
      false,
    )
    assert.equal(
      read({ created_at: '2026-03-23', call_duration: 60, updated_at: '2026-03-23T00:03:00Z' }).isFinal,
      true,
    )
  })

  test('the one that was updated later is believed, else the final one, else the later one', () => {
    const [first, final] = [...madeSessions(1)].flatMap((made) => [read(made.first), read(made.final)])
    assert.ok(first && final, 'both are there')
    assert.equal(supersedes(final, first), true)
    assert.equal(supersedes(first, final), false)
    assert.equal(supersedes(final, final), true)
    assert.equal(supersedes(read({ id: 1 }), final), false)
    assert.equal(supersedes({ ...first, updatedAtMs: final.updatedAtMs }, final), false)
  })

  test('where neither says when it was updated, the one that knows of survey or wrap-up is believed', () => {
    const undated = { id: 1, ends_at: '2026-03-23', rating: null, handle_durations: [null, { acw_duration: null }] }
    const first = read(undated)
    for (const known of [{ rating: 4 }, { handle_durations: [{}, { acw_duration: 0 }] }]) {
      const final = read({ ...undated, ...known })
      assert.deepEqual([supersedes(final, first), supersedes(first, final)], [true, false])
    }
    assert.equal(read({ ...undated, rating: 4, updated_at: '2026-03-23' }).isFinal, false)
  })
})

describe('nothing is required, and nothing crashes', () => {
  const keys = Object.keys(FULL_CALL)
  const EMPTY = read({ brand_new: 1, id: null })

  test('every key may be the only one, and is read', () => {
    const aliases = ['call_type', 'session_type', 'has_feedback', 'end_user', 'sip_headers']
    for (const key of keys) {
      const { record: _, ...session } = read({ [key]: FULL_CALL[key] })
      const { record: __, ...empty } = EMPTY
      if (!aliases.includes(key)) assert.notDeepEqual(session, empty, key)
    }
  })

  test('without any keys, at any depth, and with null in their place, the rest reads the same', () => {
    const holes = fc.infiniteStream(fc.boolean())
    fc.assert(
      fc.property(holes, (stream) => {
        const choices = [...stream.take(400)]
        const session = (fill: JsonMap): unknown => {
          let next = 0
          const { record, ...rest } = read({
            ...(punch(FULL_CALL, () => choices[next++] ?? true, fill) as JsonMap),
            id: 1,
          })
          return rest
        }
        assert.deepEqual(session({}), session({ fill: null }))
      }),
      { numRuns: 300 },
    )
  })

  test('a value of any kind in any place is read, or told in that place', () => {
    const places = keysOf(sessionSchema).filter((key) => !key.startsWith('chat'))
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
        const record = plant(JSON.parse(JSON.stringify(FULL_CALL)), place.split('.'), value)
        const found = readRecord(record)
        assert.ok(found, 'still metadata')
        for (const { path } of found.odd)
          assert.ok(
            path
              .filter((step) => typeof step === 'string')
              .join('.')
              .startsWith(place),
            `${path} for ${place}`,
          )
      }),
      { numRuns: 1000 },
    )
  })

  test('any JSON text gives sessions or diagnostics', () => {
    fc.assert(fc.property(fc.json(), (text) => assert.equal([...readDocument(text, 'a.json')].length >= 0, true)))
  })

  test('any bytes, and any damage to a good file, give sessions or diagnostics', async () => {
    const good = Buffer.from(JSON.stringify([FULL_CALL, FULL_CHAT], null, 1))
    const damaged = fc
      .tuple(fc.nat(good.length), fc.nat(40), fc.uint8Array({ maxLength: 20 }))
      .map(([start, length, bytes]) => Buffer.concat([good.subarray(0, start), bytes, good.subarray(start + length)]))
    const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, any), async (bytes) => {
        for await (const { session, diagnostics } of readSessions(['-'], { standardInput: [bytes] }))
          assert.ok(session || diagnostics.length === 1, 'one or the other')
      }),
      { numRuns: 500 },
    )
  })

  test('depth, length and odd keys do no harm', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const texts = [
      deep,
      `{"id": 1, "participants": ${deep}}`,
      `{"id": 1, "disposition_codes": [{"a": ${deep}}]}`,
      `{"id": 1, "call_duration": {"a": ${deep}}}`,
      '{"__proto__": {"id": 1}, "constructor": 5, "id": 2}',
      `{"id": 1, "feedback": "${'é"'.replace('"', '\\"').repeat(200_000)}", "rating": []}`,
    ]
    for (const text of texts) assert.equal([...readDocument(text, 'a.json')].length, 1)
    assert.equal(({} as JsonMap).id, undefined)
  })
})

/** Every key of a schema, by the keys that lead to it; items of lists have no step of their own. */
function keysOf(schema: z.core.$ZodType, prefix = ''): string[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, inner]) => {
      const path = prefix ? `${prefix}.${key}` : key
      return [path, ...keysOf(inner as z.core.$ZodType, path)]
    })
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return keysOf(schema.unwrap(), prefix)
  return schema instanceof z.ZodArray ? keysOf(schema.element, prefix) : []
}

function keysIn(value: unknown, known: readonly string[], prefix = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysIn(item, known, prefix))
  if (!isMap(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    const path = prefix ? `${prefix}.${key}` : key
    return known.includes(path) ? [path, ...keysIn(item, known, path)] : []
  })
}

const TENANTS = new Set(['virtual_agent_params', 'sip_headers'])

/** A copy without some of its keys, or with something in their place; maps of the tenant's own keys stay whole. */
function punch(value: unknown, keeps: () => boolean, fill: JsonMap): unknown {
  if (Array.isArray(value)) return value.map((item) => punch(item, keeps, fill))
  if (!isMap(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, item, keeps()] as const)
  return Object.fromEntries(
    entries.flatMap(([key, item, kept]) =>
      kept
        ? [[key, TENANTS.has(key) ? item : punch(item, keeps, fill)]]
        : Object.hasOwn(fill, 'fill')
          ? [[key, fill.fill]]
          : [],
    ),
  )
}

/** Puts a value to a key, in the first item of each list on the way. */
function plant(record: JsonMap, [step = '', ...rest]: readonly string[], value: unknown): JsonMap {
  if (rest.length === 0) record[step] = value
  else {
    const inner = record[step]
    const next = Array.isArray(inner) ? inner[0] : inner
    if (isMap(next)) plant(next, rest, value)
  }
  return record
}

const REAL = join(import.meta.dirname, '..', '..', '..', 'shared', 'reference', 'ccai-platform-examples.json')

test('fragments of real files, put together as they came apart', { skip: !existsSync(REAL) }, () => {
  const fragments: { json: JsonMap }[] = JSON.parse(readFileSync(REAL, 'utf8'))
  const at = (index: number): JsonMap => fragments[index]?.json ?? {}
  const record = {
    ...{ ...(at(46).call as JsonMap), ...(at(46).details as JsonMap) },
    virtual_agent_handle_durations: [at(42).virtual_agent_session],
    participants: [at(43), at(44), at(45), at(52)],
    transfers: [at(47)],
    queue_durations: [at(48)],
    consumer_in_menu_durations: [at(49)],
    recordings: [at(50)],
    handle_durations: [at(53)],
    virtual_agent_deflected_escalations: [
      (at(54).jsonPayload as { event: { payload: JsonMap } }).event.payload
        .virtual_agent_deflected_escalation as JsonMap,
    ],
  }
  const session = read({ call: record })
  const { virtualAgentHandles, participants, transfers, handles, deflectedEscalations, recordings } = session
  assert.deepEqual(
    [session.key, session.status?.number, session.rating, session.durationSeconds],
    ['call 1418', 8, 5, 126],
  )
  assert.deepEqual(
    [virtualAgentHandles[0]?.finishReason, virtualAgentHandles[0]?.durationSeconds, virtualAgentHandles[0]?.sentiment],
    ['escalated', 50, 52],
  )
  assert.deepEqual(
    participants.map(({ type, conversationId }) => [type, conversationId?.length]),
    [
      ['virtual_agent', 25],
      ['task_virtual_agent', 25],
      ['end_user', undefined],
      ['agent', undefined],
    ],
  )
  assert.equal(Object.keys(participants[0]?.parameters ?? {}).length, 13)
  assert.deepEqual([transfers[0]?.fromMenu?.ids, transfers[0]?.toMenu?.ids], ['4', '6/8'])
  assert.deepEqual([handles[0]?.durationSeconds, handles[0]?.responseSeconds], [59, 0])
  assert.equal(deflectedEscalations[0]?.deflection, 'temp_redirection_queue')
  assert.equal(recordings[0]?.redactions[0]?.durationSeconds, 2.94)
})

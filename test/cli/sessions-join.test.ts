import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { variablesReceived } from '../../src/adapter/captured-variables.ts'
import type { JsonMap } from '../../src/core/json.ts'
import { call } from '../server/http-call.ts'
import { configurationIn, serve, type TestApp } from '../server/test-app.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()

const FLOW = `flow: Book a trip
captures:
  - tag: trip-details
    visible_to: [agent, event]
    variables:
      destination: { from: $session.params.city, required: true }
      budget: { from: $session.params.budget, visible_to: [agent] }
      day: $session.params.day
`

/** How many conversations there are, and what is wrong with three of them. */
const COUNT = 50
const [NEVER_CALLED, NEVER_SAID, LOST, SAID_LATER] = [6, 13, 20, 30]

interface Made {
  readonly id: string
  /** Half of them are of a task assistant, for which the platform posts events. */
  readonly isTask: boolean
  readonly isEscalated: boolean
  readonly number: number
}

/** Every third has an id that is no UUID, as the platform gives them. */
const conversations: Made[] = Array.from({ length: COUNT }, (_, number) => ({
  id: number % 3 ? randomUUID() : `103Made-Up_${String(number).padStart(15, '0')}`,
  isTask: number % 2 === 0,
  isEscalated: number % 5 === 0 || number === NEVER_CALLED,
  number,
}))

/** Values of the conversations: none may be printed. */
const CITY = 'Zanzibar'

const requestOf = ({ id }: Made, parameters: JsonMap) => ({
  fulfillmentInfo: { tag: 'trip-details' },
  sessionInfo: { session: `projects/p/locations/global/agents/a/sessions/${id}`, parameters },
})

const at = (number: number, second: number): Date => new Date(Date.UTC(2026, 8, 1, 8, number, second))

/** What the platform would write after the session: the second export, and before it the first. */
function metadataOf({ id, isTask, isEscalated, number }: Made): JsonMap[] {
  const handle = {
    ...{
      id: number,
      started_at: at(number, 0).toISOString(),
      ended_at: at(number, 50).toISOString(),
      call_duration: 50,
    },
    finish_reason: isEscalated ? 'escalated' : number === NEVER_SAID ? 'consumer_ended' : 'resolved',
  }
  const record = {
    ...{ id: 7000 + number, call_uuid: randomUUID(), status: 'finished', ends_at: at(number, 55).toISOString() },
    participants: [
      { type: 'end_user', phone_number: '+12025550142' },
      { type: isTask ? 'task_virtual_agent' : 'virtual_agent', virtual_agent: { conversation_id: id } },
    ],
  }
  const updated_at = at(number, 59).toISOString()
  const later = at(number + 16, 0).toISOString()
  return [
    { ...record, updated_at, virtual_agent_handle_durations: [{ ...handle, finish_reason: 'escalated' }] },
    { ...record, updated_at: later, virtual_agent_handle_durations: [handle] },
  ]
}

let app: TestApp
const events: unknown[] = []
const metadata: string[] = []

before(async () => {
  const configuration = await configurationIn(folder.flow('flows', FLOW))
  app = await serve({}, { configuration: () => configuration })
  for (const made of conversations) {
    metadata.push(...metadataOf(made).map((record) => JSON.stringify(record)))
    const said = { city: CITY, budget: 900, ...(made.number % 4 ? { day: 'Monday' } : {}) }
    const first = made.number === NEVER_SAID || made.number === SAID_LATER ? { budget: 900 } : said
    const turns = made.number === NEVER_CALLED ? [] : made.number === SAID_LATER ? [first, said] : [first]
    for (const parameters of turns) await converse(made, parameters)
  }
})
after(() => app.close())

/** A turn: the webhook answers, and the adapter posts what the answer has for events. */
async function converse(made: Made, parameters: JsonMap): Promise<void> {
  const { status, text } = await call(app.url, { body: requestOf(made, parameters) })
  assert.equal(status, 200)
  if (!made.isTask) return
  const session = { call_id: 7000 + made.number, conversation_id: made.id, virtual_agent_id: 15 }
  events.push({ type: 'Task_VA_Joined', data: session })
  const messages: { payload?: { ujet: JsonMap } }[] = JSON.parse(text).fulfillmentResponse?.messages ?? []
  const ujets = messages.flatMap(({ payload }) => payload?.ujet ?? [])
  const received = variablesReceived(ujets, session, at(made.number, 10))
  if (received && made.number !== LOST) events.push(received)
}

const lines = (): string[] => app.logged().trimEnd().split('\n')

/** As `gcloud logging read --format=json` gives them: wrapped, the last first, special fields lifted out. */
function exported(): JsonMap[] {
  const wrapped = lines().map((line, index) => {
    const { severity, httpRequest, ...jsonPayload } = JSON.parse(line)
    return {
      insertId: String(index),
      severity,
      httpRequest,
      jsonPayload,
      timestamp: new Date(Date.UTC(2026, 8, 1) + index).toISOString(),
    }
  })
  return wrapped.reverse()
}

const join = (args: readonly string[]) => runCli(['sessions', 'join', ...args])
const paths = () => ({
  log: folder.write('webhook.log', `> carryover@0.1.0 start\n> node dist/server/main.js\n\n${lines().join('\n')}\n`),
  cloud: folder.write('cloud.json', exported()),
  posted: folder.write('events.jsonl', events.map((event) => JSON.stringify(event)).join('\n')),
  sessions: folder.write('sessions/september.jsonl', metadata.join('\n')),
})

interface Joined {
  readonly findings: readonly JsonMap[]
  readonly captures: readonly JsonMap[]
  readonly counts: JsonMap
  readonly unknown: readonly string[]
}

async function joined(args: readonly string[]): Promise<Joined> {
  const { stdout } = await join([...args, '--format', 'json'])
  return JSON.parse(stdout)
}

const brief = ({ findings }: Joined): unknown[] =>
  findings.map(({ kind, session, names, ending }) => [kind, session, names, ending])

const PLANTED = [
  ['escalated-without-variables', `call ${7000 + NEVER_CALLED}`, [], 'escalated, finished'],
  ['required-missing', `call ${7000 + NEVER_SAID}`, ['destination'], 'consumer_ended, finished'],
  ['never-received', `call ${7000 + LOST}`, ['destination'], 'escalated, finished'],
]

describe('fifty conversations, and three faults', () => {
  test('exactly these three are found, in the log as written and as Cloud Logging exports it', async () => {
    const { log, cloud, posted, sessions } = paths()
    for (const source of [log, cloud]) {
      const result = await joined(['--log', source, '--events', posted, sessions])
      assert.deepEqual(brief(result), PLANTED)
      const { counts } = result
      assert.deepEqual([counts.sessions, counts.calls, counts.events], [50, 50, events.length])
      assert.equal(counts.withoutMetadata, 0)
      assert.deepEqual(result.captures, [
        { flow: 'Book a trip', tag: 'trip-details', missed: 2, made: 1, endings: { 'consumer_ended, finished': 1 } },
      ])
    }
  })

  test('what two exports of the log both hold counts once', async () => {
    const { log, cloud, posted, sessions } = paths()
    const once = await joined(['--log', log, '--events', posted, sessions])
    assert.deepEqual(await joined(['--log', log, '--log', cloud, '--events', posted, sessions]), once)
  })

  test('the same in parts, compressed and in any order', async () => {
    const { log, posted } = paths()
    writeFileSync(`${folder.path}/sessions.gz`, gzipSync([...metadata].reverse().join('\n')))
    const half = lines()
    const parts = [half.slice(20), half.slice(0, 20)].map((part, index) =>
      folder.write(`log-${index}.jsonl`, part.join('\n')),
    )
    const args = [...parts.flatMap((part) => ['--log', part]), '--events', posted, `${folder.path}/sessions.gz`]
    assert.deepEqual(brief(await joined(args)).sort(), [...PLANTED].sort())
    assert.ok(log, 'the log was written')
  })

  test('as people read it; no value is printed, whatever the format', async () => {
    const { log, posted, sessions } = paths()
    const args = ['--log', log, '--events', posted, sessions]
    const { code, stdout, stderr } = await join(args)
    assert.deepEqual([code, stderr], [1, ''])
    assert.match(stdout, /^50 sessions, 50 answers of the webhook, \d+ post events\.\n/)
    assert.match(
      stdout,
      /Escalated, and no variable was sent: 1\n {2}call 7006, conversation \S+\n {4}the log has no answer/,
    )
    assert.match(
      stdout,
      /so that nothing was sent: 1\n {2}call 7013, .*\n {4}destination \(tag trip-details of Book a trip\)\n {4}ended: consumer_ended, finished/,
    )
    assert.match(stdout, /never received in one: 1\n {2}call 7020, .*\n {4}destination\n/)
    assert.match(stdout, /^Book a trip +trip-details +2 +1 +1 × consumer_ended, finished$/m)
    assert.match(stdout, /^ {2}\d+ conversations sent variables for post events, and no event of them came\./m)
    for (const format of ['text', 'json']) {
      const ran = await join([...args, '--format', format])
      // As a word: conversations have random ids.
      assert.doesNotMatch(ran.stdout + ran.stderr, new RegExp(`${CITY}|2025550142|Monday|\\b900\\b`))
    }
    for (const width of [60, 80]) {
      const narrow = await runCli(['sessions', 'join', ...args], {}, { colour: false, width })
      assert.ok(
        narrow.stdout.split('\n').every((line) => line.length <= width),
        `${width} columns`,
      )
    }
  })

  test('without one source or the other, what it cannot know is said', async () => {
    const { log, posted, sessions } = paths()
    const withoutEvents = await joined(['--log', log, sessions])
    assert.deepEqual(brief(withoutEvents), PLANTED.slice(0, 2))
    assert.match(withoutEvents.unknown.join('\n'), /^Without --events: whether what was sent arrived/m)
    const withoutLog = await joined(['--events', posted, sessions])
    assert.deepEqual(brief(withoutLog), [])
    assert.match(withoutLog.unknown.join('\n'), /^Without --log: which variables were sent/m)
    const neither = await join([sessions])
    assert.equal(neither.code, 0)
    assert.match(
      neither.stdout,
      /Without --log[\s\S]*Without --events[\s\S]*Nothing is amiss, as far as can be known\./,
    )
  })
})

describe('what else can be', () => {
  const line = (fields: object) => ({ session: '103Made', configuration: 'c', flow: 'A', tag: 't', ...fields })
  const session = (fields: JsonMap, type = 'task_virtual_agent') => ({
    ...{
      id: 1,
      call_uuid: 'u',
      status: 8,
      participants: [{ type, virtual_agent: { conversation_id: '103Made' } }],
      ...fields,
    },
  })
  const received = (names: readonly string[], data: JsonMap = { conversation_id: '103Made' }) => ({
    type: 'Task_VA_Variables_Received',
    data: {
      call_id: 1,
      ...data,
      captured_variables: [{ variables: Object.fromEntries(names.map((name) => [name, 1])) }],
    },
  })
  const escalated = { virtual_agent_handle_durations: [{ finish_reason: 'escalated' }] }

  const cases: [what: string, log: unknown[], events: unknown[], sessions: unknown[], found: unknown[]][] = [
    [
      'a variable that arrived and that nobody sent',
      [line({ variables: { event: ['a'] } })],
      [received(['a', 'b'])],
      [session({})],
      [['never-sent', 'call 1', ['b'], 'finished']],
    ],
    [
      'the same without metadata',
      [line({ variables: { event: ['a'] } })],
      [received(['a', 'b'])],
      [],
      [['never-sent', undefined, ['b'], undefined]],
    ],
    [
      'an event that names the session alone',
      [line({ variables: { event: ['a'] } })],
      [received(['a'], {})],
      [session({})],
      [],
    ],
    [
      'an event that names the session alone, and brings too much',
      [line({ variables: { event: ['a'] } })],
      [received(['a', 'b'], {})],
      [session({})],
      [['never-sent', 'call 1', ['b'], 'finished']],
    ],
    [
      'an event of which session_id is the conversation',
      [line({ variables: { event: ['a'] } })],
      [received(['a'], { session_id: '103Made' })],
      [session({})],
      [],
    ],
    [
      'the event at the end, which brings everything once more',
      [line({ variables: { event: ['a', 'b'] } })],
      [received(['a']), { ...received(['a', 'b']), type: 'Task_VA_Left' }],
      [session({})],
      [],
    ],
    [
      'a task assistant without any event',
      [line({ variables: { event: ['a'], agent: ['c'] } })],
      [received([], { call_id: 2 })],
      [session({})],
      [['never-received', 'call 1', ['a'], 'finished']],
    ],
    [
      'a support virtual agent without any event',
      [line({ variables: { event: ['a'] } })],
      [received([], { call_id: 2 })],
      [session({}, 'virtual_agent')],
      [],
    ],
    [
      'an event of a task assistant, in the call of a virtual agent that has none',
      [line({ variables: { event: ['a'] } }), line({ session: '104Made', variables: { event: ['b'] } })],
      [received(['b'], { session_id: 'its own' })],
      [
        session({
          participants: [
            { type: 'virtual_agent', virtual_agent: { conversation_id: '103Made' } },
            { type: 'task_virtual_agent', virtual_agent: { conversation_id: '104Made' } },
          ],
        }),
      ],
      [],
    ],
    [
      'an escalation with a variable for the agent',
      [line({ variables: { agent: ['a'] } })],
      [],
      [session(escalated)],
      [],
    ],
    [
      'an escalation whose answer was refused',
      [line({ variables: { agent: ['a'] }, failure: 'response_too_large', httpRequest: { status: 500 } })],
      [],
      [session(escalated)],
      [['escalated-without-variables', 'call 1', [], 'escalated, finished']],
    ],
    [
      'an escalation whose caller did not wait for the answer',
      [line({ variables: { agent: ['a'] }, httpRequest: {} })],
      [],
      [session(escalated)],
      [['escalated-without-variables', 'call 1', [], 'escalated, finished']],
    ],
    [
      'an escalation that the queue turned away',
      [line({})],
      [],
      [session({ virtual_agent_deflected_escalations: [{ deflection: 'after_hours_message_only' }] })],
      [['escalated-without-variables', 'call 1', [], 'after_hours_message_only, finished']],
    ],
    ['an escalation without a conversation', [line({})], [], [{ id: 1, call_uuid: 'u', ...escalated }], []],
    [
      'a value that was there and is missing again',
      [line({ variables: { agent: ['a'] } }), line({ missing: ['b'] })],
      [],
      [session({})],
      [['required-missing', 'call 1', ['b'], 'finished']],
    ],
    [
      'a value missing in one capture, and another that is whole',
      [line({ missing: ['b'] }), line({ tag: 'other', variables: { agent: ['a'] } })],
      [],
      [],
      [['required-missing', undefined, ['b'], undefined]],
    ],
  ]
  for (const [index, [what, log, posted, sessions, found]] of cases.entries())
    test(what, async () => {
      const write = (name: string, list: unknown[]): string => folder.write(`case-${index}/${name}.json`, list)
      const args = ['--log', write('log', log), '--events', write('events', posted), write('sessions', sessions)]
      assert.deepEqual(
        brief(await joined(args)),
        JSON.parse(JSON.stringify(found)).map((row: unknown[]) => row.map((cell) => cell ?? undefined)),
      )
    })

  test('what the console sent past the webhook is named', async () => {
    const queuedUjet = { keys: ['session_variable', 'payload'], otherKeys: 1 }
    const log = folder.write('console/log.json', [line({ queuedUjet })])
    const events = folder.write('console/events.json', [received(['zip'])])
    const sessions = folder.write('console/sessions.json', [session(escalated)])
    const { stdout } = await join(['--log', log, '--events', events, sessions])
    assert.match(stdout, /the webhook answered once, with no variable; the console sent some past it/)
    assert.match(stdout, /zip \(a payload typed into the console went along\)/)
  })

  test("an ending in somebody's own words is not told", async () => {
    const log = folder.write('words/log.json', [line({})])
    const sessions = folder.write('words/sessions.json', [
      session({ ...escalated, fail_reason: 'Call +12025550142 back' }),
    ])
    const { stdout } = await join(['--log', log, sessions])
    assert.match(stdout, /ended: escalated, finished, \*{4}$/m)
  })

  test('a request that failed is no answer, and why it failed is told', async () => {
    const refused = line({ failure: 'unknown_tag', httpRequest: { status: 404 } })
    const sessions = folder.write('failed/sessions.json', [session(escalated)])
    const joinLog = async (name: string, log: unknown[]) => {
      const args = ['--log', folder.write(`failed/${name}.json`, log), sessions]
      return [(await join(args)).stdout, (await joined(args)).findings[0]] as const
    }
    const [text, finding] = await joinLog('all', [refused, refused, line({ httpRequest: {} })])
    assert.match(text, /^1 session, 0 answers of the webhook, 3 failed requests\.\n/)
    assert.match(
      text,
      /the webhook answered no request; 2 requests failed: unknown_tag; 1\s+request failed: aborted by the caller$/m,
    )
    assert.deepEqual([finding?.calls, finding?.failures], [0, { unknown_tag: 2, 'aborted by the caller': 1 }])
    const [mixed] = await joinLog('some', [refused, line({})])
    assert.match(mixed, /the webhook answered once, with no variable; 1 request failed: unknown_tag$/m)
  })

  const fine = folder.write('fine.json', [session({})])
  const wrong: [args: string[], code: number, says: RegExp][] = [
    [['--log', `${folder.path}/none.log`, fine], 3, /there is no file or folder .*none\.log/],
    [
      ['--log', dirname(folder.write('logs/webhook.log', '{}')), fine],
      3,
      /logs holds nothing to read: no \*\.json.*name files/,
    ],
    [
      ['--log', folder.write('other.log', 'Starting\n{"severity":"INFO","message":"Listening"}\n'), fine],
      0,
      /other\.log holds no calls of the webhook/,
    ],
    [
      ['--events', folder.write('cut.jsonl', '{"type":"Task_VA'), fine],
      1,
      /cut\.jsonl:1:9: error: this text is not closed/,
    ],
    [
      [folder.write('none.json', '[]')],
      1,
      /^0 sessions\.\n\n(?!.*Nothing is amiss)[\s\S]*there is no session in what was read/,
    ],
    [['--log', fine], 2, /name what to read/],
    [['--log', '-', '-'], 2, /standard input \(-\) can be one of the sources, not several/],
    [[fine, '--format', 'html'], 2, /--format takes text, json, not "html"/],
    [[fine, '--event', fine], 2, /Unknown option '--event'\. Did you mean "--events"\?/],
  ]
  for (const [args, code, says] of wrong)
    test(`sessions join ${args.join(' ').replaceAll(folder.path, '')} ends with ${code}`, async () => {
      const ran = await join(args)
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stdout + ran.stderr, says)
    })
})

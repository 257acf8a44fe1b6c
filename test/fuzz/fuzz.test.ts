import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { load } from '../../src/config/load.ts'
import { NO_POLICY } from '../../src/core/policy.ts'
import { parseReferences } from '../../src/core/reference.ts'
import { checkSession } from '../../src/sessions/check-session.ts'
import { describeSession } from '../../src/sessions/describe-session.ts'
import { type Reading, readDocument } from '../../src/sessions/read-document.ts'
import type { Session } from '../../src/sessions/session.ts'
import { type Answer, answer } from '../../src/webhook/answer.ts'
import { holdLoaded } from '../config/hold-loaded.ts'
import { FULL_CALL } from '../sessions/full-record.ts'
import { isMap, type Json } from '../webhook/random-case.ts'
import { holdAnswer, serve } from './hold-answer.ts'
import { holdSessions } from './hold-sessions.ts'
import { holdText } from './hold-value.ts'
import { supervise } from './supervise.ts'
import { TARGETS } from './targets.ts'

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'fuzz')
const GUARD = 30_000

const corpusOf = (target: string) =>
  readdirSync(join(FIXTURES, target)).map((name) => ({ name, bytes: readFileSync(join(FIXTURES, target, name)) }))

function fuzz(t: TestContext, args: readonly string[], options = '') {
  const findings = mkdtempSync(join(tmpdir(), 'carryover-fuzz-test-'))
  t.after(() => rmSync(findings, { recursive: true }))
  const all = [
    '--import',
    'tsx',
    join(import.meta.dirname, 'run.ts'),
    '--seconds',
    '0',
    '--findings',
    findings,
    ...args,
  ]
  const env = { ...process.env, NODE_OPTIONS: options }
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', env, timeout: 10 * GUARD })
  return { status, said: stdout + stderr, found: readdirSync(findings).map((name) => join(findings, name)) }
}

for (const [name, { look }] of Object.entries(TARGETS))
  test(`the committed corpus: every ${name} holds`, () => {
    const inputs = corpusOf(name)
    assert.ok(inputs.length > 0)
    for (const { bytes } of inputs) look(bytes)
  })

test('the committed corpus is small, and named by its content', () => {
  const files = Object.keys(TARGETS).flatMap(corpusOf)
  for (const { name, bytes } of files)
    assert.equal(name, createHash('sha256').update(bytes).digest('hex').slice(0, 16), 'written by --add')
  assert.ok(files.length < 400)
  assert.ok(files.reduce((sum, { bytes }) => sum + bytes.length, 0) < 1024 * 1024)
})

test('what breaks is told once, kept, and looked at again', (t) => {
  const breakDates = "Object.defineProperty(Intl.DateTimeFormat.prototype,'format',{get(){throw new Error('broken')}})"
  const { status, said, found } = fuzz(
    t,
    ['--target', 'request'],
    `--import=data:text/javascript,${encodeURIComponent(breakDates)}`,
  )
  assert.equal(status, 1)
  assert.match(said, /^request: Error: broken$/m)
  assert.equal(found.length, 1)
  const [file = ''] = found
  assert.ok(said.includes(`again: node --import tsx test/fuzz/run.ts --target request --file ${file}`))
  assert.equal(fuzz(t, ['--target', 'request', '--file', file]).status, 0)
})

test('an input that never ends is told', async () => {
  const hangs = "process.send('begins'); for (;;);"
  const child = spawn(process.execPath, ['-e', hangs], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const heard: unknown[] = []
  assert.deepEqual(await supervise(child, 2_000, (message) => heard.push(message)), { silence: 2_000 })
  assert.deepEqual(heard, ['begins'])
})

// ---- what holds inputs to account must be able to fail

const fileIn = (name: string) => ({ path: name, bytes: readFileSync(join(FIXTURES, 'everything', name)) })
const FLOWS = [fileIn('everything.yaml')]
const POLICY = fileIn('policy.yaml')
const loaded = load({ flows: FLOWS, policy: POLICY, policyPath: 'policy.yaml', misplacedPolicies: [] })

const { policy = NO_POLICY } = loaded.configuration ?? {}

function served() {
  assert.ok(loaded.configuration)
  return serve(loaded.configuration, FLOWS, POLICY)
}

const bodyFor = (tag: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      fulfillmentInfo: { tag },
      text: 'four words were said',
      sessionInfo: {
        parameters: {
          raw: 'plain',
          hidden: 'private',
          account: 'DE89370400440532013000',
          city: 'Osaka',
          kept: { ssn: 'x' },
        },
      },
    }),
  )

const parametersIn = (body: unknown): Json => (body as { sessionInfo: { parameters: Json } }).sessionInfo.parameters

/** The answer with another `session_variable`. */
function withSent(answered: Answer, change: (sent: Json) => Json): Answer {
  if ('failure' in answered) return answered
  const body = JSON.parse(answered.text)
  for (const { payload } of body.fulfillmentResponse?.messages ?? [])
    if (isMap(payload.ujet.session_variable)) payload.ujet.session_variable = change(payload.ujet.session_variable)
  return { ...answered, text: JSON.stringify(body) }
}

const withValue = (answered: Answer, key: string, value: unknown): Answer =>
  withSent(answered, (sent) =>
    Object.hasOwn(sent.payload as Json, key) ? { ...sent, payload: { ...(sent.payload as Json), [key]: value } } : sent,
  )

let calls = 0
const BROKEN: readonly (readonly [what: string, tag: string, says: RegExp, ask: typeof answer])[] = [
  ['throws', 'formats', /broken/, () => assert.fail('broken')],
  [
    'says another thing each time',
    'formats',
    /same answer/,
    (served, body) => withValue(answer(served, body), 'raw', calls++),
  ],
  [
    'shows a surface more',
    'formats',
    /gets what it may not see/,
    (served, body) => withSent(answer(served, body), (sent) => ({ ...sent, capture_type: ['data_parameters'] })),
  ],
  [
    'has what no file names',
    'formats',
    /variable: 'stray'/,
    (served, body) => withSent(answer(served, body), (sent) => ({ ...sent, payload: { stray: 1 } })),
  ],
  [
    'shows one parameter under the name of another',
    'formats',
    /gets what it may not see/,
    (served, body) => withValue(answer(served, body), 'raw', parametersIn(body).hidden),
  ],
  [
    'shows what a rule keeps',
    'platform',
    /a rule keeps/,
    (served, body) => withValue(answer(served, body), 'seen', { trip: { ssn: 1 } }),
  ],
  [
    'shows what is masked',
    'masks',
    /a masked value/,
    (served, body) => withValue(answer(served, body), 'last_four', parametersIn(body).account),
  ],
  [
    'shows a card',
    'formats',
    /a card is shown/,
    (served, body) => withValue(answer(served, body), 'raw', parametersIn(body).raw),
  ],
  [
    'sends a reference',
    'formats',
    /not match/,
    (served, body) => withValue(answer(served, body), 'raw', '$session.params.hidden'),
  ],
  ['is too large', 'formats', /64 KiB/, (served, body) => withValue(answer(served, body), 'raw', 'x'.repeat(70_000))],
  [
    'logs what was said',
    'masks',
    /a value is logged/,
    (served, body) => ({ ...answer(served, body), event: { configuration: '', flow: String((body as Json).text) } }),
  ],
  [
    'logs a tag from outside',
    'formats',
    /a value is logged/,
    (served, body) => {
      const answered = answer(served, body)
      const { tag } = (body as { fulfillmentInfo: { tag: string } }).fulfillmentInfo
      return 'failure' in answered ? { ...answered, event: { ...answered.event, tag } } : answered
    },
  ],
  [
    'ends in its own check',
    'formats',
    /internal/,
    (served, body) => ({ failure: 'internal', event: answer(served, body).event }),
  ],
]

for (const [what, tag, says, ask] of BROKEN)
  test(`an answer that ${what} is found`, () => {
    holdAnswer(served(), bodyFor(tag))
    assert.throws(() => holdAnswer(served(), bodyFor(tag), ask), says)
  })

test('a diagnostic outside of its file is found', () => {
  const [diagnostic] = loaded.diagnostics
  assert.ok(diagnostic)
  holdLoaded(loaded)
  for (const place of [
    { line: 0 },
    { line: 999 },
    { column: 999 },
    { endColumn: 1, endLine: 1 },
    { file: 'other.yaml' },
  ])
    assert.throws(() => holdLoaded({ ...loaded, diagnostics: [{ ...diagnostic, ...place }] }))
  assert.throws(() => holdLoaded({ ...loaded, configuration: undefined }))
})

for (const [what, says, broken] of [
  ['gives neither a session nor a reason', /or why not/, { read: () => [{ session: undefined, diagnostics: [] }] }],
  [
    'shows what the caller said',
    /makes a difference/,
    { describe: (session: Session) => describeSession(session, { reveal: true, policy: NO_POLICY }) },
  ],
  [
    'tells of a place outside of the file',
    /outside of/,
    { check: (reading: Reading) => checkSession(reading, policy).map((found) => ({ ...found, line: 999 })) },
  ],
] as const)
  test(`session metadata: what ${what} is found`, () => {
    const text = JSON.stringify({ ...FULL_CALL, feedback: 'my card is 4242 4242 4242 4242' })
    holdSessions(text, policy)
    const ours = { read: readDocument, describe: describeSession, check: checkSession }
    assert.throws(() => holdSessions(text, policy, { ...ours, ...broken } as typeof ours), says)
  })

test('references that are read otherwise when they are written back are found', () => {
  const text = 'about $session.params.a, $$5'
  holdText(text)
  assert.throws(() => holdText(text, (given) => parseReferences(given.replaceAll('$$', '$$$$$$$$'))))
  assert.throws(() => holdText(text, (given) => ({ ...parseReferences(given), parts: [given] })))
})

import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, test } from 'node:test'
import { createLog, loggableId, traceOf } from '../../src/server/log.ts'
import { type Call, call, FLOW_ID, requestWith, until } from './http-call.ts'
import { LOCAL, type LogLine, RunningServer } from './running-server.ts'
import { configurationIn } from './test-app.ts'

const server = new RunningServer({ ...LOCAL, GOOGLE_CLOUD_PROJECT: 'example-project' })
after(() => server.stop())
const url = await server.listening()
const { hash } = await configurationIn(LOCAL.FLOWS_DIR)

const AGENT_ID = '0c1d2e3f-1111-4222-8333-444455556666'
const TRACE = 'logging.googleapis.com/trace'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const newTrace = (): string => randomUUID().replaceAll('-', '')

/** The log line of a call, found by its trace. */
async function lineOf(made: Call): Promise<LogLine> {
  const trace = newTrace()
  const headers = { 'content-type': 'application/json', traceparent: `00-${trace}-b7ad6b7169203331-01` }
  await call(url, { ...made, headers: { ...headers, ...made.headers } })
  return until(() => server.lines.find((line) => line[TRACE] === `projects/example-project/traces/${trace}`))
}

const lineFor = (tag: string, parameters?: object, more?: object): Promise<LogLine> =>
  lineOf({ body: requestWith(tag, parameters, more) })

test('one line a request, as Cloud Logging reads it', async () => {
  const line = await lineFor('echo', { said: 'hello' })
  const { requestId, milliseconds, httpRequest, ...rest } = line
  assert.match(String(requestId), /^[0-9a-f-]{36}$/)
  assert.equal(typeof milliseconds, 'number')
  const { latency, ...http } = httpRequest as Record<string, unknown>
  assert.match(String(latency), /^\d+\.\d+s$/)
  assert.deepEqual(http, {
    requestMethod: 'POST',
    requestUrl: '/webhook',
    status: 200,
    responseSize: String(rest.answerBytes),
    protocol: 'HTTP/1.1',
  })
  assert.deepEqual(rest, {
    severity: 'INFO',
    message: 'POST /webhook 200',
    [TRACE]: rest[TRACE],
    session: sha256('555-0100'),
    agentId: AGENT_ID,
    flowId: FLOW_ID,
    pageId: 'START_PAGE',
    configuration: hash,
    tag: 'echo',
    flow: 'Book a trip',
    variables: { agent: ['said'] },
    answerBytes: rest.answerBytes,
  })
  assert.equal(server.lines.filter((other) => other.requestId === requestId).length, 1)
})

test('the first line says what is served', () => {
  const [first] = server.lines
  assert.deepEqual(first, {
    severity: 'INFO',
    message: `Listening on ${url}.`,
    configuration: hash,
    flows: 3,
    captures: 7,
    auth: ['none'],
  })
  assert.equal(server.stderr, '')
})

const refusals: [Call, severity: string, message: string, failure: string][] = [
  [{ path: '/nowhere' }, 'WARNING', 'GET (unknown path) 404 not_found', 'not_found'],
  [{}, 'WARNING', 'GET /webhook 405 method_not_allowed', 'method_not_allowed'],
  [{ body: '{' }, 'WARNING', 'POST /webhook 400 bad_json', 'bad_json'],
  [{ body: {} }, 'WARNING', 'POST /webhook 400 bad_request', 'bad_request'],
  [
    { body: requestWith('echo', { said: 'x'.repeat(65_536) }) },
    'ERROR',
    'POST /webhook 500 response_too_large',
    'response_too_large',
  ],
]

for (const [made, severity, message, failure] of refusals)
  test(`a refusal: ${message}`, async () => {
    const line = await lineOf(made)
    assert.deepEqual([line.severity, line.message, line.failure], [severity, message, failure])
  })

test('the request id of an error body is that of its line', async () => {
  const { error } = JSON.parse((await call(url, { body: {} })).text)
  assert.ok(await until(() => server.lines.find(({ requestId }) => requestId === error.request_id)))
})

test('a caller who hangs up', async () => {
  const trace = newTrace()
  const sent = request(`${url}/webhook`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': 100,
      expect: '100-continue',
      'x-cloud-trace-context': trace,
    },
  })
  sent.on('error', () => undefined).flushHeaders()
  await once(sent, 'continue')
  sent.destroy()
  const line = await until(() => server.lines.find((one) => String(one[TRACE]).endsWith(trace)))
  assert.deepEqual([line.severity, line.message], ['WARNING', 'POST /webhook aborted by the caller'])
})

const OTHER_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const W3C = `00-${OTHER_TRACE}-00f067aa0ba902b7-01`

const traces: [what: string, traceparent: unknown, cloudTrace: unknown, id: string | undefined][] = [
  ["W3C's", W3C, undefined, OTHER_TRACE],
  ["Google's", undefined, `${OTHER_TRACE}/123;o=1`, OTHER_TRACE],
  ["Google's, without a span", undefined, OTHER_TRACE, OTHER_TRACE],
  ['both', W3C, `${'a'.repeat(32)}/1`, OTHER_TRACE],
  ["W3C's broken", 'rubbish', `${OTHER_TRACE}/1`, OTHER_TRACE],
  ['neither', undefined, undefined, undefined],
  ['too short', '00-4bf9-00f067aa0ba902b7-01', '4bf9/1', undefined],
  ['too long', undefined, `${OTHER_TRACE}a`, undefined],
  ['something else', 'secret', 'projects/x/traces/y', undefined],
]

for (const [what, traceparent, cloudTrace, id] of traces)
  test(`the trace: ${what}`, () => {
    const expected = id ? { [TRACE]: `projects/example-project/traces/${id}` } : {}
    assert.deepEqual(traceOf(traceparent, cloudTrace, 'example-project'), expected)
    assert.deepEqual(traceOf(traceparent, cloudTrace, undefined), id ? { [TRACE]: id } : {})
  })

test("the trace by Google's header reaches the line", async () => {
  const id = newTrace()
  await call(url, { path: '/health', headers: { 'x-cloud-trace-context': `${id}/1;o=1` } })
  assert.ok(await until(() => server.lines.find((line) => line[TRACE] === `projects/example-project/traces/${id}`)))
})

test('ids as they are where they look like ids, else as SHA-256', async () => {
  const uuid = randomUUID()
  const known = ['START_PAGE', 'END_SESSION', uuid, uuid.toUpperCase(), '00000000-0000-0000-0000-000000000000']
  for (const id of known) assert.equal(loggableId(id), id)
  for (const id of ['', '+1 555 0100', `${uuid}x`, 'start_page', `${uuid}\n`]) assert.equal(loggableId(id), sha256(id))
  assert.equal(loggableId(undefined), undefined)
  const agent = 'projects/example/locations/global/agents/my-agent'
  const pageInfo = { currentPage: `${agent}/flows/my-flow/pages/my-page` }
  const line = await lineFor('echo', {}, { pageInfo, sessionInfo: { session: `${agent}/sessions/${uuid}` } })
  assert.deepEqual(
    [line.session, line.agentId, line.flowId, line.pageId],
    [uuid, sha256('my-agent'), sha256('my-flow'), sha256('my-page')],
  )
})

test('a request without ids', async () => {
  const line = await lineFor('echo', {}, { pageInfo: null, sessionInfo: null })
  for (const key of ['ids', 'session', 'agentId', 'flowId', 'pageId'])
    assert.equal(Object.hasOwn(line, key), false, key)
})

test('an unknown tag: the nearest of ours and the ids, never the tag', async () => {
  const line = await lineFor('trip-detials')
  assert.equal(line.tag, undefined)
  assert.deepEqual(line.nearestTags, ['trip-details'])
  assert.deepEqual([line.agentId, line.flowId, line.pageId], [AGENT_ID, FLOW_ID, 'START_PAGE'])
  assert.equal(line.configuration, hash)
  assert.doesNotMatch(JSON.stringify(line), /detials/)
  assert.deepEqual((await lineFor('something else')).nearestTags, [])
})

test('the names of variables by surface, and notes on what is unset, does not fit or is kept back', async () => {
  const line = await lineFor('trip-details', {
    location: 'Osaka',
    budget: 'much',
    email: 'jo@example.com',
    nickname: '4111 1111 1111 1111',
    traveller: '078-05-1120',
    extras: { hotel: 'yes', card_cvv: '123' },
  })
  assert.deepEqual(line.variables, {
    agent: ['destination', 'nickname', 'budget', 'email', 'extras'].sort(byPlace),
    comment: ['destination', 'budget'],
    event: ['destination'],
  })
  const notes = line.notes as { code: string; variable: string }[]
  const noted = (code: string): unknown[] =>
    notes.filter((note) => note.code === code).map(({ code: _, ...note }) => note)
  assert.deepEqual(noted('does-not-fit'), [{ variable: 'budget', format: 'money' }])
  assert.deepEqual(noted('masked-by-policy'), [{ variable: 'nickname', rule: 'payment_card' }])
  assert.deepEqual(noted('dropped-by-policy'), [{ variable: 'traveller', rule: 'us_ssn' }])
  assert.deepEqual(noted('part-left-out-by-policy'), [{ variable: 'extras', rule: '*cvv*' }])
  assert.deepEqual(noted('unset').at(-1), { variable: 'card_number' })
})

/** Groups come in the order of their first variables. */
const GROUPS = ['destination', 'budget', 'nickname', 'email', 'extras']
const byPlace = (a: string, b: string): number => GROUPS.indexOf(a) - GROUPS.indexOf(b)

test('what is missing', async () => {
  const line = await lineFor('hand-over')
  assert.deepEqual(line.missing, ['reason'])
  assert.deepEqual(line.notes, [{ code: 'required-missing', variable: 'reason' }])
  assert.deepEqual(line.variables, {})
})

test('payloads queued by the console: key names of the platform and of ours; others are counted', async () => {
  const ujet = {
    type: 'action',
    colour: 'red',
    session_variable: { payload: { destination: 'Osaka', pet: 'cat' }, capture_type: ['agent'], shade: 1 },
  }
  const messages = [{ text: { text: ['Hello'] } }, { payload: { ujet } }, { payload: { other: 1 } }, null, 'x']
  const line = await lineFor('echo', {}, { messages })
  assert.deepEqual(line.queuedUjet, {
    keys: ['type', 'session_variable', 'payload', 'capture_type', 'destination'],
    otherKeys: 3,
  })
  assert.equal((await lineFor('echo', {}, { messages: [] })).queuedUjet, undefined)
})

test('a tag that is switched off', async () => {
  const line = await lineFor('switched-off')
  assert.deepEqual([line.tag, line.message, line.variables], ['switched-off', 'POST /webhook 200', undefined])
})

test('LOG_LEVEL says what is left out, of calls too', () => {
  let logged = ''
  const write = (lines: string): void => {
    logged += lines
  }
  const { logger, logCall } = createLog('warn', { write, flush: async () => undefined })
  for (const level of ['error', 'warn', 'info'] as const) {
    logger.log({ level, message: `winston ${level}` })
    logCall(level, { message: `call ${level}` })
  }
  assert.deepEqual(
    logged
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { severity: 'ERROR', message: 'winston error' },
      { severity: 'ERROR', message: 'call error' },
      { severity: 'WARNING', message: 'winston warn' },
      { severity: 'WARNING', message: 'call warn' },
    ],
  )
})

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type ClientRequest, type OutgoingHttpHeaders, request } from 'node:http'
import { dirname } from 'node:path'
import { after } from 'node:test'
import type { TemporaryFolder } from '../cli/temporary-folder.ts'
import { googleWithDeployer } from '../workflows/local-servers.ts'
import { type Call, call, replyTo, requestWith, until } from './http-call.ts'
import { LOCAL, type LogLine, RunningServer } from './running-server.ts'
import { FROM_SOURCES } from './server-program.ts'

/** A line of a server, what was called, and the metrics that are to count it. */
export interface WatchedLine {
  readonly what: string
  readonly counted: readonly string[]
  readonly line: LogLine
}

const FLOWS = `flow: Book a trip
captures:
  - { tag: trip, variables: { destination: { from: $session.params.location, visible_to: [agent] } } }
  - { tag: cost, variables: { budget: { from: $session.params.budget, format: money, visible_to: [agent] } } }
  - { tag: hand-over, variables: { reason: { from: $session.params.reason, required: true, visible_to: [agent] } } }
  - { tag: escalate, then: { action: $session.params.next, menu_id: 90 } }
  - { tag: leaking, variables: { leaks: { from: $session.params.location, visible_to: [agent] } } }
  - { tag: breaking, variables: { breaks: { from: $session.params.location, visible_to: [agent] } } }
`
const POLICY = `parameters:
  - { match: ["*cvv*"], visible_to: [], reason: never to be shown }
values:
  - { detect: payment_card, action: mask }
  - { detect: us_ssn, action: drop }
`

const google = await googleWithDeployer()
const bearer = { authorization: `Bearer ${google.token}` }
const location = 'Osaka'
const trip = (where: unknown, more = {}): object => requestWith('trip', { location: where }, more)
const queued = (ujet: object): object => trip(location, { messages: [{ payload: { ujet } }] })
const session_variable = { payload: { location }, capture_type: ['agent'], capture_target: 'payload' }

/** What is called, and which metrics count its line, by the last part of their names. */
const OPEN: [what: string, Call, counted: string][] = [
  ['an answer', { body: trip(location) }, 'calls milliseconds'],
  ['a misfit', { body: requestWith('cost', { budget: 'much' }) }, 'calls milliseconds'],
  ['no value', { body: trip(null) }, 'calls milliseconds left_out'],
  ['no value that is required', { body: requestWith('hand-over') }, 'calls milliseconds left_out'],
  ['no action', { body: requestWith('escalate') }, 'calls milliseconds left_out'],
  ['a card number', { body: trip('4111 1111 1111 1111') }, 'calls milliseconds policy'],
  ['a security number', { body: trip('078-05-1120') }, 'calls milliseconds policy'],
  [
    'a number for an action',
    { body: requestWith('escalate', { next: '078-05-1120' }) },
    'calls milliseconds policy left_out',
  ],
  ['a forbidden part', { body: trip({ cvv: '123' }) }, 'calls milliseconds policy'],
  ['a variable of the console', { body: queued({ session_variable }) }, 'calls milliseconds around_policy'],
  ['an action of the console', { body: queued({ type: 'action', action: 'end' }) }, 'calls milliseconds'],
  ['too visible', { body: requestWith('leaking', { location }) }, 'calls milliseconds errors check_failed'],
  ['a bug', { body: requestWith('breaking', { location }) }, 'calls errors'],
  ['too long an answer', { body: trip('x'.repeat(65_536)) }, 'calls milliseconds errors'],
  ['an unknown tag', { body: requestWith('tripp') }, 'calls milliseconds'],
  ['no request', { body: {} }, 'calls milliseconds'],
  ['too deep', { body: `${'['.repeat(65)}${']'.repeat(65)}` }, 'calls milliseconds'],
  ['no JSON', { body: '{' }, 'calls'],
  ['too large', { body: 'x'.repeat(262_145) }, 'calls'],
  ['no JSON type', { headers: { 'content-type': 'text/plain' }, body: '{}' }, 'calls'],
  ['another method', { method: 'GET' }, 'calls'],
  ['another path', { path: '/nowhere' }, 'calls'],
  ['health', { path: '/health' }, 'calls'],
]
const GUARDED: typeof OPEN = [
  ['no credentials', { body: {} }, 'calls refused'],
  ['a stranger', { headers: bearer, body: {} }, 'calls refused'],
]
const KEYLESS: typeof OPEN = [['no keys', { headers: bearer, body: {} }, 'calls errors']]

/** Of the lines without a call, the one that is an error. */
const KEYS = /^Google's keys cannot be fetched/
const TRACE = 'logging.googleapis.com/trace'

/** A server, and the calls whose lines are told by their trace. */
class WatchedServer {
  readonly #server: RunningServer
  readonly #calls = new Map<unknown, Omit<WatchedLine, 'line'>>()
  readonly replies = new Map<string, string>()

  constructor(server: RunningServer) {
    this.#server = server
    after(() => server.stop())
  }

  get lines(): WatchedLine[] {
    return this.#server.lines.map((line) => ({ ...(this.#calls.get(line[TRACE]) ?? withoutCall(line)), line }))
  }

  async make(calls: typeof OPEN): Promise<void> {
    const url = await this.#server.listening()
    for (const [what, made, counted] of calls) {
      const headers = { ...this.#watch(what, counted), ...made.headers }
      this.replies.set(what, (await call(url, { ...made, headers })).text)
    }
  }

  /** One caller hangs up, another is being answered when the server is told to end, and the last comes late. */
  async endAmidCalls(): Promise<void> {
    const url = await this.#server.listening()
    const [hangingUp, last] = [
      await this.#begin(url, 'hanging up', 'calls'),
      await this.#begin(url, 'the last', 'calls'),
    ]
    hangingUp.destroy()
    await until(() => this.#server.stdout.includes('aborted by the caller') || undefined)
    const reply = replyTo(last)
    this.#server.signal('SIGTERM')
    await until(() => this.#server.stdout.includes('SIGTERM: ') || undefined)
    await this.make([['too late', { body: {} }, 'calls']])
    last.end()
    await reply
    await this.#server.exitCode()
  }

  async end(): Promise<void> {
    this.#server.signal('SIGTERM')
    await this.#server.exitCode()
  }

  /** A call of which the server waits for the body. */
  async #begin(url: string, what: string, counted: string): Promise<ClientRequest> {
    const headers = { ...this.#watch(what, counted), expect: '100-continue' }
    const sent = request(`${url}/webhook`, { method: 'POST', headers }).on('error', () => undefined)
    sent.flushHeaders()
    await once(sent, 'continue')
    return sent
  }

  #watch(what: string, counted: string): OutgoingHttpHeaders {
    const trace = randomUUID().replaceAll('-', '')
    this.#calls.set(trace, { what, counted: counted.split(' ').map((name) => `carryover_${name}`) })
    return { 'content-type': 'application/json', traceparent: `00-${trace}-b7ad6b7169203331-01` }
  }
}

const withoutCall = ({ message }: LogLine): Omit<WatchedLine, 'line'> => ({
  what: String(message),
  counted: KEYS.test(String(message)) ? ['carryover_errors'] : [],
})

/** All that servers of each kind wrote, from their start to their end, and what they answered, by what was called. */
export async function watchLines(
  folder: TemporaryFolder,
): Promise<{ lines: readonly WatchedLine[]; replies: ReadonlyMap<string, string> }> {
  folder.write('flows/policy.yaml', POLICY)
  const environment = { ...LOCAL, FLOWS_DIR: dirname(folder.write('flows/trip.yaml', FLOWS)) }
  const failingCheck = new URL('failing-check.ts', import.meta.url).href
  const guard = { ...environment, ...google.settings }
  const open = new WatchedServer(
    new RunningServer({ ...environment, SHUTDOWN_GRACE_MS: '20000' }, [], [failingCheck], FROM_SOURCES),
  )
  const guarded = new WatchedServer(new RunningServer({ ...guard, GOOGLE_SERVICE_ACCOUNTS: 'other@example.com' }))
  const keyless = new WatchedServer(new RunningServer({ ...guard, GOOGLE_CERTS_URL: 'http://127.0.0.1:1/certs' }))
  await Promise.all([open.make(OPEN), guarded.make(GUARDED), keyless.make(KEYLESS)])
  await Promise.all([open.endAmidCalls(), guarded.end(), keyless.end()])
  const servers = [open, guarded, keyless]
  return {
    lines: servers.flatMap(({ lines }) => lines),
    replies: new Map(servers.flatMap(({ replies }) => [...replies])),
  }
}

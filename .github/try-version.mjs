#!/usr/bin/env node
// Tries a deployed webhook before it gets the calls: is it up, does it serve the flow files that it should, and does it keep strangers
// out? Plain Node 20 without packages, so that the job that may deploy needs no "npm ci".
//
//   node .github/try-version.mjs URL [HASH]   tries the webhook at URL; HASH is that of the flow files it should serve
//   node .github/try-version.mjs --hash       the hash of the flow files here, by the code in dist/
//   node .github/try-version.mjs --example    the first example of the flow files here that has an answer: the request, and that
//                                             answer; an empty line where there is none
//
// Only the result is printed on standard output (a hash, or the example as JSON); what was tried is told on standard error.
// Environment: TRY_SECONDS   how long to go on trying (default 120)
//              TRY_TOKEN     an identity token of a caller that the webhook admits; then TRY_EXAMPLE is called with it
//              TRY_EXAMPLE   what --example printed
// Exit codes: 0 fine, 1 the webhook is not as it should be, 2 wrong usage.
import { setTimeout as sleep } from 'node:timers/promises'

const USAGE = 'Usage: node .github/try-version.mjs URL [HASH] | --hash | --example'
const REQUEST_MS = 10_000
const LONGEST_PAUSE_MS = 4_000
const HASH = /^[0-9a-f]{64}$/
const FIRST_SECONDS = 120

/** The webhook is not as it should be. `passing`: it may be so in a moment, and is tried again. */
class Wrong extends Error {
  constructor(message, { passing = false } = {}) {
    super(message)
    this.passing = passing
  }
}

class UsageError extends Error {}

const tell = (text) => process.stderr.write(`${text}\n`)

const short = (hash) => `${hash.slice(0, 12)}…`

/** Why nothing came back, in words for whoever looks at the failed run. */
function whyNot(error, { host }) {
  const code = error?.cause?.code ?? error?.code ?? ''
  if (error?.name === 'TimeoutError') return `no answer within ${REQUEST_MS / 1000} seconds`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the name ${host} is not known (${code}); a version's and its project's name may have 63 letters together`
  if (code === 'ECONNREFUSED') return `nobody listens at ${host} (${code})`
  return `no connection to ${host} (${code || error?.cause?.name || error?.name})`
}

/** A redirect is not followed: a page to log in to would come back as 200, and the token would travel with it. */
async function send(url, options = {}) {
  try {
    const response = await fetch(url, { ...options, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_MS) })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    throw new Wrong(whyNot(error, url), { passing: true })
  }
}

/** Our own error codes are worth telling; nothing else of an answer is repeated. */
function codeIn(text) {
  try {
    const { code } = JSON.parse(text).error
    return /^[a-z_]{1,40}$/.test(code) ? ` ${code}` : ''
  } catch {
    return ''
  }
}

const said = ({ status, text }) => `${status}${codeIn(text)}`

/** Tries again, with growing pauses, what may pass; gives up at the deadline with the last reason. */
async function insist(what, attempt, deadline) {
  for (let pause = 250; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      if (!error.passing) throw new Wrong(`${what}: ${error.message}.`)
      if (Date.now() + pause > deadline)
        throw new Wrong(`${what}: ${error.message}. It was tried until the time was up.`)
      tell(`… ${what}: ${error.message}; again in ${pause / 1000} s`)
      await sleep(pause)
    }
  }
}

async function checkHealth(base, expected) {
  const reply = await send(new URL('/health', base))
  if (reply.status !== 200) throw new Wrong(`it answered ${said(reply)} instead of 200`, { passing: true })
  const health = parse(reply.text)
  if (typeof health !== 'object' || health === null || !HASH.test(health.configuration))
    throw new Wrong('the answer is not that of Carryover')
  // Traffic takes a moment to move, so that another version may still be the one to answer.
  if (expected !== undefined && health.configuration !== expected)
    throw new Wrong(
      `it serves other flow files: their hash is ${short(health.configuration)}, expected ${short(expected)} (does app.yaml set FLOWS_DIR or POLICY_FILE?)`,
      { passing: true },
    )
  return health
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const post = (base, body, headers = {}) =>
  send(new URL('/webhook', base), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const mayPass = ({ status }) => status === 429 || status >= 500

async function checkDoor(base) {
  const reply = await post(base, {})
  const code = codeIn(reply.text)
  if (reply.status === 401 && code === ' unauthenticated') return
  const answered = `it answered ${said(reply)} instead of 401`
  if (mayPass(reply)) throw new Wrong(answered, { passing: true })
  if (reply.status !== 200 && code === '') throw new Wrong(`${answered}: something stands in front of the webhook`)
  throw new Wrong(`it let a call in that has no credentials (${said(reply)}): look at WEBHOOK_AUTH in app.yaml`)
}

async function checkExample(base, { name, request, answer }, token) {
  const reply = await post(base, request, { authorization: `Bearer ${token}` })
  if (reply.status === 401)
    throw new Wrong('the token was refused (401): look at GOOGLE_SERVICE_ACCOUNTS and GOOGLE_AUDIENCES in app.yaml')
  if (reply.status !== 200)
    throw new Wrong(`"${name}" was answered ${said(reply)} instead of 200`, { passing: mayPass(reply) })
  if (reply.text !== answer) throw new Wrong(`"${name}" has another answer there than here`)
}

async function tryVersion(address, expected) {
  const base = readAddress(address)
  if (expected !== undefined && !HASH.test(expected)) throw new UsageError('HASH has 64 hexadecimal digits')
  const { TRY_SECONDS, TRY_TOKEN, TRY_EXAMPLE } = process.env
  const example = TRY_TOKEN && TRY_EXAMPLE ? readExample(TRY_EXAMPLE) : undefined
  const deadline = Date.now() + readSeconds(TRY_SECONDS) * 1000
  const health = await insist('GET /health', () => checkHealth(base, expected), deadline)
  tell(`ok  GET /health: ${health.flows} flows, ${health.captures} captures, hash ${short(health.configuration)}`)
  await insist('POST /webhook without credentials', () => checkDoor(base), deadline)
  tell('ok  POST /webhook without credentials: refused, as it should be')
  if (example) {
    await insist('POST /webhook with a token', () => checkExample(base, example, TRY_TOKEN), deadline)
    tell(`ok  POST /webhook with a token: "${example.name}" has the answer that it has here`)
  } else tell(`--  POST /webhook with a token: not tried, there is no ${TRY_TOKEN ? 'example' : 'token'}`)
  return health.configuration
}

function readAddress(address) {
  const base = URL.canParse(address) ? new URL(address) : undefined
  const local = base?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(base.hostname)
  if (base?.protocol !== 'https:' && !local) throw new UsageError('URL begins with https:// (http:// on this machine)')
  return base
}

function readSeconds(text = '') {
  if (text === '') return FIRST_SECONDS
  if (!/^\d{1,4}$/.test(text)) throw new UsageError('TRY_SECONDS is a whole number of seconds')
  return Number(text)
}

function readExample(text) {
  const example = parse(text)
  if (typeof example?.name !== 'string' || typeof example.answer !== 'string' || typeof example.request !== 'object')
    throw new UsageError('TRY_EXAMPLE is what --example printed')
  return example
}

/** The flow files here, by the same code that serves them. */
async function loadHere() {
  const { readFolder } = await import('../dist/config/folder.js')
  const { load } = await import('../dist/config/load.js')
  const { FLOWS_DIR, POLICY_FILE } = process.env
  const { configuration, examples } = load(await readFolder(FLOWS_DIR || 'flows', POLICY_FILE || undefined))
  if (!configuration) throw new Wrong('The flow files have errors: look at "carryover validate".')
  return { configuration, examples }
}

async function exampleHere() {
  const { answer } = await import('../dist/webhook/answer.js')
  const { requestFor } = await import('../dist/webhook/request-for.js')
  const { configuration, examples } = await loadHere()
  for (const { name, plan, parameters } of examples) {
    const request = requestFor(plan, parameters)
    const answered = answer(configuration, request)
    if ('text' in answered) return JSON.stringify({ name, request, answer: answered.text })
  }
  return ''
}

function run(args) {
  const [first, second, ...more] = args
  if (first === undefined || more.length || (first.startsWith('--') && second !== undefined)) throw new UsageError('')
  if (first === '--hash') return loadHere().then(({ configuration }) => configuration.hash)
  if (first === '--example') return exampleHere()
  if (first.startsWith('-')) throw new UsageError('')
  return tryVersion(first, second || undefined)
}

try {
  process.stdout.write(`${await run(process.argv.slice(2))}\n`)
} catch (error) {
  if (!(error instanceof Wrong || error instanceof UsageError)) throw error
  tell(error instanceof Wrong ? `FAIL ${error.message}` : `${error.message ? `${error.message}\n` : ''}${USAGE}`)
  process.exitCode = error instanceof Wrong ? 1 : 2
}

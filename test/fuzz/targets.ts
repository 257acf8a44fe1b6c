import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { TextFile } from '../../src/config/folder.ts'
import { load } from '../../src/config/load.ts'
import { parseFile } from '../../src/config/parse-file.ts'
import type { Plan } from '../../src/core/plan.ts'
import { toData } from '../../src/core/source.ts'
import { requestFor } from '../../src/webhook/request-for.ts'
import { holdLoaded } from '../config/hold-loaded.ts'
import { FULL_CALL, FULL_CHAT } from '../sessions/full-record.ts'
import { holdAnswer, type Served, serve } from './hold-answer.ts'
import { holdSessions } from './hold-sessions.ts'
import { holdValue } from './hold-value.ts'
import type { Codec } from './mutator.ts'

/** One of the inputs that we do not control. */
export interface Target {
  readonly codec: Codec
  /** Inputs to begin with, beside the committed corpus. */
  readonly seeds: () => Buffer[]
  /** How many bytes an input may have. */
  readonly largest: number
  /** Throws where something does not hold that must. */
  readonly look: (input: Buffer) => void
}

const ROOT = join(import.meta.dirname, '..', '..')
const EVERYTHING = 'test/fixtures/fuzz/everything'

const filesIn = (folder: string, name: RegExp): TextFile[] =>
  readdirSync(join(ROOT, folder))
    .filter((path) => name.test(path))
    .sort()
    .map((path) => ({ path, bytes: readFileSync(join(ROOT, folder, path)) }))

const { parameters: PARAMETERS } = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/fuzz/words.json'), 'utf8'))
const POLICY = /^policy\.yaml$/
const FLOW = /^(?!policy\.|representatives\.)(?!.*schema).*\.(?:yaml|json)$/

const seedsIn = (good: RegExp, bad: RegExp): Buffer[] =>
  [...filesIn('flows', good), ...filesIn(EVERYTHING, good), ...filesIn('test/fixtures/bad', bad)].map(({ bytes }) =>
    Buffer.from(bytes),
  )

// ---- request bodies

const loadFiles = (flows: readonly TextFile[], policy: TextFile | undefined) =>
  load({ flows, policy, policyPath: 'policy.yaml', misplacedPolicies: [] })

function serveFolder(folder: string): Served {
  const flows = filesIn(folder, FLOW)
  const [policy] = filesIn(folder, POLICY)
  const { configuration } = loadFiles(flows, policy)
  assert.ok(configuration, folder)
  return serve(configuration, flows, policy)
}

const EVERYTHING_SERVED = serveFolder(EVERYTHING)
const CONFIGURATIONS = [EVERYTHING_SERVED, ...['test/fixtures/server-flows', 'flows'].map(serveFolder)]

const json: Codec = { parse: JSON.parse, print: [(data) => JSON.stringify(data)] }

const request: Target = {
  largest: 128 * 1024,
  codec: json,
  seeds: () => [],
  look: (input) => {
    for (const served of CONFIGURATIONS) holdAnswer(served, input)
  },
}

/** A body for a capture: which of the known values a parameter has that the text names, follows from the text. */
function bodyFor(plan: Plan, text: string): Buffer {
  const found = [...text.matchAll(/(?:params|payload)\.([\w-]+)/g)].map(([, name]) => name ?? '')
  const names = [...new Set(found)].slice(0, 40)
  const values = names.map((name, i): [string, unknown] => [name, PARAMETERS[(i + text.length) % PARAMETERS.length]])
  const matched = values.map(([name, value]) => [name, { originalValue: name, resolvedValue: value }])
  const { pageInfo, ...made } = requestFor(plan, Object.fromEntries(values))
  const parameterInfo = values.map(([displayName, value]) => ({ displayName, value }))
  const body = {
    ...made,
    pageInfo: { ...pageInfo, formInfo: { parameterInfo } },
    intentInfo: { parameters: Object.fromEntries(matched) },
    payload: Object.fromEntries(values),
    text: 'to 4111 1111 1111 1111',
  }
  return Buffer.from(JSON.stringify(body))
}

// ---- flow files and policies

const yaml: Codec = {
  parse: (text) => {
    const parsed = parseFile({ path: 'any.yaml', bytes: Buffer.from(text) })
    if (!('source' in parsed)) throw new Error('it does not parse')
    return toData(parsed.source.root)
  },
  print: [(data) => stringify(data, { lineWidth: 0 }), (data) => JSON.stringify(data, null, 2)],
}

/** Loads files; where they have no error, they are served, and asked. */
function holdFiles(flows: readonly TextFile[], policy: TextFile | undefined): void {
  const loaded = loadFiles(flows, policy)
  holdLoaded(loaded)
  const { diagnostics, texts, configuration } = loaded
  assert.deepEqual(loadFiles(flows, policy).diagnostics, diagnostics, 'the same files have the same diagnostics')
  if (!configuration) return
  const served = serve(configuration, flows, policy)
  const text = [...texts.values()].join('\n')
  for (const plan of configuration.plans.slice(0, 20))
    for (const named of [text, '']) holdAnswer(served, bodyFor(plan, named))
}

/** A text that begins with a bracket is a JSON file, any other is YAML. */
const flowFile = (bytes: Buffer): TextFile => ({
  path: /^[[{]/.test(bytes.toString('latin1', 0, 1)) ? 'flow.json' : 'flow.yaml',
  bytes,
})

const [EVERYTHING_POLICY] = filesIn(EVERYTHING, POLICY)

const flow: Target = {
  largest: 16 * 1024,
  codec: yaml,
  seeds: () => seedsIn(FLOW, /\.flow\./),
  look: (input) => holdFiles([flowFile(input)], EVERYTHING_POLICY),
}

const UNDER_POLICIES = filesIn('test/fixtures/fuzz', /^under-policies\.yaml$/)

const policy: Target = {
  largest: 16 * 1024,
  codec: yaml,
  seeds: () => seedsIn(POLICY, /\.policy\./),
  look: (input) => holdFiles(UNDER_POLICIES, { path: 'policy.yaml', bytes: input }),
}

// ---- references and templates

const reference: Target = {
  largest: 4 * 1024,
  codec: json,
  seeds: () => [],
  look: (input) => {
    const parsed = parseFile({ path: 'value.json', bytes: input })
    holdValue('source' in parsed ? toData(parsed.source.root) : input.toString())
  },
}

// ---- session metadata

const session: Target = {
  largest: 32 * 1024,
  codec: json,
  seeds: () => [FULL_CALL, FULL_CHAT, [FULL_CHAT, FULL_CALL]].map((data) => Buffer.from(JSON.stringify(data, null, 1))),
  look: (input) => holdSessions(input.toString(), EVERYTHING_SERVED.configuration.policy),
}

export const TARGETS = { request, flow, policy, reference, session }

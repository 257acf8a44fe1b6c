import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { buildPackage } from './built-package.ts'
import { CAPTURED, JOINED, LEFT, received, VARIABLES_RECEIVED } from './events.ts'

const { dist, user } = buildPackage()
const SCRIPT = readFileSync(join(dist, 'adapter/listen-to-virtual-agent.min.js'), 'utf8')
const MAX_BYTES = 2_000

// ---- what the package holds

test('the plain script is small, and all that it adds to a page is one name', () => {
  assert.ok(Buffer.byteLength(SCRIPT) <= MAX_BYTES, `${Buffer.byteLength(SCRIPT)} bytes`)
  console.log(`listen-to-virtual-agent.min.js: ${Buffer.byteLength(SCRIPT)} bytes`)
  const page: Record<string, unknown> = {}
  runInNewContext(SCRIPT, page)
  assert.deepEqual(Object.keys(page), ['carryover'])
  assert.deepEqual(Object.keys(page.carryover as object), ['listenToVirtualAgent'])
})

test('a page that is bundled gets the listener, and nothing of the rest', async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export { listenToVirtualAgent } from 'carryover/adapter'`, resolveDir: user },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const bytes = outputFiles.reduce((sum, { contents }) => sum + contents.length, 0)
  console.log(`listenToVirtualAgent in a bundle: ${bytes} bytes`)
  assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`)
  const parts = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const used = parts.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => basename(file))
  assert.deepEqual(used, ['listen-to-virtual-agent.js'])
})

test("the README's page opens a ticket once, though the variables come twice", async () => {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')
  const contents = /^```js\n(.*?)^```/ms.exec(readme)?.[1] ?? ''
  const { outputFiles } = await build({ stdin: { contents, resolveDir: user }, bundle: true, write: false })
  const shown: [session: string, variables: unknown][] = []
  const opened: string[] = []
  const openTicketTab = (session: string) => {
    opened.push(session)
    return { show: (variables: unknown) => void shown.push([session, variables]) }
  }
  const window = new EventTarget()
  runInNewContext(outputFiles[0]?.text ?? '', { window, openTicketTab, URL, console: { info: assert.fail } })
  for (const data of [JOINED, VARIABLES_RECEIVED, LEFT, received({ chat_id: undefined, call_id: '103646' })]) {
    window.dispatchEvent(new MessageEvent('message', { data, origin: 'https://adapter.example.com' }))
    window.dispatchEvent(new MessageEvent('message', { data, origin: 'https://evil.example.net' }))
  }
  assert.deepEqual(opened, ['chat 103646', 'call 103646'])
  const once = CAPTURED.map(({ variables }) => ['chat 103646', variables])
  assert.deepEqual(shown, [...once, ...once])
})

test('programs import schemas, the listener, and what an answer makes of events', () => {
  const program = `
    import * as adapter from 'carryover/adapter'
    const ujet = { session_variable: { payload: { a: 1, b: 2 }, capture_type: ['event'], invisible_to_adapter_events: ['b'] } }
    const event = adapter.variablesReceived([ujet], { chat_id: 1 }, new Date(0))
    console.log(JSON.stringify([Object.keys(adapter), adapter.postEventSchema.parse(event)]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: user })
  const [names, event] = JSON.parse(String(output))
  assert.deepEqual(names, [
    'capturedVariables',
    'capturedVariablesSchema',
    'listenToVirtualAgent',
    'postEventSchema',
    'taskVaJoinedSchema',
    'taskVaLeftSchema',
    'taskVaVariablesReceivedSchema',
    'variablesReceived',
  ])
  const when = { captured_at: '1970-01-01 00:00:00 UTC', timestamp: '0' }
  const captured_variables = [{ intent_name: null, variables: { a: 1 }, ...when }]
  assert.deepEqual(event, received({ timestamp: '0', captured_variables }))
})

test('the script can be found by its name in the package', () => {
  const program = `console.log(require.resolve('carryover/adapter/listen-to-virtual-agent.min.js'))`
  const path = String(execFileSync(process.execPath, ['--eval', program], { cwd: user })).trim()
  assert.equal(readFileSync(path, 'utf8'), SCRIPT)
})

const ON_A_PAGE = `
import { type CapturedVariables, type ListenOptions, listenToVirtualAgent, type TaskVaLeft } from 'carryover/adapter'
const stop: () => void = listenToVirtualAgent(window, {
  origin: 'https://adapter.example.com',
  onJoined: ({ type, data }) => {
    const joined: 'Task_VA_Joined' = type
    const session: number | string | undefined = data.call_id ?? data.chat_id
    const later: unknown = data.added_later
    console.log(joined, session, later)
  },
  onVariables: ({ data }) => {
    const captured: CapturedVariables[] = data.captured_variables
    for (const { variables, intent_name } of captured) console.log(variables.destination, intent_name?.length)
    // @ts-expect-error: a value may be anything
    data.captured_variables[0].variables.destination.length
  },
  onLeft: async ({ data }: TaskVaLeft) => {
    const reason: string | undefined = data.finish_reason
    console.log(reason)
    // @ts-expect-error: it may be absent
    data.captured_variables.length
  },
  onUnknown: (message) => {
    // @ts-expect-error: it may be anything
    message.type
  },
})
stop()
const others: ListenOptions = { origin: 'https://adapter.example.com' }
listenToVirtualAgent(window.parent, others)
// @ts-expect-error: the origin is missing
listenToVirtualAgent(window, {})
// @ts-expect-error: there is no such callback
listenToVirtualAgent(window, { origin: 'https://adapter.example.com', onVariable: () => {} })
`
const IN_A_PROGRAM = `
import { capturedVariables, type PostEvent, postEventSchema, variablesReceived } from 'carryover/adapter'
const event: PostEvent = postEventSchema.parse(JSON.parse('{}'))
if (event.type === 'Task_VA_Left') console.log(event.data.finish_reason?.length)
const made: PostEvent | undefined = variablesReceived([], event.data, new Date(0))
console.log(capturedVariables([], new Date(0)).map(({ variables }) => Object.keys(variables)), made)
`
interface Project {
  readonly name: string
  readonly code: string
  readonly module: string
  readonly moduleResolution: string
  readonly lib: readonly string[]
  readonly types: readonly string[]
}
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' }
const NODE = { module: 'nodenext', moduleResolution: 'nodenext' }
const PROJECTS: readonly Project[] = [
  { name: 'a page, with a bundler', code: ON_A_PAGE, ...BUNDLER, lib: ['es2020', 'dom'], types: [] },
  { name: 'a page, as Node resolves', code: ON_A_PAGE, ...NODE, lib: ['es2020', 'dom'], types: [] },
  { name: "a program, without the browser's types", code: IN_A_PROGRAM, ...NODE, lib: ['es2022'], types: ['node'] },
]
const MODULES = join(import.meta.dirname, '../../node_modules')

for (const { name, code, ...options } of PROJECTS)
  test(`the types fit ${name}`, () => {
    const strictness = { strict: true, exactOptionalPropertyTypes: true, noEmit: true }
    const compilerOptions = { ...options, ...strictness, target: 'es2022', typeRoots: [join(MODULES, '@types')] }
    const files = {
      'index.ts': code,
      'package.json': JSON.stringify({ type: 'module' }),
      'tsconfig.json': JSON.stringify({ compilerOptions, files: ['index.ts'] }),
    }
    for (const [file, text] of Object.entries(files)) writeFileSync(join(user, file), text)
    const tsc = join(MODULES, 'typescript/bin/tsc')
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', user], { encoding: 'utf8' })
    assert.equal(status, 0, stdout)
  })

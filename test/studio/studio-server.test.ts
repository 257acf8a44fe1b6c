import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Evaluation, ProjectView, SaveResult, StudioFile } from '../../src/studio/protocol.ts'
import { startStudio } from '../../src/studio/start-studio.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { call, until } from '../server/http-call.ts'
import { emptyPages, type OpenStudio, openStudio } from './open-studio.ts'

const flowFor = (tag: string): string => `flow: A
captures:
  - tag: ${tag}
    visible_to: [agent, comment, event]
    variables:
      city: $session.params.city
      budget: { from: $session.params.budget, format: money, visible_to: [comment] }
      card: { from: $session.params.card_number, mask: last4, visible_to: [agent] }
      said: { from: $request.user-utterance, visible_to: [agent] }
examples:
  - name: a trip
    tag: ${tag}
    parameters: { city: Osaka }
    sees:
      agent: { city: Osaka }
`
const FLOW = flowFor('one')
const POLICY = `parameters:
  - match: [card_*]
    visible_to: [agent]
    reason: PCI DSS 3
`

const folder = temporaryFolder()
const flows = join(folder.path, 'flows')
folder.write('flows/a.yaml', FLOW)
folder.write('flows/policy.yaml', POLICY)
folder.write('flows/sub/b.yaml', flowFor('two'))
folder.write('outside/secret.yaml', FLOW)
const studio = await openStudio(flows)

const project = async (from = studio): Promise<ProjectView> => JSON.parse((await from.ask('GET', '/api/project')).text)
const hashOf = async (path: string): Promise<string | undefined> =>
  (await project()).files.find((file) => file.path === path)?.hash

async function evaluation(question: Parameters<OpenStudio['evaluate']>[0], from = studio): Promise<Evaluation> {
  const { status, text } = await from.evaluate(question)
  assert.equal(status, 200, text)
  return JSON.parse(text)
}

async function answerTo(question: Parameters<OpenStudio['evaluate']>[0], from = studio) {
  const { outcome } = await evaluation(question, from)
  assert.equal(outcome.kind, 'answer', JSON.stringify(outcome))
  return outcome as Extract<Evaluation['outcome'], { kind: 'answer' }>
}

// ---- who may ask

test('it listens on the loopback address alone', async () => {
  const { port } = new URL(studio.origin)
  const others = Object.values(networkInterfaces()).flatMap((list = []) =>
    list.filter(({ internal, family }) => !internal && family === 'IPv4'),
  )
  for (const { address } of others)
    await assert.rejects(call(`http://${address}:${port}`, { path: '/' }), { code: 'ECONNREFUSED' })
  assert.match(studio.url, /^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{32}$/)
})

test('without the token, the page is empty and nothing else is answered', async () => {
  const page = await call(studio.origin, { path: '/', headers: {} })
  assert.equal(page.status, 200)
  assert.doesNotMatch(page.text, /Osaka|a\.yaml|token/)
  for (const authorization of ['', 'Bearer', 'Bearer x', `Basic ${studio.token}`, `Bearer ${studio.token}x`])
    for (const [method, path] of [
      ['GET', '/api/project'],
      ['GET', '/api/schemas'],
      ['POST', '/api/evaluate'],
      ['POST', '/api/matrix'],
      ['POST', '/api/changes'],
      ['PUT', '/api/file'],
      ['GET', '/api/nothing'],
    ] as const)
      assert.equal(
        (await studio.ask(method, path, method === 'GET' ? undefined : {}, { authorization })).status,
        401,
        path,
      )
})

test('a name that somebody led to this address is turned away, for the page too', async () => {
  const { port } = new URL(studio.origin)
  for (const host of [
    `attacker.example.com:${port}`,
    `localhost:${port}`,
    '127.0.0.1',
    `127.0.0.1:${Number(port) + 1}`,
  ])
    for (const path of ['/', '/studio.js', '/api/project'])
      assert.equal((await studio.ask('GET', path, undefined, { host })).status, 421, `${host}${path}`)
})

test('another origin is turned away, token or not; and so is a write that names none', async () => {
  for (const origin of ['http://attacker.example.com', 'null', studio.origin.replace('127.0.0.1', 'localhost')])
    assert.equal((await studio.ask('GET', '/api/project', undefined, { origin })).status, 403, origin)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${studio.token}` }
  const put = { path: 'a.yaml', text: 'x', over: await hashOf('a.yaml') }
  assert.equal((await call(studio.origin, { method: 'PUT', path: '/api/file', headers, body: put })).status, 403)
  assert.equal(readFileSync(join(flows, 'a.yaml'), 'utf8'), FLOW)
})

test('a preflight of another origin gets no permission', async () => {
  const headers = { origin: 'http://attacker.example.com', 'access-control-request-method': 'PUT' }
  const reply = await call(studio.origin, { method: 'OPTIONS', path: '/api/file', headers })
  assert.equal(reply.status, 403)
  assert.equal(reply.headers['access-control-allow-origin'], undefined)
})

test('every answer forbids what it does not need', async () => {
  for (const path of ['/', '/studio.js', '/api/project', '/nothing']) {
    const { headers } = await studio.ask('GET', path)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.equal(headers['referrer-policy'], 'no-referrer', path)
    assert.equal(headers['cache-control'], 'no-store', path)
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/, path)
  }
  const { headers, text } = await studio.ask('GET', '/')
  const policy = String(headers['content-security-policy'])
  assert.doesNotMatch(policy, /unsafe|\*/)
  assert.match(policy, /script-src 'self';/)
  assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'/)
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
  assert.ok(nonce.length > 20 && text.includes(`nonce="${nonce.replaceAll('=', '=')}"`))
  assert.doesNotMatch(policy.replace(/frame-src 'self' \S+/, ''), /https?:/)
  assert.ok(!(await studio.ask('GET', '/')).text.includes(nonce), 'a nonce is used once')
})

test('the adapter is another origin, that only the studio may frame', async () => {
  const { adapter } = await project()
  assert.notEqual(adapter, studio.origin)
  const page = await call(adapter, { path: '/', headers: {} })
  assert.equal(page.status, 200)
  assert.match(page.text, new RegExp(`data-studio="${studio.origin}"`))
  assert.match(String(page.headers['content-security-policy']), new RegExp(`frame-ancestors ${studio.origin};`))
  assert.equal(
    (await call(adapter, { path: '/api/project', headers: { authorization: `Bearer ${studio.token}` } })).status,
    404,
  )
  assert.equal((await call(adapter, { path: '/', headers: { host: 'attacker.example.com' } })).status, 421)
})

test('a call that is no JSON map, too large, or asks for nothing known is refused in words', async () => {
  const status = async (body: unknown, headers = {}) =>
    (await studio.ask('POST', '/api/evaluate', body, headers)).status
  assert.equal(await status('[1'), 400)
  assert.equal(await status('[]'), 400)
  assert.equal(await status({}), 400)
  assert.equal(await status({ edits: { 'a.yaml': 1 }, file: 'a.yaml', asked: { kind: 'made' } }), 400)
  assert.equal(await status({ edits: {}, file: 'a.yaml', asked: { kind: 'sing' } }), 400)
  assert.equal(await status('{}', { 'content-type': 'text/plain' }), 415)
  assert.equal(await status({ edits: { 'a.yaml': 'x'.repeat(9_000_000) }, file: 'a.yaml' }), 413)
})

// ---- what it shows

test('the project: flow files and policy as they are, and the policy not to be written', async () => {
  const { files, policy, folder: shown } = await project()
  assert.deepEqual(
    files.map(({ path, editable, text }) => [path, editable, text.length > 0]),
    [
      ['a.yaml', true, true],
      ['sub/b.yaml', true, true],
    ],
  )
  assert.deepEqual([policy?.path, policy?.text, policy?.editable], ['policy.yaml', POLICY, false])
  assert.equal(shown, flows)
})

test('the audiences of a made-up request, with a place for each value and a reason for each that is absent', async () => {
  const given = { parameters: { city: 'Kyoto', card_number: '4242424242424242' }, said: 'hello' }
  const { audiences, bytes, response, ordered, missing } = await answerTo({
    tag: 'one',
    asked: { kind: 'made', given },
  })
  const { agent, comment, event } = audiences
  assert.deepEqual(
    agent.values.map(({ key, value, at }) => [key, value, at.line, at.endLine]),
    [
      ['city', 'Kyoto', 6, 6],
      ['card', '************4242', 8, 8],
      ['said', 'hello', 9, 9],
    ],
  )
  assert.deepEqual(
    agent.values[1]?.remarks.map(({ text }) => text),
    ['masked (last4)'],
  )
  assert.deepEqual(agent.values[0]?.at, { line: 6, column: 7, endLine: 6, endColumn: 33 })
  assert.deepEqual(
    agent.absent.map(({ key, reason }) => [key, reason.text, reason.at?.line]),
    [['budget', 'hidden by line 7', 7]],
  )
  assert.deepEqual(
    comment.absent.map(({ key, reason }) => [key, reason.text, reason.rule]),
    [
      ['budget', 'not set: $session.params.budget', undefined],
      ['card', 'hidden by line 8', { line: 2, why: 'PCI DSS 3' }],
      ['said', 'hidden by line 9', undefined],
    ],
  )
  assert.deepEqual(
    event.values.map(({ key }) => key),
    ['city'],
  )
  assert.equal(bytes, Buffer.byteLength(JSON.stringify(response)))
  assert.ok(ordered)
  assert.deepEqual(missing, [])
})

test('the adapter shows the variables in the order that the answer asks for', async () => {
  const text = `flow: P\ncaptures:\n  - tag: p\n    ujet:\n      session_variable:\n        payload: { a: 1, b: 2, c: 3 }\n        capture_type: [agent, event]\n        display_order_in_adapter: [c, a]\n`
  const ask = (edited: string) => answerTo({ file: 'p.yaml', tag: 'p', edits: { 'p.yaml': edited } })
  const { audiences, ordered, keys } = await ask(text)
  assert.deepEqual(
    audiences.agent.values.map(({ key }) => key),
    ['c', 'a', 'b'],
  )
  assert.equal(ordered, false, 'b is anywhere')
  assert.equal(keys.capture_type?.line, 7)
  assert.equal((await ask(text.replace('[c, a]', '[c, a, b]'))).ordered, true)
})

test('diagnostics are those of validate, of the text as it is edited', async () => {
  const edits = { 'a.yaml': FLOW.replace('visible_to: [comment]', 'visible_to: [comments]') }
  const { diagnostics, outcome } = await evaluation({ tag: 'one', edits })
  assert.deepEqual(
    diagnostics.map(({ code, file, line, column, endColumn }) => [code, file, line, column, endColumn]),
    [['visibility/unknown-surface', 'a.yaml', 7, 75, 83]],
  )
  assert.match(diagnostics[0]?.message ?? '', /did you mean "comment"\?/)
  assert.deepEqual(outcome, { kind: 'errors', files: ['a.yaml'] })
})

test('errors of other files do not hide the audiences of this one; an error of the policy does', async () => {
  const asked = { kind: 'made', given: { parameters: { city: 'Kyoto' } } } as const
  const beside = await answerTo({ tag: 'one', asked, edits: { 'sub/b.yaml': 'flow: [' } })
  assert.deepEqual(beside.broken, ['sub/b.yaml'])
  const editing = await openStudio(flows, { editPolicy: true })
  const { outcome } = await evaluation({ tag: 'one', asked, edits: { 'policy.yaml': 'parameters: 7' } }, editing)
  assert.deepEqual(outcome, { kind: 'errors', files: ['policy.yaml'] })
})

test('what may not be written may not be supposed either: the policy holds whatever somebody sends in its place', async () => {
  const leak = FLOW.replace('mask: last4, visible_to: [agent]', 'visible_to: [agent, comment]')
  for (const path of ['policy.yaml', 'sub/policy.yaml', '../x.yaml']) {
    const { diagnostics } = await evaluation({ edits: { 'a.yaml': leak, [path]: '{}' } })
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ['policy/too-visible'],
    )
  }
})

test('an edit of one file is gone with the next call: nothing is kept but what is on disk', async () => {
  await evaluation({ edits: { 'a.yaml': 'flow: [' } })
  assert.deepEqual((await evaluation({})).diagnostics, [])
})

test('a captured request goes where the server would lead it', async () => {
  const body = { fulfillmentInfo: { tag: 'two' }, sessionInfo: { parameters: { city: 'Nara' } } }
  const led = await answerTo({ asked: { kind: 'captured', body } })
  assert.deepEqual([led.file, led.tag, led.audiences.agent.values[0]?.value], ['sub/b.yaml', 'two', 'Nara'])
  const { outcome } = await evaluation({ asked: { kind: 'captured', body: { fulfillmentInfo: { tag: 'twoo' } } } })
  assert.deepEqual(
    [outcome.kind, 'message' in outcome && /unknown_tag.*Tags like it: two\./.test(outcome.message)],
    ['failure', true],
  )
})

test('examples are run, and what a capture uses is named with a sample', async () => {
  const { examples, captures } = await evaluation({
    edits: { 'a.yaml': FLOW.replace('agent: { city: Osaka }', 'agent: { city: Nara }') },
  })
  assert.deepEqual(
    examples.map(({ name, at, mismatches }) => [name, at.line, mismatches]),
    [['a trip', 11, [{ of: 'agent', expected: { city: 'Nara' }, came: { city: 'Osaka' } }]]],
  )
  assert.deepEqual(
    captures.map(({ tag, parameters }) => [tag, parameters.map(({ scope, name, sample }) => [scope, name, sample])]),
    [
      [
        'one',
        [
          ['parameters', 'city', undefined],
          ['parameters', 'budget', { amount: 1200, currency: 'USD' }],
          ['parameters', 'card_number', undefined],
          ['said', '', undefined],
        ],
      ],
    ],
  )
})

test('a new example holds what the capture uses, expects what came, and passes', async () => {
  const parameters = { city: 'Kyoto', phone: 'nobody asks for it', budget: { amount: 5, currency: 'EUR' } }
  const { text } = await studio.ask('POST', '/api/example', { edits: {}, file: 'a.yaml', tag: 'one', parameters })
  const added = JSON.parse(text)
  assert.equal(added.name, 'one from the studio')
  assert.ok(added.text.startsWith(FLOW))
  assert.doesNotMatch(added.text, /phone/)
  const { diagnostics, examples } = await evaluation({ edits: { 'a.yaml': added.text } })
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    examples.map(({ name, mismatches }) => [name, mismatches]),
    [
      ['a trip', []],
      ['one from the studio', []],
    ],
  )
  const again = await studio.ask('POST', '/api/example', {
    edits: { 'a.yaml': added.text },
    file: 'a.yaml',
    tag: 'one',
    parameters,
  })
  assert.equal(JSON.parse(again.text).name, 'one from the studio 2')
})

test('the matrix of the whole project has the limits of the policy in it', async () => {
  const { rows, policy } = JSON.parse((await studio.ask('POST', '/api/matrix', { edits: {} })).text)
  assert.equal(rows.length, 8)
  const card = rows.find((row: { name: string }) => row.name === 'card')
  assert.deepEqual(card.cells, { agent: 'masked', comment: 'barred', event: 'barred', data_parameters: 'barred' })
  assert.deepEqual(card.rules, [{ line: 2, why: 'PCI DSS 3' }])
  assert.deepEqual(
    policy.rules.map(({ limit, variables }: { limit: string; variables: number }) => [limit, variables]),
    [['at most Agent', 2]],
  )
})

// ---- what it writes

const refusedOf = (result: SaveResult): string => ('refused' in result ? result.refused : JSON.stringify(result))

test('a file is saved over the bytes that the page knows, and otherwise not', async () => {
  const path = 'saved.yaml'
  writeFileSync(join(flows, path), flowFor('three'))
  chmodSync(join(flows, path), 0o640)
  const over = (await until(() => hashOf(path))) as string
  const first = await studio.save(path, `# mine\n${flowFor('three')}`, over)
  assert.ok('saved' in first)
  assert.match(readFileSync(join(flows, path), 'utf8'), /^# mine\n/)
  assert.equal(statSync(join(flows, path)).mode & 0o777, 0o640)
  writeFileSync(join(flows, path), 'somebody else')
  const second = await studio.save(path, 'mine', first.saved.hash)
  assert.ok('conflict' in second && second.conflict)
  assert.equal(second.conflict.text, 'somebody else')
  assert.equal(readFileSync(join(flows, path), 'utf8'), 'somebody else')
  const third = await studio.save(path, flowFor('three'), second.conflict.hash)
  assert.ok('saved' in third, 'having seen it')
})

test('a new file is made only where none is', async () => {
  assert.deepEqual(Object.keys(await studio.save('new.yaml', flowFor('four'))), ['saved'])
  const again = await studio.save('new.yaml', 'mine')
  assert.ok('conflict' in again && again.conflict?.text.startsWith('flow: A'))
  const gone = await studio.save('gone.yaml', 'mine', 'a'.repeat(64))
  assert.deepEqual(gone, { conflict: null })
})

test('line ends and a byte order mark stay', async () => {
  const text = flowFor('five').replaceAll('\n', '\r\n')
  writeFileSync(join(flows, 'crlf.yaml'), `\uFEFF${text}`)
  const over = await until(() => hashOf('crlf.yaml'))
  assert.ok('saved' in (await studio.save('crlf.yaml', `${text}# more\r\n`, over)))
  assert.equal(readFileSync(join(flows, 'crlf.yaml'), 'utf8'), `\uFEFF${text}# more\r\n`)
})

test('nothing but flow files below the folder is written, by whatever name', async () => {
  const secret = join(folder.path, 'outside/secret.yaml')
  const names = [
    '../outside/secret.yaml',
    'sub/../../outside/secret.yaml',
    secret,
    '/etc/carryover.yaml',
    '..\\outside\\secret.yaml',
    './a.yaml',
    'sub//b.yaml',
    '',
    '.',
    '..',
    'a.txt',
    'a.yaml\0.txt',
    '.hidden.yaml',
    '_draft.yaml',
    'node_modules/a.yaml',
    '.git/a.yaml',
    'flow.schema.json',
    'representatives.yaml',
    'policy.yaml',
    'policy.yml',
    'sub/policy.yaml',
    'nowhere/deep/a.yaml',
    'a\u0000b.yaml',
  ]
  for (const name of names)
    for (const over of [undefined, await hashOf('a.yaml')]) {
      const result = await studio.save(name, 'written', over)
      assert.match(refusedOf(result), /may write|leads out/, name)
    }
  assert.equal(readFileSync(secret, 'utf8'), FLOW)
  assert.equal(readFileSync(join(flows, 'policy.yaml'), 'utf8'), POLICY)
})

test('links that lead out of the folder are not followed, to files and to folders, there or not', async () => {
  const outside = join(folder.path, 'outside')
  symlinkSync(join(outside, 'secret.yaml'), join(flows, 'link.yaml'))
  symlinkSync(outside, join(flows, 'linked'))
  const known = await until(() => hashOf('link.yaml'))
  assert.match(refusedOf(await studio.save('link.yaml', 'written', known)), /leads out/)
  assert.match(refusedOf(await studio.save('linked/secret.yaml', 'written', known)), /leads out/)
  assert.match(refusedOf(await studio.save('linked/new.yaml', 'written')), /leads out/)
  symlinkSync(join(outside, 'not-yet.yaml'), join(flows, 'dangling.yaml'))
  assert.match(refusedOf(await studio.save('dangling.yaml', 'written')), /leads out .* or nowhere/)
  rmSync(join(flows, 'dangling.yaml'))
  assert.throws(() => readFileSync(join(outside, 'not-yet.yaml')), { code: 'ENOENT' })
  assert.equal(readFileSync(join(outside, 'secret.yaml'), 'utf8'), FLOW)
})

test('a file that is no UTF-8 is shown and not saved', async () => {
  writeFileSync(join(flows, 'latin.yaml'), Buffer.from([0x66, 0xe9, 0x0a]))
  const seen = await until(async () => (await project()).files.find(({ path }) => path === 'latin.yaml'))
  assert.equal((seen as StudioFile).editable, false)
})

test('with --edit-policy the policy can be saved, where it lies in the folder', async () => {
  const own = temporaryFolder()
  own.write('flows/a.yaml', FLOW)
  const policyFile = own.write('policy-elsewhere.yaml', POLICY)
  const place = own.write('flows/policy.yaml', POLICY)
  const open = await openStudio(join(own.path, 'flows'), { editPolicy: true })
  const { policy } = await project(open)
  assert.equal(policy?.editable, true)
  assert.ok('saved' in (await open.save('policy.yaml', `${POLICY}# reviewed\n`, policy?.hash)))
  assert.match(readFileSync(place, 'utf8'), /# reviewed/)
  const elsewhere = await openStudio(join(own.path, 'flows'), { editPolicy: true, policyFile })
  const outside = (await project(elsewhere)).policy
  assert.equal(outside?.editable, false)
  assert.match(refusedOf(await elsewhere.save(outside?.path ?? '', 'x', outside?.hash)), /may write|leads out/)
})

test('who waits is told when a file changes on disk', async () => {
  const { state } = await project()
  const waiting = studio.ask('POST', '/api/changes', { state })
  writeFileSync(join(flows, 'a.yaml'), `${FLOW}# changed\n`)
  const seen: ProjectView = JSON.parse((await waiting).text)
  assert.notEqual(seen.state, state)
  assert.match(seen.files.find(({ path }) => path === 'a.yaml')?.text ?? '', /# changed/)
})

test('without a build it says what to do', async () => {
  const options = { folder: flows, policyFile: undefined, editPolicy: false, port: 0 }
  mkdirSync(join(folder.path, 'empty'))
  await assert.rejects(startStudio({ ...options, pages: join(folder.path, 'empty') }), /npm run build/)
  const taken = Number(new URL(studio.origin).port)
  const beside = await startStudio({ ...options, port: taken, pages: emptyPages() })
  assert.notEqual(new URL(beside.url).port, String(taken))
  await beside.stop()
})

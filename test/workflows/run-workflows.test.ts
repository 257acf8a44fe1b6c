import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { SAMPLES } from '../samples.ts'
import { GUARD_MS } from '../server/http-call.ts'
import { FLOWS, LOCAL, RunningServer } from '../server/running-server.ts'
import { configurationIn, serve } from '../server/test-app.ts'
import { DEPLOYER, googleWithDeployer, inFrontOf } from './local-servers.ts'
import { type JobRun, runJob } from './run-job.ts'
import { jobOf, ROOT } from './workflow-files.ts'

const GUARD = { timeout: GUARD_MS }
const { path: scratch } = temporaryFolder()

/** What the workflows need of the repository, in a folder of its own. */
function copyRepository(name: string): string {
  const folder = join(scratch, name)
  mkdirSync(folder)
  for (const part of ['.github', 'src', 'app.yaml', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  cpSync(SAMPLES, join(folder, 'flows'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

const folder = copyRepository('repository')
const quietNpm = { HOME: scratch, npm_config_update_notifier: 'false' }
/** The packages are there already, and what is built does not change between tests. */
const checkFlows = (built = true): Promise<JobRun> =>
  runJob(jobOf('check', 'flows'), {
    folder,
    environment: quietNpm,
    without: ({ run }) => run === 'npm ci' || (built && run === 'npm run build'),
  })

let checked: JobRun
before(async () => {
  checked = await checkFlows(false)
}, GUARD)

const [VALIDATE, TEST, DICTIONARY] = [
  'Every mistake, beside its line',
  'The examples',
  'The dictionary says what the flow files say',
]

/** An edit of a file, for one test. */
async function withEdit<T>(file: string, edit: (text: string) => string, then: () => Promise<T>): Promise<T> {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  assert.notEqual(edit(text), text, 'the edit changes nothing')
  writeFileSync(path, edit(text))
  return then().finally(() => writeFileSync(path, text))
}

test('the check of the flow files passes, and says what to expect of them', GUARD, async () => {
  assert.equal(checked.failed, undefined, JSON.stringify([...checked.ran]))
  assert.deepEqual([...checked.ran.keys()].slice(0, 4), ['npm run build', VALIDATE, TEST, DICTIONARY])
  assert.equal(checked.outputs.hash, (await configurationIn(join(folder, 'flows'))).hash)
  const example = JSON.parse(checked.outputs.example ?? '')
  assert.deepEqual(Object.keys(example), ['name', 'request', 'answer'])
})

test('a mistake is shown beside its line in the pull request', GUARD, async () => {
  const edit = (text: string) =>
    text.replace('capture_type: [comment, agent, event]', 'capture_type: [comment, agents]')
  const { failed, ran } = await withEdit('flows/book-a-trip.yaml', edit, checkFlows)
  assert.equal(failed, VALIDATE)
  assert.match(ran.get(VALIDATE ?? '')?.stdout ?? '', /^::error file=flows\/book-a-trip\.yaml,line=\d+,/m)
})

test('an example that fails stops the check', GUARD, async () => {
  const edit = (text: string) => text.replace('key_one: Osaka,', 'key_one: Kyoto,')
  assert.equal((await withEdit('flows/book-a-trip.yaml', edit, checkFlows)).failed, TEST)
})

test('the switch of the person on call goes through the check', GUARD, async () => {
  const edit = (text: string) => text.replace('- tag: trip-details\n', '- tag: trip-details\n    enabled: false\n')
  const { failed } = await withEdit('flows/book-a-trip.yaml', edit, checkFlows)
  assert.equal(failed, undefined)
})

test('a dictionary that was forgotten stops the check, and says how to refresh it', GUARD, async () => {
  const fresh = readFileSync(join(folder, 'flows', 'dictionary.md'), 'utf8')
  const { failed, ran, summary } = await withEdit('flows/dictionary.md', (text) => `${text}\nold\n`, checkFlows)
  assert.equal(failed, DICTIONARY)
  assert.match(ran.get(DICTIONARY ?? '')?.stderr ?? '', /carryover dictionary flows --write flows\/dictionary\.md/)
  assert.ok(summary.includes(`\`\`\`\`markdown\n${fresh}\`\`\`\`\n`), summary)
})

test('flow files without examples have none to try', GUARD, async () => {
  const flows = join(scratch, 'without-examples')
  mkdirSync(flows)
  writeFileSync(join(flows, 'a.yaml'), 'flow: A\ncaptures:\n  - tag: a\n    set_parameters: { done: true }\n')
  const { failed, outputs } = await runJob(jobOf('check', 'flows'), {
    folder,
    environment: { FLOWS_DIR: flows },
    without: ({ id }) => id !== 'expected',
  })
  assert.equal(failed, undefined)
  assert.equal(outputs.hash, (await configurationIn(flows)).hash)
  assert.equal(outputs.example, '')
})

const google = await googleWithDeployer()
const other = await serve(google.settings)
const open = await serve()
/** What App Engine would run: the flow files of the copy, in a process of its own. */
const server = new RunningServer({ ...LOCAL, ...google.settings, FLOWS_DIR: join(folder, 'flows') })
after(() => Promise.all([server.stop(), other.close(), open.close()]))
const deployed = { url: await server.listening() }

const bin = join(scratch, 'bin')
mkdirSync(bin)
copyFileSync(join(import.meta.dirname, 'fake-gcloud.sh'), join(bin, 'gcloud'))
chmodSync(join(bin, 'gcloud'), 0o755)

interface Cloud {
  /** The addresses of the version, and of what is live. */
  readonly own: string
  readonly live?: string
  readonly more?: Record<string, string>
}

type Deployment = JobRun & { readonly asked: string[] }
let runs = 0

/** One of the two jobs that reach Google, with a stand-in for gcloud, and servers of this machine for App Engine's. */
async function runInCloud(
  name: 'deploy' | 'roll-back',
  { own, live = own, more = {} }: Cloud,
  values: Record<string, string> = {},
): Promise<Deployment> {
  const log = join(scratch, `asked-${++runs}`)
  writeFileSync(log, '')
  const run = await runJob(jobOf(name, name), {
    folder,
    values: {
      'vars.GOOGLE_DEPLOYER': DEPLOYER,
      'vars.GOOGLE_WORKLOAD_IDENTITY_PROVIDER':
        'projects/1/locations/global/workloadIdentityPools/github/providers/github',
      'github.run_number': '57',
      'github.run_attempt': '1',
      'needs.check.outputs.hash': checked.outputs.hash ?? '',
      'needs.check.outputs.example': checked.outputs.example ?? '',
      ...values,
    },
    environment: {
      PATH: `${bin}:${process.env.PATH}`,
      GITHUB_SHA: '1a2b3c4d5e6f7081920a1b2c3d4e5f6071829304',
      TRY_SECONDS: '0',
      FAKE_LOG: log,
      FAKE_LIVE: 'c-0badcafe-56-1',
      FAKE_OWN_URL: own,
      FAKE_LIVE_HOST: live.replace('http://', ''),
      ...more,
    },
    actions: { token: { id_token: google.token } },
    adjust: (output) => output.replace('https://127.0.0.1', 'http://127.0.0.1'),
  })
  return { ...run, asked: readFileSync(log, 'utf8').trim().split('\n') }
}

const NEW = 'c-1a2b3c4d-57-1'
const PROMOTE = `app services set-traffic default --splits=${NEW}=1 --quiet`
const [TRY, MOVE, TRY_LIVE] = ['Try the new version at its own address', 'Give it the calls', 'Try what is live']

test('a merge is deployed without traffic, tried, and given the calls', GUARD, async () => {
  const { failed, asked, ran, summary } = await runInCloud('deploy', { own: deployed.url })
  assert.equal(failed, undefined, JSON.stringify([...ran]))
  assert.deepEqual(asked, [
    'app versions list --service=default --hide-no-traffic --format=value(version.id)',
    `app deploy app.yaml --no-promote --version=${NEW} --quiet`,
    `app versions describe ${NEW} --service=default --format=value(versionUrl)`,
    'app describe --format=value(defaultHostname)',
    PROMOTE,
  ])
  assert.match(ran.get(TRY ?? '')?.stderr ?? '', /with a token: not tried, there is no token/)
  assert.match(summary, new RegExp(`^### Live: \`${NEW}\`\n`))
  assert.match(summary, new RegExp(`Flow files: \`${checked.outputs.hash}\`\\. The calls went to: c-0badcafe-56-1\\.`))
  assert.match(summary, /^ {4}gcloud app services set-traffic default --splits=c-0badcafe-56-1=1$/m)
})

test('where the deploying account may call, a real example is tried', GUARD, async () => {
  const edit = (text: string) => text.replace('GOOGLE_SERVICE_ACCOUNTS: ', `GOOGLE_SERVICE_ACCOUNTS: ${DEPLOYER}, `)
  const { failed, ran } = await withEdit('app.yaml', edit, () => runInCloud('deploy', { own: deployed.url }))
  assert.equal(failed, undefined)
  assert.match(ran.get(TRY ?? '')?.stderr ?? '', /^ok {2}POST \/webhook with a token: ".*" has the answer/m)
})

test('a deploying account in a comment of app.yaml is none that may call', GUARD, async () => {
  const { ran } = await withEdit(
    'app.yaml',
    (text) => `${text}# ${DEPLOYER}\n`,
    () => runInCloud('deploy', { own: deployed.url }),
  )
  assert.match(ran.get(TRY ?? '')?.stderr ?? '', /there is no token/)
})

for (const [what, server, flows, why] of [
  ['serves other flow files', other, join(folder, 'flows'), /other flow files/],
  ['lets everybody in', open, FLOWS, /no credentials/],
] as const)
  test(`a version that ${what} gets no calls`, GUARD, async () => {
    const { hash } = await configurationIn(flows)
    const { failed, asked, ran, summary } = await runInCloud(
      'deploy',
      { own: server.url },
      { 'needs.check.outputs.hash': hash },
    )
    assert.equal(failed, TRY)
    assert.match(ran.get(TRY ?? '')?.stderr ?? '', why)
    assert.ok(!asked.includes(PROMOTE))
    assert.match(summary, new RegExp(`^### Not live: \`${NEW}\` failed when it was tried`))
  })

test('what is live is tried too, and the summary says how to go back', GUARD, async () => {
  const { failed, summary } = await runInCloud('deploy', { own: deployed.url, live: other.url })
  assert.equal(failed, TRY_LIVE)
  assert.match(
    summary,
    /given the calls, but what is live is not as it should be[\s\S]*Roll back[\s\S]*=c-0badcafe-56-1=1/,
  )
})

test('the calls cannot be moved', GUARD, async () => {
  const { failed, summary } = await runInCloud('deploy', { own: deployed.url, more: { FAKE_SET_TRAFFIC: '1' } })
  assert.equal(failed, MOVE)
  assert.match(summary, /^### Not certain/)
})

test('the very first deployment, and one that fails', GUARD, async () => {
  const first = await runInCloud('deploy', { own: deployed.url, more: { FAKE_LIVE: '' } })
  assert.equal(first.failed, undefined)
  assert.match(first.summary, /The calls went to: no version\.\n$/)
  const failing = await runInCloud('deploy', { own: deployed.url, more: { FAKE_DEPLOY: '1' } })
  assert.match(failing.summary, /^### Not deployed; the calls go where they went/)
  assert.ok(!failing.asked.includes(PROMOTE))
})

test('a missing variable is named before anything is done', GUARD, async () => {
  const { asked, ran } = await runInCloud('deploy', { own: deployed.url }, { 'vars.GOOGLE_DEPLOYER': '' })
  assert.match([...ran.values()][0]?.stdout ?? '', /^::error::Set the variables GOOGLE_DEPLOYER/)
  assert.deepEqual(asked, [''])
})

const BACK = 'c-0badcafe-56-1'
const goBack = (cloud: Cloud, version = BACK): Promise<Deployment> =>
  runInCloud('roll-back', { ...cloud, more: { FAKE_LIVE: NEW, ...cloud.more } }, { 'inputs.version': version })

test('a roll-back tries the version, moves the calls, and tries what is live', GUARD, async () => {
  const { failed, asked, summary } = await goBack({ own: other.url })
  assert.equal(failed, undefined)
  assert.equal(asked.at(-1), `app services set-traffic default --splits=${BACK}=1 --quiet`)
  assert.match(summary, new RegExp(`^### Live: \`${BACK}\`\n[\\s\\S]*went to: ${NEW}[\\s\\S]*Revert the edit`))
})

test('a roll-back to a version that does not work changes nothing', GUARD, async () => {
  const { failed, asked, summary } = await goBack({ own: open.url })
  assert.equal(failed, 'Try it at its own address')
  assert.ok(!asked.some((line) => line.includes('set-traffic')))
  assert.match(summary, /^### Nothing was changed/)
})

test('a roll-back after which another version is still live', GUARD, async () => {
  const { failed, summary } = await goBack({ own: other.url, live: deployed.url })
  assert.equal(failed, TRY_LIVE)
  assert.match(summary, /what is live is not as it should be/)
})

test('a roll-back to a version that is not there names those that are', GUARD, async () => {
  const { failed, ran, asked } = await goBack({ own: other.url, more: { FAKE_MISSING: BACK } })
  assert.equal(failed, 'Find it')
  assert.match(ran.get('Find it')?.stdout ?? '', new RegExp(`::error::There is no such version.*\n${NEW}`))
  assert.ok(!asked.some((line) => line.includes('set-traffic')))
})

for (const version of ['', 'C-1', '-c', 'c_1', 'a=1,b', 'c-1; rm -rf .', '$(touch pwned)', 'x'.repeat(64), 'c-1\n'])
  test(`no name of a version: ${JSON.stringify(version).slice(0, 20)}`, GUARD, async () => {
    const { failed, asked, summary } = await goBack({ own: other.url }, version)
    assert.equal(failed, "Is that a version's name?")
    assert.deepEqual(asked, [''])
    assert.match(summary, /^### Nothing was changed/)
  })

test('a webhook that wakes up slowly is waited for', GUARD, async () => {
  let calls = 0
  const waking = await inFrontOf(deployed.url, (_request, response) => {
    if (++calls > 1) return false
    response.writeHead(503).end()
    return true
  })
  const { failed } = await runInCloud('deploy', { own: waking, live: deployed.url, more: { TRY_SECONDS: '20' } })
  assert.equal(failed, undefined)
})

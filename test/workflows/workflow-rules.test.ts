import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { runCli } from '../cli/run-cli.ts'
import { runProgram } from './run-program.ts'
import { type Job, jobOf, ROOT, type Step, WORKFLOWS, type Workflow } from './workflow-files.ts'

/** Whose code may run in a workflow; a new name or major version is a decision, not an accident. */
const ACTIONS = [
  'actions/checkout@v7',
  'actions/setup-node@v7',
  'google-github-actions/auth@v3',
  'google-github-actions/setup-gcloud@v3',
]

/** The jobs that may ask Google for a token. */
const DEPLOYING = ['deploy.deploy', 'roll-back.roll-back']

/** Each command of gcloud that is called, and the flags that its own help knows. */
const GCLOUD: Readonly<Record<string, readonly string[]>> = {
  'app deploy': ['no-promote', 'version', 'quiet'],
  'app describe': ['format'],
  'app services set-traffic': ['splits', 'quiet'],
  'app versions describe': ['service', 'format'],
  'app versions list': ['service', 'hide-no-traffic', 'format'],
}

interface Place {
  readonly workflow: Workflow
  readonly job: Job
  readonly name: string
  readonly step: Step
}

const jobs = [...WORKFLOWS].flatMap(([key, workflow]) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ workflow, job, name: `${key}.${name}` })),
)
const steps: Place[] = jobs.flatMap((place) => (place.job.steps ?? []).map((step) => ({ ...place, step })))
const scripts = steps.flatMap(({ step, ...place }) => (step.run === undefined ? [] : [{ ...place, run: step.run }]))

test('the workflows are these', () => {
  assert.deepEqual([...WORKFLOWS.keys()].sort(), ['check', 'deploy', 'roll-back'])
})

test('each begins when it should', () => {
  const triggers = Object.fromEntries([...WORKFLOWS].map(([name, { on }]) => [name, on]))
  assert.deepEqual(Object.keys(triggers.check ?? {}), ['pull_request', 'workflow_call'])
  assert.deepEqual(triggers.deploy, { push: { branches: ['main'] } })
  assert.deepEqual(Object.keys(triggers['roll-back'] ?? {}), ['workflow_dispatch'])
  assert.equal(jobOf('deploy', 'check').uses, './.github/workflows/check.yaml')
  assert.equal(jobOf('deploy', 'deploy').needs, 'check')
})

test('each has the permissions that it needs, and no other', () => {
  for (const { file, permissions } of WORKFLOWS.values())
    assert.deepEqual(permissions, file === 'check.yaml' ? { contents: 'read' } : {}, file)
  for (const { name, workflow, job } of jobs) {
    const deploying = DEPLOYING.includes(name)
    const expected = deploying ? { contents: 'read', 'id-token': 'write' } : { contents: 'read' }
    assert.deepEqual(job.permissions ?? workflow.permissions, expected, name)
  }
})

test('who may deploy runs nothing of npm', () => {
  for (const { name, run } of scripts) if (DEPLOYING.includes(name)) assert.doesNotMatch(run, /\bnp[mx]\b/, name)
})

test('no job waits for ever, on a machine that changes under it', () => {
  for (const { name, job, workflow } of jobs) {
    assert.deepEqual(workflow.defaults, { run: { shell: 'bash' } }, name)
    if (job.uses) continue
    assert.ok((job['timeout-minutes'] ?? Number.POSITIVE_INFINITY) <= 30, `${name} needs timeout-minutes`)
    assert.equal(job['runs-on'], 'ubuntu-24.04', name)
  }
})

test('one deployment at a time, never cancelled; a roll-back does not overtake one', () => {
  assert.deepEqual(WORKFLOWS.get('deploy')?.concurrency, { group: 'deploy', 'cancel-in-progress': false })
  for (const name of ['deploy', 'roll-back'])
    assert.deepEqual(jobOf(name, name).concurrency, { group: 'app-engine', 'cancel-in-progress': false })
  const check = WORKFLOWS.get('check')?.concurrency
  assert.match(check?.group ?? '', /^check-\$\{\{ github\.ref \}\}$/)
  assert.match(String(check?.['cancel-in-progress']), /^\$\{\{ github\.event_name == 'pull_request' \}\}$/)
})

test('actions are known ones, and a checkout keeps no credentials', () => {
  for (const { name, step } of steps) {
    if (step.uses === undefined) continue
    assert.ok(ACTIONS.includes(step.uses), `${name}: ${step.uses}`)
    if (step.uses.startsWith('actions/checkout')) assert.equal(step.with?.['persist-credentials'], false, name)
  }
})

test('no stored key, and nothing from outside in the text of a script', () => {
  for (const { file, text } of WORKFLOWS.values()) {
    assert.doesNotMatch(text, /\bsecrets\b|credentials_json|pull_request_target/, file)
  }
  for (const { name, run } of scripts) {
    assert.doesNotMatch(run, /\$\{\{/, `${name}: hand it over in env`)
    assert.doesNotMatch(run, /set -[a-z]*x|TRY_TOKEN|id_token|print-(?:access|identity)-token/, name)
  }
})

test('a token of the caller reaches one step alone', () => {
  const receiving = steps.filter(({ step }) => JSON.stringify(step.env ?? {}).includes('id_token'))
  assert.deepEqual(
    receiving.map(({ step }) => step.run),
    ['node .github/try-version.mjs "$URL" "$HASH"'],
  )
})

test('what an expression names is there', () => {
  for (const { name, workflow, job } of jobs) {
    const text = JSON.stringify(job)
    const ids = new Set(job.steps?.map(({ id }) => id))
    for (const [, id] of text.matchAll(/\bsteps\.([\w-]+)\./g)) assert.ok(ids.has(id), `${name}: steps.${id}`)
    for (const [, needed, output] of text.matchAll(/\bneeds\.([\w-]+)\.outputs\.(\w+)/g)) {
      assert.equal(job.needs, needed, name)
      const called = WORKFLOWS.get(workflow.jobs[needed ?? '']?.uses?.match(/([\w-]+)\.yaml$/)?.[1] ?? '')
      const offered = (called?.on.workflow_call as { outputs: object } | undefined)?.outputs
      assert.ok(Object.hasOwn(offered ?? {}, output ?? ''), `${name}: needs.${needed}.outputs.${output}`)
    }
  }
  const offers = WORKFLOWS.get('check')?.on.workflow_call as { outputs: Record<string, { value: string }> }
  for (const { value } of Object.values(offers.outputs)) {
    const [, job = '', output = ''] = /^\$\{\{ jobs\.(\w+)\.outputs\.(\w+) \}\}$/.exec(value) ?? []
    assert.ok(jobOf('check', job).outputs?.[output], value)
  }
})

test('every name of a step, and each variable of a script, is set', () => {
  const ofGitHub = /^(?:GITHUB_(?:SHA|OUTPUT|STEP_SUMMARY))$/
  for (const { name, job, step } of steps) {
    const given = new Set([...Object.keys(job.env ?? {}), ...Object.keys(step.env ?? {})])
    const own = new Set([...(step.run ?? '').matchAll(/\b(\w+)=\$?/g)].map(([, variable]) => variable))
    for (const [, variable = ''] of (step.run ?? '').matchAll(/\$\{?(\w+)/g))
      assert.ok(given.has(variable) || own.has(variable) || ofGitHub.test(variable), `${name}: $${variable}`)
  }
})

test('every script is one for bash', async () => {
  for (const { name, run } of scripts) {
    const { code, stderr } = await runProgram('bash', ['-n', '-c', run], { cwd: ROOT })
    assert.equal(code, 0, `${name}: ${stderr}`)
  }
})

/** The commands of a script that begin with a word. */
const commandsOf = (word: string): [string, string[]][] =>
  scripts.flatMap(({ name, run }) =>
    [...run.matchAll(new RegExp(`(?:^|[;&|(]|\\bif !?) *${word} ([^\\n;|)]+)`, 'gm'))].map(
      ([, rest = '']): [string, string[]] => [name, rest.trim().split(/\s+/)],
    ),
  )

test('scripts and tools of npm that are called are there', () => {
  const { scripts: ours, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const called = commandsOf('npm')
  assert.ok(called.length >= 5)
  for (const [name, [verb, script = '']] of called) {
    if (verb === 'ci') continue
    assert.ok(ours[verb === 'run' ? script : (verb ?? '')], `${name}: npm ${verb} ${script}`)
  }
  for (const [name, [tool = '']] of commandsOf('npx'))
    assert.ok(devDependencies[{ tsc: 'typescript', biome: '@biomejs/biome' }[tool] ?? ''], `${name}: npx ${tool}`)
})

test("commands and options of the command line are there, and its files' names too", async () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const called = commandsOf('node')
  const commands = called.filter(([, [file]]) => file === bin.carryover)
  assert.deepEqual(
    commands.map(([, [, command]]) => command),
    ['validate', 'test', 'dictionary', 'dictionary'],
  )
  for (const [name, [, command = '', ...options]] of commands) {
    const { code, stdout } = await runCli([command, '--help'])
    assert.equal(code, 0, `${name}: carryover ${command}`)
    for (const option of options.filter((word) => word.startsWith('--')))
      assert.ok(stdout.includes(option), `${name}: carryover ${command} ${option}`)
  }
  for (const [name, [file = '']] of called)
    if (file !== bin.carryover) assert.ok(existsSync(join(ROOT, file)), `${name}: node ${file}`)
})

test('gcloud is called with commands and flags that it has', () => {
  const called = commandsOf('gcloud')
  assert.ok(called.length >= 9)
  for (const [name, words] of called) {
    const command = Object.keys(GCLOUD).find((known) => words.join(' ').startsWith(known))
    assert.ok(command, `${name}: gcloud ${words.join(' ')}`)
    for (const [, flag = ''] of words.join(' ').matchAll(/--([\w-]+)/g))
      assert.ok(GCLOUD[command]?.includes(flag), `${name}: gcloud ${command} --${flag}`)
  }
})

test('what they take for granted of app.yaml', () => {
  const app = parse(readFileSync(join(ROOT, 'app.yaml'), 'utf8'))
  assert.equal(app.service ?? 'default', 'default')
  assert.equal(app.env_variables.WEBHOOK_AUTH, 'google')
  assert.equal(app.env_variables.FLOWS_DIR, undefined)
  assert.equal(app.env_variables.POLICY_FILE, undefined)
  const [, node] = /^nodejs(\d+)$/.exec(app.runtime) ?? []
  for (const { name, job, step } of steps)
    if (step.uses?.startsWith('actions/setup-node') && !job.strategy)
      assert.equal(String(step.with?.['node-version']), node, `${name}: the Node of app.yaml`)
  const versions = jobOf('check', 'tests').strategy?.matrix.node
  assert.deepEqual(versions, [20, 22, 24, 26])
  assert.ok(versions?.includes(Number(node)))
})

test("an upload holds no credentials: it begins with nothing, and a checkout's own files alone are let in", () => {
  const [first, ...letIn] = readFileSync(join(ROOT, '.gcloudignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  assert.equal(first, '*')
  for (const line of letIn) assert.match(line, /^!\/(?:[\w-]+(?:\.[\w-]+)*\.(?:json|yaml)|src|flows)(?:\/\*\*)?$/)
})

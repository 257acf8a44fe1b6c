import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { SETTING_NAMES } from '../../src/server/settings.ts'
import { FAILURES } from '../../src/webhook/failure.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { jobOf, ROOT, WORKFLOWS } from '../workflows/workflow-files.ts'
import { compileFilter, toLogEntry, valuesAt } from './cloud-logging.ts'
import { record } from './recorded-commands.ts'
import type { LogLine } from './running-server.ts'
import { settingsOf } from './test-app.ts'
import { type WatchedLine, watchLines } from './watched-lines.ts'

const folder = temporaryFolder()

// ---- what the README says

const README = readFileSync(join(ROOT, 'README.md'), 'utf8')
const between = (from: string, to: string): string => README.slice(README.indexOf(from), README.indexOf(to))
const ON_CALL = between('## For the person on call', '## What is not known about the platform')
const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block)

const scripts = blocksOf(ON_CALL, 'sh')
/** Commands in comments, which are for reading a value once. */
const asides = [...ON_CALL.matchAll(/# (gcloud .*)$/gm)].map(([, command = '']) => command)
const { ran, commands } = await record([...scripts, ...asides].join('\n'), ['gcloud', 'pack', 'docker'], folder)
const { lines, replies } = await watchLines(folder)

/** The calls of gcloud that begin so, with what follows. */
const gcloud = (...beginning: string[]): string[][] =>
  commands
    .filter((words) => words.slice(0, beginning.length + 1).join(' ') === ['gcloud', ...beginning].join(' '))
    .map((words) => words.slice(beginning.length + 1))

/** The value of a flag. */
function flagOf(words: readonly string[], name: string): string {
  const flag = words.find((word) => word.startsWith(`--${name}=`))
  assert.ok(flag, `--${name} of ${words.join(' ')}`)
  return flag.slice(name.length + 3)
}

// ---- the commands

/** Each command of gcloud that is called, and the flags of it that are used, all of which its reference has. */
const GCLOUD: Readonly<Record<string, readonly string[]>> = {
  'app services set-traffic': ['splits'],
  'app versions list': ['service'],
  'beta monitoring channels list': ['format'],
  'logging metrics create': ['config-from-file'],
  'logging read': ['format', 'freshness', 'limit'],
  'monitoring policies create': [
    'aggregation',
    'combiner',
    'condition-display-name',
    'condition-filter',
    'display-name',
    'duration',
    'if',
    'notification-channels',
  ],
  'run deploy': ['allow-unauthenticated', 'min-instances', 'region', 'set-build-env-vars', 'set-env-vars', 'source'],
  'run revisions list': ['region', 'service'],
  'run services update-traffic': ['region', 'to-revisions'],
}

test('the commands run to their end', () => {
  assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' })
  assert.deepEqual([...new Set(commands.map(([program]) => program))], ['gcloud', 'pack', 'docker'])
})

test('gcloud is called with commands and flags that it has', () => {
  const used = new Map<string, Set<string>>()
  for (const words of gcloud()) {
    const command = Object.keys(GCLOUD).find((known) => words.join(' ').startsWith(`${known} `))
    assert.ok(command, `gcloud ${words.join(' ')}`)
    const flags = words.filter((word) => word.startsWith('-')).map((word) => word.replace(/^--|=.*$/gs, ''))
    used.set(command, new Set([...(used.get(command) ?? []), ...flags]))
  }
  assert.deepEqual(Object.fromEntries([...used].map(([command, flags]) => [command, [...flags].sort()])), GCLOUD)
})

test('what goes back by hand is what the workflow does', () => {
  const [name = ''] = WORKFLOWS.get('roll-back')?.text.match(/(?<=^name: ).*$/m) ?? []
  assert.ok(ON_CALL.includes(`**Actions → ${name} → Run workflow**`))
  const [back = ''] = scripts.filter((script) => script.includes('set-traffic'))
  const commandsOfWorkflow = jobOf('roll-back', 'roll-back').steps?.map(({ run }) => run ?? '') ?? []
  for (const command of back.trim().split('\n')) {
    const wanted = command.replace('VERSION=1', '"$VERSION=1" --quiet')
    assert.ok(
      commandsOfWorkflow.some((script) => script.split('\n').some((line) => line.trim() === wanted)),
      wanted,
    )
  }
})

test('Cloud Run and a container start as App Engine does, with settings that the server takes', () => {
  const app = parse(readFileSync(join(ROOT, 'app.yaml'), 'utf8'))
  const node = String(app.runtime).replace('nodejs', '')
  const pairs = (list: readonly string[]): Record<string, string> =>
    Object.fromEntries(list.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
  const built = { GOOGLE_NODEJS_VERSION: `${node}.x.x`, GOOGLE_ENTRYPOINT: app.entrypoint }
  const [deployed = []] = gcloud('run', 'deploy')
  assert.deepEqual(pairs(flagOf(deployed, 'set-build-env-vars').split(',')), built)
  const [pack = []] = commands.filter(([program]) => program === 'pack')
  assert.deepEqual(pairs(pack.flatMap((word) => (word.startsWith('--env=') ? word.slice(6) : []))), built)
  const [docker = []] = commands.filter(([program]) => program === 'docker')
  const environments = [
    pairs(flagOf(deployed, 'set-env-vars').split(',')),
    pairs(docker.filter((_word, i) => docker[i - 1] === '-e')),
  ]
  for (const environment of environments) {
    assert.deepEqual(settingsOf(environment).auth, [environment.WEBHOOK_AUTH])
    for (const name of Object.keys(environment)) assert.ok(SETTING_NAMES.includes(name as never), name)
  }
  assert.ok(docker.includes(`8080:${settingsOf(environments[1] ?? {}).port}`))
})

// ---- log lines

const lineOf = (call: string): LogLine => lines.find(({ what }) => what === call)?.line ?? {}

/** What the lines that a filter finds are about. */
function find(filter: string, resource = 'gae_app'): WatchedLine[] {
  const matches = compileFilter(filter)
  return lines.filter(({ line }) => matches(toLogEntry(line, resource)))
}
const namesOf = (some: readonly WatchedLine[]): string[] => some.map(({ what }) => what)
const countedBy = (metric: string): WatchedLine[] => lines.filter(({ counted }) => counted.includes(metric))

test('each call wrote one line', () => {
  const made = [...replies.keys()]
  assert.ok(made.length >= 27)
  for (const call of made) assert.equal(lines.filter(({ what }) => what === call).length, 1, call)
})

test('one call, the errors, and one variable are found in the log', () => {
  const [byId = '', errors = '', byVariable = ''] = gcloud('logging', 'read').map(([filter = '']) => filter)
  const { error } = JSON.parse(replies.get('no request') ?? '')
  assert.deepEqual(namesOf(find(byId.replace('REQUEST_ID', error.request_id))), ['no request'])
  assert.deepEqual(namesOf(find(errors)), namesOf(countedBy('carryover_errors')))
  const found = namesOf(find(byVariable.replace('VARIABLE', 'destination')))
  assert.deepEqual(found, ['no value', 'a card number', 'a security number', 'a forbidden part'])
})

// ---- metrics

const Extractor = z.string().regex(/^EXTRACT\([\w.]+\)$/)
/** https://cloud.google.com/logging/docs/reference/v2/rest/v2/projects.metrics, as far as it is used. */
const LogMetric = z.strictObject({
  description: z.string().max(8000),
  filter: z.string().max(20_000),
  metricDescriptor: z.strictObject({
    metricKind: z.literal('DELTA'),
    valueType: z.enum(['INT64', 'DISTRIBUTION']),
    unit: z.literal('ms').optional(),
    labels: z.array(z.strictObject({ key: z.string().regex(/^[a-z]\w*$/) })).default([]),
  }),
  labelExtractors: z.record(z.string(), Extractor).default({}),
  valueExtractor: Extractor.optional(),
  bucketOptions: z
    .strictObject({
      exponentialBuckets: z.strictObject({
        numFiniteBuckets: z.int().max(200),
        growthFactor: z.number().gt(1),
        scale: z.number().positive(),
      }),
    })
    .optional(),
})

const metrics = new Map(
  gcloud('logging', 'metrics', 'create').map(([name = '', ...flags]) => {
    const text = readFileSync(join(folder.path, flagOf(flags, 'config-from-file')), 'utf8')
    return [name, LogMetric.parse(parse(text))]
  }),
)
const definitionOf = (name: string): z.output<typeof LogMetric> => {
  const definition = metrics.get(name)
  assert.ok(definition, `there is no metric ${name}`)
  return definition
}
/** What an extractor takes from a line. */
const extract = (extractor: string, line: LogLine): unknown[] =>
  valuesAt(toLogEntry(line, 'gae_app'), extractor.slice('EXTRACT('.length, -1))

test('a metric for everything that is to be watched', () => {
  const watched = lines.flatMap(({ counted }) => counted)
  assert.deepEqual([...metrics.keys()].sort(), [...new Set(watched)].sort())
})

for (const [name, { filter }] of metrics)
  test(`${name} counts its lines, and no other`, () => {
    assert.deepEqual(namesOf(find(filter)), namesOf(countedBy(name)))
    assert.deepEqual(find(filter, 'cloud_run_revision'), [])
  })

const FAILURE_CODES = Object.keys(FAILURES)
const NO_LABEL = ''

/** The values of each label on the lines above. */
const LABELS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  carryover_calls: {
    status: [NO_LABEL, '200', '400', '401', '404', '405', '413', '415', '500', '503'],
    failure: [NO_LABEL, ...FAILURE_CODES],
  },
  carryover_milliseconds: {},
  carryover_check_failed: { tag: ['leaking'] },
  carryover_errors: { failure: [NO_LABEL, 'internal', 'keys_unavailable', 'response_too_large'] },
  carryover_refused: { refusal: ['no credentials', 'the e-mail is not in GOOGLE_SERVICE_ACCOUNTS'] },
  carryover_around_policy: { tag: ['trip'] },
  carryover_policy: { tag: ['trip', 'escalate'] },
  carryover_left_out: { tag: ['trip', 'hand-over', 'escalate'] },
}

test('each label has an extractor, which finds it in the lines', () => {
  for (const [name, { filter, metricDescriptor, labelExtractors }] of metrics) {
    assert.deepEqual(
      metricDescriptor.labels.map(({ key }) => key),
      Object.keys(labelExtractors),
      name,
    )
    for (const [label, extractor] of Object.entries(labelExtractors)) {
      const values = find(filter).map(({ line }) => String(extract(extractor, line)[0] ?? NO_LABEL))
      assert.deepEqual([...new Set(values)].sort(), [...(LABELS[name]?.[label] ?? [])].sort(), `${name} ${label}`)
    }
  }
})

test('a distribution takes a number from each line, in buckets beyond the longest wait of Dialogflow', () => {
  for (const [name, { filter, metricDescriptor, valueExtractor, bucketOptions }] of metrics) {
    const isDistribution = metricDescriptor.valueType === 'DISTRIBUTION'
    assert.deepEqual(
      [valueExtractor !== undefined, bucketOptions !== undefined],
      [isDistribution, isDistribution],
      name,
    )
    if (!valueExtractor || !bucketOptions) continue
    for (const { line } of find(filter)) assert.ok(Number(extract(valueExtractor, line)[0]) > 0, name)
    const { scale, growthFactor, numFiniteBuckets } = bucketOptions.exponentialBuckets
    assert.ok(scale * growthFactor ** numFiniteBuckets > 30_000)
  }
})

// ---- alerts

const CONDITION =
  /^metric\.type="logging\.googleapis\.com\/user\/(\w+)" AND resource\.type="gae_app"(?: AND metric\.label\.(\w+)="(\w+)")?$/
const Aggregation = z.strictObject({
  alignmentPeriod: z.literal('300s'),
  perSeriesAligner: z.string(),
  crossSeriesReducer: z.string(),
})
/** Aligner and reducer that Cloud Monitoring has for each type of value. */
const COMBINED = { INT64: ['ALIGN_SUM', 'REDUCE_SUM'], DISTRIBUTION: ['ALIGN_DELTA', 'REDUCE_PERCENTILE_95'] }
const alerts = gcloud('monitoring', 'policies', 'create')

test('every alert watches a metric that is there, by a label that it has', () => {
  for (const words of alerts) {
    const title = flagOf(words, 'display-name')
    const [, metric = '', label, value = ''] = CONDITION.exec(flagOf(words, 'condition-filter')) ?? []
    const { metricDescriptor, labelExtractors } = definitionOf(metric)
    const { perSeriesAligner, crossSeriesReducer } = Aggregation.parse(JSON.parse(flagOf(words, 'aggregation')))
    assert.deepEqual([perSeriesAligner, crossSeriesReducer], COMBINED[metricDescriptor.valueType], title)
    assert.ok(label === undefined || Object.hasOwn(labelExtractors, label), title)
    assert.ok(label === undefined || LABELS[metric]?.[label]?.includes(value), `${title}: ${label}="${value}"`)
    assert.match(flagOf(words, 'if'), /^> \d+$/)
    assert.equal(flagOf(words, 'condition-display-name'), title)
    assert.match(flagOf(words, 'notification-channels'), /^projects\/\w+\/notificationChannels\/\w+$/)
    assert.deepEqual([flagOf(words, 'combiner'), flagOf(words, 'duration')], ['OR', '0s'])
  }
  assert.equal(new Set(alerts.map((words) => flagOf(words, 'display-name'))).size, alerts.length)
})

test('a metric without an alert is one of which the README says why', () => {
  const watched = new Set(alerts.map((words) => CONDITION.exec(flagOf(words, 'condition-filter'))?.[1]))
  const unwatched = [...metrics.keys()].filter((name) => !watched.has(name))
  const excused = [...ON_CALL.matchAll(/`(carryover_\w+)` has no alert, since/g)].map(([, name]) => name)
  assert.deepEqual(unwatched, excused)
})

// ---- failures and health

const failureSection = between('### What each failure means', '### Metrics and alerts')
/** One for each code, though some share a row. */
const rows = [...failureSection.matchAll(/^\| (\d+) \| (.*?) \| (.*?) \| (.*?) \|$/gm)].flatMap(
  ([, status, codes = '', advice = '', event = '']) =>
    [...codes.matchAll(/`(\w+)`/g)].map(([, code = '']) => ({ status: Number(status), code, advice, event })),
)

test('the table has every failure once, in their order, with its status', () => {
  assert.deepEqual(
    rows.map(({ status, code }) => [code, status]),
    Object.entries(FAILURES).map(([code, { status }]) => [code, status]),
  )
})

/** The events by status that Google documents; every other status is `webhook.error`, and of 404 nothing is said. */
const EVENTS: Readonly<Record<number, string>> = {
  400: '`webhook.error.bad-request`',
  401: '`webhook.error.rejected`',
  404: '`webhook.error`; whether `.not-found` first is not known',
  503: '`webhook.error.unavailable`',
}

test('the table has the event that Dialogflow makes of each status', () => {
  for (const { status, code, event } of rows) assert.equal(event, EVENTS[status] ?? '`webhook.error`', code)
})

test('fields that the table names stand in the line of such a call, and settings are there', () => {
  for (const { code, advice } of rows) {
    const fields = new Set(lines.filter(({ line }) => line.failure === code).flatMap(({ line }) => Object.keys(line)))
    for (const [, word = ''] of advice.matchAll(/`(\w+)`/g)) {
      const known = /^[A-Z_]+$/.test(word) ? SETTING_NAMES.includes(word as never) : fields.has(word)
      assert.ok(known, `${code}: ${word}`)
    }
  }
})

test('a required value that is missing: what the README says of it', () => {
  const { missing, httpRequest } = lineOf('no value that is required')
  assert.deepEqual([missing, (httpRequest as LogLine).status], [['reason'], 200])
  const { sessionInfo } = JSON.parse(replies.get('no value that is required') ?? '')
  assert.deepEqual(sessionInfo.parameters, { carryover_missing: ['reason'] })
  assert.match(failureSection, /`missing` of the line and in the session parameter `carryover_missing`/)
})

test('health is as the README shows it, and its hash is where the README says', () => {
  const shape = (text: string | undefined): string[][] =>
    Object.entries(JSON.parse(text ?? '')).map(([name, value]) => [name, typeof value])
  assert.deepEqual(shape(replies.get('health')), shape(blocksOf(ON_CALL, 'json')[0]))
  const { configuration } = JSON.parse(replies.get('health') ?? '')
  assert.match(configuration, /^[0-9a-f]{64}$/)
  const named = lines.filter(({ what }) => what.startsWith('Listening on ') || what === 'an answer')
  assert.deepEqual(
    named.map(({ line }) => line.configuration),
    Array(4).fill(configuration),
  )
})

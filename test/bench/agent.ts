import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from '../../src/config/load.ts'
import { checkAgent } from '../../src/dialogflow/check-agent.ts'
import { readExport } from '../../src/dialogflow/read-export.ts'
import { takeSnapshot } from '../../src/dialogflow/take-snapshot.ts'
import { CLAIM_PAYLOAD, type MadeAgent, payload, writeFolder } from '../dialogflow/made-agent.ts'

const FLOWS = 100
const PAGES = 20
const ROUTES = 10
const ROUNDS = 9
const MAX_MEGABYTES = 500

/** Routes as a real agent has them: most say something, some set parameters, some call the webhook, a few hold a payload. */
function route(n: number): Record<string, unknown> {
  const says = {
    text: { text: ['Thank you. Let me see what I can do for you; this takes a moment.', 'One moment, please.'] },
    languageCode: 'en',
  }
  return {
    name: `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`,
    ...(n % 3 ? { intent: `intent.${n % 500}` } : {}),
    condition: `$session.params.step = ${n} AND $page.params.status = "FINAL"`,
    triggerFulfillment: {
      messages: [says, ...(n % 40 === 0 ? [payload(CLAIM_PAYLOAD)] : [])],
      ...(n % 4 === 0
        ? {
            setParameterActions: [
              { parameter: `step_${n % 97}`, value: n },
              { parameter: `sum_${n % 31}`, value: `$sys.func.ADD($session.params.step_${n % 97}, 1)` },
            ],
          }
        : {}),
      ...(n % 10 === 0 ? { webhook: 'Carryover', tag: `tag-${Math.floor(n / (PAGES * ROUTES))}` } : {}),
    },
    targetPage: `Page ${n % PAGES}`,
  }
}

const page = (flow: number, n: number): Record<string, unknown> => ({
  name: `00000000-0000-4000-8000-${String(flow * PAGES + n).padStart(12, '0')}`,
  displayName: `Page ${n}`,
  entryFulfillment: { messages: [{ text: { text: [`What is value ${n}?`] }, languageCode: 'en' }] },
  form: {
    parameters: [
      {
        displayName: `value_${flow}_${n}`,
        required: true,
        entityType: '@sys.date',
        fillBehavior: { initialPromptFulfillment: {} },
      },
    ],
  },
  transitionRoutes: Array.from({ length: ROUTES }, (_, i) => route((flow * PAGES + n) * ROUTES + i)),
})

const agent: MadeAgent = {
  agent: { defaultLanguageCode: 'en', startFlow: 'Flow 0' },
  flows: Array.from({ length: FLOWS }, (_, flow) => ({
    flow: { name: `00000000-0000-4000-7000-${String(flow).padStart(12, '0')}`, displayName: `Flow ${flow}` },
    pages: Array.from({ length: PAGES }, (_, n) => page(flow, n)),
    groups: [],
  })),
  groups: [],
  intents: Array.from({ length: 500 }, (_, n) => ({
    displayName: `intent.${n}`,
    ...(n % 8 ? {} : { parameters: [{ id: `said_${n}`, entityType: '@sys.any' }] }),
  })),
  entityTypes: [],
  webhooks: [{ displayName: 'Carryover', genericWebService: { uri: 'https://flows.example.com/webhook' } }],
}

/** A flow file for each flow, of ten variables; in each tenth file a name is misspelt. */
function flowFile(n: number): string {
  const name = (i: number): string => `${n % 10 === 0 && i === 9 ? 'vaule' : 'value'}_${n}_${i}`
  const variables = Array.from(
    { length: 10 },
    (_, i) => `      v${i}: { from: $session.params.${name(i)}, format: date }\n`,
  )
  return `flow: Flow ${n}\ncaptures:\n  - tag: tag-${n}\n    visible_to: [agent]\n    variables:\n${variables.join('')}`
}

const flowFiles = Array.from({ length: FLOWS }, (_, n) => ({ path: `${n}.yaml`, bytes: Buffer.from(flowFile(n)) }))
const flows = load({ flows: flowFiles, policy: undefined, policyPath: 'policy.yaml', misplacedPolicies: [] })
const { configuration } = flows
if (!configuration) throw new Error('the flow files of the benchmark have mistakes')

const OURS = 'read and check'
const PEER = 'read and parse'

function readAndParse(folder: string): number {
  let files = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name.endsWith('.json') && !entry.parentPath.includes('trainingPhrases')) {
      JSON.parse(readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      files++
    }
  return files
}

async function readAndCheck(folder: string): Promise<number> {
  const snapshot = takeSnapshot(await readExport(folder))
  const { diagnostics } = checkAgent(snapshot, {
    ...flows,
    policy: (configuration as NonNullable<typeof configuration>).policy,
  })
  if (diagnostics.length === 0) throw new Error('the benchmark finds nothing')
  return diagnostics.length
}

/** The most memory that reading and checking takes, in a process of its own. */
function peakMegabytes(folder: string): number {
  const output = execFileSync(process.execPath, ['--import', 'tsx', import.meta.filename, '--once', folder], {
    encoding: 'utf8',
  })
  return Number(output)
}

/** The quickest, in milliseconds, of rounds in which the two take turns, after one that does not count: what else runs here only slows. */
async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-bench-'))
  try {
    writeFolder(agent, folder)
    const work: Readonly<Record<string, () => unknown>> = {
      [PEER]: () => readAndParse(folder),
      [OURS]: () => readAndCheck(folder),
    }
    const times = new Map(Object.keys(work).map((name) => [name, [] as number[]]))
    let found = 0
    for (let round = 0; round <= ROUNDS; round++)
      for (const [name, one] of Object.entries(work)) {
        const start = performance.now()
        found = Number(await one())
        if (round > 0) times.get(name)?.push(performance.now() - start)
      }
    const quickest = (name: string): number => Math.min(...(times.get(name) ?? []))
    const ratio = quickest(OURS) / quickest(PEER)
    console.log(
      `${FLOWS} flows, ${FLOWS * PAGES} pages, ${FLOWS * PAGES * ROUTES} routes (${found} findings): ${PEER} ${quickest(PEER).toFixed(0)} ms, ${OURS} ${quickest(OURS).toFixed(0)} ms: ${ratio.toFixed(2)} times (goal: under 3); ${peakMegabytes(folder)} MB (goal: under ${MAX_MEGABYTES})`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const [mode, folder = ''] = process.argv.slice(2)
if (mode === '--once') {
  await readAndCheck(folder)
  console.log(Math.round(process.resourceUsage().maxRSS / 1024))
} else await run()

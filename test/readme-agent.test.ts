import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import type { JsonMap } from '../src/core/json.ts'
import { runCli } from './cli/run-cli.ts'
import { temporaryFolder } from './cli/temporary-folder.ts'
import { AGENT, type AgentServer, serveAgent, type Turn } from './dialogflow/agent-server.ts'
import { type MadeAgent, madeAgent, writeZip } from './dialogflow/made-agent.ts'
import { RunningServer } from './server/running-server.ts'

const README = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
const [, PART = ''] = /^## From an agent full of.*?\n(.*?)^## /ms.exec(README) ?? []
const blocks = [...PART.matchAll(/^```(\w+)(?: ([^\n]*))?\n(.*?)^```$/gms)].map(
  ([, language, info = '', text = '']) => ({ language, info, text }),
)

/** The agency's agent without what cannot be taken over, and with no webhook in it yet. */
function typedAgent(): MadeAgent {
  const made = madeAgent()
  return {
    ...made,
    webhooks: made.webhooks.filter(({ displayName }) => displayName !== 'Carryover'),
    flows: made.flows.map((flow) => ({
      ...flow,
      pages: flow.pages.filter(({ displayName }) => displayName !== 'Done'),
    })),
  }
}

/** What people do in the console: at each place, the payload gone, the webhook enabled, the tag typed. */
function governed(made: MadeAgent, tags: ReadonlyMap<string, string>): MadeAgent {
  const webhook = { displayName: 'Carryover', genericWebService: { uri: 'https://flows.example.com/webhook' } }
  const replace = (key: string, value: unknown): unknown => {
    if (key !== 'triggerFulfillment' || !JSON.stringify(value).includes('session_variable')) return value
    const { messages, ...rest } = value as { messages: JsonMap[] }
    const flow = JSON.stringify(value).includes('claim') ? 'Default Start Flow' : 'Book a trip'
    return { ...rest, messages: messages.filter(({ payload }) => !payload), webhook: 'Carryover', tag: tags.get(flow) }
  }
  const flows = made.flows.map((flow) => JSON.parse(JSON.stringify(flow, replace)))
  return { ...made, webhooks: [...made.webhooks, webhook], flows }
}

const folder = temporaryFolder()
const started: { close: () => Promise<void> }[] = []
const before = process.cwd()
after(async () => {
  process.chdir(before)
  for (const one of started) await one.close()
})

async function served(made: MadeAgent, turns: Readonly<Record<string, Turn>> = {}): Promise<AgentServer> {
  const server = await serveAgent(made, { turns })
  started.push(server)
  return server
}

/** The tags that the import gave, by flow. */
function importedTags(): Map<string, string> {
  const read = (file: string): string => /tag: (.+)/.exec(readFileSync(join('travel', file), 'utf8'))?.[1] ?? ''
  return new Map([
    ['Book a trip', read('imported-book-a-trip.yaml')],
    ['Default Start Flow', read('imported-default-start-flow.yaml')],
  ])
}

/** The deployed webhook, and the agent that calls it. */
async function deployed(): Promise<AgentServer> {
  const webhook = new RunningServer({
    FLOWS_DIR: join(folder.path, 'travel'),
    WEBHOOK_AUTH: 'none',
    HOST: '127.0.0.1',
    PORT: '0',
  })
  started.push({ close: () => webhook.stop() })
  const tags = importedTags()
  const agent = governed(typedAgent(), tags)
  const said = { flow: 'Book a trip', page: '> ask: where & when', parameters: { destination: 'Osaka', budget: 900 } }
  const fulfillment = { webhook: 'Carryover', tag: tags.get('Book a trip') }
  const server = await served(agent, { 'To Osaka for 900 dollars': { ...said, fulfillment } })
  const service = server.webhooks.find(({ displayName }) => displayName === 'Carryover')?.genericWebService as JsonMap
  service.uri = `${await webhook.listening()}/webhook`
  return server
}

test('the way from typed payloads to flow files is as the README tells it', async (context) => {
  process.chdir(folder.path)
  writeZip(typedAgent(), 'agent.zip')
  let server = await served(typedAgent())
  let ran = 0
  for (const { language, info, text } of blocks) {
    if (language === 'yaml') {
      mkdirSync(dirname(info), { recursive: true })
      writeFileSync(info, text)
      if (info === 'turns.yaml') server = await deployed()
      continue
    }
    for (const line of text.trim().split('\n'))
      await context.test(line, async () => {
        const [, ...args] = line.replaceAll('"$AGENT"', AGENT).split(' ')
        const { code, stdout, stderr } = await runCli(args, { DIALOGFLOW_ENDPOINT: server.endpoint })
        assert.equal(code, Number(/^exits with (\d)$/.exec(info)?.[1] ?? 0), stdout + stderr)
        ran++
      })
  }
  assert.equal(ran, 11)
})

test('no command of it but one changes the agent', () => {
  const yes = blocks.flatMap(({ text }) => text.split('\n')).filter((line) => line.includes('--yes'))
  assert.equal(yes.length, 1)
})

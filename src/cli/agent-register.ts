import { parseArgs } from 'node:util'
import { painter } from '../config/show-diagnostic.ts'
import { oneLine } from '../core/one-line.ts'
import { findGaps, type Gap } from '../dialogflow/find-gaps.ts'
import { readLive } from '../dialogflow/read-live.ts'
import { planRegistration, type Registration, type WantedWebhook } from '../dialogflow/register-webhook.ts'
import { takeSnapshot } from '../dialogflow/take-snapshot.ts'
import { DEFAULT_WEBHOOK, withConnection } from './agent-source.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { loadFlows } from './flow-folder.ts'
import { showProgress } from './show-progress.ts'

export const agentRegister: Command = {
  usage:
    'agent register --url URL --agent NAME [--webhook NAME] [--timeout SECONDS] [--header NAME=SECRET_VERSION]… [--environment NAME] [--dir DIR] [--yes]',
  summary: 'Creates or updates the webhook in the agent, and lists the fulfillments that do not call it yet.',
  details: `The difference is shown first. Without --yes nothing is changed.

--url URL            where the webhook answers: https://YOUR-HOST/webhook
--agent NAME         projects/PROJECT/locations/LOCATION/agents/AGENT
--webhook NAME       its display name in the agent (default: ${DEFAULT_WEBHOOK})
--timeout SECONDS    1 to 30 (default: 5)
--header NAME=SECRET_VERSION  a header from Secret Manager (projects/P/secrets/S/versions/V), in place of the service agent's identity token
--environment NAME   the override of this environment alone
--dir DIR            the folder of flow files (default: flows)`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        agent: { type: 'string' },
        webhook: { type: 'string', default: DEFAULT_WEBHOOK },
        timeout: { type: 'string', default: '5' },
        header: { type: 'string', multiple: true, default: [] },
        environment: { type: 'string' },
        dir: { type: 'string' },
        yes: { type: 'boolean', default: false },
      },
    })
    const { agent, url, webhook, environment } = values
    if (agent === undefined || url === undefined)
      throw new UsageError('say which agent, and where the webhook answers: --agent and --url')
    const wanted: WantedWebhook = {
      displayName: webhook,
      url: readUrl(url),
      timeoutSeconds: readTimeout(values.timeout),
      headers: readHeaders(values.header),
    }
    const flows = await loadFlows(values.dir, io)
    const { configuration, folder } = flows
    if (!configuration) throw new CannotRunError(`the flow files have errors; see "carryover validate ${folder}"`)
    return withConnection(agent, io, async (connection) => {
      const registration = await planRegistration(connection, wanted, environment)
      io.stdout.write(showRegistration(registration, io))
      const { changes } = registration
      if (changes.length && values.yes) await registration.apply()
      if (changes.length)
        io.stdout.write(values.yes ? 'Done.\n' : 'Nothing is changed yet: run this again with --yes.\n')
      const snapshot = takeSnapshot(await readLive(connection, showProgress(io)))
      io.stdout.write(showGaps(findGaps(snapshot, { ...flows, policy: configuration.policy }, webhook), webhook))
      return EXIT.fine
    })
  },
}

function readUrl(given: string): string {
  if (!URL.canParse(given) || !given.startsWith('https://'))
    throw new UsageError('--url takes an address that begins with https://: Dialogflow calls no other')
  return given
}

function readTimeout(given: string): number {
  const seconds = Number(given)
  if (!/^\d+$/.test(given) || seconds < 1 || seconds > 30)
    throw new UsageError('--timeout takes a whole number of seconds from 1 to 30')
  return seconds
}

/** Names of headers have no case. */
function readHeaders(given: readonly string[]): Record<string, string> {
  const headers = given.map(readHeader)
  const names = headers.map(([name]) => name.toLowerCase())
  const twice = headers.find(([name], i) => names.indexOf(name.toLowerCase()) !== i)
  if (twice) throw new UsageError(`--header names ${twice[0]} twice: a header has one value`)
  return Object.fromEntries(headers)
}

/** The value itself is never taken: it would be readable in the agent. */
function readHeader(given: string): [name: string, secretVersion: string] {
  const [, name, version] = /^([\w-]+)=(projects\/[^/]+\/secrets\/[^/]+\/versions\/[^/]+)$/.exec(given) ?? []
  if (!name || !version) throw new UsageError('--header takes NAME=projects/PROJECT/secrets/SECRET/versions/VERSION')
  return [name, version]
}

function showRegistration({ what, isNew, changes }: Registration, io: Io): string {
  if (changes.length === 0) return `${what} is as it should be.\n`
  const paint = painter(io.screen.colour)
  const lines = changes.flatMap(({ path, before, after }) => [
    ...(before === undefined ? [] : [paint('red', `  - ${path}: ${oneLine(before)}`)]),
    paint('green', `  + ${path}: ${oneLine(after)}`),
  ])
  return `${what} ${isNew ? 'is not there' : 'is another'}:\n${lines.join('\n')}\n`
}

function showGaps(gaps: readonly Gap[], webhook: string): string {
  if (gaps.length === 0) return '\nEvery capture is called.\n'
  const lines = gaps.map(({ place, tag, state }) =>
    oneLine(`  ${tag ?? '(no tag)'}: ${place ?? 'no place is known'}; it ${state}`),
  )
  return `
Not called yet:
${lines.join('\n')}

In the console, for each: open the page or route, then Fulfillment, Webhook settings, Enable webhook; choose ${JSON.stringify(webhook)}, type the
tag, remove the payload that stood there, and save.
`
}

import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { readFolder } from '../config/folder.ts'
import { load } from '../config/load.ts'
import { pathIn } from '../config/show-diagnostic.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import { SESSION_VARIABLE_KEYS } from '../core/platform-keys.ts'
import { slugOf } from '../core/slug.ts'
import { type ImportedCapture, type ImportPlan, planImport } from '../dialogflow/plan-import.ts'
import { chooseAgent, DEFAULT_WEBHOOK, SOURCE_HELP, SOURCE_OPTIONS, SOURCE_USAGE } from './agent-source.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { chooseFolder, loadFlows } from './flow-folder.ts'
import { plural, reportDiagnostics } from './report-diagnostics.ts'

export const agentImport: Command = {
  usage: `agent import [DIR] [${SOURCE_USAGE}] [--webhook NAME]`,
  summary:
    'Takes the session variables that were typed into the agent over into flow files below DIR (default: flows).',
  details: `Each payload becomes a capture that answers with the same; in the agent, a call of the webhook then replaces it. What cannot be
taken over is listed, with the reason. No file that is there already is touched, and nothing in the agent: a second time changes nothing.

Without ${SOURCE_USAGE} the agent is the one that "carryover agent pull" wrote down.

${SOURCE_HELP}
--webhook NAME the webhook that is to answer (default: ${DEFAULT_WEBHOOK})`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...SOURCE_OPTIONS, webhook: { type: 'string', default: DEFAULT_WEBHOOK } },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('one folder at a time')
    const folder = chooseFolder(positionals[0], io)
    await mkdir(folder, { recursive: true })
    const { configuration, plans } = load(
      readFolder(folder, io.environment.POLICY_FILE || undefined, { mayBeEmpty: true }),
    )
    if (!configuration) throw new CannotRunError(`the flow files have errors; see "carryover validate ${folder}"`)
    const snapshot = await chooseAgent(values, folder, io)
    const { webhook } = values
    const plan = planImport(snapshot, {
      policy: configuration.policy,
      tags: new Set(plans.map(({ tag }) => tag)),
      webhook,
    })
    const files = await writeCaptures(plan.captures, webhook, folder)
    io.stdout.write(showImport(plan, files, folder))
    return files.size ? tellProblems(files, folder, io) : EXIT.fine
  },
}

/** A file for each flow, by its name in the folder. */
async function writeCaptures(
  captures: readonly ImportedCapture[],
  webhook: string,
  folder: string,
): Promise<Map<string, readonly ImportedCapture[]>> {
  const files = new Map<string, readonly ImportedCapture[]>()
  for (const flow of new Set(captures.map((capture) => capture.flow))) {
    const own = captures.filter((capture) => capture.flow === flow)
    const file = await freeName(`imported-${slugOf(flow) || 'flow'}`, folder)
    await writeFile(join(folder, file), flowFile(flow, own, webhook), { flag: 'wx' }).catch(
      (error: NodeJS.ErrnoException) => {
        throw new CannotRunError(`${join(folder, file)} cannot be written (${error.code})`)
      },
    )
    files.set(file, own)
  }
  return files
}

async function freeName(name: string, folder: string): Promise<string> {
  for (let n = 1; ; n++) {
    const file = `${name}${n === 1 ? '' : `-${n}`}.yaml`
    const isThere = await access(join(folder, file)).then(
      () => true,
      () => false,
    )
    if (!isThere) return file
  }
}

const flowFile = (flow: string, captures: readonly ImportedCapture[], webhook: string): string =>
  `# yaml-language-server: $schema=flow.schema.json
# Payloads that were typed into the agent, taken over by "carryover agent import". They are answered from here once the agent calls
# the webhook in their place: open the place in the console, remove the payload, enable the webhook ${JSON.stringify(webhook)}, and type the tag.
${stringify({ flow }, { lineWidth: 0 }).trim()}
captures:
${captures.map(drawCapture).join('\n')}`

const drawCapture = ({ tag, place, isCalled, ujet }: ImportedCapture): string => {
  // Each text in one line: it can be moved to the right without a change.
  const drawn = stringify([{ tag, ujet: inUsualOrder(ujet) }], {
    lineWidth: 0,
    blockQuote: false,
    doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
  })
  const comment = `# From ${place.replace(/\s+/g, ' ')}.${isCalled ? ' The webhook is called there with this tag already.' : ''}\n`
  return `${comment}${drawn}`.replace(/^(?=.)/gm, '  ')
}

/** The payload first, as people write it. */
function inUsualOrder(ujet: JsonMap): JsonMap {
  const given = isMap(ujet.session_variable) ? ujet.session_variable : {}
  const known = SESSION_VARIABLE_KEYS.filter((key) => Object.hasOwn(given, key)).map((key) => [key, given[key]])
  return { ...ujet, session_variable: { ...Object.fromEntries(known), ...given } }
}

function showImport(
  { known, refused }: ImportPlan,
  files: ReadonlyMap<string, readonly ImportedCapture[]>,
  folder: string,
): string {
  const written = [...files].flatMap(([file, captures]) => [
    `${pathIn(folder, file)} is written:`,
    ...captures.map(({ tag, place }) => `  ${tag}: ${place}`),
    '',
  ])
  const others = [
    ...section(
      'Taken over before, and left as they are:',
      known.map(({ tag, place }) => `  ${tag}: ${place}`),
    ),
    ...section(
      'Not taken over:',
      refused.flatMap(({ place, reason }) => [`  ${place}:`, `    ${reason}`]),
    ),
  ]
  const count = [...files.values()].flat().length
  const summary = `${plural(count, 'payload')} taken over, ${known.length} before, ${refused.length} not.`
  return `${[...written, ...others, summary].join('\n')}\n`
}

const section = (title: string, lines: readonly string[]): string[] => (lines.length ? [title, ...lines, ''] : [])

async function tellProblems(files: ReadonlyMap<string, unknown>, folder: string, io: Io): Promise<number> {
  const flows = await loadFlows(folder, io)
  const diagnostics = flows.diagnostics.filter(({ file }) => files.has(file))
  if (diagnostics.length === 0) return EXIT.fine
  return reportDiagnostics({ ...flows, diagnostics, files: files.size }, { format: 'text' }, io)
}

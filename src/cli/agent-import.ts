import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { type FlowFolder, readFolder } from '../config/folder.ts'
import { load, Memory } from '../config/load.ts'
import { pathIn } from '../config/show-diagnostic.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import { oneLine, oneLineOfProse } from '../core/one-line.ts'
import { SESSION_VARIABLE_KEYS } from '../core/platform-keys.ts'
import { slugOf } from '../core/slug.ts'
import { type SourceFile, toData } from '../core/source.ts'
import {
  type ImportedCapture,
  type ImportPlan,
  messagesOf,
  planImport,
  type Refused,
} from '../dialogflow/plan-import.ts'
import { MAX_ANSWER_BYTES } from '../webhook/answer.ts'
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
    await makeFolder(folder)
    const files = readFolder(folder, io.environment.POLICY_FILE || undefined, { mayBeEmpty: true })
    const memory = new Memory()
    const { configuration, ...flows } = load(files, memory)
    if (!configuration) throw new CannotRunError(`the flow files have errors; see "carryover validate ${folder}"`)
    const snapshot = await chooseAgent(values, folder, io)
    const { webhook } = values
    const plan = planImport(snapshot, { ...flows, policy: configuration.policy }, webhook)
    const { sound, broken } = tryOut(drawCaptures(plan.captures), webhook, files, memory)
    const written = await writeCaptures(sound, webhook, folder)
    io.stdout.write(showImport({ ...plan, refused: [...plan.refused, ...broken] }, written, folder))
    return written.size ? tellProblems(written, folder, io) : EXIT.fine
  },
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    // What is there already is looked at when it is read.
    if (error.code !== 'EEXIST') throw new CannotRunError(`the folder ${folder} cannot be made (${error.code})`)
  })
}

/** A capture as it stands in a file, and the payloads of the agent that it answers with: one, or several that are equal. */
interface Drawn {
  readonly flow: string
  readonly tag: string
  readonly ujet: JsonMap
  readonly payloads: readonly ImportedCapture[]
  readonly text: string
}

function drawCaptures(captures: readonly ImportedCapture[]): Drawn[] {
  const byTag = new Map<string, ImportedCapture[]>()
  for (const capture of captures) byTag.set(capture.tag, [...(byTag.get(capture.tag) ?? []), capture])
  return [...byTag].flatMap(([tag, payloads]): Drawn | [] => {
    const [first] = payloads
    return first
      ? { flow: first.flow, tag, ujet: first.ujet, payloads, text: drawCapture(tag, first.ujet, payloads) }
      : []
  })
}

/** Loads each capture as a file beside those of the folder: only what comes back as it was meant, and can answer, is written. */
function tryOut(
  drawn: readonly Drawn[],
  webhook: string,
  folder: FlowFolder,
  memory: Memory,
): { readonly sound: readonly Drawn[]; readonly broken: readonly Refused[] } {
  const pathOf = (i: number): string => `.import/${i}.yaml`
  const files = drawn.map((one, i) => ({ path: pathOf(i), bytes: Buffer.from(flowFile(one.flow, [one], webhook)) }))
  const loaded = load({ ...folder, flows: [...folder.flows, ...files] }, memory)
  const sources = new Map(loaded.sources.map((source) => [source.path, source]))
  const sound: Drawn[] = []
  const broken: Refused[] = []
  for (const [i, one] of drawn.entries()) {
    const errors = loaded.diagnostics.filter(({ file, severity }) => file === pathOf(i) && severity === 'error')
    const reason = errors.length ? messagesOf(errors) : whyNoAnswer(one, sources.get(pathOf(i)))
    if (reason === undefined) sound.push(one)
    else broken.push(...one.payloads.map(({ place }) => ({ place, reason })))
  }
  return { sound, broken }
}

/** Why a capture that loads would not answer with the payload. */
function whyNoAnswer({ flow, tag, ujet }: Drawn, source: SourceFile | undefined): string | undefined {
  if (!isDeepStrictEqual(source && toData(source.root), { flow, captures: [{ tag, ujet }] }))
    return 'a flow file cannot hold it as it is; write it by hand'
  const answer = JSON.stringify({ fulfillmentResponse: { messages: [{ payload: { ujet } }] } })
  return Buffer.byteLength(answer) > MAX_ANSWER_BYTES
    ? `it is longer than a webhook's answer may be (${MAX_ANSWER_BYTES / 1024} KiB)`
    : undefined
}

/** A file for each flow, by its name in the folder. */
async function writeCaptures(
  drawn: readonly Drawn[],
  webhook: string,
  folder: string,
): Promise<Map<string, readonly Drawn[]>> {
  const files = new Map<string, readonly Drawn[]>()
  for (const flow of new Set(drawn.map((one) => one.flow))) {
    const own = drawn.filter((one) => one.flow === flow)
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

const flowFile = (flow: string, drawn: readonly Drawn[], webhook: string): string =>
  `# yaml-language-server: $schema=flow.schema.json
# Payloads that were typed into the agent, taken over by "carryover agent import". They are answered from here once the agent calls
# the webhook in their place: open the place in the console, remove the payload, enable the webhook ${oneLine(JSON.stringify(webhook))}, and type the tag.
${stringify({ flow }, { lineWidth: 0 }).trim()}
captures:
${drawn.map(({ text }) => text).join('\n')}`

function drawCapture(tag: string, ujet: JsonMap, payloads: readonly ImportedCapture[]): string {
  // Each text in one line: it can be moved to the right without a change.
  const drawn = stringify([{ tag, ujet: inUsualOrder(ujet) }], {
    lineWidth: 0,
    blockQuote: false,
    doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY,
  })
  const comments = payloads.map(
    ({ place, isCalled }) =>
      `# From ${oneLineOfProse(place)}.${isCalled ? ' The webhook is called there with this tag already.' : ''}\n`,
  )
  // By line feeds alone: what else ends a line for a regular expression may stand in a value.
  return `${comments.join('')}${drawn}`.replace(/(^|\n)(?!\n|$)/g, '$1  ')
}

/** The payload first, as people write it. */
function inUsualOrder(ujet: JsonMap): JsonMap {
  const given = isMap(ujet.session_variable) ? ujet.session_variable : {}
  const known = SESSION_VARIABLE_KEYS.filter((key) => Object.hasOwn(given, key)).map((key) => [key, given[key]])
  return { ...ujet, session_variable: { ...Object.fromEntries(known), ...given } }
}

function showImport(
  { known, refused }: ImportPlan,
  files: ReadonlyMap<string, readonly Drawn[]>,
  folder: string,
): string {
  const written = [...files].flatMap(([file, drawn]) => [
    `${pathIn(folder, file)} is written:`,
    ...drawn.flatMap(({ payloads }) => payloads.map(showTaken)),
    '',
  ])
  const before = known.filter(({ differs }) => differs === undefined)
  const not = [
    ...refused,
    ...known.flatMap(({ place, differs }) => (differs === undefined ? [] : { place, reason: differs })),
  ]
  const others = [
    ...section('Taken over before, and left as they are:', before.map(showTaken)),
    ...section(
      'Not taken over:',
      not.flatMap(({ place, reason }) => [`  ${place}:`, `    ${reason}`]),
    ),
  ]
  const count = [...files.values()].flat().flatMap(({ payloads }) => payloads).length
  const summary = `${plural(count, 'payload')} taken over, ${before.length} before, ${not.length} not.`
  return `${[...written, ...others, summary].map(oneLine).join('\n')}\n`
}

const showTaken = ({ tag, place, ujet }: ImportedCapture): string =>
  `  ${tag}: ${place}${holdsNull(ujet) ? '; null in it is unset here, and is left out of the answer' : ''}`

const holdsNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value).some(holdsNull))

const section = (title: string, lines: readonly string[]): string[] => (lines.length ? [title, ...lines, ''] : [])

async function tellProblems(files: ReadonlyMap<string, unknown>, folder: string, io: Io): Promise<number> {
  const flows = await loadFlows(folder, io)
  const diagnostics = flows.diagnostics.filter(({ file }) => files.has(file))
  if (diagnostics.length === 0) return EXIT.fine
  return reportDiagnostics({ ...flows, diagnostics, files: files.size }, { format: 'text' }, io)
}

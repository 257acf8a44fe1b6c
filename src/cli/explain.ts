import { parseArgs } from 'node:util'
import wrapAnsi from 'wrap-ansi'
import { load } from '../config/load.ts'
import { type Paint, painter, showDiagnostics } from '../config/show-diagnostic.ts'
import { CODES, type Code, type Diagnostic, severityOf } from '../core/diagnostic.ts'
import { EXPLANATIONS, type ExampleFiles } from '../core/explanations.ts'
import { NO_POLICY } from '../core/policy.ts'
import { suggest } from '../core/suggest.ts'
import { checkAgent } from '../dialogflow/check-agent.ts'
import { parseSnapshot, SNAPSHOT_FILE } from '../dialogflow/snapshot.ts'
import { checkSession } from '../sessions/check-session.ts'
import { readDocument } from '../sessions/read-document.ts'
import { type Command, EXIT, type Io, type Screen, UsageError } from './command.ts'

export const explain: Command = {
  usage: 'explain [CODE]',
  summary: 'Explains a diagnostic: why it matters, and a wrong and a right example. Without CODE, lists all of them.',
  details:
    'CODE stands in brackets behind the message of a diagnostic, for example policy/too-visible; too-visible does as well.',
  async run(args, io) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true })
    if (positionals.length > 1) throw new UsageError('one code at a time')
    const [given] = positionals
    const group = CODES.filter((code) => groupOf(code) === given)
    const listed = given === undefined ? CODES : group
    io.stdout.write(
      given === undefined || group.length ? listing(listed, io.screen) : explanationOf(codeMeantBy(given), io),
    )
    return EXIT.fine
  },
}

const MAX_WIDTH = 100
const wrap = (text: string, { width }: Screen): string => wrapAnsi(text, Math.min(width, MAX_WIDTH))

const nameOf = (code: Code): string => code.slice(code.indexOf('/') + 1)
const groupOf = (code: Code): string => code.slice(0, code.indexOf('/'))

function codeMeantBy(given: string): Code {
  const word = given.replace(/^\[|\]$/g, '')
  const named = CODES.filter((code) => code === word || nameOf(code) === word)
  const [code] = named
  if (code && named.length === 1) return code
  if (code) throw new UsageError(`${JSON.stringify(word)} is several codes: ${named.join(', ')}`)
  const names = word.includes('/') ? [] : suggest(word, CODES.map(nameOf))
  const near = names.length ? CODES.filter((known) => names.includes(nameOf(known))) : suggest(word, CODES)
  const hint = near.length ? `did you mean ${near.join(' or ')}?` : '"carryover explain" lists all of them'
  throw new UsageError(`there is no code ${JSON.stringify(word)}; ${hint}`)
}

function listing(listed: readonly Code[], screen: Screen): string {
  const paint = painter(screen.colour)
  const groups = [...new Set(listed.map(groupOf))].map((group) => {
    const codes = listed.filter((code) => groupOf(code) === group)
    const width = Math.max(...codes.map((code) => code.length))
    const lines = codes.map((code) => {
      const severity = severityOf(code)
      const painted = paint(severity === 'error' ? 'red' : 'yellow', severity.padEnd('warning'.length))
      return `  ${code.padEnd(width)}  ${painted}  ${EXPLANATIONS[code].summary}\n`
    })
    return `${paint('bold', group)}\n${lines.join('')}`
  })
  return `${groups.join('\n')}\n${wrap('"carryover explain CODE" tells why, with a wrong and a right example.', screen)}\n`
}

function explanationOf(code: Code, { screen }: Io): string {
  const paint = painter(screen.colour)
  const severity = severityOf(code)
  const { summary, why, wrong, right } = EXPLANATIONS[code]
  const texts = new Map(Object.entries(wrong))
  return `${[
    `${paint('bold', code)} (${severity}): ${summary}`,
    wrap(why, screen),
    paint('bold', 'Wrong'),
    showFiles(wrong, paint),
    ...showDiagnostics(diagnosticsOf(wrong), { folder: '', texts, colour: screen.colour }),
    paint('bold', 'Right'),
    showFiles(right, paint),
  ].join('\n\n')}\n`
}

const showFiles = (files: ExampleFiles, paint: Paint): string =>
  Object.entries(files)
    .map(([path, text]) => `${paint('dim', `# ${path}`)}\n${text.trimEnd()}`.replace(/^/gm, '    '))
    .join('\n\n')

const POLICY_PATH = 'policy.yaml'
const isMisplacedPolicy = (path: string): boolean => path !== POLICY_PATH && /(?:^|\/)policy\.\w+$/.test(path)

const isSession = (path: string): boolean => path.startsWith('sessions/')

/** What `validate` says of a folder that holds these files; with an agent among them, what `agent check` says as well; of sessions, what `sessions check` says. */
function diagnosticsOf(files: ExampleFiles): readonly Diagnostic[] {
  if (Object.keys(files).some(isSession)) return sessionDiagnosticsOf(files)
  const { [SNAPSHOT_FILE]: agent, ...others } = files
  const all = Object.entries(others).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
  const loaded = load({
    flows: all.filter(({ path }) => path !== POLICY_PATH && !isMisplacedPolicy(path)),
    policy: all.find(({ path }) => path === POLICY_PATH),
    policyPath: POLICY_PATH,
    misplacedPolicies: all.map(({ path }) => path).filter(isMisplacedPolicy),
  })
  const snapshot = agent === undefined ? undefined : parseSnapshot(agent)
  if (!snapshot || !loaded.configuration) return loaded.diagnostics
  return [...loaded.diagnostics, ...checkAgent(snapshot, { ...loaded, ...loaded.configuration }).diagnostics]
}

function sessionDiagnosticsOf({ [POLICY_PATH]: policy = '', ...sessions }: ExampleFiles): readonly Diagnostic[] {
  const { configuration } = load({
    flows: [],
    policy: { path: POLICY_PATH, bytes: Buffer.from(policy) },
    policyPath: POLICY_PATH,
    misplacedPolicies: [],
  })
  const readings = Object.entries(sessions).flatMap(([path, text]) => [...readDocument(text, path)])
  return readings.flatMap((reading) => [
    ...reading.diagnostics,
    ...checkSession(reading, configuration?.policy ?? NO_POLICY),
  ])
}

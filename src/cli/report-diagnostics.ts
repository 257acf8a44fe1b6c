import wrapAnsi from 'wrap-ansi'
import { pathIn, showDiagnostics } from '../config/show-diagnostic.ts'
import type { Configuration } from '../core/configuration.ts'
import { type Diagnostic, messageOf, type Severity } from '../core/diagnostic.ts'
import { EXIT, type Io, NO_SCREEN, UsageError } from './command.ts'
import { toSarif } from './sarif.ts'

/** What a command found: diagnostics, and what showing them needs. */
export interface Report {
  readonly diagnostics: readonly Diagnostic[]
  readonly texts: ReadonlyMap<string, string>
  readonly folder: string
  /** How many flow files were looked at, or of whatever else `unit` names. */
  readonly files: number
  readonly unit?: string
  /** What they compile to, where nothing is an error. */
  readonly configuration?: Configuration | undefined
}

type Show = (findings: Report, io: Io) => string

const SHOW = {
  text: (findings, { screen }) => {
    const width = screen === NO_SCREEN ? undefined : screen.width
    const options = { ...findings, colour: screen.colour, width }
    const shown = showDiagnostics(findings.diagnostics, options).map((text) => `${wrapSentences(text, width)}\n\n`)
    return `${shown.join('')}${summaryOf(findings)}\n`
  },
  json: ({ diagnostics }) => toJson(diagnostics.map(toPlain)),
  github: ({ diagnostics, folder }) => diagnostics.map((found) => `${toWorkflowCommand(found, folder)}\n`).join(''),
  sarif: ({ diagnostics, folder }) => toJson(toSarif(diagnostics, folder)),
} as const satisfies Readonly<Record<string, Show>>

/** At words, as a terminal does not; the lines of a file stay as they are. */
function wrapSentences(shown: string, width: number | undefined): string {
  if (width === undefined) return shown
  const isExcerpt = (line: string): boolean => /^ *\d* \| /.test(line)
  return shown
    .split('\n')
    .map((line) => (isExcerpt(line) ? line : wrapIndented(line, width)))
    .join('\n')
}

function wrapIndented(line: string, width: number): string {
  const indent = /^ */.exec(line)?.[0] ?? ''
  return wrapAnsi(line.slice(indent.length), width - indent.length).replace(/^/gm, indent)
}

export type DiagnosticFormat = keyof typeof SHOW
export const DIAGNOSTIC_FORMATS = Object.keys(SHOW) as readonly DiagnosticFormat[]

/** The value of an option that counts warnings; undefined where it is not given. */
export function readMaxWarnings(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (!/^\d{1,9}$/.test(given))
    throw new UsageError(`--max-warnings takes a whole number from 0, not ${JSON.stringify(given)}`)
  return Number(given)
}

export function readFormat<F extends string>(given: string, known: readonly F[]): F {
  const format = known.find((word) => word === given)
  if (format === undefined) throw new UsageError(`--format takes ${known.join(', ')}, not ${JSON.stringify(given)}`)
  return format
}

/** Prints diagnostics in a format and gives the exit code: problems, where there is an error or more warnings than allowed. */
export function reportDiagnostics(
  findings: Report,
  { format, maxWarnings }: { format: DiagnosticFormat; maxWarnings?: number | undefined },
  io: Io,
): number {
  io.stdout.write(SHOW[format](findings, io))
  const warnings = countOf(findings.diagnostics, 'warning')
  const tooMany = maxWarnings !== undefined && warnings > maxWarnings
  if (tooMany) io.stderr.write(`carryover: ${plural(warnings, 'warning')}, and at most ${maxWarnings} are allowed.\n`)
  return tooMany || countOf(findings.diagnostics, 'error') ? EXIT.problems : EXIT.fine
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const toPlain = (diagnostic: Diagnostic): Record<string, unknown> => {
  const { code, severity, file, line, column } = diagnostic
  return { code, severity, file, line, column, message: messageOf(diagnostic) }
}

/** GitHub's form: data may hold no line break, and properties no colon and no comma either. */
function toWorkflowCommand(diagnostic: Diagnostic, folder: string): string {
  const { code, severity, file, line, column, endLine, endColumn } = diagnostic
  const end = endLine === line ? { endColumn } : { endLine }
  const properties = Object.entries({ file: pathIn(folder, file), line, col: column, ...end, title: code })
  const written = properties.map(
    ([name, value]) => `${name}=${escapeData(String(value)).replace(/:/g, '%3A').replace(/,/g, '%2C')}`,
  )
  return `::${severity} ${written.join(',')}::${escapeData(messageOf(diagnostic))}`
}

const escapeData = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A')

export const countOf = (diagnostics: readonly Diagnostic[], severity: Severity): number =>
  diagnostics.filter((diagnostic) => diagnostic.severity === severity).length

export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

/** As much of a configuration's hash as tells two of them apart; GET /health and the logs have all of it. */
const HASH_LENGTH = 12

const describeConfiguration = ({ policy, hash }: Configuration): string =>
  `${policy.file === undefined ? ' There is no policy.yaml: nothing limits who may see what.' : ''} Hash: ${hash.slice(0, HASH_LENGTH)}.`

const summaryOf = ({ diagnostics, files, unit = 'flow file', configuration }: Report): string =>
  `${plural(files, unit)}: ${plural(countOf(diagnostics, 'error'), 'error')}, ${plural(countOf(diagnostics, 'warning'), 'warning')}.${configuration ? describeConfiguration(configuration) : ''}`

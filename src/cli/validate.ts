import { parseArgs } from 'node:util'
import { showDiagnostic } from '../config/show-diagnostic.ts'
import { type Diagnostic, messageOf } from '../core/diagnostic.ts'
import { type Command, EXIT, UsageError } from './command.ts'
import { loadFlows } from './flow-folder.ts'

const FORMATS = ['text', 'json']

export const validate: Command = {
  usage: 'validate [DIR] [--format text|json]',
  summary: 'Reports everything that is wrong with the flow files below DIR (default: flows) and their policy.',
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { format: { type: 'string', default: 'text' } },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('one folder at a time')
    if (!FORMATS.includes(values.format)) throw new UsageError(`--format takes ${FORMATS.join(' or ')}`)
    const { diagnostics, texts, folder, files } = await loadFlows(positionals[0], io)
    if (values.format === 'json') io.stdout.write(`${JSON.stringify(diagnostics.map(toJson), null, 2)}\n`)
    else {
      for (const diagnostic of diagnostics) io.stdout.write(`${showDiagnostic(diagnostic, { folder, texts })}\n\n`)
      io.stdout.write(`${summaryOf(diagnostics, files)}\n`)
    }
    return countOf(diagnostics, 'error') ? EXIT.problems : EXIT.fine
  },
}

const toJson = (diagnostic: Diagnostic): Record<string, unknown> => {
  const { code, severity, file, line, column } = diagnostic
  return { code, severity, file, line, column, message: messageOf(diagnostic) }
}

const countOf = (diagnostics: readonly Diagnostic[], severity: Diagnostic['severity']): number =>
  diagnostics.filter((diagnostic) => diagnostic.severity === severity).length

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

const summaryOf = (diagnostics: readonly Diagnostic[], files: number): string =>
  `${plural(files, 'flow file')}: ${plural(countOf(diagnostics, 'error'), 'error')}, ${plural(countOf(diagnostics, 'warning'), 'warning')}.`

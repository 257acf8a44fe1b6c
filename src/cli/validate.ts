import { parseArgs } from 'node:util'
import { FolderError } from '../config/folder.ts'
import { watchFolder } from '../config/watch.ts'
import { byPlace } from '../core/diagnostic.ts'
import { type Command, EXIT, type Io, UsageError } from './command.ts'
import { chooseFolder, type FlowFiles, loadFlows } from './flow-folder.ts'
import { loadRepresentatives } from './load-representatives.ts'
import { DIAGNOSTIC_FORMATS, readFormat, readMaxWarnings, reportDiagnostics } from './report-diagnostics.ts'

export const validate: Command = {
  usage: `validate [DIR] [--format ${DIAGNOSTIC_FORMATS.join('|')}] [--max-warnings N] [--watch]`,
  summary:
    'Reports everything that is wrong with the flow files below DIR (default: flows), their policy, and representatives.yaml.',
  details: `--format text     for people: each mistake with its line (the default)
--format json     an array of {code, severity, file, line, column, message}
--format github   workflow commands: GitHub shows each mistake beside its line in a pull request
--format sarif    SARIF 2.1.0, for code scanning
--max-warnings N  more than N warnings are problems too
--watch           looks again whenever a file changes, until Ctrl+C`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        format: { type: 'string', default: 'text' },
        'max-warnings': { type: 'string' },
        watch: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('one folder at a time')
    const format = readFormat(values.format, DIAGNOSTIC_FORMATS)
    if (values.watch && format !== 'text') throw new UsageError('--watch is for people: it takes --format text alone')
    const options = { format, maxWarnings: readMaxWarnings(values['max-warnings']) }
    const look = async (): Promise<number> => reportDiagnostics(await loadAll(positionals[0], io), options, io)
    return values.watch ? lookAgain(positionals[0], look, io) : look()
  },
}

/** The flow files, and what stands beside them for the bridge alone. */
async function loadAll(named: string | undefined, io: Io): Promise<FlowFiles> {
  const flows = await loadFlows(named, io)
  const representatives = loadRepresentatives(flows.folder)
  if (!representatives) return flows
  const diagnostics = [...flows.diagnostics, ...representatives.diagnostics].sort(byPlace)
  return { ...flows, diagnostics, texts: new Map([...flows.texts, ...representatives.texts]) }
}

/** Looks now, and whenever a file changes, until Ctrl+C. A folder that cannot be read for a while is told, and waited for. */
async function lookAgain(folder: string | undefined, look: () => Promise<number>, io: Io): Promise<number> {
  const lookOrTell = async (): Promise<void> => {
    try {
      await look()
    } catch (error) {
      if (!(error instanceof FolderError)) throw error
      io.stderr.write(`${error.message}\n`)
    }
    io.stdout.write(`\nLooked at ${new Date().toLocaleTimeString()}; waiting for changes. Stop with Ctrl+C.\n\n`)
  }
  const watch = watchFolder(chooseFolder(folder, io), io.environment.POLICY_FILE || undefined, lookOrTell)
  const alive = setInterval(() => {}, 60_000)
  await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
  clearInterval(alive)
  watch.stop()
  return EXIT.fine
}

import { readFile, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parseArgs } from 'node:util'
import { type Dictionary, dictionaryOf } from '../core/dictionary.ts'
import { drawDictionaryPage } from '../studio/dictionary-page.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { drawCsv } from './dictionary-csv.ts'
import { drawMarkdown } from './dictionary-markdown.ts'
import { configurationOf, loadFlows } from './flow-folder.ts'
import { readFormat } from './report-diagnostics.ts'

const DRAW = {
  markdown: drawMarkdown,
  html: drawDictionaryPage,
  csv: drawCsv,
} as const satisfies Readonly<Record<string, (dictionary: Dictionary) => string>>

type DictionaryFormat = keyof typeof DRAW
const FORMATS = Object.keys(DRAW) as readonly DictionaryFormat[]
const ENDINGS: ReadonlyMap<string, DictionaryFormat> = new Map([
  ['.md', 'markdown'],
  ['.html', 'html'],
  ['.csv', 'csv'],
])

export const dictionary: Command = {
  usage: 'dictionary [DIR] [--format markdown|html|csv] [--check FILE | --write FILE]',
  summary: 'Prints who sees what: every variable of the flow files below DIR (default: flows), and the policy.',
  details: `--format markdown  for a repository's page (the default)
--format html      one page that can be filtered and printed, without anything from elsewhere
--format csv       one line a variable, for a spreadsheet
--check FILE       only compares: exit code 1 if FILE is not what would be printed now. The format is that of
                   FILE's ending (.md, .html, .csv) where --format is not given
--write FILE       writes FILE instead of printing, in the format of its ending; where the flow files have
                   errors, FILE stays as it is

The same flow files give the same bytes, so that the result can be kept beside them and checked.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { format: { type: 'string' }, check: { type: 'string' }, write: { type: 'string' } },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('one folder at a time')
    if (values.check !== undefined && values.write !== undefined)
      throw new UsageError('give --check or --write, not both')
    const format = chooseFormat(values.format, values.check ?? values.write)
    const flows = await loadFlows(positionals[0], io)
    const { examples, texts, folder } = flows
    const drawn = DRAW[format](dictionaryOf({ ...configurationOf(flows), examples, texts }))
    if (values.check !== undefined) return check(values.check, drawn, { format, folder }, io)
    if (values.write !== undefined) return write(values.write, drawn, io)
    io.stdout.write(drawn)
    return EXIT.fine
  },
}

function chooseFormat(given: string | undefined, file: string | undefined): DictionaryFormat {
  if (given !== undefined) return readFormat(given, FORMATS)
  if (file === undefined) return 'markdown'
  const format = ENDINGS.get(extname(file).toLowerCase())
  if (format) return format
  throw new UsageError(`the ending of ${file} names no format; give --format ${FORMATS.join(', ')}`)
}

async function check(
  file: string,
  drawn: string,
  { format, folder }: { format: DictionaryFormat; folder: string },
  io: Io,
): Promise<number> {
  const found = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CannotRunError(`${file} cannot be read (${error.code})`)
  })
  const line = firstDifference(linesOf(found), linesOf(drawn))
  if (line === undefined) {
    io.stdout.write(`${file} is up to date.\n`)
    return EXIT.fine
  }
  const named = ENDINGS.get(extname(file).toLowerCase()) === format ? '' : ` --format ${format}`
  const refresh = `carryover dictionary ${quote(folder)}${named} --write ${quote(file)}`
  io.stderr.write(
    `carryover dictionary: ${file} is not what the flow files say now, from line ${line} on. To refresh it:\n  ${refresh}\n`,
  )
  return EXIT.problems
}

async function write(file: string, drawn: string, io: Io): Promise<number> {
  const found = await readFile(file, 'utf8').catch(() => undefined)
  const isFresh = found !== undefined && firstDifference(linesOf(found), linesOf(drawn)) === undefined
  if (!isFresh)
    await writeFile(file, drawn).catch((error: NodeJS.ErrnoException) => {
      throw new CannotRunError(`${file} cannot be written (${error.code})`)
    })
  io.stdout.write(`${file} is ${isFresh ? 'up to date' : 'written'}.\n`)
  return EXIT.fine
}

/** Git may keep one kind of line ends and check out another; within the lines there are none. */
const linesOf = (text: string): string[] => text.split(/\r?\n/)

function firstDifference(found: readonly string[], expected: readonly string[]): number | undefined {
  const longest = Math.max(found.length, expected.length)
  for (let line = 0; line < longest; line++) if (found[line] !== expected[line]) return line + 1
  return undefined
}

/** As a shell takes it back. */
const quote = (path: string): string => (/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)

import { styleText } from 'node:util'
import stringWidth from 'string-width'
import { type Diagnostic, messageOf, type Place, type Severity } from '../core/diagnostic.ts'
import { oneLine } from '../core/one-line.ts'

export interface ShowOptions {
  /** What to write before a path that is relative to the folder of flow files. */
  readonly folder: string
  /** The text of each file, by its path. */
  readonly texts: ReadonlyMap<string, string>
  /** Whether to write the colours of a terminal; not unless this is true. */
  readonly colour?: boolean
  /** In columns, at most and unless it is given `LONGEST`: longer lines of the file are cut around the mistake. */
  readonly width?: number | undefined
}

/** A file may be a single line: nobody reads all of it beside each mistake. Columns. */
const LONGEST = 240

/** The characters of a place's line, as they may be shown. */
type LineOf = (place: Place) => readonly string[]

const COLOURS: Readonly<Record<Severity, 'red' | 'yellow'>> = { error: 'red', warning: 'yellow' }

/** Diagnostics as people read them: place and sentence, the line, a marker under the token, and related places likewise. */
export function showDiagnostics(diagnostics: readonly Diagnostic[], options: ShowOptions): string[] {
  const lineOf = readLines(options.texts)
  return diagnostics.map((diagnostic) => showDiagnostic(diagnostic, options, lineOf))
}

function showDiagnostic(diagnostic: Diagnostic, options: ShowOptions, lineOf: LineOf): string {
  const { severity, code, related } = diagnostic
  const paint = painter(options.colour ?? false)
  const marker = COLOURS[severity]
  const head = `${paint('bold', where(diagnostic, options))}: ${paint(marker, `${severity}:`)} ${messageOf(diagnostic)} ${paint('dim', `[${code}]`)}`
  const places = related.flatMap((place) => [
    `  ${where(place, options)}: ${place.message}`,
    ...excerpt(place, lineOf(place), options, (text) => paint('cyan', text)),
  ])
  return [head, ...excerpt(diagnostic, lineOf(diagnostic), options, (text) => paint(marker, text)), ...places].join(
    '\n',
  )
}

export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Writes colours, or leaves them out. Whether the stream can show them is the caller's to know. */
export const painter =
  (colour: boolean): Paint =>
  (style, text) =>
    colour ? styleText(style, text, { validateStream: false }) : text

/** A path as the person typed the folder, for opening it from where they are. */
export const pathIn = (folder: string, file: string): string =>
  folder === '' || folder === '.' ? file : `${folder.replace(/[/\\]+$/, '')}/${file}`

const where = ({ file, line, column }: Place, { folder }: ShowOptions): string =>
  `${oneLine(pathIn(folder, file))}:${line}:${column}`

/** Takes files and lines apart once, however many mistakes they have. */
function readLines(texts: ReadonlyMap<string, string>): LineOf {
  const files = new Map<string, string[]>()
  const lines = new Map<string, readonly string[]>()
  const read = ({ file, line }: Place): readonly string[] => {
    const all = files.get(file) ?? texts.get(file)?.split(/\r\n|\n|\r/) ?? []
    files.set(file, all)
    return [...(all[line - 1] ?? '').replace(CONTROLS, toPicture)]
  }
  return (place) => {
    const key = `${place.line} ${place.file}`
    const known = lines.get(key) ?? read(place)
    lines.set(key, known)
    return known
  }
}

function excerpt(
  { line, column, endLine, endColumn }: Place,
  characters: readonly string[],
  { width = LONGEST }: ShowOptions,
  mark: (text: string) => string,
): string[] {
  if (characters.length === 0) return []
  const end = endLine > line ? characters.findLastIndex((character) => /\S/.test(character)) + 2 : endColumn
  const [from, to] = windowAround(characters, column - 1, Math.min(width, LONGEST) - MARGIN)
  const [cutBefore, cutAfter] = [from > 0 ? '…' : '', to < characters.length ? '…' : '']
  const before = cutBefore + characters.slice(from, column - 1).join('')
  const token = characters.slice(column - 1, Math.min(end - 1, to)).join('')
  const marker = `^${'~'.repeat(Math.max(stringWidth(token) - 1, 0))}`
  const shown = cutBefore + characters.slice(from, to).join('') + cutAfter
  return [`${String(line).padStart(5)} | ${shown}`, `      | ${blank(before)}${mark(marker)}`]
}

/** What stands before the text of a line. */
const MARGIN = '      | '.length

/** The part of a line that fits into so many columns, with some of what stands before `at`. */
function windowAround(characters: readonly string[], at: number, columns: number): [from: number, to: number] {
  if (characters.length <= 2 * columns && stringWidth(characters.join('')) <= columns) return [0, characters.length]
  // A line of what has no width ends, too.
  const widthOf = (index: number): number => Math.max(stringWidth(characters[index] ?? ''), 1 / 2)
  const room = columns - 2 * '…'.length
  let from = Math.min(at, characters.length)
  let used = 0
  while (from > 0 && used + widthOf(from - 1) <= room / 3) used += widthOf(--from)
  let to = Math.min(at, characters.length)
  while (to < characters.length && used + widthOf(to) <= room) used += widthOf(to++)
  return [from, to]
}

/** What could steer a terminal, tabs aside. */
const CONTROLS = /[^\P{Cc}\t]/gu

/** Unicode has a picture of one column for each of the old control characters. */
const toPicture = (control: string): string => {
  const code = control.charCodeAt(0)
  return code < 32 ? String.fromCharCode(0x2400 + code) : code === 127 ? '\u2421' : '\uFFFD'
}

/** As wide as `text`, and with its tabs, which are as wide as the terminal makes them. */
const blank = (text: string): string =>
  text
    .split('\t')
    .map((piece) => ' '.repeat(stringWidth(piece)))
    .join('\t')

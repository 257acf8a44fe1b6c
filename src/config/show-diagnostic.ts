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
  /** In columns: longer lines of the file are cut around the mistake; not cut unless this is given. */
  readonly width?: number | undefined
}

const COLOURS: Readonly<Record<Severity, 'red' | 'yellow'>> = { error: 'red', warning: 'yellow' }

/** A diagnostic as people read it: its place and sentence, the line, a marker under the token, and related places likewise. */
export function showDiagnostic(diagnostic: Diagnostic, options: ShowOptions): string {
  const { severity, code, related } = diagnostic
  const paint = painter(options.colour ?? false)
  const marker = COLOURS[severity]
  const head = `${paint('bold', where(diagnostic, options))}: ${paint(marker, `${severity}:`)} ${messageOf(diagnostic)} ${paint('dim', `[${code}]`)}`
  const places = related.flatMap((place) => [
    `  ${where(place, options)}: ${place.message}`,
    ...excerpt(place, options, (text) => paint('cyan', text)),
  ])
  return [head, ...excerpt(diagnostic, options, (text) => paint(marker, text)), ...places].join('\n')
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

function excerpt(
  { file, line, column, endLine, endColumn }: Place,
  { texts, width = Number.POSITIVE_INFINITY }: ShowOptions,
  mark: (text: string) => string,
): string[] {
  const text = texts
    .get(file)
    ?.split(/\r\n|\n|\r/)
    [line - 1]?.replace(CONTROLS, toPicture)
  if (text === undefined || text === '') return []
  const characters = [...text]
  const end = endLine > line ? [...text.trimEnd()].length + 1 : endColumn
  const [from, to] = windowAround(characters, column - 1, width - MARGIN)
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
  if (stringWidth(characters.join('')) <= columns) return [0, characters.length]
  const widthOf = (index: number): number => stringWidth(characters[index] ?? '')
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

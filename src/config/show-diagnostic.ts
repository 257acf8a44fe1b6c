import { styleText } from 'node:util'
import stringWidth from 'string-width'
import { type Diagnostic, messageOf, type Place, type Severity } from '../core/diagnostic.ts'

export interface ShowOptions {
  /** What to write before a path that is relative to the folder of flow files. */
  readonly folder: string
  /** The text of each file, by its path. */
  readonly texts: ReadonlyMap<string, string>
  /** Whether to write the colours of a terminal; not unless this is true. */
  readonly colour?: boolean
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
  `${pathIn(folder, file)}:${line}:${column}`

function excerpt(
  { file, line, column, endLine, endColumn }: Place,
  { texts }: ShowOptions,
  mark: (text: string) => string,
): string[] {
  const text = texts
    .get(file)
    ?.split(/\r\n|\n|\r/)
    [line - 1]?.replace(CONTROLS, toPicture)
  if (text === undefined || text === '') return []
  const characters = [...text]
  const end = endLine > line ? [...text.trimEnd()].length + 1 : endColumn
  const before = characters.slice(0, column - 1).join('')
  const token = characters.slice(column - 1, end - 1).join('')
  const marker = `^${'~'.repeat(Math.max(stringWidth(token) - 1, 0))}`
  return [`${String(line).padStart(5)} | ${text}`, `      | ${blank(before)}${mark(marker)}`]
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

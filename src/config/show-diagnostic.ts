import { type Diagnostic, messageOf, type Place } from '../core/diagnostic.ts'

export interface ShowOptions {
  /** What to write before a path that is relative to the folder of flow files. */
  readonly folder: string
  /** The text of each file, by its path. */
  readonly texts: ReadonlyMap<string, string>
}

/** Two columns on a terminal: East Asian wide and fullwidth characters, and emoji. */
const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}|[\u{20000}-\u{3FFFD}]/u
const INVISIBLE = /\p{M}|\p{Cf}/u

const widthOf = (character: string): number => (INVISIBLE.test(character) ? 0 : WIDE.test(character) ? 2 : 1)

/** A diagnostic as people read it: its place and sentence, the line, a marker under the token, and related places. */
export function showDiagnostic(diagnostic: Diagnostic, options: ShowOptions): string {
  const { severity, code } = diagnostic
  const head = `${where(diagnostic, options)}: ${severity}: ${messageOf(diagnostic)} [${code}]`
  const related = diagnostic.related.map((place) => `  ${where(place, options)}: ${place.message}`)
  return [head, ...excerpt(diagnostic, options), ...related].join('\n')
}

function where({ file, line, column }: Place, { folder }: ShowOptions): string {
  const path = folder === '' || folder === '.' ? file : `${folder.replace(/[/\\]+$/, '')}/${file}`
  return `${path}:${line}:${column}`
}

function excerpt({ file, line, column, endLine, endColumn }: Place, { texts }: ShowOptions): string[] {
  const text = texts.get(file)?.split(/\r\n|\n|\r/)[line - 1]
  if (text === undefined || text === '') return []
  const characters = [...text]
  const end = endLine > line ? [...text.trimEnd()].length + 1 : endColumn
  const before = characters
    .slice(0, column - 1)
    .map((character) => (character === '\t' ? '\t' : ' '.repeat(widthOf(character))))
  const width = characters.slice(column - 1, end - 1).reduce((sum, character) => sum + widthOf(character), 0)
  const marker = `^${'~'.repeat(Math.max(width - 1, 0))}`
  return [`${String(line).padStart(5)} | ${text}`, `      | ${before.join('')}${marker}`]
}

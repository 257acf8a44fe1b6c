import type { Text } from '@codemirror/state'
import type { Range } from '../../core/source.ts'

/** The offset of a line and column in the editor; columns count characters, as everywhere in diagnostics. */
export function offsetAt(text: Text, line: number, column: number): number {
  const { from, to, text: content } = text.line(Math.min(Math.max(line, 1), text.lines))
  let units = 0
  let characters = 1
  for (const character of content) {
    if (characters++ >= column) break
    units += character.length
  }
  return Math.min(from + units, to)
}

export function spanIn(text: Text, { line, column, endLine, endColumn }: Range): { from: number; to: number } {
  const from = offsetAt(text, line, column)
  return { from, to: Math.max(offsetAt(text, endLine, endColumn), from) }
}

import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

const GAP = '  '
const MIN_COLUMN = 10

/** The widths that a table's columns get of `width` screen columns: what they need, or less; words are broken last, and the longest first. */
function fitColumns(rows: readonly (readonly string[])[], width: number): number[] | undefined {
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''))
  const needed = columns.map((cells) => widest(cells, '\n'))
  const words = columns.map((cells) => widest(cells, /\s/))
  const room = width - GAP.length * (columns.length - 1)
  for (let longest = room; longest >= MIN_COLUMN; longest--) {
    const least = words.map((word) => Math.max(Math.min(word, longest), MIN_COLUMN))
    const widths = cut(needed, least, room)
    if (widths) return widths
  }
  return undefined
}

const widest = (cells: readonly string[], separator: string | RegExp): number =>
  Math.max(...cells.flatMap((cell) => cell.split(separator)).map((part) => stringWidth(part)))

/** Takes from the widest column, again and again, but leaves each `least`; undefined where that is too much for `room`. */
function cut(widths: readonly number[], least: readonly number[], room: number): number[] | undefined {
  const left = [...widths]
  for (let over = left.reduce((sum, one) => sum + one, -room); over > 0; over--) {
    const spare = left.map((one, column) => (one > (least[column] ?? 0) ? one : 0))
    const most = Math.max(...spare)
    if (most === 0) return undefined
    left[spare.indexOf(most)] = most - 1
  }
  return left
}

/** A table whose first row is its head, wrapped to fit into `width` screen columns; undefined where that is too narrow. */
export function drawTable(rows: readonly (readonly string[])[], width: number): string[] | undefined {
  const widths = fitColumns(rows, width)
  if (!widths) return undefined
  const rule = widths.map((one) => '─'.repeat(one)).join(GAP)
  const drawn = rows.map((row) => drawRow(row, widths))
  return [...(drawn[0] ?? []), rule, ...drawn.slice(1).flat()]
}

function drawRow(row: readonly string[], widths: readonly number[]): string[] {
  const cells = row.map((cell, column) => wrapCell(cell, widths[column] ?? MIN_COLUMN))
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, column) => pad(lines[line] ?? '', widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  )
}

/** A line that fits stays as it is, with the spaces before it. */
const wrapCell = (cell: string, width: number): string[] =>
  cell
    .split('\n')
    .flatMap((line) => (stringWidth(line) <= width ? [line] : wrapAnsi(line, width, { hard: true }).split('\n')))

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(width - stringWidth(text), 0))

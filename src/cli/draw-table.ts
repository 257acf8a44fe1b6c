import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

const GAP = '  '
const MIN_COLUMN = 10

/** The widths that a table's columns get of `width` screen columns: each what it needs, the widest cut first; undefined where it cannot fit. */
function fitColumns(rows: readonly (readonly string[])[], width: number): number[] | undefined {
  const count = rows[0]?.length ?? 0
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => Math.max(...(row[column] ?? '').split('\n').map((line) => stringWidth(line))))),
  )
  const room = width - GAP.length * (count - 1)
  while (widths.reduce((sum, one) => sum + one, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= MIN_COLUMN) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
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

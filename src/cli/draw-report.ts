import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { painter } from '../config/show-diagnostic.ts'
import { oneLine } from '../core/one-line.ts'
import { describeReport, type ReportColumn, type ReportRow, type ReportSection } from '../sessions/describe-report.ts'
import type { SessionReport } from '../sessions/report.ts'
import { NO_SCREEN, type Screen } from './command.ts'
import { drawTable } from './draw-table.ts'

/** As many as a month has days. */
const MAX_ROWS = 31
/** On a narrower screen lines go on in the next row. */
const MIN_WIDTH = 60

/** A report for the terminal: a table for each facet, with its first rows. */
export function drawReport(report: SessionReport, screen: Screen): string {
  const { title, facts, sections, notes } = describeReport(report)
  const paint = painter(screen.colour)
  const width = screen === NO_SCREEN ? NO_SCREEN.width : Math.max(screen.width, MIN_WIDTH)
  const parts = [
    [paint('bold', title), ...facts.map(({ name, value }) => `${paint('dim', name.padEnd(9))}${oneLine(value)}`)],
    ...sections.map((section) => [paint('bold', section.title), ...drawSection(section, width)]),
    notes.map((note) => paint('dim', wrapAnsi(note, width))),
  ]
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function drawSection({ label, columns, rows }: ReportSection, width: number): string[] {
  const shown = rows.slice(0, MAX_ROWS)
  const left = rows.length - shown.length
  const lines = drawRows(label, columns, shown, width)
  return left ? [...lines, `… and ${left.toLocaleString('en-US')} more rows, in every other --format`] : lines
}

function drawRows(
  label: string,
  columns: readonly ReportColumn[],
  rows: readonly ReportRow[],
  width: number,
): string[] {
  const inLine = toTable(label, columns, rows, GAP)
  const fits = widthOf(inLine) <= width
  const table = fits ? inLine : toTable(label, columns, rows, '\n')
  return drawTable(table, width) ?? table.map((cells) => cells.join(GAP).replaceAll('\n', GAP))
}

const GAP = '  '

/** Figures of one title stand beside each other, or below. */
function toTable(
  label: string,
  columns: readonly ReportColumn[],
  rows: readonly ReportRow[],
  separator: string,
): string[][] {
  const blocks = columns.map(({ title, parts }, index) => {
    const cells = rows.map((row) => row.cells[index] ?? '')
    return parts
      ? drawParts(title, [parts, ...cells.map(toParts)], separator)
      : alignRight([title, ...cells.map(String)])
  })
  const labels = [label, ...rows.map((row) => oneLine(row.label))]
  return labels.map((text, line) => [text, ...blocks.map((block) => block[line] ?? '')])
}

const toParts = (cell: string | readonly string[]): readonly string[] => (typeof cell === 'string' ? [cell] : cell)

function drawParts(title: string, rows: readonly (readonly string[])[], separator: string): string[] {
  const count = rows[0]?.length ?? 0
  const columns = Array.from({ length: count }, (_, part) => alignRight(rows.map((row) => row[part] ?? '')))
  const lines = rows.map((_, line) =>
    columns
      .map((column) => column[line] ?? '')
      .join(separator)
      .trimEnd(),
  )
  return lines.map((line, index) => (index ? line : `${title}\n${line}`))
}

function alignRight(texts: readonly string[]): string[] {
  const width = Math.max(...texts.map((text) => stringWidth(text)))
  return texts.map((text) => text.padStart(width))
}

const widthOf = (table: readonly (readonly string[])[]): number =>
  (table[0] ?? []).reduce(
    (sum, _, column) => sum + GAP.length + Math.max(...table.map((row) => widest(row[column] ?? ''))),
    -GAP.length,
  )

const widest = (cell: string): number => Math.max(...cell.split('\n').map((line) => stringWidth(line)))

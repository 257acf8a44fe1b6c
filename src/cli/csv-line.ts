import { oneLine } from '../core/one-line.ts'

/** A line of a table, after RFC 4180. */
export const drawCsvLine = (cells: readonly (string | number | boolean)[]): string =>
  `${cells.map(drawCell).join(',')}\r\n`

/** What a spreadsheet would take for a formula; it does so for the wide forms of the signs as well. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

/** A quote before a text that looks like a formula keeps a spreadsheet from running it; a figure below zero stays one. */
function drawCell(value: string | number | boolean): string {
  const text = String(value)
  const inert = typeof value === 'string' && FORMULA.test(text) ? `'${oneLine(text)}` : oneLine(text)
  return `"${inert.replaceAll('"', '""')}"`
}

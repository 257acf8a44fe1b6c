import { drawTable } from '../../src/cli/draw-table.ts'
import { median } from './statistics.ts'

export type Goal = { readonly atLeast: number } | { readonly atMost: number } | { readonly under: number }

/** One line of the table: a ratio of each round, of which the median counts. */
export interface Row {
  readonly measure: string
  readonly ratios: readonly number[]
  /** Without one, the row is there to be read. */
  readonly goal?: Goal
}

export function isMet({ goal, ratios }: Row): boolean {
  const ratio = median(ratios)
  if (!goal) return true
  if ('atLeast' in goal) return ratio >= goal.atLeast
  return 'atMost' in goal ? ratio <= goal.atMost : ratio < goal.under
}

function goalText(goal: Goal | undefined): string {
  if (!goal) return ''
  if ('atLeast' in goal) return `at least ${goal.atLeast}`
  return 'atMost' in goal ? `at most ${goal.atMost}` : `under ${goal.under}`
}

function ratioCell(row: Row | undefined): string {
  if (!row) return ''
  const [ratio, low, high] = [median(row.ratios), Math.min(...row.ratios), Math.max(...row.ratios)]
  const verdict = row.goal ? (isMet(row) ? 'met' : 'NOT MET') : ''
  return [`${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`, verdict].join(' ').trim()
}

const WIDTH = 140

/** All rows, with a column for each Node: the median, the least and the greatest ratio of the rounds, and whether the goal is met. */
export function resultTable(rowsByNode: ReadonlyMap<string, readonly Row[]>): string {
  const all = [...rowsByNode.values()]
  const lines = (all[0] ?? []).map(({ measure, goal }) => [
    measure,
    goalText(goal),
    ...all.map((rows) => ratioCell(rows.find((row) => row.measure === measure))),
  ])
  const head = ['Ratio', 'Goal', ...[...rowsByNode.keys()].map((version) => `Node ${version}`)]
  return (drawTable([head, ...lines], WIDTH) ?? []).join('\n')
}

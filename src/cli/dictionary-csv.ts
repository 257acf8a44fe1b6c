import { type Dictionary, type DictionaryRow, rowsOf, textOf } from '../core/dictionary.ts'
import { cellOf, describeLimit, differingKeys, differingNames } from '../core/dictionary-words.ts'
import { oneLineOfProse } from '../core/one-line.ts'
import { SURFACES } from '../core/surface.ts'
import { drawCsvLine } from './csv-line.ts'

type Column = (row: DictionaryRow, differing: ReadonlySet<string>) => string | number | boolean

const COLUMNS: Readonly<Record<string, Column>> = {
  flow: ({ flow }) => flow.flow,
  capture: ({ capture }) => capture.tag,
  switched_on: ({ capture }) => capture.enabled,
  variable: ({ variable }) => variable.name,
  description: ({ variable }) => oneLineOfProse(variable.description ?? ''),
  kind: ({ variable }) => variable.origin.kind,
  made_of: ({ variable }) => variable.origin.text,
  parameters: ({ variable }) => join(variable.origin.parameters.map(({ reference }) => reference)),
  ...Object.fromEntries(
    SURFACES.map((surface): [string, Column] => [surface, ({ variable }) => cellOf(variable, surface)]),
  ),
  shown_differently_elsewhere: ({ variable }, differing) => join(differingNames(variable, differing)),
  format: ({ variable }) => variable.format,
  mask: ({ variable }) => variable.mask ?? '',
  default: ({ variable }) => textOf(variable.fallback?.value),
  required: ({ variable }) => variable.required,
  policy_rules: ({ variable }) => join(variable.rules.map(describeRule)),
  examples: ({ capture }) => join(capture.examples),
  sample: ({ variable }) => textOf(variable.sample?.value),
  file: ({ flow }) => flow.file,
  line: ({ variable }) => variable.line,
}

/** One line a variable, after RFC 4180. */
export function drawCsv(dictionary: Dictionary): string {
  const differing = differingKeys(dictionary)
  const lines = rowsOf(dictionary.flows).map((row) => Object.values(COLUMNS).map((column) => column(row, differing)))
  return [Object.keys(COLUMNS), ...lines].map(drawCsvLine).join('')
}

const join = (texts: readonly string[]): string => texts.join('; ')

const describeRule = ({ pattern, line, surfaces, reason }: DictionaryRow['variable']['rules'][number]): string =>
  `line ${line}, ${pattern}, ${describeLimit(surfaces)}${reason?.trim() ? `: ${oneLineOfProse(reason)}` : ''}`

import type { LogLine } from './running-server.ts'

const TRACE = 'logging.googleapis.com/trace'

/** What Cloud Logging makes of a line: the special fields beside the payload. https://cloud.google.com/logging/docs/structured-logging */
export function toLogEntry(line: LogLine, type: string): object {
  const { severity, httpRequest, [TRACE]: trace, ...jsonPayload } = line
  return { resource: { type }, severity, httpRequest, trace, jsonPayload }
}

/** What stands at a dotted path, in lists too. */
export function valuesAt(entry: object, path: string): unknown[] {
  let values: unknown[] = [entry]
  for (const key of path.split('.')) values = values.flatMap((value) => (value as LogLine)[key] ?? [])
  return values
}

type Test = (entry: object) => boolean

/** Of Cloud Logging's query language, comparisons joined by AND; what is more than that throws. */
export function compileFilter(filter: string): Test {
  const tests = filter.split(' AND ').map(compileComparison)
  return (entry) => tests.every((test) => test(entry))
}

function compileComparison(text: string): Test {
  const [, path = '', operator = '', operand = ''] = /^([A-Za-z]+(?:\.[A-Za-z]+)*)(:|=|>=|>)(.+)$/.exec(text) ?? []
  if (operator === ':' && operand === '*') return (entry) => valuesAt(entry, path).length > 0
  const test = compileOperand(operator, path, operand)
  return (entry) => {
    if (operator !== ':') refuseLists(entry, path)
    return valuesAt(entry, path).some(test)
  }
}

function compileOperand(operator: string, path: string, operand: string): (value: unknown) => boolean {
  const words = wordsOf(operand)
  if (operator === ':') return (value) => isOneOf(words, value)
  if (operator === '=') return (value) => words.includes(toWord(value))
  const rank = path === 'severity' ? (value: unknown) => SEVERITIES.indexOf(toWord(value)) : Number
  const [least = Number.NaN] = words.map(rank)
  if (words.length !== 1 || !(least >= 0)) throw new Error(`no comparison: ${path}${operator}${operand}`)
  return (value) => (operator === '>' ? rank(value) > least : rank(value) >= least)
}

const SEVERITIES = ['default', 'debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

/** The case of letters says nothing. */
const toWord = (value: unknown): string => String(value).toLowerCase()

/** `X`, `"x"` or `("x" OR "y")`. */
const wordsOf = (operand: string): string[] =>
  (/^\((.*)\)$/.exec(operand)?.[1] ?? operand).split(' OR ').map((text) => {
    const [, quoted, bare] = /^(?:"([^"\\]+)"|(\w+))$/.exec(text) ?? []
    const word = quoted ?? bare
    if (word === undefined) throw new Error(`no value: ${text}`)
    return toWord(word)
  })

/** `:` finds a part of a text, or an element of a list; of texts in a list nobody says which, so that it must not matter. */
function isOneOf(words: readonly string[], value: unknown): boolean {
  const text = toWord(value)
  if (words.includes(text)) return true
  if (words.some((word) => text.includes(word))) throw new Error(`only a part of ${text} is named`)
  return false
}

/** Google defines `:` on lists, and no other comparison: https://google.aip.dev/160 */
function refuseLists(entry: object, path: string): void {
  let value: unknown = entry
  for (const key of path.split('.')) {
    value = (value as LogLine | undefined)?.[key]
    if (Array.isArray(value)) throw new Error(`${path} leads through a list: use ":"`)
  }
}

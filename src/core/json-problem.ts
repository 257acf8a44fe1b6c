import type { Span } from './source.ts'

/** Why a file cannot be read, as a sentence for people, and where. */
export interface SyntaxProblem extends Span {
  readonly problem: string
}

const TOKEN =
  /[ \t\r\n]*(?:("[^"\\\p{Cc}]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\p{Cc}]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.])|([[\]{},:]))/uy

type Expected = 'value' | 'first value' | 'key' | 'first key' | 'colon' | 'comma' | 'nothing'

/** Where text stops being JSON, and what to do. `JSON.parse` says it in another way in every version, and quotes the file. */
export function findJsonProblem(text: string): SyntaxProblem | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch {
    return scan(text)
  }
}

function scan(text: string): SyntaxProblem {
  const open: number[] = []
  let expected: Expected = 'value'
  let comma = 0
  let at = 0
  for (;;) {
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    const start = found
      ? TOKEN.lastIndex - found[0].trimStart().length
      : at + (/^[ \t\r\n]*/.exec(text.slice(at))?.[0].length ?? 0)
    const [, string, word, sign = ''] = found ?? []
    const next: Expected | undefined = found ? follow(expected, string, word, sign, text[open.at(-1) ?? -1]) : undefined
    if (!next) return problemAt(text, start, expected, open.at(-1), comma)
    if (sign === '{' || sign === '[') open.push(start)
    if (sign === '}' || sign === ']') open.pop()
    if (sign === ',') comma = start
    expected = next === 'comma' && open.length === 0 ? 'nothing' : next
    at = TOKEN.lastIndex
  }
}

/** What is expected after this token; undefined where the token itself is not. */
function follow(
  expected: Expected,
  string: string | undefined,
  word: string | undefined,
  sign: string,
  inside: string | undefined,
): Expected | undefined {
  const closing = inside === '{' ? '}' : ']'
  switch (expected) {
    case 'key':
    case 'first key':
      if (string !== undefined) return 'colon'
      return expected === 'first key' && sign === '}' ? 'comma' : undefined
    case 'colon':
      return sign === ':' ? 'value' : undefined
    case 'comma':
      if (sign === ',') return inside === '{' ? 'key' : 'value'
      return sign === closing ? 'comma' : undefined
    case 'nothing':
      return undefined
    default:
      if (string !== undefined || word !== undefined) return 'comma'
      if (sign === '{') return 'first key'
      if (sign === '[') return 'first value'
      return expected === 'first value' && sign === ']' ? 'comma' : undefined
  }
}

function problemAt(
  text: string,
  start: number,
  expected: Expected,
  open: number | undefined,
  comma: number,
): SyntaxProblem {
  const rest = text.slice(start)
  const isKey = expected === 'key' || expected === 'first key'
  const here = { start, end: start + (/^(?:[^\s,:[\]{}"]+|.)/.exec(rest)?.[0].length ?? 0) }
  if (rest === '' && open === undefined) return { ...here, problem: 'this file is empty' }
  if (rest === '') return { start: open ?? 0, end: (open ?? 0) + 1, problem: `this ${text[open ?? 0]} is not closed` }
  if (/^[^\S \t\r\n]/.test(rest)) return { ...here, problem: 'this space is not an ordinary one; type it anew' }
  if (/^(?:\/[/*]|#)/.test(rest)) return { ...here, problem: 'JSON has no comments; remove it' }
  if (expected === 'nothing') return { ...here, problem: 'the JSON ends before this; remove what begins here' }
  if ((isKey || expected === 'value') && /^[\]}]/.test(rest) && text[comma] === ',')
    return { start: comma, end: comma + 1, problem: `this comma is one too many: ${rest[0]} follows it` }
  if (rest.startsWith(',') && expected !== 'colon') return { ...here, problem: 'this comma is one too many' }
  if (rest.startsWith("'")) return { ...here, problem: "text stands in double quotes in JSON, not in '" }
  if (rest.startsWith('"') && expected !== 'comma' && expected !== 'colon')
    return { ...here, problem: 'this text is not closed on its line, or holds a backslash with no meaning in JSON' }
  if (expected === 'comma' && /^["{[]/.test(rest)) return { ...here, problem: 'a comma is missing before this' }
  if (expected === 'comma' && !/^[\]}:]/.test(rest))
    return { ...here, problem: 'a comma or a quote is missing before this' }
  if (expected === 'colon') return { ...here, problem: 'a colon is missing before this' }
  if (isKey) return { ...here, problem: 'a key in double quotes is expected here' }
  if (/^[-+.\d]/.test(rest))
    return { ...here, problem: 'this is no number in JSON; put it in double quotes if it is text' }
  if (/^[\]}:]/.test(rest)) return { ...here, problem: `this ${rest[0]} does not belong here` }
  return { ...here, problem: 'text must stand in double quotes in JSON; only numbers, true, false and null go without' }
}

import { type Document, isCollection, type Node, type Scalar, visit, type YAMLError } from 'yaml'
import type { SyntaxProblem } from '../core/json-problem.ts'

/** An error of the parser, and all that a sentence about it may need. */
interface Found {
  readonly text: string
  readonly document: Document
  readonly code: YAMLError['code']
  readonly message: string
  /** Never behind the last character of the text. */
  readonly start: number
  readonly end: number
}

/** What designers most often did where the parser stumbles; undefined where it is something else. */
type Reading = (found: Found) => SyntaxProblem | undefined

/** The parser's error as a sentence about what designers see, at the place where the mistake was made. */
export function explainYamlError({ code, message, pos }: YAMLError, text: string, document: Document): SyntaxProblem {
  const last = Math.max(text.trimEnd().length - 1, 0)
  const start = Math.min(pos[0], last)
  const found = { text, document, code, message, start, end: Math.max(start + 1, Math.min(pos[1], last + 1)) }
  for (const reading of READINGS) {
    const problem = reading(found)
    if (problem) return problem
  }
  return { ...tokenAt(text, start), problem: message }
}

const SENTENCES: Partial<Record<YAMLError['code'], string>> = {
  MULTIPLE_DOCS: 'a file holds one document; remove this line and what follows it',
  BAD_INDENT: 'this line begins too far left or right: what belongs together stands below each other',
  TAB_AS_INDENT: 'a tab stands here where only spaces may stand',
  NON_STRING_KEY: 'a key must be text, not a list or a map; text that begins with { or [ needs quotes',
  ALIAS_PROPS: 'an alias (*name) stands by itself, and can have no &name of its own',
  MULTIPLE_ANCHORS: 'a value can have one &name, no more',
  KEY_OVER_1024_CHARS: 'a key has at most 1,024 characters; look for a missing line break, or put the text in quotes',
  BAD_DQ_ESCAPE: 'this backslash means nothing in double quotes; write \\\\ for a backslash, or use single quotes',
}

const lineStart = (text: string, at: number): number => (at > 0 ? text.lastIndexOf('\n', at - 1) + 1 : 0)
const lineFrom = (text: string, at: number): string => /^[^\r\n]*/.exec(text.slice(at))?.[0] ?? ''

/** The word at an offset, or the first one behind it in its line. */
function tokenAt(text: string, at: number): { start: number; end: number } {
  const [, space = '', word = ''] = /^([ \t]*)([^\s,:[\]{}]+|[^\r\n]?)/.exec(text.slice(at)) ?? []
  const start = word === '' ? at : at + space.length
  return { start, end: Math.max(start + word.length, start + 1) }
}

const restOfLine = (text: string, start: number): { start: number; end: number } => ({
  start,
  end: start + Math.max(lineFrom(text, start).trimEnd().length, 1),
})

const tab: Reading = ({ text, start }) => {
  const line = lineStart(text, start)
  const [, spaces = '', tabs] = /^( *)(\t+)/.exec(text.slice(line)) ?? []
  if (tabs === undefined) return undefined
  const at = line + spaces.length
  return { start: at, end: at + tabs.length, problem: 'a tab indents this line; use spaces' }
}

const LOOK_ALIKES: readonly (readonly [before: RegExp, problem: string])[] = [
  [/^ *(?:- +)*(?=[^\S \t\r\n])/, 'this space is not an ordinary one; type it anew'],
  [/^ *(?:- +)*[\w-]+:(?=[^\S \t\r\n])/, 'this space is not an ordinary one; type it anew'],
  [/^ *(?:- +)*[\p{L}\p{N}_-]+(?=：)/u, 'this colon is not an ordinary one; type a colon and a space'],
  [/^ *(?=[–—−])/, 'this dash is not an ordinary one; type a hyphen and a space'],
]

/** Pasted characters, in the line of the error or the one above it that says something. */
const lookAlike: Reading = ({ text, start }) => {
  const line = lineStart(text, start)
  for (const at of [line, lineAbove(text, line)])
    for (const [before, problem] of LOOK_ALIKES) {
      const skipped = before.exec(lineFrom(text, at))?.[0]
      if (skipped !== undefined) return { start: at + skipped.length, end: at + skipped.length + 1, problem }
    }
  return undefined
}

function lineAbove(text: string, line: number): number {
  let at = lineStart(text, line - 1)
  while (at > 0 && /^\s*(?:#|$)/.test(lineFrom(text, at))) at = lineStart(text, at - 1)
  return at
}

const directive: Reading = ({ text, code, message }) => {
  const at = code === 'BAD_DIRECTIVE' || message.includes('directives-end') ? text.search(/^%/m) : -1
  return at < 0 ? undefined : { ...restOfLine(text, at), problem: 'a line that begins with % needs quotes' }
}

/** The last node before an offset for which `test` holds. */
function lastNode(document: Document, before: number, test: (node: Node) => boolean): Node | undefined {
  let last: Node | undefined
  visit(document, {
    Node(_, node) {
      if (node.range && node.range[0] <= before && node.range[0] >= (last?.range?.[0] ?? 0) && test(node)) last = node
    },
  })
  return last
}

const unclosedQuote: Reading = ({ text, document, message, start }) => {
  if (!message.startsWith('Missing closing')) return undefined
  const node = lastNode(document, start, (scalar) => /^QUOTE/.test((scalar as Scalar).type ?? ''))
  if (!node?.range) return undefined
  return {
    ...restOfLine(text, node.range[0]),
    problem: 'this quote is not closed; text that begins with a quote needs quotes of the other kind around it',
  }
}

const unclosedBracket: Reading = ({ text, document, message, start }) => {
  const closing = /^Flow .* end with a ([\]}])/.exec(message)?.[1]
  if (!closing) return undefined
  const isOpen = (node: Node): boolean => {
    const [from = 0, to = 0] = node.range ?? []
    return isCollection(node) && /[[{]/.test(text[from] ?? '') && !/[\]}]/.test(text[to - 1] ?? '')
  }
  const at = lastNode(document, start, isOpen)?.range?.[0]
  if (at === undefined) return { ...tokenAt(text, start), problem: `indent this ${closing} further` }
  const missing = text[at] === '{' ? '}' : ']'
  const line = lineFrom(text, at)
  const hint = line.includes(' #')
    ? '; what stands behind # is a comment'
    : line.trim().length === 1
      ? `, or the lines up to it begin too far left`
      : ''
  return { start: at, end: at + 1, problem: `this ${text[at]} is not closed: ${missing} is missing${hint}` }
}

const noKey: Reading = ({ text, code, start }) => {
  if (code !== 'MULTILINE_IMPLICIT_KEY') return undefined
  const line = restOfLine(text, start)
  if (/^[{[]/.test(text.slice(start)) && /:[ \t]*\r?\n$/.test(text.slice(0, lineStart(text, start))))
    return {
      ...line,
      problem: `indent all that was pasted, from this ${text[start]} to its end, further than the key above it`,
    }
  if (/^[^\s:]+:[^\s/]/.test(lineFrom(text, start))) return { ...line, problem: 'a space is missing after the colon' }
  return {
    ...line,
    problem:
      'this is no "key: value"; look for a missing colon, indent it if it goes on from the line above, or put the text in quotes',
  }
}

const aliasAsKey: Reading = ({ text, code, start }) =>
  code === 'NON_STRING_KEY' && text[start] === '*'
    ? { ...tokenAt(text, start), problem: 'a key must be written out; an alias (*name) stands for values alone' }
    : undefined

const colonInText: Reading = ({ text, code, message, start }) => {
  if (code !== 'BLOCK_AS_IMPLICIT_KEY') return undefined
  if (text[start] === '?') return { start, end: start + 1, problem: 'text that begins with ? needs quotes' }
  if (message.includes('sequence'))
    return {
      ...tokenAt(text, start),
      problem: 'this dash begins too far left or right: the entries of a list stand below each other',
    }
  if (/:(?:\s|$)/.test(lineFrom(text, start)))
    return { ...restOfLine(text, start), problem: 'text that holds a colon and a space needs quotes' }
  const line = lineStart(text, start)
  const [dash] = /^ *-(?=[^\s-])/.exec(lineFrom(text, line)) ?? []
  if (dash !== undefined)
    return { start: line + dash.length - 1, end: line + dash.length, problem: 'a space is missing after the dash' }
  const below = /^[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*/.exec(text.slice(start))?.[0].length ?? 0
  return { ...tokenAt(text, start + below), problem: SENTENCES.BAD_INDENT ?? message }
}

const IN_BRACKETS = /^([^,:{}[\]\n]*[ \t])?([^\s,:{}[\]]+):\s/

/** Text with a colon inside brackets, or two entries without a comma. */
const colonInBrackets: Reading = ({ text, code, start }) => {
  if (code !== 'BLOCK_IN_FLOW') return undefined
  const [, before = '', word = ''] = IN_BRACKETS.exec(text.slice(start, start + 1024)) ?? []
  const problem = 'text that holds a colon and a space needs quotes'
  if (before === '') return { ...tokenAt(text, start), problem }
  const at = start + before.length
  return { start: at, end: at + word.length, problem: `a comma is missing before this, or ${problem}` }
}

const MISSING: readonly (readonly [message: RegExp, problem: string])[] = [
  [/^Sequence item without/, 'this line begins too far left or right: what belongs together stands below each other'],
  [/^Missing ,/, 'a comma is missing before this'],
  [/^Implicit map keys need/, 'this is no "key: value"; look for a missing colon'],
  [/^Comments must be/, 'a space is missing before this #'],
]

const missingCharacter: Reading = ({ text, message, start }) => {
  const problem = MISSING.find(([about]) => about.test(message))?.[1]
  return problem === undefined ? undefined : { ...tokenAt(text, start), problem }
}

const needsQuotes: Reading = ({ text, code, start }) =>
  code === 'BAD_SCALAR_START' || code === 'BAD_ALIAS' || code === 'TAG_RESOLVE_FAILED'
    ? { ...tokenAt(text, start), problem: `text that begins with ${text[start]} needs quotes` }
    : undefined

const unexpected: Reading = ({ text, code, start, end }) => {
  if (code !== 'UNEXPECTED_TOKEN') return undefined
  const sign = text[start] ?? ''
  const place = { start, end }
  if (/[|>]\S*[ \t]*$/.test(text.slice(lineStart(text, start), start)))
    return {
      ...place,
      problem: 'nothing may stand behind | and > in their line; text that begins with them needs quotes',
    }
  if (sign === '-')
    return {
      ...place,
      problem: 'a list begins in the line below its key, each entry with a dash; text that begins with - needs quotes',
    }
  if (sign === ',') return { ...place, problem: 'this comma is one too many' }
  if (sign === ']' || sign === '}') return { ...place, problem: `this ${sign} closes nothing` }
  if (sign === '[' || sign === '{') return { ...place, problem: 'text that holds brackets needs quotes here' }
  if (/^[\w-]+:\s/.test(text.slice(start)))
    return { ...tokenAt(text, start), problem: 'a comma is missing before this' }
  return {
    ...place,
    problem: 'text goes on here behind a closing quote or bracket; put quotes of the other kind around all of it',
  }
}

const sentence: Reading = ({ text, code, start }) => {
  const problem = SENTENCES[code]
  return problem === undefined ? undefined : { ...tokenAt(text, start), problem }
}

const READINGS: readonly Reading[] = [
  tab,
  lookAlike,
  directive,
  unclosedQuote,
  unclosedBracket,
  noKey,
  aliasAsKey,
  colonInText,
  colonInBrackets,
  missingCharacter,
  needsQuotes,
  unexpected,
  sentence,
]

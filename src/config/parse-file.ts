import {
  type Alias,
  type Document,
  type ErrorCode,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLError,
} from 'yaml'
import { type Diagnostic, diagnose } from '../core/diagnostic.ts'
import type { MapEntry, SourceFile, SourceNode, Span } from '../core/source.ts'

const MAX_ALIASED = 10_000
/** An alias inside what it stands for never ends. */
const MAX_NESTED_ALIASES = 50

/** A parsed file, or why it does not parse: then nothing else is said of it. */
export type ParsedFile = { readonly source: SourceFile } | { readonly diagnostics: readonly Diagnostic[] }

/** Parses the bytes of a YAML or JSON file (by the ending of `path`) into a tree that knows its places. */
export function parseFile(path: string, bytes: Uint8Array): ParsedFile {
  const text = decode(bytes)
  if (text === undefined) return broken(path, '', { start: 0, end: 0 }, 'the file is not UTF-8 text; save it as UTF-8')
  const document = parseDocument(text, {
    prettyErrors: false,
    stringKeys: true,
    version: '1.2',
    merge: false,
    schema: 'core',
  })
  const problem = firstProblem(path, text, document)
  if (problem) return { diagnostics: problem }
  return toSource(path, text, document)
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

const broken = (path: string, text: string, span: Span, problem: string): { diagnostics: Diagnostic[] } => ({
  diagnostics: [diagnose('file/syntax', { file: bare(path, text), span }, { problem })],
})

const bare = (path: string, text: string): SourceFile => ({
  path,
  text,
  root: { kind: 'scalar', value: null, start: 0, end: 0 },
})

function firstProblem(path: string, text: string, document: Document): Diagnostic[] | undefined {
  const jsonProblem = path.toLowerCase().endsWith('.json') ? findJsonProblem(text, document) : undefined
  if (jsonProblem) return broken(path, text, jsonProblem.span, jsonProblem.problem).diagnostics
  const file = bare(path, text)
  const errors = [...document.errors, ...document.warnings]
  const [syntax] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY')
  if (syntax) return broken(path, text, spanOf(syntax, text), wordingOf(syntax, text)).diagnostics
  const twice = errors.map((error) => {
    const span = keySpan(text, error.pos[0])
    return diagnose('file/duplicate-key', { file, span }, { key: unquoted(text.slice(span.start, span.end)) })
  })
  return twice.length ? twice : undefined
}

/** The parser points behind the last line where something is not closed: the last character is nearer to the cause. */
function spanOf({ pos: [start, end] }: YAMLError, text: string): Span {
  const last = text.trimEnd().length - 1
  const at = Math.max(0, Math.min(start, last))
  return { start: at, end: Math.max(at + 1, Math.min(end, last + 1)) }
}

/** What to do about the mistakes that designers make most; the parser's own words say what it found. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'look for a missing closing bracket, or for a line that begins too far left or right',
  MISSING_CHAR:
    'look at this line and the one above for a missing quote, dash, comma or colon, or for wrong indentation',
  TAB_AS_INDENT: 'use spaces',
  MULTILINE_IMPLICIT_KEY: 'a key is missing its colon, or text over several lines needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'text that holds a colon and a space needs quotes',
  BAD_SCALAR_START: 'put the text in quotes',
  UNEXPECTED_TOKEN: 'text that holds quotes or begins with them needs quotes of the other kind around all of it',
  NON_STRING_KEY: 'a key must be plain text',
  TAG_RESOLVE_FAILED: 'remove the tag, or put the text in quotes',
}

function wordingOf({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a flow file is one document; remove this line --- and what follows it'
  const line = text.slice(text.lastIndexOf('\n', pos[0] - 1) + 1)
  const advice = /^[ ]*\t/.test(line) ? 'a tab indents this line: use spaces' : ADVICE[code]
  return advice ? `${message}; ${advice}` : message
}

function keySpan(text: string, start: number): Span {
  const token =
    /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:,{}]+(?:[ \t]+[^\s:,{}]+)*)/.exec(
      text.slice(start, start + 1024),
    )?.[0] ?? ''
  return { start, end: start + Math.max(token.length, 1) }
}

const unquoted = (token: string): string => token.replace(/^(["'])(.*)\1$/s, '$2')

function findJsonProblem(text: string, document: Document): { span: Span; problem: string } | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1]
    const start = position === undefined ? (document.errors[0]?.pos[0] ?? text.length) : Number(position)
    const at = Math.min(start, text.length)
    return {
      span: { start: at, end: Math.min(at + 1, text.length) },
      problem:
        'this is not JSON from here on; look for a missing or surplus comma, quote or bracket (comments are not allowed)',
    }
  }
}

/** The document parses, but cannot be a tree of ours. */
class NoTree extends Error {
  readonly span: Span
  readonly problem: string | undefined

  /** Without a `problem`, the aliases are too many. */
  constructor(span: Span, problem?: string) {
    super()
    this.span = span
    this.problem = problem
  }
}

function toSource(path: string, text: string, document: Document): ParsedFile {
  try {
    const root = new TreeMaker(document).make(document.contents, { start: 0, end: 0 })
    return { source: { path, text, root } }
  } catch (error) {
    if (!(error instanceof NoTree)) throw error
    const { span, problem } = error
    if (problem) return broken(path, text, span, problem)
    return {
      diagnostics: [diagnose('file/too-many-aliases', { file: bare(path, text), span }, { limit: MAX_ALIASED })],
    }
  }
}

/** Turns the parser's document into plain nodes; an alias becomes what it stands for, at the alias's own place. */
class TreeMaker {
  readonly #document: Document
  #aliased = 0
  #insideAlias = 0

  constructor(document: Document) {
    this.#document = document
  }

  make(node: Node | null | undefined, around: Span): SourceNode {
    const span = spanOfNode(node) ?? around
    if (this.#insideAlias > 0 && ++this.#aliased > MAX_ALIASED) throw new NoTree(span)
    if (isAlias(node)) return this.#makeAlias(node, span)
    if (isSeq(node)) return { kind: 'list', ...span, items: node.items.map((item) => this.make(item as Node, span)) }
    if (isMap(node))
      return {
        kind: 'map',
        ...span,
        entries: node.items.map((pair) => this.#makeEntry(pair.key as Node, pair.value as Node | null)),
      }
    return { kind: 'scalar', ...span, value: isScalar(node) ? scalarValue(node) : null }
  }

  #makeAlias(alias: Alias, span: Span): SourceNode {
    const target = alias.resolve(this.#document)
    if (!target)
      throw new NoTree(
        span,
        `nothing is named &${alias.source} above; write &${alias.source} before the value that is meant`,
      )
    if (this.#insideAlias > MAX_NESTED_ALIASES) throw new NoTree(span)
    this.#insideAlias++
    const made = this.make(target, span)
    this.#insideAlias--
    return { ...made, ...span }
  }

  #makeEntry(keyNode: Node, valueNode: Node | null): MapEntry {
    const keySpan = spanOfNode(keyNode) ?? { start: 0, end: 0 }
    const key = isScalar(keyNode) ? String(keyNode.value) : ''
    if (key === '__proto__') throw new NoTree(keySpan, '__proto__ cannot be a key')
    return { key, keySpan, value: this.make(valueNode, keySpan) }
  }
}

/** What JSON cannot hold, such as the id 12e9876, which YAML takes for a number without end, stays the text that was written. */
function scalarValue({ value, source }: Scalar): string | number | boolean | null {
  if (typeof value === 'number' && !Number.isFinite(value)) return source ?? String(value)
  return (value ?? null) as string | number | boolean | null
}

/** Without the white space and comments that the parser counts to a node's end. */
function spanOfNode(node: Node | null | undefined): Span | undefined {
  const range = node?.range
  return range ? { start: range[0], end: range[1] } : undefined
}

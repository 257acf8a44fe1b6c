import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isScalar,
  isSeq,
  type Node,
  type Scalar,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { type Diagnostic, diagnose } from '../core/diagnostic.ts'
import { MAX_DEPTH } from '../core/json.ts'
import { findJsonProblem, type SyntaxProblem } from '../core/json-problem.ts'
import { neutralise } from '../core/reference.ts'
import type { MapEntry, SourceFile, SourceNode, Span } from '../core/source.ts'
import { suggest } from '../core/suggest.ts'
import type { TextFile } from './folder.ts'
import { parseYaml, TOO_DEEP } from './parse-yaml.ts'
import { decode, linesOf } from './text-problem.ts'
import { explainYamlError } from './yaml-problem.ts'

const MAX_ALIASED = 10_000

/** A parsed file, or why it does not parse: then nothing else is said of it. */
export type Parse = (file: TextFile) => ParsedFile
export type ParsedFile = { readonly source: SourceFile } | { readonly diagnostics: readonly Diagnostic[] }

/** Parses the bytes of a YAML or JSON file (by the ending of `path`) into a tree that knows its places. */
export function parseFile({ path, bytes }: TextFile): ParsedFile {
  const decoded = decode(bytes)
  if (decoded.problem) return broken(path, decoded.text, decoded.problem)
  const text = linesOf(decoded.text)
  const jsonProblem = path.toLowerCase().endsWith('.json') ? findJsonProblem(text) : undefined
  if (jsonProblem) return broken(path, text, jsonProblem)
  const parsed = parseYaml(text)
  if ('tooDeep' in parsed) return broken(path, text, tooDeepAt(parsed.tooDeep))
  const { document, errors } = parsed
  const [syntax] = errors
  if (syntax) return broken(path, text, explainYamlError(syntax, text, document))
  return toSource(path, text, document)
}

const broken = (path: string, text: string, { start, end, problem }: SyntaxProblem): { diagnostics: Diagnostic[] } => ({
  diagnostics: [diagnose('file/syntax', { file: bare(path, text), span: { start, end } }, { problem })],
})

const tooDeepAt = (start: number): SyntaxProblem => ({ start, end: start + 1, problem: TOO_DEEP })

const bare = (path: string, text: string): SourceFile => ({
  path,
  text,
  root: { kind: 'scalar', value: null, start: 0, end: 0 },
})

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
    const maker = new TreeMaker(document)
    const root = maker.make(document.contents, { start: 0, end: 0 })
    const file = bare(path, text)
    const diagnostics = maker.duplicates.map(({ key, keySpan: span }) =>
      diagnose('file/duplicate-key', { file, span }, { key }),
    )
    return diagnostics.length ? { diagnostics } : { source: { path, text, root } }
  } catch (error) {
    if (!(error instanceof NoTree)) throw error
    const { span, problem } = error
    if (problem) return broken(path, text, { ...span, problem })
    return {
      diagnostics: [diagnose('file/too-many-aliases', { file: bare(path, text), span }, { limit: MAX_ALIASED })],
    }
  }
}

/** Turns the parser's document into plain nodes; an alias becomes what it stands for, at the alias's own place. */
class TreeMaker {
  /** The entries whose key leaves as the name of one before it in the same map. */
  readonly duplicates: MapEntry[] = []
  readonly #document: Document
  /** What stands behind each name so far: a name may be given again further down. */
  readonly #anchors = new Map<string, Node>()
  readonly #targets = new Map<Alias, Node>()
  /** The targets around what is being made. */
  readonly #expanding = new Set<Node>()
  #aliased = 0
  #depth = 0
  #outermost: Span = { start: 0, end: 0 }

  constructor(document: Document) {
    this.#document = document
  }

  make(node: Node | null | undefined, around: Span): SourceNode {
    const span = spanOfNode(node) ?? around
    if (isAlias(node)) return this.#makeAlias(node, span)
    if (this.#isInAlias && ++this.#aliased > MAX_ALIASED) throw new NoTree(this.#outermost)
    this.#keepAnchor(node)
    if (!isCollection(node)) return { kind: 'scalar', ...span, value: isScalar(node) ? scalarValue(node) : null }
    if (this.#depth === MAX_DEPTH) throw this.#tooDeep(span)
    this.#depth++
    const made = this.#makeCollection(node, span)
    this.#depth--
    return made
  }

  get #isInAlias(): boolean {
    return this.#expanding.size > 0
  }

  #keepAnchor(node: Node | null | undefined): void {
    if (!isAlias(node) && node?.anchor && !this.#isInAlias) this.#anchors.set(node.anchor, node)
  }

  #tooDeep({ start }: Span): NoTree {
    return new NoTree(this.#isInAlias ? this.#outermost : tooDeepAt(start), TOO_DEEP)
  }

  #makeCollection(node: YAMLMap | YAMLSeq, span: Span): SourceNode {
    if (isSeq(node)) return { kind: 'list', ...span, items: node.items.map((item) => this.make(item as Node, span)) }
    const entries = node.items.map((pair) => this.#makeEntry(pair.key as Node, pair.value as Node | null))
    if (!this.#isInAlias) this.#keepDuplicates(entries)
    return { kind: 'map', ...span, entries }
  }

  #keepDuplicates(entries: readonly MapEntry[]): void {
    const names = new Set<string>()
    for (const entry of entries) {
      const name = neutralise(entry.key)
      if (names.has(name)) this.duplicates.push(entry)
      names.add(name)
    }
  }

  #makeAlias(alias: Alias, span: Span): SourceNode {
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source)
    if (!target) throw new NoTree(span, unknownAlias(alias.source, this.#document))
    this.#targets.set(alias, target)
    if (!this.#isInAlias) this.#outermost = span
    // Inside of what it stands for, it never ends.
    if (this.#expanding.has(target)) throw new NoTree(this.#outermost)
    this.#expanding.add(target)
    const made = this.make(target, span)
    this.#expanding.delete(target)
    return { ...made, ...span }
  }

  #makeEntry(keyNode: Node, valueNode: Node | null): MapEntry {
    this.#keepAnchor(keyNode)
    const keySpan = spanOfNode(keyNode) ?? { start: 0, end: 0 }
    const key = isScalar(keyNode) ? String(keyNode.value) : ''
    const isPlain = isScalar(keyNode) && keyNode.type === 'PLAIN'
    if (key === '__proto__') throw new NoTree(keySpan, '__proto__ cannot be a key')
    if (isPlain && key === '<<')
      throw new NoTree(keySpan, 'maps are not merged here; write the keys out in place of <<')
    if (isPlain && !valueNode && MISSING_SPACE.test(key))
      throw new NoTree(keySpan, 'a space is missing after the colon')
    return { key, keySpan, value: this.make(valueNode, keySpan) }
  }
}

const MISSING_SPACE = /^[^\s:]+:[^\s/]/

function unknownAlias(name: string, document: Document): string {
  const names = new Set<string>()
  visit(document, {
    Node(_, node) {
      if (!isAlias(node) && node.anchor) names.add(node.anchor)
    },
  })
  const [near] = suggest(name, names)
  if (near !== undefined && near !== name) return `nothing is named &${name}; did you mean *${near}?`
  return `text that begins with * needs quotes; or write &${name} before a value above, to repeat it here`
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

import type * as z from 'zod'
import { type Diagnostic, diagnose, either, quote } from './diagnostic.ts'
import { entriesOf, entryOf, nodeAt, type Path, renameKey, type SourceFile, type SourceNode, toData } from './source.ts'
import { suggest } from './suggest.ts'
import { SURFACES } from './surface.ts'

type Issue = z.core.$ZodIssue
type Schema = z.core.$ZodType

/** The file as its schema sees it: misspelt keys are read as what they were meant to be, so that a mistake is told once. */
export interface Validated {
  readonly source: SourceFile
  readonly diagnostics: readonly Diagnostic[]
}

const MAX_ROUNDS = 20

/** Holds a parsed file against its schema. */
export function validate(source: SourceFile, schema: Schema & z.ZodType): Validated {
  const misspelt: Diagnostic[] = []
  let file = source
  for (let round = 0; ; round++) {
    const data = toData(file.root)
    const issues = (schema.safeParse(data).error?.issues ?? []).flatMap((issue) => flatten(issue, file.root))
    const renamed = round < MAX_ROUNDS ? correctKeys(file, issues, schema, misspelt) : file
    if (renamed === file)
      return {
        source: file,
        diagnostics: [...misspelt, ...issues.flatMap((issue) => diagnoseIssue(file, issue, schema))],
      }
    file = renamed
  }
}

/** Of a union only the branch for this kind of value is of interest; where there is none, the union itself. */
function flatten(issue: Issue, root: SourceNode): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  if (nodeAt(root, issue.path) === undefined) return [issue]
  const branches = issue.errors.filter((errors) => !errors.some(isOfAnotherKind))
  const [branch] = branches
  if (branches.length !== 1 || !branch) return [issue]
  return branch.flatMap((inner) => flatten({ ...inner, path: [...issue.path, ...inner.path] } as Issue, root))
}

const isOfAnotherKind = ({ code, path }: Issue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'custom')

/** Renames unknown keys whose nearest known key is missing, and says so once. */
function correctKeys(file: SourceFile, issues: readonly Issue[], schema: Schema, misspelt: Diagnostic[]): SourceFile {
  let corrected = file
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue
    for (const key of issue.keys) {
      const known = keysAt(schema, issue.path)
      const [meant] = suggest(key, known)
      const map = nodeAt(corrected.root, issue.path)
      const entry = entryOf(map, key)
      if (!meant || !entry || entryOf(map, meant)) continue
      misspelt.push(diagnose('config/unknown-key', { file, span: entry.keySpan }, { word: key, known, near: [meant] }))
      corrected = { ...corrected, root: renameKey(corrected.root, issue.path, key, meant) }
    }
  }
  return corrected
}

function diagnoseIssue(file: SourceFile, issue: Issue, schema: Schema): Diagnostic[] {
  const parent = nodeAt(file.root, issue.path.slice(0, -1)) ?? file.root
  const last = issue.path.at(-1)
  const node = nodeAt(file.root, issue.path)
  if (issue.code === 'unrecognized_keys') return diagnoseKeys(file, issue, schema)
  if (node === undefined) {
    const advice =
      last === 'from' && isValueItself(parent, keysAt(schema, issue.path.slice(0, -1)))
        ? 'a map that is itself the value stands under it: { from: { … } }'
        : undefined
    return [diagnose('config/missing-key', { file, span: parent }, { keys: [String(last)], advice })]
  }
  if (issue.code === 'invalid_key')
    return [
      diagnose(
        'config/wrong-type',
        { file, span: entryOf(parent, String(last))?.keySpan ?? node },
        { expected: 'a name', found: 'an empty key' },
      ),
    ]
  if (
    issue.code === 'invalid_value' &&
    issue.values[0] === SURFACES[0] &&
    node.kind === 'scalar' &&
    typeof node.value === 'string'
  ) {
    const list = String(issue.path.at(-2))
    return [
      diagnose(
        'visibility/unknown-surface',
        { file, span: node },
        { word: node.value, list, near: suggest(node.value, SURFACES) },
      ),
    ]
  }
  const key = issue.path.findLast((step) => typeof step === 'string')
  const expected = expectedBy(issue, node) + surfacesAt(last, node)
  return [diagnose('config/wrong-type', { file, span: node }, { key, expected, found: describe(file, node) })]
}

/** A variable's map with none of the long form's keys is meant as a value; that `from` is missing says so. */
const isValueItself = (node: SourceNode | undefined, known: readonly string[]): boolean =>
  known.includes('from') && !entriesOf(node).some(({ key }) => known.includes(key))

function diagnoseKeys(file: SourceFile, issue: z.core.$ZodIssueUnrecognizedKeys, schema: Schema): Diagnostic[] {
  const node = nodeAt(file.root, issue.path)
  const known = keysAt(schema, issue.path)
  if (isValueItself(node, known)) return []
  return issue.keys.map((key) => {
    const span = entryOf(node, key)?.keySpan ?? file.root
    const near = suggest(key, known)
    const elsewhere = near.length ? [] : [...new Set(placesOf(schema, key))]
    const advice = near.length ? undefined : adviceOnText(file, node, key)
    return diagnose('config/unknown-key', { file, span }, { word: key, known, near, elsewhere, advice })
  })
}

/** In braces, a comma ends text that has no quotes, and what follows it is read as a key. */
function adviceOnText(file: SourceFile, map: SourceNode | undefined, key: string): string | undefined {
  const entries = entriesOf(map)
  const before = entries[entries.findIndex((entry) => entry.key === key) - 1]?.value
  if (!map || !file.text.startsWith('{', map.start) || before?.kind !== 'scalar') return undefined
  const written = file.text.slice(before.start, before.end)
  if (/^[“”„‘’«]/.test(written)) return `${written[0]} is no quote here: type "`
  return /^[^"'].*\s/s.test(written) ? 'if it belongs to the text before it, put that text in quotes' : undefined
}

/** What stands in a list of surfaces, where something else stands in its place. */
const surfacesAt = (key: PropertyKey | undefined, node: SourceNode): string =>
  node.kind !== 'list' && (key === 'visible_to' || key === 'capture_type') ? ` of ${either(SURFACES)}` : ''

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  null: 'null',
}

function expectedBy(issue: Issue, node: SourceNode): string {
  switch (issue.code) {
    case 'invalid_type': {
      const kind = KINDS[issue.expected] ?? issue.expected
      if (node.kind !== 'scalar' || node.value === null) return kind
      if (kind === 'text') return 'text (put it in quotes)'
      if (kind === 'a map' && /^[\w-]+:\S/.test(String(node.value))) return 'a map (a space is missing after the colon)'
      return kind === 'a list' && isOneLine(node.value) ? 'a list (put it in brackets)' : kind
    }
    case 'invalid_value':
      return either(issue.values.map(String)) + didYouMean(node, issue.values.map(String))
    case 'too_small':
      return issue.origin === 'string' ? 'text that is not empty' : 'at least one entry'
    case 'invalid_union':
      return eitherOf(
        issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? [expectedBy(inner, node)] : [])),
      )
    default:
      return issue.message
  }
}

const isOneLine = (value: unknown): boolean => typeof value === 'string' && !value.includes('\n')

/** Without what another of them says too. */
const eitherOf = (kinds: readonly string[]): string =>
  either([...new Set(kinds)].filter((kind, _, all) => !all.some((other) => other !== kind && other.includes(kind))))

function didYouMean(node: SourceNode, words: readonly string[]): string {
  const [near] = node.kind === 'scalar' ? suggest(String(node.value), words) : []
  return near === undefined ? '' : ` (did you mean ${quote(near)}?)`
}

const MAX_SHOWN = 40

function describe(file: SourceFile, node: SourceNode): string {
  if (node.kind === 'map') return entriesOf(node).length ? 'a map' : 'an empty map'
  if (node.kind === 'list') return node.items.length ? 'a list' : 'an empty list'
  if (node.value === null) return isComment(file, node) ? 'nothing (what stands behind # is a comment)' : 'nothing'
  if (typeof node.value !== 'string') return asWritten(file, node) ?? String(node.value)
  const characters = [...node.value]
  const shown = characters.length > MAX_SHOWN ? `${characters.slice(0, MAX_SHOWN).join('')}…` : node.value
  return `the text ${quote(shown)}`
}

const isComment = (file: SourceFile, node: SourceNode): boolean =>
  /^[ \t]*#/.test(file.text.slice(node.end, node.end + 99))

/** A number as it stands in the file, 007 and not 7; an alias stands for one elsewhere. */
function asWritten(file: SourceFile, { start, end }: SourceNode): string | undefined {
  const text = file.text.slice(start, end)
  return text !== '' && !text.startsWith('*') ? text : undefined
}

/** The keys that the schema knows at a path, in its own order. */
function keysAt(schema: Schema, path: Path): string[] {
  let found: Schema | undefined = schema
  for (const step of path) found = found && stepInto(found, step)
  const shape = found && objectIn(found)
  return shape ? Object.keys(shape) : []
}

/** Where the schema knows a key, as a sentence says it. */
function placesOf(schema: Schema, key: string, place = 'at the top of the file'): string[] {
  const def = (schema as z.core.$ZodTypes)._zod.def
  const below = place.replace(/^in /, 'in an entry of ')
  if (def.type === 'optional') return placesOf(def.innerType, key, place)
  if (def.type === 'array') return placesOf(def.element, key, below)
  if (def.type === 'record') return placesOf(def.valueType, key, below)
  if (def.type === 'union') return def.options.flatMap((option) => placesOf(option, key, place))
  if (def.type !== 'object') return []
  const inside = Object.entries(def.shape).flatMap(([name, child]) => placesOf(child, key, `in ${name}`))
  return Object.hasOwn(def.shape, key) ? [place, ...inside] : inside
}

function objectIn(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  const def = (schema as z.core.$ZodTypes)._zod.def
  if (def.type === 'object') return def.shape
  if (def.type === 'optional') return objectIn(def.innerType)
  if (def.type !== 'union') return undefined
  return def.options.map(objectIn).find((shape) => shape !== undefined)
}

function stepInto(schema: Schema, step: PropertyKey): Schema | undefined {
  const def = (schema as z.core.$ZodTypes)._zod.def
  if (def.type === 'optional') return stepInto(def.innerType, step)
  if (def.type === 'object') return def.shape[String(step)]
  if (def.type === 'record') return def.valueType
  if (def.type === 'array') return def.element
  if (def.type === 'union')
    return def.options.map((option) => stepInto(option, step)).find((found) => found !== undefined)
  return undefined
}

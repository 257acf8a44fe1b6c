import type { z } from 'zod'
import { type Diagnostic, diagnose, either } from './diagnostic.ts'
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
  if (issue.code === 'unrecognized_keys')
    return issue.keys.flatMap((key) => {
      const known = keysAt(schema, issue.path)
      const span = entryOf(node, key)?.keySpan ?? file.root
      return diagnose('config/unknown-key', { file, span }, { word: key, known, near: suggest(key, known) })
    })
  if (node === undefined) return [diagnose('config/missing-key', { file, span: parent }, { keys: [String(last)] })]
  if (issue.code === 'invalid_key')
    return [
      diagnose(
        'config/wrong-type',
        { file, span: entryOf(parent, String(last))?.keySpan ?? node },
        { expected: 'a name', found: describe(node) },
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
  const found = describe(node)
  return [diagnose('config/wrong-type', { file, span: node }, { expected: expectedBy(issue, node), found })]
}

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
      const quotable = kind === 'text' && node.kind === 'scalar' && node.value !== null
      return quotable ? 'text (put it in quotes)' : kind
    }
    case 'invalid_value':
      return either(issue.values.map(String)) + didYouMean(node, issue.values.map(String))
    case 'too_small':
      return issue.origin === 'string' ? 'text that is not empty' : 'at least one entry'
    case 'invalid_union':
      return either([
        ...new Set(issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? [expectedBy(inner, node)] : []))),
      ])
    default:
      return issue.message
  }
}

function didYouMean(node: SourceNode, words: readonly string[]): string {
  const [near] = node.kind === 'scalar' ? suggest(String(node.value), words) : []
  return near === undefined ? '' : ` (did you mean ${JSON.stringify(near)}?)`
}

const MAX_SHOWN = 40

function describe(node: SourceNode): string {
  if (node.kind === 'map') return entriesOf(node).length ? 'a map' : 'an empty map'
  if (node.kind === 'list') return node.items.length ? 'a list' : 'an empty list'
  if (node.value === null) return 'nothing'
  const text = JSON.stringify(node.value)
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text
  return typeof node.value === 'string' ? `the text ${shown}` : shown
}

/** The keys that the schema knows at a path, in its own order. */
function keysAt(schema: Schema, path: Path): string[] {
  let found: Schema | undefined = schema
  for (const step of path) found = found && stepInto(found, step)
  const shape = found && objectIn(found)
  return shape ? Object.keys(shape) : []
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

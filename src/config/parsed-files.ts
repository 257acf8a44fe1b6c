import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { SourceNode } from '../core/source.ts'
import type { FlowFolder, TextFile } from './folder.ts'
import type { Parse, ParsedFile } from './parse-file.ts'
import { decode, linesOf } from './text-problem.ts'

/** Beside the program that was built with it. */
const KEPT = new URL('../../dist/parsed-files.json', import.meta.url)

/** The trees of files that were parsed when the program was built, by kind and SHA-256 of their bytes. */
type Trees = Readonly<Record<string, SourceNode>>

const filesOf = ({ flows, policy }: FlowFolder): readonly TextFile[] => (policy ? [...flows, policy] : flows)

/** Parses the files of a folder once, for every start of this build. Those with mistakes are left for the start to report. */
export async function keepParsed(folder: FlowFolder, parse: Parse): Promise<void> {
  const trees: Record<string, SourceNode> = {}
  for (const file of filesOf(folder)) {
    const parsed = parse(file)
    if ('source' in parsed) trees[nameOf(file)] = parsed.source.root
  }
  await writeFile(KEPT, JSON.stringify(trees))
}

/** What parses a folder: for files that are byte for byte what the build has parsed, the parser is not even loaded. */
export async function parserFor(folder: FlowFolder): Promise<Parse> {
  const trees: Trees = await readFile(KEPT, 'utf8').then(JSON.parse, () => ({}))
  const recall = (file: TextFile): ParsedFile | undefined => {
    const root = trees[nameOf(file)]
    return root && { source: { path: file.path, text: linesOf(decode(file.bytes).text), root } }
  }
  const known = new Map(filesOf(folder).map((file) => [file, recall(file)]))
  const isNew = [...known.values()].includes(undefined)
  const { parseFile } = isNew ? await import('./parse-file.ts') : { parseFile: neverNeeded }
  return (file) => known.get(file) ?? parseFile(file)
}

const neverNeeded = ({ path }: TextFile): never => {
  throw new Error(`${path} is none of the folder's files`)
}

/** JSON and YAML are parsed by different rules. */
const nameOf = ({ path, bytes }: TextFile): string =>
  `${path.toLowerCase().endsWith('.json') ? 'json' : 'yaml'} ${createHash('sha256').update(bytes).digest('hex')}`

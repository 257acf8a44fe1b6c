import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { SourceNode } from '../core/source.ts'
import type { FlowFolder, TextFile } from './folder.ts'
import { parseFile } from './parse-file.ts'

/** Beside the program that was built with it. */
const KEPT = new URL('../../dist/parsed-files.json', import.meta.url)

/** The trees of files that were parsed when the program was built, by the SHA-256 of their bytes. */
type ParsedFiles = Readonly<Record<string, SourceNode>>

const filesOf = ({ flows, policy }: FlowFolder): readonly TextFile[] => (policy ? [...flows, policy] : flows)

/** Parses the files of a folder once, for every start of this build. Those with mistakes are left for the start to report. */
export async function keepParsed(folder: FlowFolder): Promise<void> {
  const trees: Record<string, SourceNode> = {}
  for (const file of filesOf(folder)) {
    const parsed = parseFile(file)
    if ('source' in parsed) trees[nameOf(file)] = parsed.source.root
  }
  await writeFile(KEPT, JSON.stringify(trees))
}

/** The folder, and the trees of those of its files that are byte for byte what the build has parsed. */
export async function recallParsed(folder: FlowFolder): Promise<FlowFolder> {
  const trees: ParsedFiles = await readFile(KEPT, 'utf8').then(JSON.parse, () => ({}))
  const recall = (file: TextFile): TextFile => ({ ...file, tree: trees[nameOf(file)] })
  return { ...folder, flows: folder.flows.map(recall), policy: folder.policy && recall(folder.policy) }
}

/** JSON and YAML are parsed by different rules. */
const nameOf = ({ path, bytes }: TextFile): string =>
  `${path.toLowerCase().endsWith('.json') ? 'json' : 'yaml'} ${createHash('sha256').update(bytes).digest('hex')}`

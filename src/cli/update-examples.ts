import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { applyEdits, TextEditor } from '../config/edit-text.ts'
import { parseFile } from '../config/parse-file.ts'
import { linesOf } from '../config/text-problem.ts'
import type { JsonMap } from '../core/json.ts'
import type { Example } from '../core/plan.ts'
import { childOf, itemsOf, nodeAt, type SourceFile, toData } from '../core/source.ts'
import { isSurface } from '../core/surface.ts'
import {
  type ExampleResult,
  expectationsOf,
  firstExpectations,
  type Outcome,
  outcomeOf,
} from '../webhook/run-example.ts'
import { CannotRunError } from './command.ts'

const BOM = '\uFEFF'

/** Writes what came into the examples of `results`. Where the new text of any file would not say it, no file is touched. */
export async function updateExamples(results: readonly ExampleResult[], folder: string): Promise<void> {
  const files = new Set(results.map(({ example }) => example.file))
  const updated = [...files].map((file) => {
    const own = results.filter(({ example }) => example.file === file)
    return { path: join(folder, file.path), before: file.text, after: updatedText(file, own) }
  })
  for (const { path, before, after } of updated) {
    const text = await readFile(path, 'utf8')
    if (linesOf(text.replace(BOM, '')) !== before)
      throw new CannotRunError(`${path} has just been changed; run this again`)
    const lines = text.includes('\r') && !text.includes('\n') ? after.replaceAll('\n', '\r') : after
    await writeFile(path, text.startsWith(BOM) ? `${BOM}${lines}` : lines)
  }
}

function updatedText(file: SourceFile, results: readonly ExampleResult[]): string {
  const editor = new TextEditor(file)
  const wanted = results.map(({ example, answered }) => {
    if ('failure' in answered) throw new Error('an example without an answer has nothing to write')
    return { example, data: updatedExample(example, outcomeOf(answered)) }
  })
  for (const { example, data } of wanted) editor.change(example.node, data)
  const text = applyEdits(file.text, editor.edits)
  const parsed = parseFile({ path: file.path, bytes: Buffer.from(text) })
  for (const { example, data } of wanted) {
    const path = ['examples', itemsOf(childOf(file.root, 'examples')).indexOf(example.node)]
    const node = 'source' in parsed ? nodeAt(parsed.source.root, path) : undefined
    if (!node || !isDeepStrictEqual(plain(toData(node)), plain(data)))
      throw new CannotRunError(
        `the example "${example.name}" of ${file.path} cannot be updated in place: write its expectations out, without anchors and aliases`,
      )
  }
  return text
}

/** An example that expects what came; where it expected nothing, what the surfaces see, else the missing names or the answer. */
function updatedExample(example: Example, came: Outcome): JsonMap {
  const data = toData(example.node) as JsonMap
  const expected = expectationsOf(example).map(([of]) => of)
  const chosen = expected.length ? expected : firstExpectations(came)
  for (const of of chosen)
    if (isSurface(of)) data.sees = { ...(data.sees as JsonMap | undefined), [of]: came[of] }
    else data[of] = came[of]
  return data
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

import { applyEdits, TextEditor } from '../config/edit-text.ts'
import { type JsonMap, put } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { childOf, itemsOf, toData } from '../core/source.ts'
import { isSurface } from '../core/surface.ts'
import { answer } from '../webhook/answer.ts'
import { requestFor } from '../webhook/request-for.ts'
import { firstExpectations, outcomeOf } from '../webhook/run-example.ts'
import { parametersOf } from './parameters-of.ts'
import type { Edited } from './project.ts'

/** The text of a file with one more example: these parameters, and what comes of them. Comments and order stay. */
export function addExample(
  edited: Edited,
  { file, tag, parameters }: { file: string; tag: string; parameters: JsonMap },
): { readonly text: string; readonly name: string } | { readonly refused: string } {
  const { configuration, broken } = edited
  const source = edited.sourceOf(file)
  const plan = configuration?.plans.find((candidate) => candidate.place.file === file && candidate.tag === tag)
  if (!configuration || !plan || !source || source.root.kind !== 'map' || broken.has(file))
    return { refused: 'Mend the errors of the file first: an example tells what comes of a request.' }
  const used = usedBy(plan, parameters)
  const answered = answer(configuration, requestFor(plan, used))
  if ('failure' in answered) return { refused: 'This request gets no answer, so that there is nothing to expect.' }
  const came = outcomeOf(answered)
  const example: JsonMap = { name: newName(edited, file, tag), tag, parameters: used }
  for (const of of firstExpectations(came))
    if (isSurface(of)) example.sees = { ...(example.sees as JsonMap | undefined), [of]: came[of] }
    else example[of] = came[of]
  const editor = new TextEditor(source)
  const known = childOf(source.root, 'examples')
  editor.set(source.root, 'examples', [...itemsOf(known).map(toData), example])
  return { text: applyEdits(source.text, editor.edits), name: String(example.name) }
}

/** Only what the capture refers to: a captured request holds much else, that nobody needs to keep. */
function usedBy(plan: Plan, parameters: JsonMap): JsonMap {
  const names = parametersOf(plan).filter(({ scope }) => scope === 'parameters' || scope === 'page')
  const used: JsonMap = {}
  for (const [key, value] of Object.entries(parameters))
    if (names.some(({ name, references }) => isNamed(key, name, references))) put(used, key, value)
  return used
}

/** A parameter may be called `a.b` where the file says `$session.params.a.b`. */
const isNamed = (key: string, name: string, references: readonly string[]): boolean => {
  const lower = key.toLowerCase()
  return lower === name.toLowerCase() || references.some((text) => text.toLowerCase().includes(`.params.${lower}`))
}

function newName({ loaded }: Edited, file: string, tag: string): string {
  const names = new Set(loaded.examples.filter((example) => example.file.path === file).map(({ name }) => name))
  let count = 1
  while (names.has(nameOf(tag, count))) count++
  return nameOf(tag, count)
}

const nameOf = (tag: string, count: number): string => `${tag} from the studio${count > 1 ? ` ${count}` : ''}`

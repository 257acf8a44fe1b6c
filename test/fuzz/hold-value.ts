import assert from 'node:assert/strict'
import { Names, neutralise, type Part, parseReferences, type Turn } from '../../src/core/reference.ts'
import { compileTemplate, evaluate, NO_GUARD, namesOf } from '../../src/core/template.ts'

const write = (part: Part): string => (typeof part === 'string' ? part.replaceAll('$', '$$$$') : `$${part.text}`)
const isText = (part: Part): boolean => typeof part === 'string'

/** What must be true of the references in any text. */
export function holdText(text: string, read: typeof parseReferences = parseReferences): void {
  const { parts, bad } = read(text)
  for (const { text: quoted } of bad) assert.ok(text.includes(quoted), quoted)
  assert.deepEqual(read(parts.map(write).join('')), { parts, bad: [] }, 'what is written back reads the same')
  for (const part of parts) {
    if (typeof part === 'string') continue
    assert.ok(text.includes(`$${part.text}`), part.text)
    for (const name of part.names) for (const piece of name.split('.')) assert.ok(part.text.includes(piece), name)
  }
  const quiet = neutralise(text)
  assert.equal(neutralise(quiet), quiet)
  assert.equal(quiet.replaceAll('＄', '$'), text.replaceAll('＄', '$'))
  assert.ok(read(quiet).parts.every(isText), 'a reference is live')
}

const scope = {
  x: 1,
  a: { b: [{ c: 'd' }, null], original: 'o' },
  'a.b': 'dotted',
  city: 'Osaka',
  A: 'upper',
}
const TURN: Turn = {
  session: scope,
  intent: { a: { originalValue: 'said', resolvedValue: scope } },
  page: scope,
  payload: { a: scope },
  utterance: 'said',
}

const textsIn = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** What must be true of any value of a flow file: it compiles to the same, and comes to the same in a turn. */
export function holdValue(value: unknown): void {
  for (const text of textsIn(value)) holdText(text)
  const [template, again] = [compileTemplate(value, () => {}), compileTemplate(value, () => {})]
  assert.deepEqual(again, template)
  namesOf({ key: 'v', template })
  const [result, repeated] = [template, again].map((each) => evaluate(each, TURN, new Names(), NO_GUARD))
  assert.deepEqual(repeated, result)
  assert.notEqual(JSON.stringify(result ?? ''), undefined)
}

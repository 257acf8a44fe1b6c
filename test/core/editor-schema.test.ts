import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Ajv, type ValidateFunction } from 'ajv'
import fc from 'fast-check'
import { parseFile } from '../../src/config/parse-file.ts'
import { compileFlow, compilePolicyFile } from '../../src/core/compile-flow.ts'
import { type Code, type Diagnostic, messageOf } from '../../src/core/diagnostic.ts'
import { flowFileEditorSchema, type JsonSchema, policyEditorSchema } from '../../src/core/editor-schema.ts'
import { NO_POLICY } from '../../src/core/policy.ts'
import { type SourceFile, toData } from '../../src/core/source.ts'
import { SAMPLES } from '../samples.ts'
import { CHOICES, Draw, drawCase, isMap, type Json, writeFlowFile } from '../webhook/random-case.ts'
import { isRuled, limitOf } from '../webhook/who-may-see.ts'

const BAD = join(import.meta.dirname, '..', 'fixtures', 'bad')
const RUNS = process.env.CI ? 3_000 : 500
const SEED = Number(process.env.FC_SEED ?? Math.floor(Math.random() * 2 ** 31))

const ajv = new Ajv({ strict: false, allErrors: true })
const flow = ajv.compile(flowFileEditorSchema())
const policy = ajv.compile(policyEditorSchema())

/** What an editor finds by the schema; all else needs the compiler. */
const IN_THE_SCHEMA: ReadonlySet<Code> = new Set([
  'config/unknown-key',
  'config/missing-key',
  'config/wrong-type',
  'visibility/unknown-surface',
  'visibility/missing-capture-type',
  'visibility/not-declared',
])

const parse = (path: string, bytes: Uint8Array): SourceFile | undefined => {
  const parsed = parseFile({ path, bytes })
  return 'source' in parsed ? parsed.source : undefined
}

function agree(schema: ValidateFunction, source: SourceFile, diagnostics: readonly Diagnostic[]): void {
  const data: unknown = toData(source.root)
  const found = diagnostics.filter(({ code }) => IN_THE_SCHEMA.has(code))
  const compiler = found.map((diagnostic) => `line ${diagnostic.line}: ${messageOf(diagnostic)}`)
  const isValid = schema(data)
  const shown = `${source.text}\ncompiler: ${compiler.join('\n') || 'fine'}\nschema: ${ajv.errorsText(schema.errors)}`
  assert.equal(isValid, compiler.length === 0, shown)
}

const agreeOnFlow = (source: SourceFile): void => agree(flow, source, compileFlow(source, NO_POLICY).diagnostics)
const agreeOnPolicy = (source: SourceFile): void => agree(policy, source, compilePolicyFile(source).diagnostics)

test('both are JSON Schemas of draft 7', () => {
  for (const schema of [flowFileEditorSchema(), policyEditorSchema()]) {
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#')
    assert.ok(ajv.validateSchema(schema))
  }
})

for (const [folder, files] of [
  [SAMPLES, readdirSync(SAMPLES).filter((file) => file.endsWith('.yaml'))],
  [BAD, readdirSync(BAD).filter((file) => /\.(?:flow|policy)\.\w+$/.test(file))],
] as const)
  for (const file of files)
    test(`the schema and the compiler agree: ${file}`, () => {
      const source = parse(file, readFileSync(join(folder, file)))
      if (!source) return
      if (/(?:^|\.)policy\./.test(file)) agreeOnPolicy(source)
      else agreeOnFlow(source)
    })

const EXAMPLES = [
  { name: 'n', tag: 'random', parameters: { a: 1 }, sees: { agent: { a: 1 } }, missing: ['b'], answer: {} },
]
const FULL: Json = { flow_id: ['a-1', 'b'], agent_id: 'c', $schema: 'flow.schema.json', examples: EXAMPLES }
const drawFile = (draw: Draw): Json => ({ ...writeFlowFile(drawCase(draw, limitOf, isRuled)), ...FULL })

const numbers = fc.array(fc.nat(CHOICES - 1), { maxLength: 400 })
const sourceOf = (data: unknown): SourceFile => {
  const source = parse('random.json', Buffer.from(JSON.stringify(data)))
  assert.ok(source)
  return source
}

test('the schema and the compiler agree on random files', () => {
  const property = fc.property(numbers, (list) => agreeOnFlow(sourceOf(drawFile(new Draw(list)))))
  fc.assert(property, { numRuns: RUNS, seed: SEED })
})

/** Keys and values that stand, or nearly stand, somewhere in a flow file. */
const KEYS = [
  'from',
  'default',
  'format',
  'mask',
  'visible_to',
  'variables',
  'then',
  'ujet',
  'set_parameters',
  'action',
]
const MORE_KEYS = ['type', 'session_variable', 'payload', 'capture_type', 'capture_target', 'required', 'frm', 'x', '']
const VALUES: readonly unknown[] = [null, '', 'x', 'agent', 'money', 'last4', 'end_user_response', 0, true, [], {}]
const MORE_VALUES: readonly unknown[] = [['agent'], ['agents'], [null], { from: 'x' }, { default: 1 }, { x: 1 }]

/** One change at a random place. */
function change(value: unknown, draw: Draw): unknown {
  if (draw.often(25)) return draw.one([...VALUES, ...MORE_VALUES])
  if (Array.isArray(value) && value.length) {
    const at = draw.int(value.length)
    return value.map((item, i) => (i === at ? change(item, draw) : item))
  }
  if (!isMap(value)) return draw.one(VALUES)
  const key = draw.one(Object.keys(value))
  const added = draw.one([...KEYS, ...MORE_KEYS])
  const kind = draw.int(10)
  if (key === undefined || kind < 2) return { ...value, [added]: draw.one([...VALUES, ...MORE_VALUES]) }
  if (kind < 4) return Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))
  return { ...value, [key]: change(value[key], draw) }
}

test('the schema and the compiler agree on random files with a mistake', () => {
  const property = fc.property(numbers, numbers, (list, mistake) => {
    const changed = change(drawFile(new Draw(list)), new Draw(mistake))
    if (isMap(changed)) agreeOnFlow(sourceOf(changed))
  })
  fc.assert(property, { numRuns: RUNS * 4, seed: SEED })
})

test('the schema and the compiler agree on locales', () => {
  const subtag = fc.stringMatching(/^[a-zA-Z0-9]{1,9}$/)
  const near = fc.constantFrom(
    'en',
    'US',
    'Latn',
    '419',
    'u',
    'x',
    'ca',
    'gregory',
    '1996',
    'zh',
    'min',
    'i',
    'deu',
    't',
  )
  const tags = fc.array(fc.oneof(near, subtag), { minLength: 1, maxLength: 5 }).map((tags) => tags.join('-'))
  const property = fc.property(tags, (locale) => {
    const isValid = flow({ flow: 'F', locale, captures: [] })
    const isLocale = compileFlow(sourceOf({ flow: 'F', locale, captures: [] }), NO_POLICY).diagnostics.length === 0
    assert.ok(isValid || !isLocale, `the schema refuses ${locale}`)
  })
  fc.assert(property, { numRuns: RUNS * 4, seed: SEED })
})

function* partsOf(schema: JsonSchema, path: string): Generator<readonly [path: string, part: JsonSchema]> {
  yield [path, schema]
  for (const [key, part] of Object.entries(schema.properties ?? {}))
    if (typeof part === 'object') yield* partsOf(part, `${path}.${key}`)
  for (const [key, part] of Object.entries({ '[]': schema.items, '*': schema.additionalProperties }))
    if (typeof part === 'object') yield* partsOf(part, `${path}.${key}`)
}

test('every key and every word says what it means', () => {
  for (const [path, part] of [...partsOf(flowFileEditorSchema(), 'flow'), ...partsOf(policyEditorSchema(), 'policy')]) {
    const isField = !path.endsWith('[]') && !path.endsWith('*')
    if (isField) assert.match(String(part.description), /\.$/, path)
    if (Array.isArray(part.enum)) {
      const descriptions = part.enumDescriptions as unknown[]
      assert.equal(descriptions.length, part.enum.length, path)
      for (const text of descriptions) assert.ok(typeof text === 'string' && text, path)
    }
  }
})

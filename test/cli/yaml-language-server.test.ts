import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { FORMAT_MEANINGS, MASK_MEANINGS, SURFACE_MEANINGS } from '../../src/core/meanings.ts'
import { SAMPLES } from '../samples.ts'
import { YamlEditor } from './yaml-editor.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const FLOW = 'flows/new-*.yaml'
const POLICY = 'flows/policy.yaml'

/** As the editor of somebody who opened this repository has them. */
function workspaceSettings(): Record<string, unknown> {
  const settings: Record<string, unknown> = JSON.parse(readFileSync(join(ROOT, '.vscode', 'settings.json'), 'utf8'))
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (name.startsWith('yaml.') ? [[name.slice(5), value]] : [])),
  )
}

const IN_CAPTURE = 'flow: F\ncaptures:\n  - tag: t\n'
const IN_VARIABLES = `${IN_CAPTURE}    visible_to: [agent]\n    variables:\n`
const IN_VARIABLE = `${IN_VARIABLES}      a:\n        from: $session.params.a\n`
const IN_UJET = `${IN_CAPTURE}    ujet:\n      session_variable:\n`

describe('in an editor with the YAML language server', { timeout: 30_000 }, () => {
  let editor: YamlEditor
  before(async () => {
    editor = await YamlEditor.open(ROOT, workspaceSettings())
  })
  after(() => editor.close())

  const descriptionsAt = async (path: string, text: string): Promise<Record<string, string>> =>
    Object.fromEntries(
      [...(await editor.offered(path, text))].map(({ label, documentation }) => [label, documentation]),
    )

  const words: readonly [what: string, path: string, text: string, meanings: Readonly<Record<string, string>>][] = [
    ['surfaces in brackets', FLOW, `${IN_CAPTURE}    visible_to: [§]\n`, SURFACE_MEANINGS],
    ['surfaces behind a comma', FLOW, `${IN_CAPTURE}    visible_to: [agent, §]\n`, SURFACE_MEANINGS],
    ['surfaces behind a dash', FLOW, `${IN_CAPTURE}    visible_to:\n      - §\n`, SURFACE_MEANINGS],
    ['surfaces of a variable', FLOW, `${IN_VARIABLES}      a: { from: b, visible_to: [§] }\n`, SURFACE_MEANINGS],
    ['surfaces of the platform form', FLOW, `${IN_UJET}        capture_type: [§]\n`, SURFACE_MEANINGS],
    ['surfaces of the policy', POLICY, 'parameters:\n  - match: [a]\n    visible_to: [§]\n', SURFACE_MEANINGS],
    ['formats', FLOW, `${IN_VARIABLE}        format: §\n`, FORMAT_MEANINGS],
    ['formats once begun', FLOW, `${IN_VARIABLES}      a: { from: b, format: mo§ }\n`, FORMAT_MEANINGS],
    ['masks', FLOW, `${IN_VARIABLE}        mask: §\n`, MASK_MEANINGS],
  ]
  for (const [what, path, text, meanings] of words)
    test(`offers the ${what}, each with its meaning`, async () => {
      assert.deepEqual(await descriptionsAt(path, text), meanings)
    })

  const keys: readonly [what: string, path: string, text: string, keys: readonly string[]][] = [
    ['a flow file', FLOW, '§', ['flow', 'flow_id', 'agent_id', 'locale', 'captures', 'examples']],
    [
      'a capture',
      FLOW,
      `${IN_CAPTURE}    §\n`,
      ['visible_to', 'variables', 'then', 'ujet', 'set_parameters', 'enabled'],
    ],
    ['a variable', FLOW, `${IN_VARIABLE}        §\n`, ['format', 'mask', 'visible_to', 'default', 'required']],
    ['then', FLOW, `${IN_CAPTURE}    then:\n      §\n`, ['action', 'escalation_reason', 'menu_id', 'language']],
    ['a key of then', FLOW, `${IN_CAPTURE}    then:\n      menu_id:\n        §\n`, ['from', 'default', 'required']],
    ['a session variable', FLOW, `${IN_UJET}        §\n`, ['payload', 'capture_type', 'invisible_to_agent']],
    ['an example', FLOW, 'examples:\n  - name: n\n    §\n', ['tag', 'parameters', 'sees', 'missing', 'answer']],
    ['the policy', POLICY, '§', ['parameters', 'values', 'platform']],
    ['a rule of the policy', POLICY, 'parameters:\n  - match: [a]\n    §\n', ['visible_to', 'reason']],
  ]
  for (const [what, path, text, expected] of keys)
    test(`offers the keys of ${what}, each with its description`, async () => {
      const offered = await editor.offered(path, text)
      for (const key of expected) {
        const [item, ...others] = offered.filter(({ label }) => label === key)
        assert.deepEqual(others, [], `${key} is offered once`)
        assert.match(item?.documentation ?? '', /\.$/, key)
        assert.match(item?.inserted ?? '', new RegExp(`^${key}:`), key)
      }
    })

  test('offers what the platform is known to do next', async () => {
    const offered = await descriptionsAt(FLOW, `${IN_CAPTURE}    then:\n      action: §\n`)
    assert.equal(offered.end, 'The session ends.')
  })

  const hovers: readonly [text: string, expected: readonly RegExp[]][] = [
    [
      `${IN_CAPTURE}    vis§ible_to: [agent]\n`,
      [/^#### visible\\_to\n/, /surfaces/, /```yaml\n- agent\n- comment\n```/],
    ],
    [`${IN_CAPTURE}    visible_to: [agent, com§ment]\n`, [/\* `comment`: The comment of the CRM record\./]],
    [`${IN_CAPTURE}    vari§ables: { a: b }\n`, [/handed over/]],
    [`${IN_VARIABLES}      §a: { from: b }\n`, [/A variable/]],
    [`${IN_VARIABLES}      a: { from: b, for§mat: money }\n`, [/Left out: raw/, /\* `money`: \$1,200\.00/]],
    [`${IN_VARIABLES}      a: { from: b, format: mon§ey }\n`, [/\* `money`: \$1,200\.00/]],
    [`${IN_VARIABLES}      a: { from: b, mask: last§4 }\n`, [/\* `last4`: .*4242/]],
    [`${IN_CAPTURE}    then: { act§ion: end }\n`, [/escalation \(to a queue\)/]],
    [`${IN_UJET}        invisible_to_§agent: [a]\n`, [/CRM comment too/]],
  ]
  for (const [text, expected] of hovers)
    test(`explains what the mouse rests on: ${text.trimEnd().split('\n').at(-1)?.trim()}`, async () => {
      const shown = await editor.hover(FLOW, text)
      for (const pattern of expected) assert.match(shown, pattern)
    })

  // «…» is what must be underlined, and nothing else.
  const mistakes: readonly [what: string, text: string, message?: RegExp][] = [
    ['an unknown key at the top', 'flow: F\n«capture»: []\ncaptures: []\n', /capture is not allowed/],
    ['an unknown key of a capture', `${IN_CAPTURE}    then: { action: end }\n    «variable»: {}\n`],
    ['an unknown key of a variable', `${IN_VARIABLES}      a: { from: b, «formt»: money }\n`],
    ['an unknown key of a long variable', `${IN_VARIABLE}        format: money\n        «msk»: all\n`],
    [
      'an unknown key of a long key of then',
      `${IN_CAPTURE}    then:\n      action: end\n      menu_id: { from: a, «dflt»: 1 }\n`,
    ],
    [
      'an unknown surface under sees',
      'flow: F\ncaptures: []\nexamples:\n  - name: n\n    tag: t\n    sees: { «agents»: {} }\n',
    ],
    [
      'a wrong word for a surface',
      `${IN_CAPTURE}    visible_to: [«agents», comment]\n    then: { action: end }\n`,
      /"agent"/,
    ],
    ['a wrong word for a surface of a variable', `${IN_VARIABLES}      a: { from: b, visible_to: [agent, «crm»] }\n`],
    [
      'a wrong word in capture_type',
      `${IN_UJET}        payload: { a: b }\n        capture_type:\n          - comment\n          - «agents»\n`,
    ],
    ['a wrong format', `${IN_VARIABLE}        format: «mony»\n`, /"money"/],
    ['a wrong mask', `${IN_VARIABLES}      a: { from: b, mask: «last5» }\n`],
    ['a number for the name of the flow', 'flow: «12»\ncaptures: []\n', /Expected text/],
    ['an id with slashes', 'flow: F\nflow_id: «a/b»\ncaptures: []\n', /Expected an id/],
    ['a wrong id in a list', 'flow: F\nflow_id: [a, «b/c»]\ncaptures: []\n'],
    ['a number for an id', 'flow: F\nflow_id: «12»\ncaptures: []\n', /Expected text or a list/],
    ['no language tag', 'flow: F\nlocale: «en_US»\ncaptures: []\n', /such as en-US/],
    ['text for a list', `${IN_CAPTURE}    visible_to: «agent»\n    then: { action: end }\n`, /Expected a list/],
    ['text for true or false', `${IN_VARIABLE}        required: «yes»\n`, /true or false/],
    ['a list for a map', `${IN_CAPTURE}    visible_to: [agent]\n    variables: «[a]»\n`, /\(map\)/],
    ['text for a map', `${IN_CAPTURE}    ujet: «a»\n`],
    ['nothing in a list', `${IN_VARIABLES}      a: [b, «null»]\n`, /Expected text, a number/],
    ['nothing for a key of then', `${IN_CAPTURE}    then: { action: «null» }\n`],
    [
      'true or false for a key of then',
      `${IN_CAPTURE}    then:\n      action: end\n      language: { from: a, required: «maybe» }\n`,
    ],
    ['an empty list of surfaces', `${IN_UJET}        payload: { a: b }\n        capture_type: «[]»\n`],
    ['a variable without from', `${IN_VARIABLES}      «a»: { format: money }\n`, /Missing property "from"/],
    ['a long variable without from', `${IN_VARIABLES}      «a»:\n        format: money\n`],
    [
      'a short variable that nobody may see',
      `${IN_CAPTURE}    variables:\n      a: «b»\n      c: { from: d, visible_to: [] }\n`,
      /visible_to/,
    ],
    ['a long variable that nobody may see', `${IN_CAPTURE}    variables:\n      «a»: { from: b }\n`, /visible_to/],
    [
      'a session variable without capture_type',
      `${IN_CAPTURE}    ujet:\n      «session_variable»: { payload: { a: b } }\n`,
    ],
    ['an action without its name', `${IN_CAPTURE}    «then»: { menu_id: 1 }\n`, /Missing property "action"/],
    // Nothing of the map stands in the file but itself: its first letter.
    ['a flow file without flow', '«c»aptures: []\n', /Missing property "flow"/],
    ['a capture without tag', 'flow: F\ncaptures:\n  - «t»hen: { action: end }\n', /Missing property "tag"/],
    ['a capture with nothing to do', 'flow: F\ncaptures:\n  - «t»ag: t\n', /variables, then, ujet or set_parameters/],
    ['variables beside ujet', `${IN_CAPTURE}    ujet: { action: end }\n    «variables»: { a: b }\n`],
    ['then beside ujet', `${IN_CAPTURE}    ujet: { action: end }\n    «then»: { action: end }\n`],
    [
      'a payload and an answer',
      `${IN_UJET}        capture_target: end_user_response\n        capture_key: a\n        capture_type: [agent]\n        «payload»: {}\n`,
    ],
    ['a session variable in then', `${IN_CAPTURE}    then: { action: end, «session_variable»: {} }\n`],
    ['a reserved parameter', `${IN_CAPTURE}    set_parameters: { «carryover_missing»: null }\n`],
  ]
  describe('underlines', { concurrency: true }, () => {
    for (const [what, marked, message] of mistakes)
      test(what, async () => {
        const found = await editor.underlined(FLOW, marked.replace(/[«»]/g, ''))
        assert.deepEqual(
          found.map(({ range }) => range),
          marksIn(marked),
        )
        for (const { message: text } of found) assert.match(text, message ?? /./)
      })
  })

  test('underlines mistakes of the policy', async () => {
    const marked =
      'parameters:\n  - match: [«"a[b]"»]\n    visible_to: [«agents»]\n    «raison»: r\nvalues:\n  - { detect: «ibn», action: mask }\n'
    const found = await editor.underlined(POLICY, marked.replace(/[«»]/g, ''))
    assert.deepEqual(
      found.map(({ range }) => range),
      marksIn(marked),
    )
  })

  for (const file of readdirSync(SAMPLES).filter((name) => name.endsWith('.yaml')))
    test(`underlines nothing in ${file}`, async () => {
      const text = readFileSync(join(SAMPLES, file), 'utf8')
      assert.deepEqual(await editor.underlined(`flows/${file}`, text), [])
    })

  test('finds the schema by the first line of a file that stands elsewhere', async () => {
    const first = '# yaml-language-server: $schema=../../flows/flow.schema.json'
    const [found] = await editor.underlined('test/cli/new.yaml', `${first}\nflow: F\nfoo: 1\ncaptures: []\n`)
    assert.equal(found?.message, 'Property foo is not allowed.')
  })
})

/** Where the marks stand, as `line:column-column` without the marks, from 1. */
function marksIn(marked: string): string[] {
  return marked.split('\n').flatMap((line, i) =>
    [...line.matchAll(/«(.*?)»/g)].map(({ index, 1: text = '' }, nth) => {
      const start = index + 1 - 2 * nth
      return `${i + 1}:${start}-${start + text.length}`
    }),
  )
}

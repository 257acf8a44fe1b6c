import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { SAMPLES } from '../samples.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const temporary = temporaryFolder()

const CAPTURES = `flow: A
captures:
  # what the agent needs
  - tag: t
    visible_to: [agent, comment]
    variables:
      city: $session.params.city
      budget: { from: $session.params.budget, format: money, visible_to: [agent] }
      name: { from: $session.params.name, required: true, visible_to: [comment] }
  - { tag: bye, then: { action: end } }
`
const GOOD = `${CAPTURES}examples:
  # the usual case
  - name: all   # said by everybody
    tag: t
    parameters: { city: Osaka, budget: { amount: 1200, currency: USD }, name: Ana }
    sees:
      agent: { city: Osaka, budget: "$1,200.00" } # two of them
      comment:
        # the record
        city: Osaka  # a place
        name: Ana
      event: {}
  - { name: none, tag: t, parameters: {}, missing: [name], answer: { sessionInfo: { parameters: { carryover_missing: [name] } } } }
  - { name: bye, tag: bye, answer: { fulfillmentResponse: { messages: [{ payload: { ujet: { type: action, action: end } } }] } } }
# the end
`

describe('carryover test', () => {
  test('the examples of the sample flows pass', async () => {
    const ran = await runCli(['test', SAMPLES])
    assert.equal(ran.code, 0, ran.stdout)
    assert.match(ran.stdout, /\d+ examples: \d+ passed, 0 failed\.\n$/)
  })

  test('expectations of every kind come true', async () => {
    const ran = await runCli(['test', temporary.flow('good', GOOD)])
    assert.equal(ran.code, 0, ran.stdout)
    assert.match(ran.stdout, /a\.yaml:13: all\n.*3 examples: 3 passed, 0 failed/s)
  })

  const BAD = GOOD.replace('city: Osaka, budget: "$1,200.00"', 'city: Osaka, budget: "1200", tier: gold')
    .replace('name: Ana\n', 'name: { first: Ana }\n')
    .replace('missing: [name]', 'missing: [city]')
    .replace('action: end } } }] }', 'action: stop } } }] }')

  test('a failing example shows surface by surface what was expected and what came', async () => {
    const dir = temporary.flow('bad', BAD)
    const ran = await runCli(['test', dir])
    assert.equal(ran.code, 1)
    assert.equal(
      ran.stdout,
      `FAIL  ${dir}/a.yaml:13: all
      agent sees (- expected, + came):
          city: "Osaka"
        - budget: "1200"
        + budget: "$1,200.00"
        - tier: "gold"
      comment sees (- expected, + came):
          city: "Osaka"
        - name.first: "Ana"
        + name: "Ana"

FAIL  ${dir}/a.yaml:23: none
      missing (- expected, + came):
        - [0]: "city"
        + [0]: "name"

FAIL  ${dir}/a.yaml:24: bye
      answer (- expected, + came):
          fulfillmentResponse.messages[0].payload.ujet.type: "action"
        - fulfillmentResponse.messages[0].payload.ujet.action: "stop"
        + fulfillmentResponse.messages[0].payload.ujet.action: "end"

3 examples: 0 passed, 3 failed.
`,
    )
  })

  test('a failing example says what became of its values, and what quotes would change', async () => {
    const dir = temporary.flow(
      'hints',
      `flow: A
captures:
  - tag: t
    visible_to: [agent]
    variables:
      day: { from: $session.params.day, format: date }
      model: $session.params.model
      size: $session.params.size
examples:
  - name: slips
    tag: t
    parameters: { day: next week, model: 3000, size: "12" }
    sees: { agent: { day: Mar 9, 2024, model: "3000", size: 12 } }
`,
    )
    const { stdout, code } = await runCli(['test', dir])
    assert.equal(code, 1)
    assert.ok(stdout.includes('        day does not fit the format date, and went as text.\n'), stdout)
    assert.ok(stdout.includes('        "2024" has no value: text with a comma in it needs quotes.\n'), stdout)
    assert.ok(stdout.includes('        model came as a number: expect it without quotes.\n'), stdout)
    assert.ok(stdout.includes('        size came as text: expect it in quotes.\n'), stdout)
  })

  test('--update writes what came, and leaves every comment, the order and everything else alone', async () => {
    const dir = temporary.flow('update', BAD)
    const ran = await runCli(['test', dir, '--update'])
    assert.equal(ran.code, 0, ran.stderr)
    assert.equal(readFileSync(join(dir, 'a.yaml'), 'utf8'), GOOD)
    assert.equal((await runCli(['test', dir])).code, 0)
    const again = await runCli(['test', dir, '--update'])
    assert.match(again.stdout, /3 examples: 0 updated/)
    assert.equal(readFileSync(join(dir, 'a.yaml'), 'utf8'), GOOD)
  })

  test('--update keeps a byte order mark and the line ends, and JSON files too', async () => {
    const crlf = `\uFEFF${BAD.replaceAll('\n', '\r\n')}`
    const dir = temporary.flow('crlf', crlf)
    const example = { name: 'a', tag: 't', sees: { agent: { a: 2 } } }
    const json = {
      flow: 'J',
      captures: [{ tag: 'j', visible_to: ['agent'], variables: { a: 1 } }],
      examples: [{ ...example, tag: 'j' }],
    }
    const file = temporary.write('crlf/b.json', JSON.stringify(json, null, 4))
    assert.equal((await runCli(['test', dir, '--update'])).code, 0)
    assert.equal(readFileSync(join(dir, 'a.yaml'), 'utf8'), `\uFEFF${GOOD.replaceAll('\n', '\r\n')}`)
    assert.equal(readFileSync(file, 'utf8'), JSON.stringify(json, null, 4).replace('"a": 2', '"a": 1'))
  })

  test('--update keeps lone carriage returns', async () => {
    const dir = temporary.flow('cr', BAD.replaceAll('\n', '\r'))
    const ran = await runCli(['test', dir, '--update'])
    assert.equal(ran.code, 0, ran.stderr)
    assert.equal(readFileSync(join(dir, 'a.yaml'), 'utf8'), GOOD.replaceAll('\n', '\r'))
  })

  test('an example that expects nothing is told so, and --update fills it', async () => {
    const dir = temporary.flow(
      'fill',
      `${CAPTURES}examples:
  - name: all
    tag: t
    parameters: { name: Ana }
  - { name: none, tag: t }
  - { name: bye, tag: bye }
`,
    )
    const ran = await runCli(['test', dir])
    assert.equal(ran.code, 0)
    assert.equal(ran.stdout.match(/it expects nothing: --update writes what came/g)?.length, 3)
    await runCli(['test', dir, '--update'])
    assert.equal(
      readFileSync(join(dir, 'a.yaml'), 'utf8'),
      `${CAPTURES}examples:
  - name: all
    tag: t
    parameters: { name: Ana }
    sees: { comment: { name: Ana } }
  - { name: none, tag: t, missing: [ name ] }
  - { name: bye, tag: bye, answer: { fulfillmentResponse: { messages: [ { payload: { ujet: { type: action, action: end } } } ] } } }
`,
    )
  })

  test('--coverage names captures and variables that no example exercises', async () => {
    const dir = temporary.flow(
      'cover',
      `${CAPTURES}examples:\n  - { name: a, tag: t, parameters: { name: Ana, city: Osaka } }\n`,
    )
    const ran = await runCli(['test', dir, '--coverage'])
    assert.match(ran.stdout, /Examples run 1 of 2 captures and 2 of 3 variables\.\n/)
    assert.match(ran.stdout, /a\.yaml:4: t: no example has a value for budget\n/)
    assert.match(ran.stdout, /a\.yaml:10: bye: no example\n/)
  })

  test('an example without an answer fails, and --update writes nothing', async () => {
    const text = `${CAPTURES}examples:\n  - { name: big, tag: t, parameters: { name: "${'x'.repeat(70_000)}" } }\n`
    const dir = temporary.flow('failure', text)
    const ran = await runCli(['test', dir])
    assert.equal(ran.code, 1)
    assert.match(ran.stdout, /500 response_too_large/)
    assert.equal((await runCli(['test', dir, '--update'])).code, 3)
    assert.equal(readFileSync(join(dir, 'a.yaml'), 'utf8'), text)
  })

  test('examples of a capture that is switched off are skipped, and --update leaves them', async () => {
    const off = (text: string): string => text.replace('- tag: t\n', '- tag: t\n    enabled: false\n')
    const dir = temporary.flow('off', off(GOOD))
    const ran = await runCli(['test', dir, '--coverage'])
    assert.equal(ran.code, 0, ran.stdout)
    assert.match(ran.stdout, /^skip {2}.*a\.yaml:14: all \(t is switched off\)$/m)
    assert.match(ran.stdout, /3 examples: 1 passed, 0 failed, 2 skipped\./)
    assert.match(ran.stdout, /Examples run 1 of 1 capture and 0 of 0 variables; 1 capture is switched off\./)
    assert.equal(
      (await runCli(['test', temporary.flow('off', off(BAD).replace('action: stop', 'action: end'))])).code,
      0,
    )
    const updated = await runCli(['test', temporary.flow('off', off(GOOD)), '--update'])
    assert.match(updated.stdout, /3 examples: 0 updated, 2 skipped\./)
    assert.equal(readFileSync(join(dir, 'a.yaml'), 'utf8'), off(GOOD))
  })

  test('flow files with errors cannot be tested; a folder without examples says how to begin', async () => {
    const broken = await runCli(['test', temporary.flow('broken', 'flow: A\n')])
    assert.equal(broken.code, 3)
    assert.match(broken.stderr, /broken\/a\.yaml has errors; see "carryover validate/)
    const none = await runCli(['test', temporary.flow('none', CAPTURES)])
    assert.equal(none.code, 0)
    assert.match(none.stdout, /There is no example yet/)
  })
})

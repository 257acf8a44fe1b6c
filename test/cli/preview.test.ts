import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import { SAMPLES } from '../samples.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const temporary = temporaryFolder()

describe('carryover preview', () => {
  const TRIP = { favfood: 'ramen', budget: 1200, location: 'Osaka' }

  test('--json prints the response, what the surfaces see, and notes', async () => {
    const ran = await runCli([
      'preview',
      'trip-details',
      '--dir',
      SAMPLES,
      '--params',
      temporary.write('p.json', TRIP),
      '--json',
    ])
    assert.equal(ran.code, 0, ran.stderr)
    const { response, surfaces, notes } = JSON.parse(ran.stdout)
    assert.equal(response.fulfillmentResponse.messages.length, 1)
    assert.deepEqual(surfaces, {
      agent: { key_three: 1200 },
      comment: { key_three: 1200 },
      event: { key_one: 'Osaka' },
      data_parameters: {},
    })
    assert.deepEqual(notes, [
      { code: 'unset', variable: 'key_four' },
      { code: 'unset', variable: 'key_five' },
    ])
  })

  test('takes a captured request, whatever its tag', async () => {
    const request = {
      fulfillmentInfo: { tag: 'other' },
      sessionInfo: { parameters: TRIP },
      messages: [],
      unknownField: 1,
    }
    const ran = await runCli([
      'preview',
      'trip-details',
      '--dir',
      SAMPLES,
      '--request',
      temporary.write('r.json', request),
    ])
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stdout, /^key_one +– hidden by line \d+ +– hidden by line \d+ +Osaka +– hidden by line \d+$/m)
  })

  test('says when an answer needs several payloads, and how to try that', async () => {
    const parameters = { topic: 'x', callback_number: '2025550123' }
    const ran = await runCli([
      'preview',
      'to-a-person',
      '--dir',
      SAMPLES,
      '--params',
      temporary.write('p.json', parameters),
    ])
    assert.match(ran.stdout, /holds 2 session_variable payloads.*payloads_per_answer: one/s)
  })

  test('finds captures of files with ids, and asks which flow where several have the tag', async () => {
    const capture = (id: string, flow: string): string =>
      `flow: ${flow}\nflow_id: ${id}\nagent_id: [a1, a2]\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { from: ${flow} } }\n`
    temporary.write('two/a.yaml', capture('f1', 'One'))
    const dir = dirname(temporary.write('two/b.yaml', capture('f2', 'Two')))
    const params = temporary.write('p.json', {})
    const asked = await runCli(['preview', 't', '--dir', dir, '--params', params])
    assert.equal(asked.code, 2)
    assert.match(asked.stderr, /choose one by --flow: One, Two/)
    const told = await runCli(['preview', 't', '--dir', dir, '--params', params, '--flow', 'Two', '--json'])
    assert.deepEqual(JSON.parse(told.stdout).surfaces.agent, { from: 'Two' })
    const wrong = await runCli(['preview', 't', '--dir', dir, '--params', params, '--flow', 'Three'])
    assert.match(wrong.stderr, /there is no such flow with this tag; there are: One, Two/)
  })

  test('will not preview flow files with errors, nor files that are no JSON', async () => {
    const dir = temporary.flow('broken', 'flow: A\n')
    const ran = await runCli(['preview', 't', '--dir', dir, '--params', temporary.write('p.json', {})])
    assert.equal(ran.code, 3)
    assert.match(ran.stderr, /have errors; see "carryover validate/)
    const odd = await runCli([
      'preview',
      'trip-details',
      '--dir',
      SAMPLES,
      '--params',
      temporary.write('odd.json', '{"a": CANARY'),
    ])
    assert.equal(odd.code, 3)
    assert.doesNotMatch(odd.stderr, /CANARY/)
  })

  test('names tags like the one that a request asks for', async () => {
    const ran = await runCli(['preview', 'trip-detials', '--dir', SAMPLES, '--request', temporary.write('r.json', {})])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /404 unknown_tag.*trip-details/)
  })

  test('takes a request out of a log entry, in whatever field and form it stands there', async () => {
    const request = { fulfillmentInfo: { tag: 'trip-details' }, sessionInfo: { parameters: TRIP } }
    const entries = [
      { insertId: 'x', jsonPayload: request },
      { jsonPayload: { request: { body: request } }, labels: { a: 'b' } },
      { textPayload: JSON.stringify(request) },
      [{ textPayload: `${JSON.stringify({ message: request })}` }],
    ]
    for (const entry of entries) {
      const file = temporary.write('entry.json', entry)
      const ran = await runCli(['preview', 'trip-details', '--dir', SAMPLES, '--request', file, '--json'])
      assert.equal(ran.code, 0, ran.stderr)
      assert.equal(JSON.parse(ran.stdout).surfaces.event.key_one, 'Osaka')
    }
    const two = temporary.write('two.json', { a: request, b: request })
    const ran = await runCli(['preview', 'trip-details', '--dir', SAMPLES, '--request', two])
    assert.equal(ran.code, 3)
    assert.match(ran.stderr, /holds 2 webhook requests; leave one/)
  })

  const REASONS = `flow: A
captures:
  - tag: t
    visible_to: [agent, comment]
    variables:
      unset: $session.params.unset
      dropped: $session.params.ssn_text
      masked: { from: $session.params.long, mask: last4 }
      odd: { from: $session.params.odd, format: money }
      found: $session.params.card_text
      part: $session.params.map
      secret: { from: $session.params.pin, visible_to: [agent] }
    then: { action: escalation, menu_id: { from: $session.params.queue, default: 90 }, language: $session.params.lang }
`
  const POLICY = `parameters:
  - { match: [pin, inner], visible_to: [agent] }
values:
  - { detect: us_ssn, action: drop }
  - { detect: payment_card, action: mask }
`
  const VALUES = {
    ssn_text: '123-45-6789',
    long: 'ABCDEFGHIJ',
    odd: 'ten',
    card_text: '4242 4242 4242 4242',
    map: { inner: 'x', outer: 'y' },
    pin: '1',
  }

  test('says of every variable that a surface does not get why, whatever the width of the screen', async () => {
    temporary.write('why/policy.yaml', POLICY)
    const dir = temporary.flow('why', REASONS)
    const params = temporary.write('values.json', VALUES)
    const wide = await runCli(['preview', 't', '--dir', dir, '--params', params], {}, { colour: false, width: 500 })
    assert.equal(wide.code, 0, wide.stderr)
    const cells = (key: string): string[] =>
      wide.stdout
        .split('\n')
        .find((line) => line.startsWith(`${key} `))
        ?.split(/ {2,}/)
        .slice(1) ?? []
    assert.deepEqual(cells('unset'), ['– not set', '– not set', '– hidden by line 4', '– hidden by line 4'])
    assert.equal(cells('dropped')[0], '– dropped by the policy (us_ssn)')
    assert.deepEqual(cells('secret').slice(0, 2), ['1', "– hidden by line 12, and by the policy's line 2"])
    assert.deepEqual(cells('masked').slice(0, 2), ['******GHIJ', '******GHIJ'])
    for (const remark of [
      '(masked (last4))',
      '(does not fit the format money, and went as text)',
      '(masked by the policy (payment_card))',
      '(a part left out by the policy (inner))',
      'language is not set, and left out.',
      /The answer to Dialogflow: \d+ of 65536 bytes \(0\.\d%\)/,
    ])
      assert.ok(typeof remark === 'string' ? wide.stdout.includes(remark) : remark.test(wide.stdout), String(remark))
    for (const width of [40, 60, 80, 100]) {
      const ran = await runCli(['preview', 't', '--dir', dir, '--params', params], {}, { colour: false, width })
      const table = ran.stdout.slice(0, ran.stdout.indexOf('This answer holds')).split('\n')
      if (width >= 80)
        assert.ok(
          table.every((line) => [...line].length <= width),
          `${width}:\n${table.join('\n')}`,
        )
      assert.equal(ran.stdout.match(/us_ssn/g)?.length, 2)
    }
  })

  test('says that nothing is sent where something required is missing, and shows a capture that is switched off', async () => {
    const dir = temporary.flow(
      'off',
      `flow: A
captures:
  - { tag: t, visible_to: [agent], variables: { a: 1, b: { from: $session.params.b, required: true } } }
  - { tag: u, enabled: false, visible_to: [agent], variables: { a: 1 } }
`,
    )
    const params = temporary.write('none.json', {})
    const missing = await runCli(['preview', 't', '--dir', dir, '--params', params])
    assert.match(missing.stdout, /^a +– not sent, since b is missing/m)
    assert.match(missing.stdout, /^b +– not set, and required/m)
    const off = await runCli(['preview', 'u', '--dir', dir, '--params', params])
    assert.match(off.stdout, /switched off/)
  })

  test('an answer over the limit is told with its size', async () => {
    const dir = temporary.flow(
      'big',
      'flow: A\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { a: $session.params.a } }\n',
    )
    const params = temporary.write('big.json', { a: 'x'.repeat(70_000) })
    const ran = await runCli(['preview', 't', '--dir', dir, '--params', params])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /500 response_too_large.*It would be 70\d\d\d bytes/)
  })

  test('a request of other ids is told that the tag is elsewhere', async () => {
    const dir = temporary.flow(
      'ids',
      'flow: One\nflow_id: f1\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { a: 1 } }\n',
    )
    const request = temporary.write('other.json', { fulfillmentInfo: { tag: 't' } })
    const ran = await runCli(['preview', 't', '--dir', dir, '--request', request])
    assert.equal(ran.code, 1)
    assert.match(ran.stderr, /a\.yaml has it, but for other ids.*--flow "One"/)
    assert.equal((await runCli(['preview', 't', '--dir', dir, '--request', request, '--flow', 'One'])).code, 0)
  })
})

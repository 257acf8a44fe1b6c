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
    assert.match(wrong.stderr, /no flow with this tag is called "Three"; there are: One, Two/)
  })

  test('will not preview flow files with errors, nor files that are no JSON', async () => {
    const dir = temporary.flow('broken', 'flow: A\n')
    const ran = await runCli(['preview', 't', '--dir', dir, '--params', temporary.write('p.json', {})])
    assert.equal(ran.code, 3)
    assert.match(ran.stderr, /broken\/a\.yaml has errors; see "carryover validate/)
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
  })

  const requestTo = (tag: string, parameters: unknown) => ({ fulfillmentInfo: { tag }, sessionInfo: { parameters } })
  const previewed = (option: string, content: unknown, ...more: string[]) =>
    runCli(['preview', 'trip-details', '--dir', SAMPLES, option, temporary.write('given.json', content), ...more])

  test('of several requests takes the last with this tag, and says so; text before one does not matter', async () => {
    const lines = [requestTo('trip-details', {}), requestTo('trip-details', TRIP), requestTo('other', {})]
    for (const content of [lines, lines.map((line) => JSON.stringify(line)).join('\n')]) {
      const ran = await previewed('--request', content)
      assert.equal(ran.code, 0, ran.stderr)
      assert.match(ran.stdout, /Osaka/)
      assert.match(
        ran.stderr,
        /given\.json holds 3 webhook requests: this is the last of them with the tag trip-details\./,
      )
    }
    const ran = await previewed('--request', { textPayload: `Webhook request: ${JSON.stringify(lines[1])} (1 of 1)` })
    assert.match(ran.stdout, /Osaka/)
    assert.equal(ran.stderr, '')
  })

  test('says what it was given where that is no request, or a request where parameters belong', async () => {
    const cases: [option: string, content: unknown, says: RegExp][] = [
      ['--request', { message: 'hello' }, /given\.json holds no webhook request.*for a map of parameters use --params/],
      ['--request', TRIP, /for a map of parameters use --params/],
      ['--request', [1, 2], /holds no webhook request/],
      ['--request', { queryResult: { parameters: TRIP } }, /holds an answer of Dialogflow's.*queryResult\.parameters/],
      ['--params', requestTo('trip-details', TRIP), /given\.json holds a webhook request: give it with --request/],
      ['--params', { jsonPayload: requestTo('trip-details', TRIP) }, /give it with --request/],
      ['--params', [TRIP, TRIP], /does not hold a JSON map/],
    ]
    for (const [option, content, says] of cases) {
      const ran = await previewed(option, content)
      assert.equal(ran.code, 3, ran.stdout)
      assert.match(ran.stderr, says)
    }
  })

  test('says what is meant by an option that is used otherwise', async () => {
    const both = await previewed('--request', {}, '--params', 'a.json')
    assert.match(both.stderr, /give --request or --params, not both/)
    const inline = await runCli(['preview', 'trip-details', '--dir', SAMPLES, '--params', '{"location":"Osaka"}'])
    assert.equal(inline.code, 2)
    assert.match(inline.stderr, /--params takes the name of a file, or - for what is piped in/)
    const tag = await runCli(['preview', 'trip', '--dir', SAMPLES, '--params', temporary.write('p.json', {})])
    assert.match(tag.stderr, /no capture has the tag "trip"; there are: dispute-details, trip-details/)
  })

  test('says which parameter is not set, which is near, and where a default stands in', async () => {
    const dir = temporary.flow(
      'unset',
      `flow: A
captures:
  - tag: t
    visible_to: [agent]
    variables:
      day: $session.params.purchse_date
      note: "on $session.params.purchase_date, $session.params.model"
      size: { from: $session.params.size, default: not said }
      said: { from: $session.params.model.name, default: not said }
`,
    )
    const params = temporary.write('unset.json', { purchase_date: 'today', model: { name: 'not said' }, size: null })
    const ran = await runCli(['preview', 't', '--dir', dir, '--params', params], {}, { colour: false, width: 400 })
    assert.match(ran.stdout, /^day +– not set: \$session\.params\.purchse_date \(the request has purchase_date\) {2}/m)
    assert.match(ran.stdout, /^size +not said {2}/m)
    assert.match(ran.stdout, /\(default; not set: \$session\.params\.size\)/)
    assert.equal(ran.stdout.match(/default;/g)?.length, 1)
    const none = temporary.write('unset.json', { purchase_date: 'today' })
    const half = await runCli(['preview', 't', '--dir', dir, '--params', none], {}, { colour: false, width: 400 })
    assert.match(half.stdout, /^note +– not set: \$session\.params\.model {2}/m)
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

  test('says of a default that it is one, and of a reference that it is not set, whatever its scope', async () => {
    temporary.write('scopes/policy.yaml', 'parameters:\n  - { match: [pin], visible_to: [] }\n')
    const dir = temporary.flow(
      'scopes',
      `flow: A
captures:
  - tag: t
    visible_to: [agent]
    variables:
      a: { from: $request.payload.x, default: none given, mask: all }
      b: { from: $session.params.customer.card, default: { kind: none, $flow.x: none }, format: text }
      c: "from $session.params.city to $request.payload.y"
      d: { from: $session.params.city, default: nowhere }
`,
    )
    const params = temporary.write('scopes.json', { city: 'Osaka', customer: { name: 'Kim' } })
    const { stdout } = await runCli(
      ['preview', 't', '--dir', dir, '--params', params],
      {},
      { colour: false, width: 500 },
    )
    assert.match(stdout, /\(default; not set: \$request\.payload\.x\)/)
    assert.match(stdout, /\(default; not set: \$session\.params\.customer\.card\)/)
    assert.match(stdout, /^c +– not set: \$request\.payload\.y {2}/m)
    assert.match(stdout, /^d +Osaka {2}/m)
    assert.doesNotMatch(stdout, /masked/)
  })

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
    const [notSet, hidden] = ['– not set: $session.params.unset', '– hidden by line 4']
    assert.deepEqual(cells('unset'), [notSet, notSet, hidden, hidden])
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
    assert.match(missing.stdout, /^b +– not set: \$session\.params\.b, and required/m)
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

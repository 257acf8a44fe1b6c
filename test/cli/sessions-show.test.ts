import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { FULL_CALL } from '../sessions/full-record.ts'
import { madeSessions } from '../sessions/made-sessions.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const full = folder.write('call-1418.json', FULL_CALL)
const many = folder.write(
  'month.jsonl',
  [...madeSessions(8)].flatMap(({ first, final }) => [final, first].map((one) => JSON.stringify(one))).join('\n'),
)

const show = (args: readonly string[], environment = {}) => runCli(['sessions', 'show', ...args], environment)

test('one session, for the terminal', async () => {
  const { code, stdout, stderr } = await runCli(['sessions', 'show', full], {}, { colour: false, width: 80 })
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(
    stdout.split('\n\n').slice(0, 2).join('\n\n'),
    `Call 1418
Type           Voice Inbound (IVR)
Status         voicemail_received (81), connected_with_agent
Language       en
Scheduled      2026-03-23 10:00:00 (+03:00)
Begun          2026-03-23 10:00:00 (+03:00)
Bot assigned   2026-03-23 10:01:00 (+03:00)
Bot connected  2026-03-23 10:02:00 (+03:00)
Queued         2026-03-23 10:03:00 (+03:00)
Assigned       2026-03-23 10:05:00 (+03:00)
Connected      2026-03-23 10:06:00 (+03:00)
Ended          2026-03-23 10:20:00 (+03:00)
Duration       2 min 6 s
Waited         27 s
Bot wait       4 s
On hold        5 s
Queue          Billing, priority 3
Selected       Billing
Ticket         ****, ****
Export         the final one, of 2026-03-23 10:38:00 (+03:00)

                10:00:00          10:22:00
menu            █                           10:00:00 Main Menu/Billing, 37 s
virtual agent     █                         10:02:00 Trip assistant, 50 s:
                                            escalated, by_virtual_agent, 3
                                            responses, 1 of them fallbacks
deflection         ◆                        10:03:00 temp_redirection_queue:
                                            by_consumer, escalated by Trip
                                            assistant
queue              █                        10:03:00 Main Menu/Billing, 9 s:
                                            in_sla
human                  █                    10:06:00 Ada Example, 59 s: 5 s on
                                            hold, 2 s before the call, after a
                                            transfer
transfer                ██                  10:07:00 to Trip assistant,
                                            Travel/Groups, 18 s: transferred
wrap-up                 █                   10:07:01 Ada Example, 20 s
survey                                  █   10:21:00 csat, 11 s`,
  )
  for (const section of ['How it ended', 'Who took part', 'Satisfaction', 'SmartActions', 'Recordings'])
    assert.match(stdout, new RegExp(`^${section}$`, 'm'))
  assert.match(stdout, /^1085 +default, from 10:06:00, 1 min, 2\.9 s of it left out$/m)
})

test('headers that differ, the end user, messages and keys that are not known, wherever they stand', async () => {
  const record = {
    ...{ id: 1, message_count: 9, end_user: { id: 42, identifier: 'made-up', out_contact_id: 'C-1' } },
    sip_headers: { 'X-Leg': 'a' },
    participants: [
      { sip_headers: { 'X-Leg': 'b', 'X-Same': 's' } },
      { sip_headers: { 'X-Leg': 'c', 'X-Same': 's' }, new: 1 },
    ],
    queue_durations: [{ newer: 1 }, { newer: 2 }],
  }
  const { stdout } = await show([folder.write('more.json', record), '--reveal'])
  for (const line of [
    /^SIP headers\nX-Leg +a\nX-Leg +b\nX-Same +s\nX-Leg +c\n\n/m,
    /^End user +id 42, made-up, CRM contact C-1$/m,
    /^Messages +9$/m,
    /^Keys +participants\[\]\.new, queue_durations\[\]\.newer$/m,
  ])
    assert.match(stdout, line)
})

test('no line is wider than the screen, in colour or without', async () => {
  for (const width of [40, 80, 120]) {
    const { stdout } = await runCli(['sessions', 'show', full], {}, { colour: true, width })
    assert.ok(stdout.includes('\u001b[32m'), 'people are green')
    for (const line of stdout.split('\n')) assert.ok(stringWidth(stripVTControlCharacters(line)) <= width, line)
  }
  const long = folder.write('long-id.json', { call_uuid: 'a'.repeat(500), lang: 'en' })
  const { stdout } = await runCli(['sessions', 'show', long], {}, { colour: false, width: 80 })
  assert.equal(stdout.match(/a{20,}/g)?.join('').length, 500)
  for (const line of stdout.split('\n')) assert.ok(stringWidth(line) <= 80, line)
})

describe('what the caller left', () => {
  const values = {
    ani: '+12025550142',
    city: 'Osaka',
    card_number: '4242424242424242',
    note: 'my card is 4242 4242 4242 4242',
    trip: { city: 'Kyoto', card_type: 'gold' },
  }
  const record = {
    ...{ id: 1, call_uuid: 'a', customer_phone_number: '+12025550143', feedback: 'Ask for Zelda' },
    ...{ text_inputs: ['12 Example Street'], sms_during_call: ['Your code is 991122'] },
    disposition_notes: ['Lives in Nara'],
    photos: [{ id: 1, url: 'https://photos.example.com/secret' }],
    fail_reason: 'Caller +12025550145 hung up',
    fail_details: 'Caller +12025550145 said card 4242 4242 4242 4242',
    disposition_codes: ['Refund for Zelda'],
    ...{ out_ticket_id: '12025550146', out_ticket_url: 'https://crm.example.com/?to=zelda@example.com' },
    ...{ '+12025550147': 1, 'ask Zelda': 2, selected: { menu_path: 'Zelda' } },
    menu_path: 'Billing +1 (202) 555-0148',
    participants: [
      { type: 'End User', virtual_agent_params: { '+12025550149': 'Osaka', card_4242424242424242: 1 } },
      { type: 'virtual_agent', virtual_agent_params: values, sip_headers: { 'X-Account': 'account-778899' } },
      { type: 'end_user', name: 'Zelda Example', email: 'zelda@example.com', phone_number: '+12025550144' },
    ],
  }
  const file = folder.write('values.json', record)
  const told = /Osaka|Kyoto|20255501|555-014|4242 4242|42424242|Zelda|12 Example|991122|Nara|secret|778899|gold|zelda/i
  folder.write(
    'strict/policy.yaml',
    `parameters:
  - { match: ["card_*"], visible_to: [agent], reason: PCI DSS }
  - { match: [city], visible_to: [agent, comment], reason: fine in the CRM }
  - { match: [phone_number], visible_to: [] }
values:
  - { detect: payment_card, action: mask }
`,
  )
  const strict = `${folder.path}/strict`

  for (const format of ['text', 'json', 'html'])
    test(`is masked as ${format}`, async () => {
      const { code, stdout, stderr } = await show([file, '--format', format, '--dir', strict])
      assert.equal(code, 0)
      assert.doesNotMatch(stdout + stderr, told)
      assert.match(stdout, /ani/)
      assert.match(stdout, /\*\*\*\*/)
    })

  test('of whom it is not known that they work here, nothing is shown; of colleagues, names', async () => {
    const participants = [
      { type: 'Agent', name: 'Ada Example', email: 'ada@example.com' },
      { type: 'Supervisor of nobody', name: 'Zelda Example' },
    ]
    const { stdout } = await show([folder.write('people.json', { id: 1, participants })])
    assert.match(stdout, /^agent +Ada Example, ada@example\.com$/m)
    assert.match(stdout, /^supervisor of nobody +\*{4}$/m)
  })

  test('is shown on demand, but for what the policy keeps from the CRM record and what its detectors find', async () => {
    const { stdout } = await show([file, '--reveal', '--dir', strict])
    for (const line of [
      /^ani +\+12025550142$/m,
      /^city +Osaka$/m,
      /^card_number +\*\*\*\* \(card_\*, policy line 2\)$/m,
      /^note +my card is \*{4} \*{4} \*{4} 4242$/m,
      /^trip +\{"city":"Kyoto"\}$/m,
      /^Feedback +Ask for Zelda$/m,
      /^X-Account +account-778899$/m,
      /^Failed +caller \+12025550145 hung up, Caller \+12025550145 said card \*{4} \*{4} \*{4} 4242$/m,
      /^Disposition +Refund for Zelda$/m,
      /^Ticket +12025550146, https:\/\/crm\.example\.com\/\?to=zelda@example\.com$/m,
      /^\+12025550149 +Osaka$/m,
      /^end user +Zelda Example, zelda@example\.com, \*{4} \(phone_number, policy line 4\)$/m,
    ])
      assert.match(stdout, line)
    assert.doesNotMatch(stdout, /gold|2025550144/)
  })

  test('where there is no policy, it says that nothing limits it', async () => {
    const { code, stderr } = await show([file, '--reveal', '--dir', folder.flow('none', 'flow: x')])
    assert.deepEqual([code, stderr], [0, 'carryover: there is no policy.yaml: nothing limits what --reveal shows.\n'])
  })

  test('a policy with mistakes reveals nothing', async () => {
    const dir = `${folder.path}/broken`
    folder.write('broken/policy.yaml', 'parameters:\n  - { match: [a], visible_to: [nobody] }\n')
    const { code, stdout, stderr } = await show([file, '--reveal', '--dir', dir])
    assert.deepEqual([code, stdout], [3, ''])
    assert.match(stderr, /the policy has mistakes \(.*policy\.yaml:2: unknown word "nobody"/)
  })

  test('a file cannot steer the terminal', async () => {
    const nasty = folder.write('nasty.json', { id: '1\u001b[31m', status: '\u009b2J', menu_path: 'a\u202eb\n', zz: 1 })
    const { stdout } = await show([nasty, '--reveal'])
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\u202e]/u)
    assert.match(stdout, /\\u001b\[31m/)
  })

  test('nor can it where it cannot be shown, by what it holds or is called', async () => {
    const nasty = folder.write('two\u001b[2J.jsonl', '{"id": "1\\u001b[31m\\u009b"}\n{"id": 2\n{"id": 3}')
    for (const args of [[nasty], [nasty, '--session', '\u009b4'], [`${nasty}-none`], ['--sesion\u001b[2J']]) {
      const { stderr } = await show(args)
      assert.match(stderr, /\\u00[19]b/)
      assert.doesNotMatch(stderr.replaceAll('\n', ''), /\p{Cc}/u)
    }
  })
})

describe('which session', () => {
  test('by number, key, uuid or as files are called; the final export, whichever comes first', async () => {
    const ids = ['1003', 'chat 1003', 'chat-1003', '00000000-0000-4000-8000-000000001003']
    const shown = await Promise.all(ids.map((id) => show([many, '--session', id])))
    assert.deepEqual(new Set(shown.map(({ code }) => code)), new Set([0]))
    assert.equal(new Set(shown.map(({ stdout }) => stdout)).size, 1)
    assert.match(shown[0]?.stdout ?? '', /^Chat 1003\n[\s\S]*^Export +the final one/m)
  })

  test('from standard input, and as JSON', async () => {
    const stdin = {
      [Symbol.asyncIterator]: async function* () {
        yield Buffer.from(JSON.stringify({ chat: { id: 5, status: 8 } }))
      },
    }
    const { code, stdout } = await runCli(['sessions', 'show', '-', '--format', 'json'], {}, undefined, stdin)
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout), {
      title: 'Chat 5',
      facts: [{ name: 'Status', value: 'finished (8)' }],
      timeline: { stretches: [], undated: [] },
      offsetMinutes: 0,
      sections: [],
    })
  })

  const broken = folder.write('broken.jsonl', '{"id": 1, "status": 8}\n{"id": 2\n')
  const cases: [args: string[], code: number, says: RegExp][] = [
    [[many], 2, /there are several sessions: name one with --session \((?:(?:call|chat) \d+, ){5}…\)/],
    [[many, '--session', '7'], 1, /there is no session "7" in what was read/],
    [[broken, '--session', '1'], 1, /broken\.jsonl:2:1: error: this \{ is not closed \[file\/syntax\]/],
    [[`${folder.path}/nothing.json`], 3, /there is no file or folder .*nothing\.json/],
    [[full, '--format', 'pdf'], 2, /--format takes text, json, html, not "pdf"/],
    [[], 2, /name what to read: files, folders, or - for standard input/],
    [[full, '--dir', `${folder.path}/no-such`, '--reveal'], 3, /There is no folder .*no-such/],
    [[full, '--sesion', '1'], 2, /Unknown option '--sesion'\. Did you mean "--session"\?/],
    [['--help'], 0, /Usage: carryover sessions show PATH…/],
  ]
  for (const [args, code, says] of cases)
    test(`sessions show ${args.join(' ').replaceAll(folder.path, '')} ends with ${code}`, async () => {
      const ran = await show(args)
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stdout + ran.stderr, says)
    })

  test('what can be read is shown beside what is broken', async () => {
    const { stdout } = await show([broken, '--session', '1'])
    assert.match(stdout, /^Session 1$/m)
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { madeSessions } from '../sessions/made-sessions.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
folder.write(
  'flows/policy.yaml',
  `parameters:
  - { match: ["card_*", dnis], visible_to: [agent], reason: PCI DSS }
  - { match: [X-Account, home.zip, feedback], visible_to: [] }
  - { match: [city, support_number, id], visible_to: [agent, comment] }
  - { match: ["*_number", rating], visible_to: [] }
`,
)
const DIR = `${folder.path}/flows`

const kept = folder.write(
  'kept.json',
  `{
  "call": {
    "id": 4242424242424242,
    "feedback": "it was fine",
    "support_number": "+12025550100",
    "rating": 4,
    "agent_info": { "email": "ada@example.com", "agent_number": "77" },
    "disposition_notes": ["wrote to zelda@example.com", "card 4242 4242 4242 4242"],
    "customer_phone_number": "+12025550142",
    "participants": [
      {
        "type": "virtual_agent",
        "virtual_agent_params": { "card_type": "gold", "CITY": "Osaka", "home": { "zip": "99501" }, "dnis": null },
        "sip_headers": { "X-Account": "778899" }
      },
      { "type": "agent", "email": "ada@example.com" },
      { "type": "end_user", "email": "zelda@example.com" }
    ],
    "captured": { "loyalty_number": 5, "zelda@example.com": 1 }
  }
}
`,
)

const check = (args: readonly string[]) => runCli(['sessions', 'check', ...args])

interface Found {
  readonly code: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly message: string
}

async function found(args: readonly string[]): Promise<string[]> {
  const { stdout } = await check([...args, '--format', 'json'])
  return (JSON.parse(stdout) as Found[]).map(({ code, line, column, message }) => {
    const [key] = message.split(/ (?:is kept|holds)/)
    return `${line}:${column} ${code.replace('session/', '')} ${key}`
  })
}

test('what the policy keeps from the CRM record is found where it is kept, and what detectors know anywhere', async () => {
  assert.deepEqual(await found([kept, '--dir', DIR]), [
    '4:17 kept-parameter call.feedback',
    '8:27 kept-value call.disposition_notes[0]',
    '8:57 kept-value call.disposition_notes[1]',
    '9:30 kept-parameter call.customer_phone_number',
    '13:48 kept-parameter call.participants[0].virtual_agent_params.card_type',
    '13:90 kept-parameter call.participants[0].virtual_agent_params.home.zip',
    '14:39 kept-parameter call.participants[0].sip_headers.X-Account',
    '17:38 kept-value call.participants[2].email',
    '19:37 kept-parameter call.captured.loyalty_number',
    '19:61 kept-value call.captured.…',
  ])
})

describe('what else a record can hold', () => {
  const cases: [what: string, policy: string, record: object, keys: string[]][] = [
    [
      'what the CRM and a recording are called by may hold anything',
      'other',
      {
        ...{
          id: 1,
          out_ticket_id: '4242424242424242',
          out_ticket_url: 'https://crm.example.com/?to=zelda@example.com',
        },
        ...{
          recording_url: 'https://r.example.com/4242-4242-4242-4242',
          photos: [{ url: 'https://p.example.com/z@example.com' }],
        },
      },
      ['out_ticket_id', 'out_ticket_url', 'recording_url', 'photos[0].url'],
    ],
    [
      'an id of the platform is a number or a word by chance, and nothing else',
      'other',
      {
        ...{
          id: 4242424242424242,
          call_uuid: '42424242-4242-4242-0000-000000000000',
          created_at: '2026-03-23T10:00:00.000+03:00',
        },
        participants: [{ user_id: '4242424242424242', end_user_id: 'zelda@example.com' }],
        recordings: [
          {
            id: '4242424242424242',
            conference_sid: 'CA42424242424242420000000000000000',
            call_id: 'card 4242 4242 4242 4242',
          },
        ],
      },
      ['participants[0].end_user_id', 'recordings[0].call_id'],
    ],
    [
      'the person is called by the names of the policy, colleagues are not',
      'last_name, identifier, email',
      {
        ...{
          id: 1,
          end_user: { id: 2, identifier: 'made-up' },
          agent_info: { last_name: 'Example', email: 'ada@example.com' },
        },
        participants: [
          { type: 'Agent', last_name: 'Example', email: 'ada@example.com' },
          { type: 'End User', last_name: 'Example', email: 'zelda@example.com' },
        ],
      },
      ['end_user.identifier', 'participants[1].last_name', 'participants[1].email'],
    ],
    [
      'in maps that are not known, keys of the platform are names like any other, and so is the way to them',
      'last_name, profile.zip, rating',
      {
        ...{ id: 1, rating: 4, custom: { last_name: 'Example' }, profile: { zip: '99501' } },
        participants: [{ type: 'end_user', rating: 4, custom: [{ last_name: 'Example' }] }],
      },
      ['custom.last_name', 'profile.zip', 'participants[0].rating', 'participants[0].custom[0].last_name'],
    ],
    [
      'what was written about the caller',
      'fail_details, disposition_codes',
      { id: 1, fail_details: 'busy', disposition_codes: ['Refund'], menu_path: { name: 'Billing', items_count: 1 } },
      ['fail_details', 'disposition_codes'],
    ],
  ]
  for (const [index, [what, match, record, keys]] of cases.entries())
    test(what, async () => {
      const policy = `parameters:\n  - { match: [${match.replaceAll(', ', '", "').replace(/.*/, '"$&"')}], visible_to: [] }\n`
      folder.write(`policy-${index}/policy.yaml`, policy)
      const listed = await found([
        folder.write(`record-${index}.json`, record),
        '--dir',
        `${folder.path}/policy-${index}`,
      ])
      assert.deepEqual(
        listed.map((line) => line.split(' ').at(-1)),
        keys,
      )
    })
})

test('as people read it: the place, the rule and its line, and nothing of the value but its mask', async () => {
  const { code, stdout, stderr } = await check([kept, '--dir', DIR])
  assert.deepEqual([code, stderr], [1, ''])
  assert.ok(
    stdout.startsWith(`${kept}:4:17: error: call.feedback is kept, and the CRM record may not have it: "feedback" (policy line 3); delete it there, and take it out of what the portal hands on [session/kept-parameter]
  ${DIR}/policy.yaml:3:5: the policy rule is here
    3 |   - { match: [X-Account, home.zip, feedback], visible_to: [] }
      |     ^`),
    stdout,
  )
  assert.match(stdout, /disposition_notes\[1\] holds what looks like a payment card \(\*{4} \*{4} \*{4} 4242\)/)
  assert.match(stdout, /\n1 record: 10 errors, 0 warnings\.\n$/)
  assert.doesNotMatch(stdout, /4242 4242|zelda|gold|99501|778899|2025550142|fine"/)
})

describe('every format of validate', () => {
  for (const format of ['text', 'json', 'github', 'sarif'])
    test(`${format} tells all of it, and no value`, async () => {
      const { code, stdout } = await check([kept, '--dir', DIR, '--format', format])
      assert.equal(code, 1)
      assert.equal(stdout.match(/may not have it|holds what looks|holds an e-mail/g)?.length, 10)
      assert.doesNotMatch(stdout, /4242 4242|zelda|gold|99501|778899|2025550142/)
    })

  test('sarif points at the policy as well', async () => {
    const sarif = JSON.parse((await check([kept, '--dir', DIR, '--format', 'sarif'])).stdout)
    assert.match(
      sarif.runs[0].results[0].relatedLocations[0].physicalLocation.artifactLocation.uri,
      /flows\/policy\.yaml$/,
    )
  })
})

test('a month in which nothing is kept is fine', async () => {
  const lines = [...madeSessions(40)].flatMap(({ first, final }) => [first, final].map((one) => JSON.stringify(one)))
  const month = folder.write('month.jsonl', lines.join('\n'))
  folder.write('lenient/policy.yaml', 'parameters:\n  - { match: [ani, dnis], visible_to: [agent, comment] }\n')
  const { code, stdout } = await check([month, '--dir', `${folder.path}/lenient`])
  assert.deepEqual([code, stdout], [0, '80 records: 0 errors, 0 warnings.\n'])
  const strict = await check([month, '--dir', DIR, '--format', 'json'])
  assert.equal(strict.code, 1)
  assert.ok(
    JSON.parse(strict.stdout).every(({ message }: Found) =>
      /\.(?:virtual_agent_params\.dnis|phone_number) is kept/.test(message),
    ),
    'nothing but the numbers, which the policy names',
  )
})

test('more places than can be listed are counted, and count', async () => {
  const odd = Array.from({ length: 10_001 }, (_, id) => `{"id": ${id}, "rating": []}`)
  const many = folder.write('many.jsonl', [...odd, '{"id": 1, "feedback": "x"}'].join('\n'))
  const { code, stdout, stderr } = await check([many, '--dir', DIR, '--format', 'github'])
  assert.equal(stdout.trimEnd().split('\n').length, 10_000)
  assert.match(stderr, /2 more places like these are not listed/)
  assert.equal(code, 1)
})

test('many places in one record take the time of one', { timeout: 30_000 }, async () => {
  const notes = Array.from({ length: 20_000 }, () => 'card 4242 4242 4242 4242')
  const many = folder.write('many-in-one.json', JSON.stringify({ id: 1, disposition_notes: notes }))
  const { code, stderr } = await check([many, '--dir', DIR])
  assert.match(stderr, /10000 more places like these are not listed/)
  assert.equal(code, 1)
})

describe('what keeps it from being right', () => {
  const broken = folder.write('broken.jsonl', '{"id": 1}\n{"id": 2\n[]\n{"a": 1}\n')
  const cases: [args: string[], code: number, says: RegExp][] = [
    [
      [broken, '--dir', DIR],
      1,
      /broken\.jsonl:2:1: error: this \{ is not closed[\s\S]*broken\.jsonl:4:1: warning: this is no session metadata[\s\S]*1 record: 1 error, 1 warning\./,
    ],
    [[folder.write('fine.json', '{"id": 1}'), '--dir', `${folder.path}/none`], 3, /There is no folder .*none/],
    [
      [`${folder.path}/fine.json`, '--dir', folder.flow('no-policy', 'flow: x')],
      0,
      /there is no policy\.yaml: only what detectors recognise was looked for/,
    ],
    [
      [folder.write('odd.json', '{"id": 1, "lang": {}}'), '--dir', DIR, '--max-warnings', '0'],
      1,
      /1 warning, and at most 0 are allowed/,
    ],
    [
      [folder.write('twice.json', '{"id": 1, "feedback": "4242 4242 4242 4242", "feedback": "fine", "a": {"id": 1}}')],
      1,
      /twice\.json:1:46: error: key "feedback" stands here a second time[\s\S]*1 record: 1 error, 0 warnings\./,
    ],
    [[folder.write('list.json', '[]'), '--dir', DIR], 1, /0 records: [\s\S]*there is no session in what was read/],
    [['--dir', DIR], 2, /name what to read/],
    [[kept, '--format', 'html'], 2, /--format takes text, json, github, sarif, not "html"/],
  ]
  for (const [args, code, says] of cases)
    test(`sessions check ${args.join(' ').replaceAll(folder.path, '')} ends with ${code}`, async () => {
      const ran = await check(args)
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stdout + ran.stderr, says)
    })
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { SAMPLES } from '../samples.ts'
import { runCli } from './run-cli.ts'

const FORMATS = ['markdown', 'html', 'csv'] as const
let folder = ''

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'carryover-dictionary-'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: unknown): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function draw(dir: string, format: string): Promise<string> {
  const ran = await runCli(['dictionary', dir, '--format', format])
  assert.equal(ran.code, 0, ran.stderr)
  assert.equal(ran.stderr, '')
  return ran.stdout
}

/** Fields of RFC 4180. */
function parseCsv(text: string): string[][] {
  assert.match(text, /\r\n$/)
  const lines = text.slice(0, -2).split('\r\n')
  return lines.map((line) => {
    assert.match(line, /^"(?:[^"\r\n]|"")*"(?:,"(?:[^"\r\n]|"")*")*$/)
    return [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, field = '']) => field.replaceAll('""', '"'))
  })
}

function recordsOf(text: string): Record<string, string>[] {
  const [head = [], ...rows] = parseCsv(text)
  return rows.map((row) => {
    assert.equal(row.length, head.length)
    return Object.fromEntries(head.map((name, i) => [name, row[i] ?? '']))
  })
}

/** The cells of every table of a Markdown page, with their marks. */
const tablesOf = (text: string): string[][][] =>
  [...text.matchAll(/(?:^\|.*\n)+/gm)].map(([table]) =>
    table
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(2, -2).split(/(?<!\\) \| /)),
  )

const NASTY_NAMES = [
  '<script>alert(1)</script>',
  '</style><img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onclick='alert(1)",
  '&lt;b&gt; &amp; &#60;',
  'a|b',
  '`tick`',
  '**bold** _under_ ~~gone~~ [link](javascript:alert(1)) # head',
  'two\nlines\r\nand\ttab',
  '=HYPERLINK("http://example.com")',
  '+1 555 0100',
  '-1+1',
  '@SUM(A1)',
  '＝1+1',
  '\t=1',
  '\r=1',
  '👩‍👩‍👧 🧳',
  'שלום',
  '\u202egnp.exe',
  'back\\slash',
  '$$math$$',
  'toString',
  'constructor',
  ' spaces ',
]

function writeNasty(name: string): string {
  for (const [i, nasty] of NASTY_NAMES.entries())
    write(`${name}/${i}.json`, {
      flow: nasty,
      captures: [
        {
          tag: nasty,
          description: nasty,
          visible_to: ['agent'],
          variables: Object.fromEntries([
            [nasty, { from: `${nasty.replaceAll('$', '')} $session.params.a`, default: nasty, description: nasty }],
          ]),
        },
      ],
      examples: [{ name: nasty, tag: nasty, sees: { agent: Object.fromEntries([[nasty, nasty]]) } }],
    })
  write(`${name}/policy.yaml`, {
    parameters: [{ match: ['a'], visible_to: ['agent', 'comment'], reason: NASTY_NAMES.join(' ') }],
  })
  return join(folder, name)
}

describe('carryover dictionary', () => {
  const cases: [args: string[], code: number, says: RegExp][] = [
    [['--help'], 0, /Usage: carryover dictionary/],
    [['a', 'b'], 2, /one folder at a time/],
    [['--format', 'pdf'], 2, /--format takes markdown, html, csv, not "pdf"/],
    [['--chek', 'x.md'], 2, /Unknown option '--chek'/],
    [['--check', 'x.txt'], 2, /the ending of x.txt names no format; give --format/],
    [['/nowhere/at/all'], 3, /There is no folder \/nowhere\/at\/all/],
    [[SAMPLES, '--check', '/nowhere.md'], 3, /\/nowhere.md cannot be read \(ENOENT\)/],
    [[SAMPLES, '--check', '/'], 2, /the ending of \//],
    [[SAMPLES, '--check', '/', '--format', 'csv'], 3, /\/ cannot be read \(EISDIR\)/],
  ]
  for (const [args, code, says] of cases)
    test(`${args.join(' ')} ends with ${code}`, async () => {
      const ran = await runCli(['dictionary', ...args])
      assert.equal(ran.code, code, ran.stderr)
      assert.match(ran.stdout + ran.stderr, says)
    })

  test('flow files with errors are left to validate', async () => {
    const dir = dirname(write('broken/a.yaml', 'flow: A\ncaptures: [{ tag: t, variables: { a: b } }]\n'))
    const ran = await runCli(['dictionary', dir])
    assert.equal(ran.code, 3)
    assert.equal(ran.stdout, '')
    assert.ok(ran.stderr.includes(`see "carryover validate ${dir}"`))
  })

  for (const format of FORMATS)
    test(`${format}: the same wherever the folder lies, and however often`, async () => {
      const copy = join(folder, `elsewhere ${format}`, 'deeper')
      cpSync(SAMPLES, copy, { recursive: true })
      const [one, two, three] = [
        await draw(SAMPLES, format),
        await draw(copy, format),
        await draw(`${SAMPLES}/`, format),
      ]
      assert.equal(two, one)
      assert.equal(three, one)
      assert.ok(!one.includes(dirname(SAMPLES)))
    })

  test('the Markdown page says the same after a comment, and after a capture is switched off', async () => {
    const text =
      'flow: A\ncaptures:\n  - tag: t\n    visible_to: [agent]\n    variables: { card: $session.params.card }\n'
    const policy = 'parameters:\n  - { match: [card], visible_to: [agent] }\n'
    const dir = dirname(write('edited/a.yaml', text))
    write('edited/policy.yaml', policy)
    const page = await draw(dir, 'markdown')
    assert.doesNotMatch(page, /\bline \d/i)
    write('edited/a.yaml', `# a comment\n${text.replace('- tag: t\n', '- tag: t # the switch:\n    enabled: false\n')}`)
    write('edited/policy.yaml', `# a comment\n${policy}`)
    assert.equal(await draw(dir, 'markdown'), page)
  })

  test('Markdown is the default', async () => {
    assert.equal((await runCli(['dictionary', SAMPLES])).stdout, await draw(SAMPLES, 'markdown'))
  })

  test('a folder without a variable, an example or a policy', async () => {
    const dir = dirname(write('bare/a.yaml', 'flow: A\ncaptures: [{ tag: t, then: { action: end } }]\n'))
    assert.match(await draw(dir, 'markdown'), /There is no policy/)
    assert.match(await draw(dir, 'html'), /All 0 variables are shown/)
    assert.equal(recordsOf(await draw(dir, 'csv')).length, 0)
  })
})

describe('carryover dictionary --check', () => {
  for (const [ending, format] of [
    ['md', 'markdown'],
    ['html', 'html'],
    ['csv', 'csv'],
  ] as const)
    test(`.${ending} is ${format}`, async () => {
      const drawn = await draw(SAMPLES, format)
      const file = write(`who.${ending}`, drawn)
      assert.equal((await runCli(['dictionary', SAMPLES, '--check', file])).code, 0)
      writeFileSync(file, drawn.replaceAll('amount', 'amounts'))
      assert.equal((await runCli(['dictionary', SAMPLES, '--check', file])).code, 1)
    })

  test('--format wins over the ending', async () => {
    const file = write('table.txt', await draw(SAMPLES, 'csv'))
    assert.equal((await runCli(['dictionary', SAMPLES, '--check', file, '--format', 'csv'])).code, 0)
    assert.equal((await runCli(['dictionary', SAMPLES, '--check', file, '--format', 'markdown'])).code, 1)
  })

  test('what is stale is not shown but named, with its first line and the command that refreshes it', async () => {
    const file = write("it's old.md", (await draw(SAMPLES, 'markdown')).replace('# Data', '# Date'))
    const ran = await runCli(['dictionary', SAMPLES, '--check', file])
    assert.equal(ran.code, 1)
    assert.equal(ran.stdout, '')
    assert.ok(ran.stderr.includes('from line 1 on'))
    assert.ok(
      ran.stderr.includes(`carryover dictionary ${SAMPLES} --write '${file.replace("'", "'\\''")}'\n`),
      ran.stderr,
    )
  })

  for (const [what, change] of [
    ['a line more', (text: string) => `${text}\n`],
    ['a space more', (text: string) => text.replace('\n', ' \n')],
    ['the end missing', (text: string) => text.slice(0, -1)],
    ['nothing at all', () => ''],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
  ] as const)
    test(`${what} is a difference`, async () => {
      const file = write('differs.md', change(await draw(SAMPLES, 'markdown')))
      assert.equal((await runCli(['dictionary', SAMPLES, '--check', file])).code, 1)
    })

  test('line ends that Git changed make no difference, in either direction', async () => {
    for (const [ending, format] of [
      ['csv', 'csv'],
      ['html', 'html'],
    ] as const) {
      const lines = (await draw(SAMPLES, format)).split(/\r?\n/)
      for (const end of ['\n', '\r\n'])
        assert.equal(
          (await runCli(['dictionary', SAMPLES, '--check', write(`ends.${ending}`, lines.join(end))])).code,
          0,
        )
    }
  })
})

describe('carryover dictionary --write', () => {
  test('writes the file in the format of its ending, and says so', async () => {
    for (const [ending, format] of [
      ['md', 'markdown'],
      ['csv', 'csv'],
    ] as const) {
      const file = write(`written.${ending}`, 'old')
      const ran = await runCli(['dictionary', SAMPLES, '--write', file])
      assert.deepEqual([ran.code, ran.stdout], [0, `${file} is written.\n`], ran.stderr)
      assert.equal(readFileSync(file, 'utf8'), await draw(SAMPLES, format))
      assert.equal((await runCli(['dictionary', SAMPLES, '--write', file])).stdout, `${file} is up to date.\n`)
    }
  })

  test('leaves the file as it is while the flow files have errors', async () => {
    const dir = dirname(write('unwritten/a.yaml', 'flow: A\n'))
    const file = write('unwritten.md', 'old')
    assert.equal((await runCli(['dictionary', dir, '--write', file])).code, 3)
    assert.equal(readFileSync(file, 'utf8'), 'old')
  })

  test('either compares or writes; where it cannot write it says so', async () => {
    const both = await runCli(['dictionary', SAMPLES, '--write', 'a.md', '--check', 'a.md'])
    assert.equal(both.code, 2)
    assert.match(both.stderr, /give --check or --write, not both/)
    const nowhere = await runCli(['dictionary', SAMPLES, '--write', join(folder, 'no', 'folder.md')])
    assert.equal(nowhere.code, 3)
    assert.match(nowhere.stderr, /folder\.md cannot be written \(ENOENT\)/)
  })
})

describe('the Markdown page', () => {
  test('has a row for each variable, in its columns', async () => {
    const card = tablesOf(await draw(SAMPLES, 'markdown'))
      .flat()
      .find(([name]) => name?.trim() === '`card`')
    assert.deepEqual(
      card?.map((cell) => cell.trim()),
      [
        '`card`',
        'masked',
        'barred',
        'barred',
        'barred',
        '`$session.params.card_number`',
        'mask last4; policy `card_*`, at most Agent: card data stays out of the CRM and of events (PCI DSS 3); for example `************4242`',
      ],
    )
  })

  test('nasty names end no cell, open no tag and start no mark', async () => {
    const text = await draw(writeNasty('nasty-markdown'), 'markdown')
    for (const table of tablesOf(text)) for (const row of table) assert.equal(row.length, table[0]?.length, String(row))
    const outside = text.replace(/`[^`\n]*`/g, (span, at: number) => (text[at - 1] === '\\' ? span : ''))
    assert.doesNotMatch(outside, /<[a-z/!]/i)
    assert.doesNotMatch(outside, /(?<!\\)[*~]|(?<!\\)\[|\$/)
    assert.doesNotMatch(text, /[\r\t\u202e]/)
    assert.ok(text.includes('👩‍👩‍👧 🧳'))
    assert.ok(text.includes('two\\\\nlines\\\\r\\\\nand\\\\ttab'))
  })
})

describe('the CSV', () => {
  test('has one line a variable', async () => {
    const records = recordsOf(await draw(SAMPLES, 'csv'))
    const { policy_rules, examples, line, ...card } = records.find(({ variable }) => variable === 'card') ?? {}
    assert.deepEqual(card, {
      flow: 'Billing dispute',
      capture: 'dispute-details',
      switched_on: 'true',
      variable: 'card',
      description: '',
      kind: 'parameters',
      made_of: '$session.params.card_number',
      parameters: '$session.params.card_number',
      agent: 'masked',
      comment: 'barred',
      event: 'barred',
      data_parameters: 'barred',
      shown_differently_elsewhere: '',
      format: 'raw',
      mask: 'last4',
      default: '',
      required: 'false',
      sample: '************4242',
      file: 'billing-dispute.yaml',
    })
    assert.match(policy_rules ?? '', /^line \d+, card_\*, at most Agent: card data/)
    assert.match(line ?? '', /^\d+$/)
    assert.equal(examples, 'a charge that the caller does not know; no invoice number')
  })

  test('no cell of nasty names is a formula, and none goes over two lines', async () => {
    const records = recordsOf(await draw(writeNasty('nasty-csv'), 'csv'))
    assert.equal(records.length, NASTY_NAMES.length)
    for (const record of records)
      for (const cell of Object.values(record)) assert.doesNotMatch(cell, /^[=+\-@＝＋－＠\t\r]|[\r\n]/)
    const names = new Set(records.map(({ variable }) => variable))
    for (const name of ['\'=HYPERLINK("http://example.com")', "'@SUM(A1)", "'\\t=1", 'a|b', 'toString', ' spaces '])
      assert.ok(names.has(name), name)
  })
})

describe('the HTML page', () => {
  const between = (text: string, tag: string): string =>
    new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? assert.fail(tag)
  const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

  test('may load nothing, and runs its own script and style alone', async () => {
    const page = await draw(SAMPLES, 'html')
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      `style-src ${hashOf(between(page, 'style'))}`,
      `script-src ${hashOf(between(page, 'script'))}`,
      "base-uri 'none'",
      "form-action 'none'",
    ])
    assert.doesNotMatch(page, /\bsrc=|<link|@import|url\(|\bstyle=|\son\w+=/)
    assert.equal(page.match(/https?:/g), null)
  })

  test('shows everything without its script, and the filter only with it', async () => {
    const [page, { length }] = [await draw(SAMPLES, 'html'), recordsOf(await draw(SAMPLES, 'csv'))]
    assert.match(page, /<form id="filter" hidden>/)
    assert.equal(page.match(/<tr[^>]* class="variable"/g)?.length, length)
    assert.equal(page.match(/<(?!form)[a-z]+[^>]* hidden/g), null)
    assert.ok(page.includes(`All ${length} variables are shown.`))
  })

  test('is a table whose heads say what they head, and whose marks are words', async () => {
    const page = await draw(SAMPLES, 'html')
    const [card] = /<tr[^>]*data-words="card \| [\s\S]*?<\/tr>/.exec(page) ?? assert.fail('no card')
    assert.match(card, /<th scope="row" role="rowheader"><code[^>]*>card<\/code><\/th>/)
    const marks = [
      ...card.matchAll(/data-title="([^"]*)"><span class="mark \w+"><span aria-hidden="true">.<\/span> (\w+)/g),
    ]
    assert.deepEqual(
      marks.map(([, title, mark]) => `${title}: ${mark}`),
      ['Agent: masked', 'CRM comment: barred', 'Events: barred', 'Next virtual agent: barred'],
    )
    for (const [, id] of page.matchAll(/(?:for|aria-labelledby)="([^"]+)"|href="#([^"]+)"/g))
      if (id) assert.ok(page.includes(`id="${id}"`), id)
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length)
  })

  /** Tags with the names of their attributes, and with what else stands in them. */
  const tagsOf = (page: string): string[] =>
    [...between(page, 'body').matchAll(/<[^>]*>/g)].map(([tag]) => tag.replace(/="[^"]*"/g, ''))

  test('nasty names are text', async () => {
    const page = await draw(writeNasty('nasty-html'), 'html')
    const known = new Set(tagsOf(await draw(SAMPLES, 'html')))
    for (const tag of tagsOf(page)) assert.ok(known.has(tag), tag)
    assert.doesNotMatch(page, /[\r\t\u202e]/)
    assert.ok(page.includes('👩‍👩‍👧 🧳'))
    assert.ok(page.includes('&#60;script&#62;alert(1)&#60;/script&#62;'))
    assert.ok(page.includes('&#38;lt;b&#38;gt;'))
  })
})

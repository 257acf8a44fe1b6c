import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { writeFile as writeToPipe } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { messageOf } from '../../src/core/diagnostic.ts'
import { SessionsError } from '../../src/sessions/find-files.ts'
import { type ReadOptions, readSessions } from '../../src/sessions/read-sessions.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import { finalRecords } from './made-sessions.ts'

/** Against what does not end, or took the square of the time once. */
const GUARD = 30_000

const folder = temporaryFolder()

/** The ids that were read, sorted, and what was said, by place. */
async function read(paths: readonly string[], options?: ReadOptions): Promise<{ ids: string[]; told: string[] }> {
  const [ids, told]: [string[], string[]] = [[], []]
  for await (const { session, diagnostics } of readSessions(paths, options)) {
    if (session) ids.push(session.id ?? '')
    for (const found of diagnostics)
      told.push(
        `${found.file.replace(`${folder.path}/`, '')}:${found.line}:${found.column} ${found.code} ${messageOf(found)}`,
      )
  }
  return { ids: ids.sort(), told: told.sort() }
}

const records = [...finalRecords(6)]
const ids = records.map(({ id }) => String(id)).sort()
const lines = records.map((record) => JSON.stringify(record)).join('\n')

const chunksOf = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))

function write(name: string, content: string | Buffer): string {
  const path = folder.write(name, '')
  writeFileSync(path, content)
  return path
}

describe('every form in which records lie', () => {
  const forms: [name: string, content: string | Buffer][] = [
    ['list.json', JSON.stringify(records)],
    ['list-over-lines.json', JSON.stringify(records, null, 2)],
    ['list-a-record-a-line.json', `[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]\n`],
    ['several-put-together.json', records.map((record) => `${JSON.stringify(record, null, 2)}\n`).join('')],
    ['several-without-a-line-between.json', records.map((record) => JSON.stringify(record, null, 1)).join('')],
    ['several-on-one-line.json', records.map((record) => JSON.stringify(record)).join('')],
    ['lines.jsonl', lines],
    ['lines.ndjson', `${lines}\n`],
    ['lines-called-json.json', `${lines}\n`],
    ['lines-of-windows.jsonl', lines.replaceAll('\n', '\r\n')],
    ['lines-with-blank-ones.jsonl', `\n${lines.replaceAll('\n', '\n\n')}\n\n`],
    ['lines.jsonl.gz', gzipSync(lines)],
    ['list.json.gz', gzipSync(JSON.stringify(records, null, 2))],
    ['unpacked-on-the-way.json.gz', lines],
    ['byte-order-mark.json', `\uFEFF${JSON.stringify(records)}`],
    ['list-behind-mark.json', `\uFEFF[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]\n`],
    ['list-behind-blank-lines.json', `\n \n[\n${records.map((record) => JSON.stringify(record)).join(',\n')}\n]\n`],
    ['list-of-which-nothing-is-indented.json', JSON.stringify(records, null, 1).replace(/^ +/gm, '')],
    [
      'lists-put-together.json',
      records
        .map((record) => `[${JSON.stringify(record)}, null]\n`)
        .join('')
        .replaceAll(', null', ''),
    ],
    ['marks-put-together.json', records.map((record) => `\uFEFF${JSON.stringify(record, null, 1)}\n`).join('')],
    [
      'over-lines-then-lines.json',
      records.map((record, i) => `${JSON.stringify(record, null, i < 3 ? 2 : 0)}\n`).join(''),
    ],
    [
      'lines-then-over-lines.json',
      records.map((record, i) => `${JSON.stringify(record, null, i < 3 ? 0 : 2)}\n`).join(''),
    ],
    [
      'in-turns.json',
      records.map((record, i) => `${JSON.stringify(i % 3 ? record : [record], null, i % 2)}\n`).join(''),
    ],
    ['rows-a-line.json', records.map((record) => `${JSON.stringify(record).replaceAll('},{', '},\n{')}\n`).join('')],
    ['over-lines.jsonl', records.map((record) => `${JSON.stringify(record, null, 2)}\n`).join('')],
  ]
  for (const [name, content] of forms) {
    test(name, async () => assert.deepEqual(await read([write(name, content)]), { ids, told: [] }))

    test(`${name} on standard input`, async () =>
      assert.deepEqual(await read(['-'], { standardInput: [Buffer.from(content)] }), { ids, told: [] }))
  }

  test('standard input, in chunks of any size', async () => {
    for (const bytes of [Buffer.from(lines), gzipSync(lines), Buffer.from(JSON.stringify(records, null, 1))])
      for (const size of [1, 7, 4096]) {
        const chunks = Readable.from(chunksOf(bytes, size))
        assert.deepEqual(await read(['-'], { standardInput: chunks }), { ids, told: [] })
      }
  })

  test('values of any form, one behind the other, in chunks of any size', async () => {
    const record = fc.record({ id: fc.nat(), feedback: fc.string({ unit: 'grapheme' }), brand_new: fc.jsonValue() })
    const indent = fc.constantFrom(0, 1, 2)
    const one = fc.tuple(record, indent, fc.boolean()).map(([given, by, isFlat]) => {
      const text = JSON.stringify({ ...given, participants: [{ id: 1 }, { id: 2 }] }, null, by)
      return { count: 1, text: isFlat ? text.replace(/^ +/gm, '') : text }
    })
    const list = fc
      .tuple(fc.array(record, { maxLength: 3 }), indent)
      .map(([given, by]) => ({ count: given.length, text: JSON.stringify(given, null, by) }))
    const behind = fc.constantFrom('', ' ', '\n', '\r\n', '\r', '\n\n', '\n\uFEFF')
    const parts = fc.array(fc.tuple(fc.oneof(one, list), behind), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 1, max: 50 }), async (all, size) => {
        const bytes = Buffer.from(all.map(([{ text }, after]) => text + after).join(''))
        const { ids, told } = await read(['-'], { standardInput: chunksOf(bytes, size) })
        assert.equal(
          ids.length,
          all.reduce((sum, [{ count }]) => sum + count, 0),
        )
        assert.deepEqual(told, [])
      }),
      { numRuns: 500 },
    )
  })

  test('files so large that they are streamed', async () => {
    const many = Array.from({ length: 100 }, () => lines).join('\n')
    for (const [name, content] of [
      ['large.json', many],
      ['large.jsonl.gz', gzipSync(many, { level: 0 })],
      ['large-list.json', JSON.stringify(JSON.parse(`[${many.replaceAll('\n', ',')}]`), null, 1)],
      [
        'large-put-together.json',
        many
          .split('\n')
          .map((line) => `${JSON.stringify(JSON.parse(line), null, 1)}\n`)
          .join(''),
      ],
    ] as const)
      assert.equal((await read([write(name, content)])).ids.length, 600, name)
  })
})

describe('paths', () => {
  for (const [index, record] of records.entries())
    write(`bucket/2026/09/${index < 3 ? '01' : '02'}/call-${record.id}.json`, JSON.stringify(record))
  write('bucket/.hidden.json', '{"id": 1}')
  write('bucket/.trash/a.json', '{"id": 1}')
  write('bucket/notes.txt', 'nothing')
  const bucket = join(folder.path, 'bucket')

  const cases: [paths: string[], found: readonly string[]][] = [
    [[bucket], ids],
    [[join(bucket, '**', '*.json')], ids],
    [[join(bucket, '2026', '*', '01', '*.json')], ids.slice(0, 3)],
    [[join(bucket, '**')], ids],
    [[join(bucket, '**', '**', '02', '**')], ids.slice(3)],
    [[join(bucket, '**', '0?', 'CALL-*')], ids],
    [[join(bucket, '2026', '**', 'call-1005.json')], ids.slice(5)],
    [[join(bucket, '2026', '09', '02', 'call-1003.json'), join(bucket, '**', '01', '*')], ids.slice(0, 4)],
  ]
  for (const [paths, found] of cases)
    test(paths.map((path) => path.replace(folder.path, '')).join(' '), async () =>
      assert.deepEqual(await read(paths), { ids: found, told: [] }),
    )

  test('by name, whatever the disk makes of it', async () => {
    const names = ['b.json', 'a/z.json', 'B.json', 'a.json', 'c/1.json', 'a/b/1.json', 'é.json', '10.json', '9.json']
    for (const name of names) write(`unsorted/${name}`, '{"id": 1}')
    const found: string[] = []
    for await (const { origin } of readSessions([join(folder.path, 'unsorted')]))
      found.push(origin.file.replace(`${folder.path}/unsorted/`, ''))
    const sorted = ['10.json', '9.json', 'B.json', 'a.json', 'b.json', 'é.json', 'a/z.json', 'a/b/1.json', 'c/1.json']
    assert.deepEqual(found, sorted)
  })

  test('linked files and folders are read, once, and links around in a circle end', { timeout: GUARD }, async () => {
    write('linked/one/1.json', '{"id": 1}')
    write('linked/one/below/2.json', '{"id": 2}')
    write('elsewhere/3.json', '{"id": 3}')
    const [linked, elsewhere] = [join(folder.path, 'linked'), join(folder.path, 'elsewhere')]
    symlinkSync(elsewhere, join(linked, 'away'))
    symlinkSync(elsewhere, join(linked, 'away-again'))
    symlinkSync(linked, join(linked, 'one', 'up'))
    symlinkSync(linked, join(elsewhere, 'back'))
    symlinkSync(join(elsewhere, '3.json'), join(linked, 'three.json'))
    symlinkSync(join(linked, 'nowhere.json'), join(linked, 'nowhere.json'))
    const { ids, told } = await read([linked])
    assert.deepEqual([new Set(ids), ids.filter((id) => id === '3').length], [new Set(['1', '2', '3']), 2])
    assert.deepEqual(told, ['linked/nowhere.json:1:1 file/syntax this file cannot be read (ELOOP)'])
    assert.deepEqual((await read([join(linked, 'aw*', '*.json')])).ids, ['3', '3'])
  })

  test('a pipe in a folder is passed over, and one that is named is read', { timeout: GUARD }, async () => {
    write('pipes/1.json', '{"id": 1}')
    const pipe = join(folder.path, 'pipes', '2.json')
    execFileSync('mkfifo', [pipe])
    assert.deepEqual((await read([join(folder.path, 'pipes')])).ids, ['1'])
    const [{ ids }] = await Promise.all([read([pipe]), writeToPipe(pipe, '{"id": 2}')])
    assert.deepEqual(ids, ['2'])
  })

  const wrong: [path: string, says: RegExp][] = [
    [join(bucket, 'nothing.json'), /^there is no file or folder .*nothing\.json$/],
    [join(bucket, '*.xml'), /^no file matches .*\*\.xml$/],
    [join(folder.path, 'empty'), /^.*empty holds nothing to read: no \*\.json, \*\.jsonl/],
  ]
  write('empty/readme.md', '')
  for (const [path, says] of wrong)
    test(`${path.replace(folder.path, '')} stops the reading`, () =>
      assert.rejects(read([path]), (error) => error instanceof SessionsError && says.test(error.message)))
})

test('what is told of many takes the time of each, in one text too', async () => {
  const odd = Array.from({ length: 4000 }, (_, id) => JSON.stringify({ ...records[0], id, rating: [] }))
  for (const [name, text] of [
    ['odd-list.json', `[${odd.join(', ')}]`],
    ['odd-row.json', odd.join('')],
  ] as const) {
    const { told } = await read([write(name, text)])
    assert.equal(told.length, 4000)
    const column = text.lastIndexOf('"rating":[]') + '"rating":'.length + 1
    assert.ok(
      told.some((one) => one.startsWith(`${name}:1:${column} session/odd-value`)),
      'the last one, in its place',
    )
  }
})

test('of a compressed file that is not whole, what is there is read', async () => {
  const whole = gzipSync(lines)
  for (const length of [whole.length - 1, Math.floor(whole.length * 0.9)]) {
    const { ids: found, told } = await read([write('not-whole.jsonl.gz', whole.subarray(0, length))])
    assert.ok(found.length > 0, `${length} of ${whole.length} bytes`)
    assert.deepEqual(found, ids.slice(0, found.length))
    assert.deepEqual(told, ['not-whole.jsonl.gz:1:1 file/syntax this gzip file is broken, or not whole'])
  }
})

describe('a line that is cut off anywhere, and those around it', () => {
  const cut =
    '{"id": 9, "call": {"id": 9, "participants": [{"id": 8, "name": "\\"x"}, {"id": 7}], "lang": "en"}, "lang": ["en"]}'
  const around = ['{"id": 1}', '{"id": 2, "participants": [{"id": 3}]}', '{"id": 4}', '{"id": 5}']
  for (const before of [0, 1, 2, 4])
    test(`${before} before it`, async () => {
      for (let length = 1; length < cut.length; length++) {
        const content = [...around.slice(0, before), cut.slice(0, length), ...around.slice(before)].join('\n')
        const { ids, told } = await read(['-'], { standardInput: [Buffer.from(content)] })
        assert.deepEqual([ids, told.length], [['1', '2', '4', '5'], 1], cut.slice(0, length))
        assert.ok(told[0]?.startsWith(`standard input:${before + 1}:`), told[0])
      }
    })
})

test('lines that each leave a bracket open are read once', { timeout: GUARD }, async () => {
  const content = '{"a": [\n'.repeat(100_000)
  const { ids, told } = await read(['-'], { standardInput: [Buffer.from(content)] })
  assert.deepEqual([ids.length, told.length], [0, 100_000])
})

test('of a list larger than any record, each item is read', async () => {
  const item = Buffer.from(`${JSON.stringify({ id: 1, feedback: 'x'.repeat(1024 * 1024) })},\n`)
  function* list(): Generator<Buffer> {
    yield Buffer.from('[')
    for (let count = 0; count < 70; count++) yield item
    yield Buffer.from('{"id": 2}]')
  }
  const { ids, told } = await read(['-'], { standardInput: list() })
  assert.deepEqual([ids.length, told], [71, []])
})

test('what is told of one takes the time of one, however much it is', { timeout: GUARD }, async () => {
  const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, name: '🙂', call_duration: 'x' }))
  const text = JSON.stringify({ id: 1, participants: rows })
  const { ids, told } = await read([write('odd-rows.json', text)])
  assert.deepEqual([ids, told.length], [['1'], 20_000])
  const column = [...text.slice(0, text.lastIndexOf('"x"'))].length + 1
  assert.ok(
    told.some((one) => one.startsWith(`odd-rows.json:1:${column} session/odd-value participants[19999].call_duration`)),
    'the last one, in its place',
  )
})

describe('what is broken is told in its place, and the rest is read', () => {
  const [one = '', two = ''] = lines.split('\n')
  const cases: [name: string, content: string | Buffer, found: readonly string[], told: readonly string[]][] = [
    [
      'broken-line.jsonl',
      `${one}\n{"id": 1,}\n${two}\n`,
      ids.slice(0, 2),
      ['broken-line.jsonl:2:9 file/syntax this comma is one too many: } follows it'],
    ],
    [
      'broken-first.json',
      `{"id": 1, "lang\n${one}\n`,
      ids.slice(0, 1),
      [
        'broken-first.json:1:11 file/syntax this text is not closed on its line, or holds a backslash with no meaning in JSON',
      ],
    ],
    [
      'broken-among-several.json',
      '{"id": 1}{"id": 2,}{"id": 3}\n',
      ['1', '3'],
      ['broken-among-several.json:1:18 file/syntax this comma is one too many: } follows it'],
    ],
    [
      'odd-among-several.json',
      '{\n"id": 1\n}\n{\n"id": 2,\n"rating": []}{"id": 3, "rating": []}',
      ['1', '2', '3'],
      [
        'odd-among-several.json:6:11 session/odd-value rating: expected a number; it is read as if it were not there',
        'odd-among-several.json:6:34 session/odd-value rating: expected a number; it is read as if it were not there',
      ],
    ],
    [
      'old-line-ends.json',
      '{"id": 1,\r"lang": "en"}\r{"id": 2,}{"id": 3,\r"lang": "en", "rating": []}',
      ['1', '3'],
      [
        'old-line-ends.json:3:9 file/syntax this comma is one too many: } follows it',
        'old-line-ends.json:4:25 session/odd-value rating: expected a number; it is read as if it were not there',
      ],
    ],
    [
      'broken-in-list.json',
      '[\n{"id": 1},\n{"id": 2, "lang": "en},\n{"id": 3,},\n{"id": 4}\n]\n{"id": 5}',
      ['1', '4', '5'],
      [
        'broken-in-list.json:3:19 file/syntax this text is not closed on its line, or holds a backslash with no meaning in JSON',
        'broken-in-list.json:4:9 file/syntax this comma is one too many: } follows it',
      ],
    ],
    [
      'broken-among-indented.json',
      '[\n  {\n    "id": 1\n  },\n  {\n    "id": "2,\n    "participants": [\n      {"id": 3}\n    ]\n  },\n  {\n    "id": 4\n  }\n]',
      ['1', '4'],
      [
        'broken-among-indented.json:6:11 file/syntax this text is not closed on its line, or holds a backslash with no meaning in JSON',
      ],
    ],
    [
      'list-without-a-comma.json',
      '[{"id": 1} {"id": 2}, {"id": 3}]',
      ['1', '2', '3'],
      ['list-without-a-comma.json:1:12 file/syntax a comma is missing before this'],
    ],
    [
      'list-with-a-comma-behind.json',
      '[{"id": 1},\n]\n{"id": 2}',
      ['1', '2'],
      ['list-with-a-comma-behind.json:2:1 file/syntax the comma before this is one too many'],
    ],
    [
      'lines-with-commas.json',
      '{"id": 1},\n{"id": 2},\n{"id": 3}\n',
      ['1', '2', '3'],
      ['lines-with-commas.json:1:10 file/syntax this comma is one too many'],
    ],
    [
      'list-cut-short.json',
      '[{"id": 1},\n{"id": 2},',
      ['1', '2'],
      ['list-cut-short.json:1:1 file/syntax this [ is not closed'],
    ],
    [
      'latin-among-lines.json',
      Buffer.concat([Buffer.from('{"id": 1}\n{\n"id": "'), Buffer.from([0xe9]), Buffer.from('"\n}\n{"id": 2}\n')]),
      ['1', '2'],
      ['latin-among-lines.json:3:1 file/syntax this is not UTF-8 text'],
    ],
    [
      'deep-among-several.json',
      `{"id": 1, "lang":\n ${'[\n '.repeat(64)}${']\n '.repeat(64)}}\n{"id": 2}`,
      ['2'],
      [
        'deep-among-several.json:1:1 file/syntax this is nested deeper than 64 levels, more than anything that belongs here',
      ],
    ],
    ['cut-short.json', '{\n  "id": 1,\n  "lang": "en"', [], ['cut-short.json:1:1 file/syntax this { is not closed']],
    ['empty.json', '', [], ['empty.json:1:1 file/syntax this file is empty']],
    ['empty.jsonl', '', [], []],
    ['latin.json', Buffer.from([0x7b, 0xe9, 0x7d]), [], ['latin.json:1:1 file/syntax this is not UTF-8 text']],
    [
      'broken.json.gz',
      gzipSync(lines).subarray(0, 60),
      [],
      ['broken.json.gz:1:1 file/syntax this gzip file is broken, or not whole'],
    ],
    [
      'transcript.json',
      JSON.stringify({ comm_type: 'call', comm_id: 1, transcript_version: '1.0', assigned_at: null, entries: [] }),
      [],
      [
        'transcript.json:1:1 session/not-metadata this is no session metadata: none of its keys are here, or it is a transcript; it is left out',
      ],
    ],
    [
      'odd.jsonl',
      `${one}\n  {"call": {"id": 7, "participants": [{"id": 1}, {"id": 2, "hold_duration": {}}], "lang": ["en"]}}\n`,
      [ids[0] ?? '', '7'],
      [
        'odd.jsonl:2:77 session/odd-value call.participants[1].hold_duration: expected a number of seconds; it is read as if it were not there',
        'odd.jsonl:2:91 session/odd-value call.lang: expected text; it is read as if it were not there',
      ],
    ],
    [
      'list.json',
      '[{"id": 8}, 5, {"id": 9}]',
      ['8', '9'],
      [
        'list.json:1:13 session/not-metadata this is no session metadata: none of its keys are here, or it is a transcript; it is left out',
      ],
    ],
  ]
  for (const [name, content, found, told] of cases)
    test(name, async () => assert.deepEqual(await read([write(name, content)]), { ids: found, told }))
})

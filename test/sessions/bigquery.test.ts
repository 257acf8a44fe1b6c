import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { makeReport } from '../../src/sessions/make-report.ts'
import { readRecord } from '../../src/sessions/read-record.ts'
import { STATUSES } from '../../src/sessions/status.ts'
import { FULL_CALL, FULL_CHAT } from './full-record.ts'
import { madeSessions } from './made-sessions.ts'

// BigQuery itself is out of reach here. DuckDB understands report.sql as it is, and this of bigquery.sql after some words of it are
// changed: that it reads the same from the files as our reader does is tested, and that BigQuery takes each word of it is not.

const SESSIONS = join(import.meta.dirname, '../../src/sessions')
const [TABLES, REPORT] = ['bigquery.sql', 'report.sql'].map((name) => readFileSync(join(SESSIONS, name), 'utf8'))

/** What BigQuery has, in DuckDB's words. */
const HELPERS = `
CREATE MACRO bq_value(json, path) AS
  CASE WHEN json_type(json, path) NOT IN ('OBJECT', 'ARRAY', 'NULL') THEN json ->> path END;
CREATE MACRO bq_query(json, path) AS CASE WHEN json_type(json, path) <> 'NULL' THEN json -> path END;
CREATE MACRO bq_array(json, path) AS
  CASE WHEN json_type(json, path) = 'ARRAY' THEN json_extract(json, path || '[*]') END;
CREATE MACRO bq_replace(given, pattern, put) AS regexp_replace(given, pattern, put, 'g');`

const toDuckDb = (sql: string): string =>
  sql
    .replace(/LOAD DATA[^;]*;/, '')
    .replace(/CREATE TEMP FUNCTION (\w+)\((\w+) STRING\) AS/g, 'CREATE MACRO $1($2) AS')
    .replace(/SAFE\.PARSE_JSON\((\w+), [^)]*\)/g, 'TRY_CAST($1 AS JSON)')
    .replace(/JSON_VALUE\(/g, 'bq_value(')
    .replace(/JSON_QUERY\(/g, 'bq_query(')
    .replace(/JSON_QUERY_ARRAY\(/g, 'bq_array(')
    .replace(/ARRAY_CONCAT\(/g, 'list_concat(')
    .replace(/UNNEST\((\w+)\) AS human/g, '(SELECT unnest($1) AS human)')
    .replace(
      /UNNEST\((.*?)\) AS item WITH OFFSET AS part/gs,
      (_, list) =>
        `LATERAL (SELECT unnest(l) AS item, generate_subscripts(l, 1) - 1 AS part FROM (SELECT ${list} AS l))`,
    )
    .replace(/ARRAY_LENGTH\(/g, 'len(')
    .replace(/UNIX_MILLIS\(SAFE_CAST\((\w+) AS TIMESTAMP\)\)/g, 'epoch_ms(TRY_CAST($1 AS TIMESTAMPTZ))')
    .replace(/SAFE_CAST\(/g, 'TRY_CAST(')
    .replaceAll('FLOAT64', 'DOUBLE')
    .replace(/REGEXP_REPLACE\(/g, 'bq_replace(')
    .replace(/\br'/g, "'")

test('the tables that BigQuery makes of files are those that the report counts', async () => {
  const made = [...madeSessions(200)].flatMap(({ first, final }) => [{ call: first }, final])
  const undated = [...madeSessions(20, { seed: 2 })].flatMap(({ first, final }) =>
    [final, first].map((one) => ({ ...one, id: `undated-${one.id}`, updated_at: null, status: one === first ? 7 : 8 })),
  )
  const empty = {
    id: 1,
    call_uuid: '',
    chat_type: 'Messaging (Web)',
    session_type_v2: '',
    session_type: 'Voice Inbound',
  }
  const records = [
    ...made,
    FULL_CALL,
    FULL_CHAT,
    { id: 9, created_at: '2026-10-02' },
    empty,
    { ...empty, chat_type: '' },
    ...undated,
    { comm_id: 1, transcript_version: '1.0' },
  ]
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const lines = [...records.map((record) => JSON.stringify(record)), 'no JSON'].map(
    (line) => `('${line.replaceAll("'", "''")}')`,
  )
  const file = `CREATE TABLE file (line VARCHAR); INSERT INTO file VALUES ${lines.join(',\n')};`
  const statements = await connection.extractStatements(`${HELPERS}${file}${toDuckDb(TABLES ?? '')}${REPORT}`)
  const results = []
  for (let index = 0; index < statements.count; index++)
    results.push(await (await statements.prepare(index)).runAndReadAll())
  const figures = results.at(-2)?.getRowObjects() ?? []
  const report = await makeReport(records.flatMap((record) => readRecord(record)?.session ?? []))
  const expected = report.groups.flatMap(({ facet, value = null, count, figures }) =>
    Object.entries({ ...figures, count: { known: count, median: 1, p90: 1, p95: 1 } })
      .filter(([, { known }]) => known)
      .map(([measure, { known, median = null, p90 = null, p95 = null }]) =>
        JSON.stringify({ facet, value, measure, known, median, p90, p95 }),
      ),
  )
  const found = figures.map(({ facet, value, measure, known, median, p90, p95 }) =>
    JSON.stringify({ facet, value, measure, known: Number(known), median, p90, p95 }),
  )
  assert.deepEqual(found.sort(), expected.sort())
  connection.closeSync()
  instance.closeSync()
})

test('it knows each status', () => {
  for (const [number, word] of STATUSES) assert.ok(TABLES?.includes(`WHEN '${number}' THEN '${word}'`), word)
})

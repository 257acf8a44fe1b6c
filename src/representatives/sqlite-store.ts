import { closeSync, openSync } from 'node:fs'
import type Libsql from 'libsql'
import {
  type Change,
  type ConversationRecord,
  type Item,
  type NumberedNews,
  type Outcome,
  type Store,
  StoreError,
  type WaitingCall,
} from './store.ts'

/** Whoever changes these tables gives them the next number. */
const VERSION = 1
const TABLES = `
  CREATE TABLE conversations (id TEXT PRIMARY KEY, record TEXT NOT NULL, is_timed INTEGER NOT NULL, at INTEGER NOT NULL);
  CREATE INDEX timed ON conversations (is_timed) WHERE is_timed;
  CREATE TABLE inbox (number INTEGER PRIMARY KEY, conversation TEXT NOT NULL, key TEXT NOT NULL, call TEXT, outcome TEXT,
    at INTEGER NOT NULL, UNIQUE (conversation, key));
  CREATE INDEX undone ON inbox (conversation, number) WHERE outcome IS NULL;
  CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL,
    emission TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0);
  CREATE INDEX unsent ON outbox (conversation, number);
  CREATE TABLE news (number INTEGER PRIMARY KEY AUTOINCREMENT, conversation TEXT NOT NULL, news TEXT NOT NULL, at INTEGER NOT NULL);
  PRAGMA user_version = ${VERSION};`

/**
 * One process at a time; every commit is on the disk when it returns; what is deleted is overwritten, since it holds what people wrote.
 * The lock is the operating system's, and ends with the process, however it ends.
 */
const HABITS =
  'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;'

/** Opens the file, or makes it, readable by its owner alone. Throws a StoreError. */
export async function openSqliteStore(path: string): Promise<Store> {
  const { default: Database } = await import('libsql').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new StoreError(
      'the bridge keeps its conversations in SQLite, and needs a package for it: npm install --no-save libsql@0.5.29',
    )
  })
  try {
    closeSync(openSync(path, 'a', 0o600))
    const database = new Database(path)
    database.exec(HABITS)
    prepareTables(database, path)
    return new SqliteStore(database)
  } catch (error) {
    throw error instanceof StoreError ? error : new StoreError(`${path} cannot be used: ${problemOf(error)}`)
  }
}

function prepareTables(database: Libsql.Database, path: string): void {
  const [{ user_version: version = 0 } = {}] = database.prepare('PRAGMA user_version').all() as {
    user_version: number
  }[]
  const isEmpty = database.prepare('SELECT name FROM sqlite_schema LIMIT 1').all().length === 0
  if (isEmpty) database.transaction(() => database.exec(TABLES)).exclusive()
  else if (version !== VERSION)
    throw new StoreError(`${path} is no store of this version of the bridge: name another file in BRIDGE_STORE`)
}

const PROBLEMS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'another bridge is using it; each needs a file of its own in BRIDGE_STORE',
  SQLITE_NOTADB: 'it is no SQLite file; name another in BRIDGE_STORE',
  ENOENT: 'its folder does not exist; make it, or name another in BRIDGE_STORE',
  EACCES: 'it may not be written; name another in BRIDGE_STORE',
  EISDIR: 'it is a folder; name a file in BRIDGE_STORE',
}

function problemOf(error: unknown): string {
  const { code = 'unknown error' } = error as { code?: string }
  return PROBLEMS[code] ?? code
}

type Row = Readonly<Record<string, string | number>>

class SqliteStore implements Store {
  readonly #database: Libsql.Database
  readonly #statements = new Map<string, Libsql.Statement<unknown[]>>()

  constructor(database: Libsql.Database) {
    this.#database = database
  }

  record(conversationId: string): ConversationRecord | undefined {
    const [row] = this.#rows('SELECT record FROM conversations WHERE id = ?', conversationId)
    return row && JSON.parse(String(row.record))
  }

  accept({ conversationId, key, call }: Item, now: number): boolean {
    const sql = 'INSERT INTO inbox (conversation, key, call, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
    return this.#run(sql, conversationId, key, JSON.stringify(call), now) > 0
  }

  nextItem(conversationId: string): Item | undefined {
    const sql = 'SELECT key, call FROM inbox WHERE conversation = ? AND outcome IS NULL ORDER BY number LIMIT 1'
    const [row] = this.#rows(sql, conversationId)
    return row && { conversationId, key: String(row.key), call: JSON.parse(String(row.call)) }
  }

  outcome(conversationId: string, key: string): Outcome | undefined {
    const sql = 'SELECT outcome FROM inbox WHERE conversation = ? AND key = ? AND outcome IS NOT NULL'
    const [row] = this.#rows(sql, conversationId, key)
    return row && JSON.parse(String(row.outcome))
  }

  calls(conversationId: string): WaitingCall[] {
    const sql = 'SELECT id, emission, tries FROM outbox WHERE conversation = ? ORDER BY number'
    return this.#rows(sql, conversationId).map(({ id, emission, tries }) => ({
      id: String(id),
      conversationId,
      emission: JSON.parse(String(emission)),
      tries: Number(tries),
    }))
  }

  countTry(callId: string): void {
    this.#run('UPDATE outbox SET tries = tries + 1 WHERE id = ?', callId)
  }

  commit(change: Change, now: number): void {
    this.#database.transaction(() => this.#write(change, now)).immediate()
  }

  #write({ conversationId, record, done, calls = [], settled = [], news = [] }: Change, now: number): void {
    if (record) {
      const { humans, waitingSince } = record.conversation
      const isTimed = humans.length > 0 || waitingSince !== undefined ? 1 : 0
      const sql = 'INSERT OR REPLACE INTO conversations (id, record, is_timed, at) VALUES (?, ?, ?, ?)'
      this.#run(sql, conversationId, JSON.stringify(record), isTimed, now)
    }
    if (done) {
      const sql = 'UPDATE inbox SET outcome = ?, call = NULL, at = ? WHERE conversation = ? AND key = ?'
      this.#run(sql, JSON.stringify(done.outcome), now, conversationId, done.key)
    }
    for (const id of settled) this.#run('DELETE FROM outbox WHERE id = ?', id)
    for (const { id, emission } of calls) {
      const sql = 'INSERT INTO outbox (id, conversation, emission) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
      this.#run(sql, id, conversationId, JSON.stringify(emission))
    }
    for (const one of news) {
      const sql = 'INSERT INTO news (conversation, news, at) VALUES (?, ?, ?)'
      this.#run(sql, conversationId, JSON.stringify(one), now)
    }
  }

  newsAfter(number: number, limit: number): NumberedNews[] {
    const sql = 'SELECT number, conversation, news FROM news WHERE number > ? ORDER BY number LIMIT ?'
    return this.#rows(sql, number, limit).map((row) => ({
      number: Number(row.number),
      conversationId: String(row.conversation),
      news: JSON.parse(String(row.news)),
    }))
  }

  unfinished(): string[] {
    const sql = 'SELECT conversation FROM inbox WHERE outcome IS NULL UNION SELECT conversation FROM outbox'
    return this.#rows(sql).map(({ conversation }) => String(conversation))
  }

  timed(): ConversationRecord[] {
    return this.#rows('SELECT record FROM conversations WHERE is_timed').map(({ record }) => JSON.parse(String(record)))
  }

  forget(before: number): void {
    this.#run('DELETE FROM inbox WHERE at < ? AND outcome IS NOT NULL', before)
    this.#run('DELETE FROM news WHERE at < ?', before)
    // What waits for the channel is given up in its time, unless the channel has closed the conversation.
    const old = `at < ? AND NOT is_timed AND id NOT IN (SELECT conversation FROM inbox WHERE outcome IS NULL)
      AND (json_extract(record, '$.closed') OR id NOT IN (SELECT conversation FROM outbox))`
    this.#run(`DELETE FROM outbox WHERE conversation IN (SELECT id FROM conversations WHERE ${old})`, before)
    this.#run(`DELETE FROM conversations WHERE ${old}`, before)
  }

  /** libsql leaves a database open until its statements are collected: the lock, and the second file, end before. */
  close(): void {
    for (const pragma of ['journal_mode = DELETE', 'locking_mode = NORMAL']) this.#database.exec(`PRAGMA ${pragma}`)
    this.#database.exec('SELECT count(*) FROM conversations')
    this.#database.close()
  }

  /** Never `get`: behind an `all` of the same statement, libsql 0.5.29 gives the row of before. */
  #rows(sql: string, ...values: (string | number)[]): Row[] {
    return this.#statement(sql).all(...values) as Row[]
  }

  /** How many rows have changed. */
  #run(sql: string, ...values: (string | number)[]): number {
    return (this.#statement(sql).run(...values) as { changes: number }).changes
  }

  #statement(sql: string): Libsql.Statement<unknown[]> {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql)
    this.#statements.set(sql, known)
    return known
  }
}

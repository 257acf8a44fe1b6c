import type { Progress } from '../core/progress.ts'
import { readJsonFiles } from './json-files.ts'
import type { Chunks } from './lines.ts'
import { type Reading, toReading } from './read-document.ts'
import { type RecordKey, readRecord, recordReader } from './read-record.ts'

export interface ReadOptions {
  /** What `-` stands for. */
  readonly standardInput?: Chunks
  readonly progress?: Progress
  /** Those of the records that are read, as if there were no others; all unless this is given. */
  readonly keys?: readonly RecordKey[] | undefined
}

/**
 * Every record that paths stand for, one by one: see `readJsonFiles`. Both exports of a session come, in the order of the files: see
 * `supersedes`. A million of them need the memory of one, and of the names in a folder.
 */
export async function* readSessions(
  paths: readonly string[],
  { standardInput, progress, keys }: ReadOptions = {},
): AsyncGenerator<Reading> {
  let [sessions, files] = [0, 0]
  let last: string | undefined
  const read = keys ? recordReader(keys) : readRecord
  for await (const json of readJsonFiles(paths, standardInput)) {
    const reading = toReading(json, read)
    if (reading.session) sessions++
    if (json.origin.file !== last) files++
    last = json.origin.file
    progress?.({ files, sessions })
    yield reading
  }
}

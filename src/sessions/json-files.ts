import { isUtf8 } from 'node:buffer'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { findFiles, STANDARD_INPUT } from './find-files.ts'
import { type JsonReading, type Origin, parseJson, readJsonText, readParsed, unread } from './json-text.ts'
import { type Chunks, linesOf, MAX_TEXT, TooLongError } from './lines.ts'

/**
 * Every value that paths stand for, one by one: files, folders and globs of JSON, lists of it, JSON lines, or any of them compressed by
 * gzip, and `-` for standard input. What cannot be read is a diagnostic in its place. Nothing is kept from one value to the next.
 */
export async function* readJsonFiles(paths: readonly string[], standardInput?: Chunks): AsyncGenerator<JsonReading> {
  for await (const path of findFiles(paths)) {
    const file = path === STANDARD_INPUT ? 'standard input' : path.replaceAll('\\', '/')
    try {
      yield* readPath(path, file, standardInput)
    } catch (error) {
      if (!isSystemError(error)) throw error
      yield unread(beginning(file), { ...NO_SPAN, problem: problemOf(error.code) })
    }
  }
}

/** Files up to this size are read whole: there are many of them, and a stream for each costs more than reading it. Bytes. */
const WHOLE = 1024 * 1024
/** Compressed, and about a thousand times as much inside at the most. */
const WHOLE_GZIP = MAX_TEXT / 2048

function readPath(path: string, file: string, standardInput: Chunks | undefined): AsyncGenerator<JsonReading> {
  if (path === STANDARD_INPUT) return readChunks(unzipped(standardInput ?? process.stdin), file)
  if (isSmall(path)) return readWhole(readFileSync(path), file)
  return readChunks(unzipped(createReadStream(path, { highWaterMark: WHOLE })), file)
}

const isSmall = (path: string): boolean => statSync(path).size <= (path.endsWith('.gz') ? WHOLE_GZIP : WHOLE)

const NO_SPAN = { start: 0, end: 0 }
const beginning = (file: string, line = 1, text = ''): Origin => ({ file, text, line, column: 1 })

const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { readonly code: string } =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'

const problemOf = (code: string): string =>
  code.startsWith('Z_') ? 'this gzip file is broken, or not whole' : `this file cannot be read (${code})`

// ---- bytes

/** Whatever the file is called: storage unpacks some on the way. */
const isGzip = (bytes: Uint8Array | undefined): boolean => bytes?.[0] === 0x1f && bytes[1] === 0x8b

async function* unzipped(chunks: Chunks): AsyncGenerator<Uint8Array> {
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  try {
    let head = Buffer.alloc(0)
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      head = Buffer.concat([head, next.value])
      if (head.length >= 2) break
    }
    const all = prepend(head, iterator)
    yield* isGzip(head) ? gunzip(all) : all
  } finally {
    await iterator.return?.()
  }
}

async function* prepend(
  head: Uint8Array,
  rest: Iterator<Uint8Array> | AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield head
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const unzip = createGunzip()
  // Whoever reads the end of it meets the error.
  pipeline(Readable.from(chunks), unzip, () => {})
  return unzip
}

// ---- text

function decode(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
}

/** Every value of a file that is in memory already. */
export async function* readWhole(bytes: Uint8Array, file: string): AsyncGenerator<JsonReading> {
  const inner = isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: MAX_TEXT }) : bytes
  const text = decode(inner)
  const parsed = text === undefined || NAMED_LINES.test(file) ? undefined : parseJson(text)
  if (text !== undefined && parsed) yield* readParsed(parsed.value, beginning(file, 1, text))
  else yield* readChunks([inner], file)
}

const NAMED_LINES = /\.(?:jsonl|ndjson)(?:\.gz)?$/i

/** Whether a line may be a record by itself: in JSON over several lines none does both, begin and end so. */
const isRecord = (line: Buffer): boolean => line[0] === BEGIN && /\}\s*$/.test(line.toString('latin1', line.length - 2))

/** Line by line as soon as a line holds a record, else text by text; of a stream of either, no more than one is held. */
async function* readChunks(chunks: Chunks, file: string): AsyncGenerator<JsonReading> {
  const open = new OpenText()
  let [isLines, number] = [NAMED_LINES.test(file), 0]
  try {
    for await (const lines of linesOf(chunks))
      for (const line of lines) {
        number++
        isLines ||= isRecord(line) && !open.isList
        if (open.isHeld && (isLines || open.isOverBefore(line))) yield* open.close(file, isLines)
        // One by one: to hand a whole generator on takes three times as long, for each of a million lines.
        if (isLines) for (const reading of readText(line, file, number)) yield reading
        else open.push(line, number)
      }
    if (!isLines) yield* open.close(file, false)
    if (number === 0 && !isLines) yield* readJsonText('', file)
  } catch (error) {
    if (!(error instanceof TooLongError)) throw error
    yield unread(beginning(file, number + 1), { ...NO_SPAN, problem: TOO_LONG })
  }
}

/** JSON over several lines that has not ended yet. */
class OpenText {
  #lines: Buffer[] = []
  #first = 1
  #size = 0

  get isHeld(): boolean {
    return this.#lines.length > 0
  }

  get isList(): boolean {
    return this.#lines[0]?.[0] === LIST
  }

  /** Where files are put together, one ends with the brace of its first line, and the next begins. */
  isOverBefore(line: Buffer): boolean {
    return line[0] === BEGIN && this.#lines.at(-1)?.[0] === END
  }

  push(line: Buffer, number: number): void {
    if (this.#lines.length === 0) this.#first = number
    this.#lines.push(line)
    this.#size += line.length
    if (this.#size > MAX_TEXT) throw new TooLongError()
  }

  /** Reads what is open, as one text or, where it turns out that each line is one, line by line. */
  *close(file: string, isLines: boolean): Generator<JsonReading> {
    const [lines, first] = [this.#lines, this.#first]
    this.#lines = []
    this.#size = 0
    if (isLines) for (const [index, line] of lines.entries()) yield* readText(line, file, first + index)
    else if (lines.length) yield* readText(Buffer.concat(lines.flatMap((line) => [line, LINE_END])), file, first, true)
  }
}

const [BEGIN, END, LIST] = [0x7b, 0x7d, 0x5b]
const LINE_END = Buffer.from('\n')
const TOO_LONG = `this JSON goes on for more than ${MAX_TEXT / 1024 / 1024} MiB, and nothing behind it was read; write one record a line, in a file called *.jsonl`

function* readText(bytes: Buffer, file: string, line: number, isWhole = false): Generator<JsonReading> {
  const text = decode(bytes)
  if (text === undefined) yield unread(beginning(file, line), { ...NO_SPAN, problem: 'this is not UTF-8 text' })
  else if (isWhole || text.trim() !== '') yield* readJsonText(text, file, line)
}

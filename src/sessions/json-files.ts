import { isUtf8 } from 'node:buffer'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import { findFiles, STANDARD_INPUT } from './find-files.ts'
import { type JsonReading, type Origin, parseJson, readJsonText, readPiece, readValue, unread } from './json-text.ts'
import { type Chunks, linesOf, MAX_TEXT, TooLongError } from './lines.ts'
import { type Piece, ValueSplitter } from './split-values.ts'

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

/** Of a pipe nobody knows how much will come. */
function isSmall(path: string): boolean {
  const found = statSync(path)
  return found.isFile() && found.size <= (path.endsWith('.gz') ? WHOLE_GZIP : WHOLE)
}

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

function decode(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8')
  // What cannot be decoded becomes this character, which may also stand there.
  if (text.includes('\uFFFD') && !isUtf8(bytes)) return undefined
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Every value of a file that is in memory already. */
export async function* readWhole(bytes: Buffer, file: string): AsyncGenerator<JsonReading> {
  const text = isGzip(bytes) ? gunzipText(bytes) : decode(bytes)
  // As far as it can be read.
  if (text === undefined) yield* readChunks(unzipped([bytes]), file)
  else if (text.trim() !== '') yield* readJsonText(text, file)
  else yield* readNothing(file)
}

/** Undefined where it is broken, no text, or too long to be held. */
function gunzipText(bytes: Buffer): string | undefined {
  try {
    return decode(gunzipSync(bytes, { maxOutputLength: MAX_TEXT }))
  } catch (error) {
    if (!isSystemError(error)) throw error
    return undefined
  }
}

/** Values of any form, one behind the other; of a stream of them, no more than one is held. */
async function* readChunks(chunks: Chunks, file: string): AsyncGenerator<JsonReading> {
  const values = new ValueSplitter()
  let isBlank = true
  try {
    for await (const lines of linesOf(chunks))
      for (const bytes of lines) {
        const text = decode(bytes)
        isBlank &&= text?.trim() === ''
        // One by one: to hand a whole generator on takes three times as long, for each of a million lines.
        const record = text !== undefined && values.isOutside ? readRecordLine(text, file, values.line) : undefined
        if (record) {
          values.pass()
          yield record
        } else for (const piece of piecesIn(text, values)) yield readPiece(piece, file)
      }
    for (const piece of values.end()) yield readPiece(piece, file)
    if (isBlank) yield* readNothing(file)
  } catch (error) {
    if (!(error instanceof TooLongError)) throw error
    yield unread(beginning(file, values.line), { ...NO_SPAN, problem: TOO_LONG })
  }
}

/** A line that is one record by itself needs nobody to look for its end, and most are. */
function readRecordLine(text: string, file: string, line: number): JsonReading | undefined {
  if (!text.startsWith('{') || !/\}\s?$/.test(text.slice(-2)) || isCutInside(text)) return
  const parsed = parseJson(text)
  return parsed && readValue(parsed.value, beginning(file, line, text))
}

/** Old line ends are ends of lines as well. */
function isCutInside(line: string): boolean {
  const end = line.indexOf('\r')
  return end >= 0 && end < line.length - 1
}

function piecesIn(text: string | undefined, values: ValueSplitter): readonly Piece[] {
  if (text === undefined) return [values.refuse('this is not UTF-8 text')]
  const line = text.endsWith('\r') ? text.slice(0, -1) : text
  return isCutInside(line) ? line.split('\r').flatMap((part) => values.push(part)) : values.push(line)
}

/** In a file of lines there may be none. */
function* readNothing(file: string): Generator<JsonReading> {
  if (!NAMED_LINES.test(file)) yield* readJsonText('', file)
}

const NAMED_LINES = /\.(?:jsonl|ndjson)(?:\.gz)?$/i
const TOO_LONG = `this JSON goes on for more than ${MAX_TEXT / 1024 / 1024} MiB, and nothing behind it was read; write one record a line`

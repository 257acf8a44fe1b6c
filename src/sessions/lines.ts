/** Longer than this is no record. Bytes. */
export const MAX_TEXT = 64 * 1024 * 1024

/** The lines of a file are longer than anything that could be a record: nothing behind is read. */
export class TooLongError extends Error {}

/** The lines of UTF-8 text that comes in chunks, without their ends, those of a chunk together; of the next, at most one is held. */
export async function* linesOf(chunks: Chunks): AsyncGenerator<readonly Buffer[]> {
  let open: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Buffer[] = []
    let start = 0
    for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, start)) {
      const line = bytes.subarray(start, end)
      lines.push(open.length ? Buffer.concat([...open, line]) : line)
      open = []
      length = 0
      start = end + 1
    }
    if (lines.length) yield lines
    length += bytes.length - start
    if (length > MAX_TEXT) throw new TooLongError()
    if (start < bytes.length) open.push(bytes.subarray(start))
  }
  if (open.length) yield [Buffer.concat(open)]
}

/** The bytes of a file. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

const NEW_LINE = 0x0a

import type { DroppedFile } from '../protocol.ts'

/** What the studio takes at once; `carryover sessions` reads any number. Characters. */
const MAX_TEXT = 48 * 1024 * 1024

const TOO_MUCH = 'That is more than the studio takes at once: use "carryover sessions report" for a whole folder.'

/** What was dropped, as far as it can be read: texts of files, unpacked where they are compressed. */
export interface ReadFiles {
  readonly files: readonly DroppedFile[]
  /** What is wrong with the others, without a word of what they say. */
  readonly problems: readonly string[]
}

/** The files that can be read, and those that cannot; a problem where they are more than the studio takes. */
export async function readDropped(files: readonly File[]): Promise<ReadFiles | { readonly problem: string }> {
  const read: DroppedFile[] = []
  const problems: string[] = []
  let size = 0
  for (const file of files) {
    if (size + file.size > MAX_TEXT) return { problem: TOO_MUCH }
    const text = await textOf(file).catch(() => undefined)
    size += text?.length ?? 0
    if (size > MAX_TEXT) return { problem: TOO_MUCH }
    if (text === undefined) problems.push(`${file.name} cannot be read: a folder, or a broken gzip file?`)
    else read.push({ name: file.name, text })
  }
  return { files: read, problems }
}

async function textOf(file: File): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  if (first !== 0x1f || second !== 0x8b) return file.text()
  return new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text()
}

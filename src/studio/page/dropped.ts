import type { DroppedFile } from '../protocol.ts'

/** What the studio takes at once; `carryover sessions` reads any number. Characters. */
const MAX_TEXT = 48 * 1024 * 1024

const TOO_MUCH = 'That is more than the studio takes at once: use "carryover sessions report" for a whole folder.'

/** The texts of files, unpacked where they are compressed; or what is wrong, without a word of what they say. */
export async function readDropped(
  files: readonly File[],
): Promise<{ readonly files: readonly DroppedFile[] } | { readonly problem: string }> {
  const read: DroppedFile[] = []
  let size = 0
  for (const file of files) {
    if (size + file.size > MAX_TEXT) return { problem: TOO_MUCH }
    const text = await textOf(file).catch(() => undefined)
    if (text === undefined) return { problem: `${file.name} cannot be read: a folder, or a broken gzip file?` }
    size += text.length
    if (size > MAX_TEXT) return { problem: TOO_MUCH }
    read.push({ name: file.name, text })
  }
  return { files: read }
}

async function textOf(file: File): Promise<string> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  if (first !== 0x1f || second !== 0x8b) return file.text()
  return new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).text()
}

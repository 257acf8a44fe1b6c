const DIRECTORY_ENTRY = 0x02014b50
const DIRECTORY_END = 0x06054b50
const DIRECTORY_END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50

/** Whether each file that was unpacked is the one that its zip's directory tells of: the unpacker itself does not look. */
export function areWhole(unpacked: Readonly<Record<string, Uint8Array>>, zip: Uint8Array): boolean {
  const checksums = readChecksums(Buffer.from(zip.buffer, zip.byteOffset, zip.length))
  return Object.entries(unpacked).every(([name, bytes]) => checksums.get(name) === crc32(bytes))
}

/** By the names of the files; https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 to 4.3.16. */
function readChecksums(zip: Buffer): ReadonlyMap<string, number> {
  const checksums = new Map<string, number>()
  let at = directoryStart(zip)
  while (at + 46 <= zip.length && zip.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28)
    const isUtf8 = zip.readUInt16LE(at + 8) & 0x800
    checksums.set(zip.toString(isUtf8 ? 'utf8' : 'latin1', at + 46, nameEnd), zip.readUInt32LE(at + 16))
    at = nameEnd + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32)
  }
  return checksums
}

function directoryStart(zip: Buffer): number {
  let end = zip.length - 22
  while (end > 0 && zip.readUInt32LE(end) !== DIRECTORY_END) end--
  const locator = end - 20
  if (locator < 0 || zip.readUInt32LE(locator) !== LOCATOR_64) return zip.readUInt32LE(end + 16)
  const end64 = Number(zip.readBigUInt64LE(locator + 8))
  if (zip.readUInt32LE(end64) !== DIRECTORY_END_64) return zip.readUInt32LE(end + 16)
  return Number(zip.readBigUInt64LE(end64 + 48))
}

/** Node has it from 20.15 on only. */
function crc32(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})

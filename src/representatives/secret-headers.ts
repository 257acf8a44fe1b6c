import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { SecretHeader } from './bridge-settings.ts'

/** Whether a call brings one of the headers that were agreed on; the time it takes tells nothing of them. */
export function bringsOne(given: IncomingHttpHeaders, agreed: readonly SecretHeader[]): boolean {
  let found = false
  for (const { name, value } of agreed) {
    const text = given[name]
    // Node gives header values as Latin-1.
    const bytes = Buffer.from(typeof text === 'string' ? text : '', 'latin1')
    if (timingSafeEqual(digestOf(bytes), digestOf(Buffer.from(value)))) found = true
  }
  return found
}

/** Of one length, whatever the secret's. */
const digestOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

import { findEmails } from './detect.ts'
import type { Mask } from './schema.ts'

const HIDDEN = '****'
const MIN_SHOWN = 8

function maskAllButLast4(text: string): string {
  const characters = [...text]
  if (characters.length < MIN_SHOWN) return '*'.repeat(characters.length)
  return '*'.repeat(characters.length - 4) + characters.slice(-4).join('')
}

/** Only the masked addresses are left of a text: what stands around them may be as private. */
function maskEmail(text: string): string {
  const addresses = findEmails(text).map(({ start, end }) => text.slice(start, end))
  const masked = addresses.map((address) => `${[...address][0]}***${address.slice(address.lastIndexOf('@'))}`)
  return masked.join(', ') || HIDDEN
}

const MASKS: { readonly [M in Mask]: (text: string) => string } = {
  last4: maskAllButLast4,
  email: maskEmail,
  all: () => HIDDEN,
}

export const applyMask = (text: string, mask: Mask): string => MASKS[mask](text)

import { remember } from './remember.ts'
import type { SessionType } from './session.ts'

/**
 * One spelling for types that differ in letters alone: the vendor's list, its samples and files write `Voice inbound (IVR by Mobile)`,
 * `Voice Inbound (IVR using Mobile)`, `Messaging (Whatsapp)`, `Messaging Inbound (Web Chat)`. New ones come at any time, and stay themselves.
 */
export const toSessionType = remember((original): SessionType => {
  const words = original
    .toLowerCase()
    .replace(/[_\s]+/g, ' ')
    .trim()
  const group = words
    .replace(/ ?\( ?/, ' (')
    .replace(/ ?\) ?/, ')')
    .replace(/\busing\b/, 'by')
    .replace(/ chat\)$/, ')')
  return { original, group }
})

import type { Status } from './session.ts'
import { toWord } from './word.ts'

/** The vendor's list; it has no 6 and no 7. */
export const STATUSES: ReadonlyMap<number, string> = new Map([
  [0, 'scheduled'],
  [1, 'queued'],
  [2, 'assigned'],
  [3, 'connecting'],
  [4, 'switching'],
  [5, 'connected'],
  [8, 'finished'],
  [9, 'failed'],
  [10, 'recovered'],
  [11, 'deflected'],
  [12, 'selecting'],
  [13, 'va_assigned'],
  [14, 'va_connected'],
  [15, 'preview_pending'],
  [16, 'preview_ready'],
  [17, 'campaign_connecting'],
  [18, 'campaign_connected'],
  [19, 'requeued'],
  [20, 'predictive_waiting'],
  [21, 'progressive_waiting'],
  [22, 'preview_waiting'],
  [23, 'campaign_dialing'],
  [80, 'voicemail'],
  [81, 'voicemail_received'],
])

const NUMBERS: ReadonlyMap<string, number> = new Map([...STATUSES].map(([number, word]) => [word, number]))

/** A status by its number, as text too, or by its word; of one that the vendor does not list, the word is what stands there. */
export function toStatus(value: string | number): Status {
  const number = typeof value === 'number' || /^\d+$/.test(value.trim()) ? Number(value) : undefined
  if (number !== undefined) return { number, word: STATUSES.get(number) ?? String(number) }
  const word = toWord(String(value))
  return { number: NUMBERS.get(word), word }
}

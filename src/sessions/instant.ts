/** A point in time, and the clock of who wrote it down. */
export interface Instant {
  /** Milliseconds since 1970. */
  readonly ms: number
  /** How far that clock is ahead of UTC. */
  readonly offsetMinutes: number
}

// Records hold dozens of times, and there are millions of records: what is at a fixed place is read there, in a third of the time
// that groups of the expression take.
const ISO =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ](?:(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?|24:00(?::00(?:[.,]0{1,9})?)?)\s*(?:Z|UTC|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/i

/** The calendar repeats after so many years; `Date.UTC` takes those before 100 for years of the last century. */
const CYCLE_YEARS = 400
const CYCLE_MS = 146_097 * 86_400_000

const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether a text is a time in ISO 8601, with `T` or a space, in any precision. */
export const isInstant = (text: string): boolean =>
  ISO.test(text) && twoDigits(text, 8) <= (LONGEST[twoDigits(text, 5) - 1] ?? 0)

/** The time that a text says; without an offset it is UTC. Undefined where it says none. */
export function parseInstant(text: string): Instant | undefined {
  if (!isInstant(text)) return undefined
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const hasSeconds = text[16] === ':'
  const [hours, minutes, seconds] =
    text.length > 10 ? [twoDigits(text, 11), twoDigits(text, 14), hasSeconds ? twoDigits(text, 17) : 0] : [0, 0, 0]
  const later = Date.UTC(year + CYCLE_YEARS, twoDigits(text, 5) - 1, twoDigits(text, 8), hours, minutes, seconds)
  const clock = later - CYCLE_MS
  const offsetMinutes = offsetIn(text, 16)
  return { ms: clock + millisecondsIn(text) - offsetMinutes * 60_000, offsetMinutes }
}

const ZERO = 48
const twoDigits = (text: string, at: number): number =>
  (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO

/** Behind the seconds; finer than these is nothing that sessions need. */
function millisecondsIn(text: string): number {
  if (text[19] !== '.' && text[19] !== ',') return 0
  let milliseconds = 0
  for (let at = 20, worth = 100; at < 23; at++, worth /= 10) {
    const digit = text.charCodeAt(at) - ZERO
    if (!(digit >= 0 && digit <= 9)) break
    milliseconds += digit * worth
  }
  return milliseconds
}

function offsetIn(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const sign = text[at]
    if (sign !== '+' && sign !== '-') continue
    const minutes = at + 3 < text.length ? twoDigits(text, text.length - 2) : 0
    return (twoDigits(text, at + 1) * 60 + minutes) * (sign === '-' ? -1 : 1)
  }
  return 0
}

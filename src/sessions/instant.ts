/** A point in time, and the clock of who wrote it down. */
export interface Instant {
  /** Milliseconds since 1970. */
  readonly ms: number
  /** How far that clock is ahead of UTC. */
  readonly offsetMinutes: number
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(?:Z|UTC|([+-])(\d\d):?(\d\d)?)?)?$/i

/** Reads ISO 8601, with `T` or a space, in any precision; without an offset it is UTC. Undefined where the text is no time. */
export function parseInstant(text: string): Instant | undefined {
  const found = ISO.exec(text)
  if (!found) return undefined
  const [, year, month, day, hours = 0, minutes = 0, seconds = 0, fraction = 0, sign, offsetHours, offset = 0] = found
  const offsetMinutes = sign === undefined ? 0 : (Number(offsetHours) * 60 + Number(offset)) * (sign === '-' ? -1 : 1)
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day))
  if (new Date(midnight).getUTCDate() !== Number(day) || Number(hours) > 24 || Number(minutes) > 59) return undefined
  const clock = (Number(hours) * 60 + Number(minutes) - offsetMinutes) * 60 + Number(seconds)
  return { ms: midnight + clock * 1000 + Math.trunc(Number(`0.${fraction}`) * 1000), offsetMinutes }
}

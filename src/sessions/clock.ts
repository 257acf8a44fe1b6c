/** `2026-03-23 10:00:05`, on a clock that is so many minutes ahead of UTC. */
export const dayAndTime = (ms: number, offsetMinutes: number): string => {
  const date = new Date(ms + offsetMinutes * 60_000)
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 19).replace('T', ' ')
}

/** `10:00:05` */
export const timeOfDay = (ms: number, offsetMinutes: number): string => dayAndTime(ms, offsetMinutes).slice(11)

/** `+03:00` */
export function describeOffset(offsetMinutes: number): string {
  const [hours, minutes] = [Math.trunc(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60]
  return `${offsetMinutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

/** `37 s`, `2 min 6 s`, `1 h 2 min` */
export function describeSeconds(seconds: number): string {
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.trunc(whole / 3600), Math.trunc(whole / 60) % 60]
  if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`
  if (minutes) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`
  return `${Number.isInteger(seconds) ? whole : seconds.toFixed(1)} s`
}

import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { isMap, type JsonMap } from './json.ts'
import type { Format } from './schema.ts'

export const DEFAULT_LOCALE = 'en-US'

/** The text that a person reads in place of `value`; undefined where the value does not fit the format. Shapes: Dialogflow's system entities. */
type Formatter = (value: unknown, locale: string) => string | undefined

const MAX_CACHED = 200
const MAX_CACHED_LENGTH = 256

/** `Intl` objects are dear to make; a locale may come from a request, so that the cache is bounded. */
function cached<T>(make: (locale: string) => T): (locale: string) => T {
  const made = new Map<string, T>()
  return (locale) => {
    const known = made.get(locale)
    if (known) return known
    const fresh = make(locale)
    if (locale.length > MAX_CACHED_LENGTH) return fresh
    if (made.size >= MAX_CACHED) made.clear()
    made.set(locale, fresh)
    return fresh
  }
}

/** A tag that `Intl` takes, else `fallback`: Dialogflow sends `en-us`, and a request could send anything. */
export const toLocale = cached((tag: string): string => {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0] ?? DEFAULT_LOCALE
  } catch {
    return DEFAULT_LOCALE
  }
})

/** With `en-US` behind it, a language unknown to `Intl` never falls back to the machine's own. */
const withFallback = (locale: string): string[] => [locale, DEFAULT_LOCALE]

/** Unicode's space separators. */
const SPACES = /[\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]/g
const ordinarySpaces = (text: string): string => text.replace(SPACES, ' ')

// ---- dates and times

interface Moment {
  year?: number
  month?: number
  day?: number
  hours?: number
  minutes?: number
  seconds?: number
}
type MomentKey = keyof Moment

const DATE_KEYS = ['year', 'month', 'day'] as const
const TIME_KEYS = ['hours', 'minutes', 'seconds'] as const
const MOMENT_KEYS = [...DATE_KEYS, ...TIME_KEYS]
const LIMITS: Record<MomentKey, readonly [number, number]> = {
  year: [1, 9999],
  month: [1, 12],
  day: [1, 31],
  hours: [0, 23],
  minutes: [0, 59],
  seconds: [0, 59],
}
const ISO =
  /^(?:(?<year>\d{4})-(?<month>\d\d)(?:-(?<day>\d\d))?)?(?:(?:^T?|[Tt ])(?<hours>\d\d):(?<minutes>\d\d)(?::(?<seconds>\d\d)(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?)?$/

/** The parts of a date and time that a value holds: Dialogflow's map, or ISO 8601 text by its own clock. */
function toMoment(value: unknown): Moment | undefined {
  const parts =
    typeof value === 'string' ? (value ? ISO.exec(value)?.groups : undefined) : isMap(value) ? value : undefined
  if (!parts) return undefined
  const moment: Moment = {}
  for (const key of MOMENT_KEYS) {
    const given = Object.hasOwn(parts, key) ? parts[key] : undefined
    if (given === undefined || given === null) continue
    const number = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given
    const [low, high] = LIMITS[key]
    if (!isNumber(number) || !Number.isInteger(number) || number < low || number > high) return undefined
    moment[key] = number
  }
  return isOnCalendar(moment) ? moment : undefined
}

function isOnCalendar({ year = 2000, month, day }: Moment): boolean {
  if (month === undefined || day === undefined) return true
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1
}

function toDate({ year = 2000, month = 1, day = 1, hours = 0, minutes = 0, seconds = 0 }: Moment): Date {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hours, minutes, seconds)
  return date
}

const has = (moment: Moment, ...keys: MomentKey[]): boolean => keys.every((key) => moment[key] !== undefined)

const dates = (options: Intl.DateTimeFormatOptions) =>
  cached((locale) => new Intl.DateTimeFormat(withFallback(locale), { timeZone: 'UTC', ...options }))
const MEDIUM_DATE = dates({ dateStyle: 'medium' })
const SHORT_TIME = dates({ timeStyle: 'short' })
const DATE_AND_TIME = dates({ dateStyle: 'medium', timeStyle: 'short' })
const YEAR_MONTH = dates({ year: 'numeric', month: 'short' })
const MONTH_DAY = dates({ month: 'short', day: 'numeric' })

function dateStyleFor(moment: Moment): ((locale: string) => Intl.DateTimeFormat) | undefined {
  if (has(moment, 'year', 'month', 'day')) return MEDIUM_DATE
  if (has(moment, 'year', 'month')) return YEAR_MONTH
  return has(moment, 'month', 'day') ? MONTH_DAY : undefined
}

function formatMoment(
  value: unknown,
  locale: string,
  styleFor: (moment: Moment) => ((locale: string) => Intl.DateTimeFormat) | undefined,
): string | undefined {
  const moment = toMoment(value)
  const style = moment && styleFor(moment)
  return style && ordinarySpaces(style(locale).format(toDate(moment)))
}

const formatDate: Formatter = (value, locale) => formatMoment(value, locale, dateStyleFor)
const formatTime: Formatter = (value, locale) =>
  formatMoment(value, locale, (moment) => (has(moment, 'hours') ? SHORT_TIME : undefined))
const formatDateTime: Formatter = (value, locale) =>
  formatMoment(value, locale, (moment) => (has(moment, 'year', 'month', 'day', 'hours') ? DATE_AND_TIME : undefined))

const formatDateRange: Formatter = (value, locale) => {
  if (!isMap(value)) return undefined
  const start = toMoment(value.startDate)
  const end = toMoment(value.endDate)
  if (!start || !end || !has(start, 'year', 'month', 'day') || !has(end, 'year', 'month', 'day')) return undefined
  const [from, to] = [
    toDate({ ...start, hours: 0, minutes: 0, seconds: 0 }),
    toDate({ ...end, hours: 0, minutes: 0, seconds: 0 }),
  ]
  return from > to ? undefined : ordinarySpaces(MEDIUM_DATE(locale).formatRange(from, to))
}

// ---- numbers

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const NUMBER = cached((locale) => new Intl.NumberFormat(withFallback(locale)))
const PERCENT = cached(
  (locale) => new Intl.NumberFormat(withFallback(locale), { style: 'percent', maximumFractionDigits: 3 }),
)
/** Locale and currency or unit in one key, behind a space. */
const MONEY = cached((key) => {
  const [locale = '', currency = ''] = key.split(' ')
  return new Intl.NumberFormat(withFallback(locale), { style: 'currency', currency })
})
const UNIT = cached((key) => {
  const [locale = '', unit = ''] = key.split(' ')
  return new Intl.NumberFormat(withFallback(locale), { style: 'unit', unit, unitDisplay: 'long' })
})

const formatNumber: Formatter = (value, locale) =>
  isNumber(value) ? ordinarySpaces(NUMBER(locale).format(value)) : undefined
const formatPercent: Formatter = (value, locale) =>
  isNumber(value) ? ordinarySpaces(PERCENT(locale).format(value / 100)) : undefined

const formatMoney: Formatter = (value, locale) => {
  if (!isMap(value)) return undefined
  const { amount, currency } = value
  if (!isNumber(amount) || typeof currency !== 'string' || !/^[A-Za-z]{3}$/.test(currency)) return undefined
  return ordinarySpaces(MONEY(`${locale} ${currency.toUpperCase()}`).format(amount))
}

const UNITS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    millisecond: 'ms milliseconds',
    second: 's sec secs seconds',
    minute: 'min mins minutes',
    hour: 'h hr hrs hours',
    day: 'd days',
    week: 'wk wks weeks',
    month: 'mo mos months',
    year: 'yr yrs years',
  }).flatMap(([unit, others]) => [unit, ...others.split(' ')].map((word): [string, string] => [word, unit])),
)

const formatDuration: Formatter = (value, locale) => {
  if (!isMap(value)) return undefined
  const unit = typeof value.unit === 'string' ? UNITS.get(value.unit.toLowerCase()) : undefined
  return unit && isNumber(value.amount) ? ordinarySpaces(UNIT(`${locale} ${unit}`).format(value.amount)) : undefined
}

// ---- text

const textOf = (map: JsonMap, key: string): string | undefined => {
  const value = Object.hasOwn(map, key) ? map[key] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

const formatPerson: Formatter = (value) =>
  typeof value === 'string' ? value : isMap(value) ? textOf(value, 'name') : undefined

const formatLocation: Formatter = (value) => {
  if (typeof value === 'string') return value
  if (!isMap(value)) return undefined
  const parts = Object.keys(value).filter((key) => textOf(value, key) !== undefined)
  return textOf(value, 'original') ?? (parts.map((key) => value[key]).join(', ') || undefined)
}

/** Locations are told from other maps by the parts of Dialogflow's location entity. */
const LOCATION_PARTS = [
  'city',
  'street-address',
  'zip-code',
  'admin-area',
  'country',
  'business-name',
  'subadmin-area',
  'island',
  'shortcut',
]

const two = (number = 0): string => String(number).padStart(2, '0')

function momentText(map: JsonMap): string | undefined {
  const keys = Object.keys(map).filter((key) => map[key] !== null)
  if (keys.length === 0 || !keys.every((key) => Object.hasOwn(LIMITS, key) || key === 'nanos')) return undefined
  const moment = toMoment(map)
  if (!moment) return undefined
  const date = has(moment, ...DATE_KEYS)
    ? `${String(moment.year).padStart(4, '0')}-${two(moment.month)}-${two(moment.day)}`
    : ''
  const time = has(moment, 'hours') ? `${two(moment.hours)}:${two(moment.minutes)}` : ''
  const partial =
    (!date && DATE_KEYS.some((key) => has(moment, key))) || (!time && TIME_KEYS.some((key) => has(moment, key)))
  if (partial || !(date || time)) return undefined
  return date && time ? `${date}T${time}` : date || time
}

function mapText(map: JsonMap): string {
  const isPerson = textOf(map, 'name') !== undefined && Object.hasOwn(map, 'original')
  if (isPerson) return textOf(map, 'name') ?? ''
  const isLocation =
    textOf(map, 'original') !== undefined &&
    Object.keys(map).every((key) => key === 'original' || LOCATION_PARTS.includes(key))
  if (isLocation) return textOf(map, 'original') ?? ''
  return momentText(map) ?? JSON.stringify(map)
}

/** Any value as text: composites by what a person would say, other maps and lists as JSON. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value
  return isMap(value) ? mapText(value) : JSON.stringify(value)
}

const formatPhone: Formatter = (value, locale) => {
  if (typeof value !== 'string') return undefined
  const phone = parsePhoneNumberFromString(value, regionOf(locale))
  return phone?.isPossible() ? phone.formatInternational() : undefined
}

const regionOf = (locale: string): CountryCode => (new Intl.Locale(locale).maximize().region ?? 'US') as CountryCode

const LIST = cached((locale) => new Intl.ListFormat(withFallback(locale), { type: 'conjunction' }))

/** A number beyond JSON's range is as good as null. */
const isSet = (item: unknown): boolean => item !== null && (typeof item !== 'number' || Number.isFinite(item))

const formatList: Formatter = (value, locale) => {
  if (!Array.isArray(value)) return undefined
  const items = value.filter(isSet).map(toText)
  const parts = LIST(locale).formatToParts(items)
  return parts.map((part) => (part.type === 'element' ? part.value : ordinarySpaces(part.value))).join('')
}

const FORMATTERS: { readonly [F in Exclude<Format, 'raw'>]: Formatter } = {
  text: toText,
  date: formatDate,
  time: formatTime,
  date_time: formatDateTime,
  date_range: formatDateRange,
  money: formatMoney,
  number: formatNumber,
  percent: formatPercent,
  duration: formatDuration,
  person: formatPerson,
  location: formatLocation,
  phone: formatPhone,
  list: formatList,
}

/** The value in its format; `fits` is false where it was not of the format's shape and went as text instead. */
export function applyFormat(value: unknown, format: Format, locale: string): { value: unknown; fits: boolean } {
  if (format === 'raw') return { value, fits: true }
  const formatted = FORMATTERS[format](value, locale)
  return formatted === undefined ? { value: toText(value), fits: false } : { value: formatted, fits: true }
}

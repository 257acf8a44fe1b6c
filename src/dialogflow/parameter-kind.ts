import { applyFormat, DEFAULT_LOCALE } from '../core/format.ts'
import { FORMATS, type Format } from '../core/schema.ts'

/** What a session parameter holds, as far as the agent says it. */
export interface ParameterKind {
  /** An entity type as Dialogflow writes it, or the kind of a preset's value. */
  readonly type: string
  readonly list: boolean
  /** A map of the agent's own making, for which no format can know the parts. */
  readonly composite: boolean
}

const DATE = { year: 2026, month: 11, day: 20 }
const TIME = { hours: 15, minutes: 30, seconds: 0 }

interface Shape {
  readonly sample: unknown
  /** The format that makes text of a map. */
  readonly format?: Format
}

/** Values as Dialogflow collects them. A format fits a type if it takes the sample: the formatter itself decides. */
const SHAPES: Readonly<Record<string, Shape>> = {
  '@sys.date': { sample: DATE, format: 'date' },
  '@sys.time': { sample: TIME, format: 'time' },
  '@sys.date-time': { sample: { ...DATE, ...TIME }, format: 'date_time' },
  '@sys.date-period': { sample: { startDate: DATE, endDate: { ...DATE, day: 27 } }, format: 'date_range' },
  '@sys.unit-currency': { sample: { amount: 5, currency: 'USD' }, format: 'money' },
  '@sys.duration': { sample: { amount: 15, unit: 'min' }, format: 'duration' },
  '@sys.person': { sample: { name: 'Ann', original: 'Ann' }, format: 'person' },
  '@sys.location': { sample: { original: 'Osaka', city: 'Osaka' }, format: 'location' },
  '@sys.number': { sample: 5 },
  '@sys.number-integer': { sample: 5 },
  '@sys.cardinal': { sample: 5 },
  '@sys.ordinal': { sample: 5 },
  '@sys.percentage': { sample: 25 },
  number: { sample: 5 },
  boolean: { sample: true },
}

/** The types whose values are known to be maps. */
export const formatNeededBy = ({ type, list, composite }: ParameterKind): Format | 'none' | undefined => {
  const format = SHAPES[type]?.format ?? (composite ? 'none' : undefined)
  return format !== undefined && list ? 'list' : format
}

const known = new Map<string, readonly Format[]>()

/** The formats that take values of a kind; undefined where that cannot be told, as with text, which may be a date or a number. */
export function formatsFor({ type, list }: ParameterKind): readonly Format[] | undefined {
  const shape = SHAPES[type]
  if (!shape && !list) return undefined
  const key = `${shape ? type : ''} ${list}`
  const formats = known.get(key) ?? formatsTaking(list ? [shape?.sample ?? 'text'] : shape?.sample)
  known.set(key, formats)
  return formats
}

const formatsTaking = (sample: unknown): Format[] =>
  FORMATS.filter((format) => applyFormat(sample, format, DEFAULT_LOCALE).fits)

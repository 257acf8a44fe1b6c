import type { Plan, PlatformEntry } from '../core/plan.ts'
import type { Reference } from '../core/reference.ts'
import type { Format } from '../core/schema.ts'
import { referencesIn, type Template } from '../core/template.ts'
import type { ParameterView, Scope } from './protocol.ts'

/** The parameters that a capture's answer depends on, in the order of the file. */
export function parametersOf(plan: Plan): ParameterView[] {
  const found = new Map<string, ParameterView & { references: string[] }>()
  for (const { template, format } of templatesOf(plan))
    for (const reference of referencesIn(template)) {
      const scope = SCOPES[reference.scope]
      const name = reference.readings.at(-1)?.name ?? ''
      const key = `${scope} ${name.toLowerCase()}`
      const isWhole = template.kind === 'reference' && isPlain(reference)
      const known = found.get(key) ?? { scope, name, references: [], sample: isWhole ? SAMPLES[format] : undefined }
      const text = `$${reference.text}`
      if (!known.references.includes(text)) known.references.push(text)
      found.set(key, known)
    }
  return [...found.values()]
}

const SCOPES: Readonly<Record<Reference['scope'], Scope>> = {
  session: 'parameters',
  intent: 'intent',
  page: 'page',
  payload: 'payload',
  utterance: 'said',
}

const isPlain = ({ readings }: Reference): boolean => readings.length === 1 && readings[0]?.steps.length === 0

const DAY = { year: 2026, month: 11, day: 20 }

/** What Dialogflow's entities for these look like; text where a format takes any. */
const SAMPLES: Readonly<Partial<Record<Format, unknown>>> = {
  date: DAY,
  time: { hours: 15, minutes: 30 },
  date_time: { ...DAY, hours: 15, minutes: 30 },
  date_range: { startDate: DAY, endDate: { ...DAY, day: 27 } },
  money: { amount: 1200, currency: 'USD' },
  number: 1234.5,
  percent: 25,
  duration: { amount: 15, unit: 'min' },
  phone: '+1 202 555 0123',
  list: ['a', 'b', 'c'],
}

interface Used {
  readonly template: Template
  readonly format: Format
}

function templatesOf({ variables, arrangement }: Plan): Used[] {
  const others =
    arrangement.form === 'platform' ? arrangement.ujet.flatMap(templatesIn) : (arrangement.then?.entries ?? [])
  return [...variables, ...others.map(({ template }) => ({ template, format: 'raw' as const }))]
}

function templatesIn(entry: PlatformEntry): { template: Template }[] {
  if (entry.kind === 'value') return [entry.value]
  return entry.kind === 'session_variable' ? entry.entries.flatMap(templatesIn) : []
}

import type { Note } from './build.ts'
import type { NamedRule } from './diagnostic.ts'
import type { JsonMap } from './json.ts'
import type { Plan, Variable, Visibility } from './plan.ts'
import type { Policy } from './policy.ts'
import { Names, type Reference, resolve, type Turn } from './reference.ts'
import type { Format, Mask } from './schema.ts'
import type { Span } from './source.ts'
import { suggest } from './suggest.ts'
import { bitOf, SURFACES, type Surface } from './surface.ts'
import { evaluate, NO_GUARD, namesOf, referencesIn } from './template.ts'
import { surfaceViews } from './visibility.ts'

interface NotSet {
  /** The references that have no value. */
  readonly of: readonly string[]
  /** Parameters of the request that may be meant. */
  readonly near: readonly string[]
}

/** Why a surface does not get a variable, or gets it otherwise than it was collected. */
export type Reason =
  /** What in the file keeps it away, and the policy's rule that would in any case. */
  | { readonly code: 'hidden'; readonly by: Span; readonly rule: NamedRule | undefined }
  | ({ readonly code: 'unset' } & NotSet)
  | ({ readonly code: 'required-missing' } & NotSet)
  | ({ readonly code: 'default' } & NotSet)
  | { readonly code: 'awaited' }
  | { readonly code: 'nothing-sent'; readonly missing: readonly string[] }
  | { readonly code: 'masked'; readonly mask: Mask }
  | { readonly code: 'does-not-fit'; readonly format: Format }
  | {
      readonly code: 'masked-by-policy' | 'dropped-by-policy' | 'part-left-out-by-policy'
      readonly rule: string
    }

export interface Remark {
  readonly variable: string
  readonly reason: Reason
}

/** What one surface gets of an answer, what it does not get, and what it gets changed. */
export interface Audience {
  readonly values: JsonMap
  readonly absent: readonly Remark[]
  readonly changed: readonly Remark[]
}

/** An answer that a plan made, as far as its audiences go. */
export interface Made {
  readonly plan: Plan
  readonly ujets: readonly JsonMap[]
  readonly notes: readonly Note[]
  readonly missing: readonly string[]
  readonly turn: Turn
}

/** Who gets what of an answer, and for everything else, why not. */
export function audiencesOf(made: Made, policy: Policy): Readonly<Record<Surface, Audience>> {
  const views = surfaceViews(made.ujets)
  const audiences = SURFACES.map((surface): [Surface, Audience] => {
    const values = views[surface]
    const [there, gone] = partition(made.plan.variables, ({ key }) => Object.hasOwn(values, key))
    const absent = [
      ...gone.map((variable) => whyAbsent(variable, surface, made, policy)),
      ...awaited(made.plan, surface),
    ]
    return [surface, { values, absent, changed: there.flatMap((variable) => howChanged(variable, made)) }]
  })
  return Object.fromEntries(audiences) as Record<Surface, Audience>
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))]
}

function whyAbsent(variable: Variable, surface: Surface, made: Made, policy: Policy): Remark {
  const { notes, missing } = made
  const { key } = variable
  const hidden = hiddenBy(variable, surface)
  if (hidden)
    return { variable: key, reason: { code: 'hidden', by: hidden, rule: ruleAgainst(variable, surface, policy) } }
  const reason = notes
    .filter((note) => note.variable === key)
    .map((note) => absence(note, variable, made))
    .find((found) => found !== undefined)
  return { variable: key, reason: reason ?? { code: 'nothing-sent', missing } }
}

/** What a note says about a variable that is not there at all. */
function absence(note: Note, variable: Variable, made: Made): Reason | undefined {
  if (note.code === 'dropped-by-policy') return { code: note.code, rule: note.rule }
  if (note.code !== 'unset' && note.code !== 'required-missing') return undefined
  return { code: note.code, ...notSetIn(variable, made) }
}

const written = ({ text }: Reference): string => `$${text}`

/** The references without a value, and what those to session parameters may have been meant to name. */
function notSetIn({ template }: Variable, { turn }: Made): NotSet {
  const names = new Names()
  const unset = [...referencesIn(template)].filter((reference) => resolve(reference, turn, names) === undefined)
  const set = Object.keys(turn.session).filter((name) => turn.session[name] !== null)
  const near = unset
    .filter(
      ({ scope, readings }) => scope === 'session' && !readings.some(({ name }) => names.find(turn.session, name)),
    )
    .flatMap(({ readings }) => suggest(readings.at(-1)?.name ?? '', set).slice(0, 1))
  return { of: unset.map(written), near: [...new Set(near)] }
}

const hiddenBy = ({ surfaces, keptBy, span }: Visibility, surface: Surface): Span | undefined =>
  surfaces & bitOf(surface) ? undefined : (keptBy[surface] ?? span)

function ruleAgainst(variable: Variable, surface: Surface, policy: Policy): NamedRule | undefined {
  for (const name of namesOf(variable)) {
    const rule = policy.ruleAgainst(name, bitOf(surface))
    if (rule) return rule
  }
  return undefined
}

/** The person's next answer has no value yet. */
function awaited({ arrangement }: Plan, surface: Surface): Remark[] {
  const answer = arrangement.form === 'platform' ? arrangement.answer : undefined
  if (!answer) return []
  const by = hiddenBy(answer, surface)
  return [{ variable: answer.key, reason: by ? { code: 'hidden', by, rule: undefined } : { code: 'awaited' } }]
}

function howChanged(variable: Variable, made: Made): Remark[] {
  const { key, mask, fallback } = variable
  if (fallback && evaluate(variable.template, made.turn, new Names(), NO_GUARD) === undefined)
    return [{ variable: key, reason: { code: 'default', ...notSetIn(variable, made) } }]
  const reasons: Reason[] = mask ? [{ code: 'masked', mask }] : []
  for (const note of made.notes) {
    if (note.variable !== key) continue
    if (note.code === 'does-not-fit') reasons.push({ code: note.code, format: note.format })
    if (note.code === 'masked-by-policy' || note.code === 'part-left-out-by-policy')
      reasons.push({ code: note.code, rule: note.rule })
  }
  return reasons.map((reason) => ({ variable: key, reason }))
}

const notSet = ({ of, near }: NotSet): string => `not set${of.length ? `: ${of.join(', ')}` : ''}${hint(near)}`
const hint = (near: readonly string[]): string => (near.length ? ` (the request has ${near.join(', ')})` : '')

const WORDING: { readonly [C in Reason['code']]: (reason: Extract<Reason, { code: C }>, lineOf: LineOf) => string } = {
  hidden: ({ by, rule }, lineOf) =>
    `hidden by line ${lineOf(by)}${rule ? `, and by the policy's line ${rule.line}` : ''}`,
  unset: notSet,
  'required-missing': (reason) => `${notSet(reason)}, and required`,
  default: ({ of, near }) => `default; not set: ${of.join(', ')}${hint(near)}`,
  awaited: () => "the person's next answer",
  'nothing-sent': ({ missing }) => `not sent, since ${missing.join(' and ')} is missing`,
  masked: ({ mask }) => `masked (${mask})`,
  'does-not-fit': ({ format }) => `does not fit the format ${format}, and went as text`,
  'masked-by-policy': ({ rule }) => `masked by the policy (${rule})`,
  'dropped-by-policy': ({ rule }) => `dropped by the policy (${rule})`,
  'part-left-out-by-policy': ({ rule }) => `a part left out by the policy (${rule})`,
}

export type LineOf = (span: Span) => number

/** A reason in a few words; lines are those of the flow file, unless they are the policy's. */
export function describeReason(reason: Reason, lineOf: LineOf): string {
  const wording = WORDING[reason.code] as (reason: Reason, lineOf: LineOf) => string
  return wording(reason, lineOf)
}

const NOTES: { readonly [C in Note['code']]: (note: Extract<Note, { code: C }>) => string } = {
  unset: () => 'is not set, and left out',
  'required-missing': () => 'is required and not set: nothing is sent',
  'action-unset': () => 'is not set: nothing of "then" is sent',
  'does-not-fit': ({ format }) => `does not fit the format ${format}, and went as text`,
  'masked-by-policy': ({ rule }) => `is masked by the policy (${rule})`,
  'dropped-by-policy': ({ rule }) => `is dropped by the policy (${rule})`,
  'part-left-out-by-policy': ({ rule }) => `lacks a part that the policy leaves out (${rule})`,
}

/** What became of something that is no variable, as a sentence: the parts of an action, for instance. */
export const describeNote = (note: Note): string =>
  `${note.variable} ${(NOTES[note.code] as (note: Note) => string)(note)}.`

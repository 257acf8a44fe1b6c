import type { Detector } from './schema.ts'
import { type Range, rangeOf, type SourceFile, type Span } from './source.ts'
import { SURFACES, type Surface } from './surface.ts'

export type Severity = 'error' | 'warning'

/** A rule of the policy, as a message names it. */
export interface NamedRule {
  readonly pattern: string
  readonly line: number
  readonly reason?: string | undefined
}

interface Word {
  readonly word: string
  readonly near: readonly string[]
}

/** What each diagnostic knows beside its place. The keys are the codes: stable once released. */
export interface Findings {
  'file/syntax': { problem: string }
  'file/duplicate-key': { key: string }
  'file/too-many-aliases': { limit: number }
  'file/misplaced-policy': { expected: string }
  'config/unknown-key': Word & {
    known: readonly string[]
    elsewhere?: readonly string[]
    why?: string | undefined
    advice?: string | undefined
  }
  'config/missing-key': { keys: readonly string[]; advice?: string | undefined }
  'config/wrong-type': { key?: string | undefined; expected: string; found: string }
  'config/unknown-platform-key': Word & { place: string; elsewhere?: string | undefined; advice?: string | undefined }
  'config/long-form-in-payload': { key: string; keys: readonly string[] }
  'config/no-effect': { word: string; why: string }
  'reference/unknown-scope': { text: string; advice: string }
  'reference/not-available': { text: string; advice: string }
  'reference/not-resolved': { place: string }
  'reference/without-dollar': { text: string }
  'visibility/unknown-surface': Word & { list: string }
  'visibility/missing-capture-type': Record<never, never>
  'visibility/not-declared': { variable: string }
  'visibility/hidden-key-not-in-payload': Word & { list: string; keys: readonly string[] }
  'visibility/misspelt-list': { word: string; meant: string }
  'visibility/nested': { place: string }
  'visibility/duplicate-key': { key: string; list: string }
  'visibility/no-effect': { list: string; needs: readonly Surface[] }
  'visibility/nobody-sees-it': { key?: string | undefined }
  'visibility/not-in-crm': { key: string }
  'visibility/may-spread': { key?: string | undefined }
  'visibility/unmasked-elsewhere': { variable: string; parameter: string; masked: string }
  'visibility/needs-several-payloads': { groups: readonly (readonly string[])[] }
  'action/unknown-word': Word & { key: string }
  'action/may-reach-no-queue': { absent?: boolean }
  'action/may-be-stopped': { name: string }
  'policy/too-visible': {
    variable: string
    surfaces: readonly Surface[]
    rules: readonly NamedRule[]
    parts: readonly string[]
    nobody: boolean
  }
  'policy/outside-variables': { parameter: string; place: string; rule: NamedRule }
  'policy/unseen-answer': { key: string }
  'route/duplicate': { tag: string }
  'example/unknown-tag': Word & { known: readonly string[] }
  'example/unused-parameter': { word: string; near: readonly string[] }
  'agent/unknown-flow': Word
  'agent/wrong-flow-id': { flow: string; expected?: string | undefined; other?: string | undefined }
  'agent/unknown-parameter': Word & { ofFlow: boolean }
  'agent/set-by-other-flows': { reference: string; flows: readonly string[] }
  'agent/tag-never-sent': Word
  'agent/tag-not-answered': Word
  'agent/format-does-not-fit': { format: string; type: string; fitting: readonly string[] }
  'agent/needs-format': {
    variable: string
    type: string
    fitting: string | undefined
    form: 'platform' | 'who-sees-what'
  }
  'agent/redacted-but-visible': { parameter: string; variable: string; surfaces: readonly Surface[] }
  'agent/payload-goes-around': { keys: readonly string[] }
  'session/not-metadata': Record<never, never>
  'session/odd-value': { key: string; expected: string }
  'session/kept-parameter': { key: string; rule: NamedRule }
  'session/kept-value': { key: string; detector: Detector; masked: readonly string[] }
}

export type Code = keyof Findings

/** A range in a file, its path relative to the folder of flow files. */
export interface Place extends Range {
  readonly file: string
}

/** A place that helps to understand a diagnostic, in the same or another file. */
export interface Related extends Place {
  readonly message: string
}

/** One thing wrong with a file: plain data, of which `messageOf` makes a sentence. */
export interface Diagnostic extends Place {
  readonly code: Code
  readonly severity: Severity
  readonly finding: Findings[Code]
  readonly related: readonly Related[]
}

const WARNINGS: ReadonlySet<Code> = new Set<Code>([
  'config/unknown-platform-key',
  'config/long-form-in-payload',
  'config/no-effect',
  'reference/not-resolved',
  'reference/without-dollar',
  'visibility/no-effect',
  'visibility/nobody-sees-it',
  'visibility/not-in-crm',
  'visibility/may-spread',
  'visibility/unmasked-elsewhere',
  'action/unknown-word',
  'action/may-reach-no-queue',
  'action/may-be-stopped',
  'policy/unseen-answer',
  'example/unused-parameter',
  'agent/unknown-flow',
  'agent/set-by-other-flows',
  'agent/format-does-not-fit',
  'agent/needs-format',
  'session/not-metadata',
  'session/odd-value',
])

export const severityOf = (code: Code): Severity => (WARNINGS.has(code) ? 'warning' : 'error')

/** A place in a file, for `diagnose` and `relate`. */
export interface At {
  readonly file: SourceFile
  readonly span: Span
}

export const placeOf = ({ file, span }: At): Place => ({ file: file.path, ...rangeOf(file, span) })

export const relate = (at: At, message: string): Related => ({ ...placeOf(at), message })

export const diagnoseAt = <C extends Code>(
  code: C,
  place: Place,
  finding: Findings[C],
  related: readonly Related[] = [],
): Diagnostic => ({ ...place, code, severity: severityOf(code), finding, related })

export const diagnose = <C extends Code>(
  code: C,
  at: At,
  finding: Findings[C],
  related: readonly Related[] = [],
): Diagnostic => diagnoseAt(code, placeOf(at), finding, related)

/** In quotes, cut short; a character that cannot be seen, or be told from another, by its number. */
export const quote = (word: string): string =>
  JSON.stringify(shorten(word)).replace(/\p{sc=Latin}/u.test(word) ? ODD_AMONG_LATIN : ODD, numberOf)

const MAX_QUOTED = 80

function shorten(word: string): string {
  const characters = word.length > MAX_QUOTED ? [...word] : []
  return characters.length > MAX_QUOTED ? `${characters.slice(0, MAX_QUOTED).join('')}…` : word
}

/** The joiner and the tags that emoji are made with are not odd. */
const ODD = /(?![\u200D\u{E0020}-\u{E007F}])[\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu
const ODD_AMONG_LATIN = /(?![\u200D\u{E0020}-\u{E007F}])[\p{Cf}\p{Zl}\p{Zp}\p{sc=Cyrillic}\p{sc=Greek}]|(?! )\p{Zs}/gu
const numberOf = (character: string): string =>
  `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** `a, b or c` */
export const either = (words: readonly string[], last = 'or'): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`

const didYouMean = (near: readonly string[]): string =>
  near.length ? `; did you mean ${either(near.map(quote))}?` : ''

const nameRule = ({ pattern, line, reason }: NamedRule): string =>
  `${quote(pattern)} (policy line ${line}${reason ? `: ${reason}` : ''})`

/** A key of a file, in quotes where it is more than a word. */
const quoteOdd = (key: string): string => (/^[\w-]+$/.test(key) ? key : quote(key))

/** For who does not know the platform's words. */
const GLOSSED =
  "agent (the human agent's screen), comment (the CRM record), event (post events) or data_parameters (the next virtual agent)"

function adviceOnSurfaces(surfaces: number, parts: number, nobody: boolean): string {
  if (nobody) return `nobody may have it: remove ${parts ? 'this part' : 'the variable'}`
  return `take ${surfaces > 1 ? 'these surfaces' : 'this surface'} away`
}

const WORDING: { readonly [C in Code]: (finding: Findings[C]) => string } = {
  'file/syntax': ({ problem }) => problem,
  'file/duplicate-key': ({ key }) =>
    `key ${quote(key)} stands here a second time${/[$＄]/.test(key) ? ' ($ and ＄ before what looks like a reference are sent alike)' : ''}; keep one of the two`,
  'file/too-many-aliases': ({ limit }) =>
    `aliases (*name) expand to more than ${limit} values; write the values out, or split the file`,
  'file/misplaced-policy': ({ expected }) =>
    `this policy would be overlooked; the policy is read from ${expected} alone: move or rename the file`,
  'config/unknown-key': ({ word, known, near, elsewhere = [], why, advice }) =>
    why ??
    `unknown key ${quote(word)}${known.length ? `; expected ${either(known)}` : ''}${didYouMean(near)}${elsewhere.length ? `; ${quote(word)} belongs ${either(elsewhere)}` : ''}${advice ? `; ${advice}` : ''}`,
  'config/missing-key': ({ keys, advice }) =>
    `missing key: ${either(keys.map(quote))} must stand here${advice ? `; ${advice}` : ''}`,
  'config/wrong-type': ({ key, expected, found }) =>
    `${key === undefined ? '' : `${quoteOdd(key)}: `}expected ${expected}, found ${found}`,
  'config/unknown-platform-key': ({ word, place, near, elsewhere, advice }) =>
    `the platform's key ${quote(word)} in ${place} is not known here and is sent as it is${elsewhere ? `; it belongs ${elsewhere}` : ''}${advice ? `; ${advice}` : ''}${didYouMean(near)}`,
  'config/long-form-in-payload': ({ key, keys }) =>
    `${quote(key)} is sent as this map, with ${either(keys.map(quote), 'and')} in it: they work under variables alone; write the reference itself here, or use variables instead of ujet`,
  'config/no-effect': ({ word, why }) => `${quote(word)} has no effect here: ${why}`,
  'reference/unknown-scope': ({ text, advice }) => `${quote(text)} is no reference; ${advice}`,
  'reference/not-available': ({ text, advice }) => `${quote(text)} is not available to a webhook; ${advice}`,
  'reference/not-resolved': ({ place }) =>
    `references are not resolved in ${place}: this is sent as text, with ＄ in place of $`,
  'reference/without-dollar': ({ text }) =>
    `${quote(text)} is sent letter by letter: a reference begins with a dollar sign; did you mean $${text}?`,
  'visibility/unknown-surface': ({ word, list, near }) =>
    `unknown word ${quote(word)} in ${list}; expected ${near.length ? either(SURFACES) : GLOSSED}${didYouMean(near)}`,
  'visibility/missing-capture-type': () =>
    'capture_type is missing or empty, so that the platform would decide who sees the values; name agent, comment, event or data_parameters',
  'visibility/not-declared': ({ variable }) =>
    `nothing says who may see ${quote(variable)}; give it, or its capture, visible_to: a list of agent, comment, event or data_parameters`,
  'visibility/hidden-key-not-in-payload': ({ word, list, keys, near }) =>
    `${list} names ${quote(word)}, which is not in payload; expected ${keys.length ? either(keys) : 'no entry, since payload is empty'}${didYouMean(near)}`,
  'visibility/misspelt-list': ({ word, meant }) =>
    `${quote(word)} is no list of the platform's: what it names would be shown; did you mean ${quote(meant)}?`,
  'visibility/nested': ({ place }) =>
    `session_variable stands too deep, in ${place}: nobody says there who sees what is in it; write it directly under ujet, or its values under variables`,
  'visibility/duplicate-key': ({ key, list }) => `${quote(key)} stands in ${list} more than once; keep one`,
  'visibility/no-effect': ({ list, needs }) =>
    `${list} has no effect, since capture_type holds no ${either(needs)}; add it there, or remove this list`,
  'visibility/nobody-sees-it': ({ key }) =>
    key === undefined
      ? 'visible_to is empty: the value is collected for nobody'
      : `${quote(key)} is hidden from every surface in capture_type: it is captured for nobody`,
  'visibility/not-in-crm': ({ key }) =>
    `${quote(key)} is hidden from the agent, and the platform then keeps it out of the CRM comment too; to have it in the CRM alone, use visible_to: [comment]`,
  'visibility/may-spread': ({ key }) =>
    `${key === undefined ? 'what goes to the next virtual agent' : `${quote(key)} goes to the next virtual agent, and`} may also appear in post events and in the session metadata, since the vendor puts data parameters there; add event and comment if they may have it, or do not pass it on`,
  'visibility/unmasked-elsewhere': ({ variable, parameter, masked }) =>
    `${quote(parameter)} is masked in ${quote(masked)}, and leaves unmasked in ${quote(variable)}; a mask covers its own variable alone`,
  'visibility/needs-several-payloads': ({ groups }) =>
    `this capture needs ${groups.length} payloads (${groups.map((names) => names.join(', ')).join(' | ')}), but the policy says payloads_per_answer: one; give all variables the same visible_to, event aside, or split the capture`,
  'action/unknown-word': ({ key, word, near }) =>
    key === 'menu_id'
      ? `menu_id is the number of a queue, and ${quote(word)} is none`
      : `${quote(word)} is no ${key} that is known here, and is sent as it is${didYouMean(near)}`,
  'action/may-reach-no-queue': ({ absent }) =>
    absent
      ? 'an escalation without menu_id reaches no queue; add menu_id, the number of a queue'
      : 'menu_id may be unset, and an escalation without it reaches no queue; give it a default: { from: …, default: … }',
  'action/may-be-stopped': ({ name }) =>
    `without ${quote(name)} nothing is sent, and the action of "then" does not happen either, unless a route tests $session.params.carryover_missing`,
  'policy/too-visible': ({ variable, surfaces, rules, parts, nobody }) =>
    `${quote(variable)}${parts.length ? `, with ${either(parts.map(quote), 'and')} in it,` : ''} would be seen by ${either(surfaces, 'and')}, which the policy forbids: ${rules.map(nameRule).join(', ')}; ${adviceOnSurfaces(surfaces.length, parts.length, nobody)}`,
  'policy/outside-variables': ({ parameter, place, rule }) =>
    `${quote(parameter)} is under the policy's rule ${nameRule(rule)} and may stand only in a variable or in payload, not in ${place}`,
  'policy/unseen-answer': ({ key }) =>
    `the person's answer goes to ${quote(key)} without passing here, so that no rule under "values" of the policy sees it`,
  'route/duplicate': ({ tag }) =>
    `tag ${quote(tag)} is answered by another capture for the same flow and agent already; rename one of them, or give the files different flow_id or agent_id`,
  'example/unknown-tag': ({ word, known, near }) =>
    `no capture of this file has the tag ${quote(word)}; expected ${known.length ? either(known) : 'no example, since there is no capture'}${didYouMean(near)}`,
  'example/unused-parameter': ({ word, near }) =>
    `its capture refers to no parameter ${quote(word)}, but to ${either(near.map(quote), 'and')}, which the example does not give; one of the two is misspelt`,
  'agent/unknown-flow': ({ word, near }) => `the agent has no flow ${quote(word)}${didYouMean(near)}`,
  'agent/wrong-flow-id': ({ flow, expected, other }) =>
    `this is not the id of the flow ${quote(flow)}${other === undefined ? '' : `, but of ${quote(other)}`}; ${expected === undefined ? `the agent has no flow ${quote(flow)}` : `expected ${expected}`}`,
  'agent/unknown-parameter': ({ word, near, ofFlow }) =>
    `the agent never sets ${quote(word)}${ofFlow ? ', but as a parameter of the flow, which webhooks are not sent: copy it to a session parameter with a preset' : didYouMean(near)}`,
  'agent/set-by-other-flows': ({ reference, flows }) =>
    `${quote(reference)} is set in ${flows.length > MAX_LISTED ? `${flows.length} other flows` : either(flows.map(quote), 'and')} alone, and unset for a caller who did not come from there`,
  'agent/tag-never-sent': ({ word, near }) =>
    `no fulfillment of the agent sends the tag ${quote(word)} to this webhook, so that this capture never answers${didYouMean(near)}`,
  'agent/tag-not-answered': ({ word, near }) =>
    `this fulfillment sends the tag ${quote(word)}, which no capture answers: the call fails${didYouMean(near)}`,
  'agent/format-does-not-fit': ({ format, type, fitting }) =>
    `format ${format} does not fit ${type}, so that the value would go as text; use ${either(fitting)}`,
  'agent/needs-format': ({ variable, type, fitting, form }) =>
    `${quote(variable)} is a map of parts (${type}), and people would see it as such; ${form === 'platform' && fitting !== undefined ? `payload has no formats: write the capture with variables, and use format: ${fitting}` : fitting === undefined ? 'refer to one of its parts' : `use format: ${fitting}`}`,
  'agent/redacted-but-visible': ({ parameter, variable, surfaces }) =>
    `${quote(parameter)} is redacted in the agent, but ${quote(variable)} would show it to ${either(surfaces, 'and')}; take ${surfaces.length > 1 ? 'these surfaces' : 'this surface'} away, or allow it by a rule of the policy that gives a reason`,
  'agent/payload-goes-around': ({ keys }) =>
    `this payload in the agent hands over ${keys.length ? either(keys.map(quote), 'and') : 'variables'} past the flow files and the policy; replace it by a call of the webhook ("carryover agent import" writes the capture)`,
  'session/not-metadata': () =>
    'this is no session metadata: none of its keys are here, or it is a transcript; it is left out',
  'session/odd-value': ({ key, expected }) => `${key}: expected ${expected}; it is read as if it were not there`,
  'session/kept-parameter': ({ key, rule }) =>
    `${key} is kept, and the CRM record may not have it: ${nameRule(rule)}; delete it there, and take it out of what the portal hands on`,
  'session/kept-value': ({ key, detector, masked }) =>
    `${key} holds ${DETECTED[detector]} (${masked.join(', ')}); delete it there, and keep it out of what callers are asked for`,
}

const DETECTED: Readonly<Record<Detector, string>> = {
  payment_card: 'what looks like a payment card',
  us_ssn: 'what looks like a social security number',
  iban: 'a bank account number (IBAN)',
  email: 'an e-mail address',
}

const MAX_LISTED = 3

/** Every code that there is. */
export const CODES = Object.keys(WORDING) as readonly Code[]

/** The sentence for a diagnostic: what was found, what was expected, what to do. */
export function messageOf(diagnostic: Diagnostic): string {
  const wording = WORDING[diagnostic.code] as (finding: Findings[Code]) => string
  return wording(diagnostic.finding)
}

/** By file, then by place; the order in which diagnostics are shown. */
export const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
  a.line - b.line ||
  a.column - b.column ||
  (a.code < b.code ? -1 : 1)

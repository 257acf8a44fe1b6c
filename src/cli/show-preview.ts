import { type Paint, painter } from '../config/show-diagnostic.ts'
import { type Audience, describeNote, describeReason, type LineOf, type Remark } from '../core/audience.ts'
import type { Note } from '../core/build.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import { SEVERAL_PAYLOADS } from '../core/meanings.ts'
import type { Plan } from '../core/plan.ts'
import { SURFACES, type Surface } from '../core/surface.ts'
import { MAX_ANSWER_BYTES } from '../webhook/answer.ts'
import type { Screen } from './command.ts'
import { drawTable } from './draw-table.ts'
import { plural } from './report-diagnostics.ts'

/** What a preview tells of an answer. */
export interface Previewed {
  readonly plan: Plan
  readonly text: string
  readonly ujets: readonly JsonMap[]
  readonly notes: readonly Note[]
  readonly audiences: Readonly<Record<Surface, Audience>>
  readonly lineOf: LineOf
}

const HEADS: Readonly<Record<Surface, string>> = {
  agent: "agent\n(the human agent's screen)",
  comment: 'comment\n(the CRM record)',
  event: 'event\n(post events)',
  data_parameters: 'data_parameters\n(the next virtual agent)',
}

/** A preview for people: the surfaces side by side, what is missing and why, and the answer itself. */
export function showPreview(previewed: Previewed, { colour, width }: Screen): string {
  const paint = painter(colour)
  const { text, ujets } = previewed
  const bytes = Buffer.byteLength(text)
  const lines = [
    ...showSurfaces(previewed, width, paint),
    ...showNotes(previewed),
    ...showPayloads(ujets),
    '',
    paint(
      'bold',
      `The answer to Dialogflow: ${bytes} of ${MAX_ANSWER_BYTES} bytes (${percent(bytes / MAX_ANSWER_BYTES)})`,
    ),
    JSON.stringify(JSON.parse(text), null, 2),
  ]
  return `${lines.join('\n')}\n`
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`

function showSurfaces(previewed: Previewed, width: number, paint: Paint): string[] {
  const { plan } = previewed
  const keys = [...plan.variables.map(({ key }) => key), ...awaitedKeys(plan)]
  if (!plan.enabled) return [`The capture is switched off (enabled: false): the answer is empty.`]
  if (keys.length === 0) return ['This capture has no variables.']
  const rows = keys.map((key) => [key, ...SURFACES.map((surface) => cell(previewed, surface, key, paint))])
  const head = ['', ...SURFACES.map((surface) => HEADS[surface])]
  return drawTable([head, ...rows], width) ?? showStacked(previewed, keys, paint)
}

const awaitedKeys = ({ arrangement }: Plan): string[] =>
  arrangement.form === 'platform' && arrangement.answer ? [arrangement.answer.key] : []

function cell({ audiences, lineOf }: Previewed, surface: Surface, key: string, paint: Paint): string {
  const { values, absent, changed } = audiences[surface]
  const why = (remarks: readonly Remark[]): string =>
    remarks
      .filter(({ variable }) => variable === key)
      .map(({ reason }) => describeReason(reason, lineOf))
      .join('; ')
  if (!Object.hasOwn(values, key)) return paint('dim', `– ${why(absent)}`)
  const remark = why(changed)
  return `${showValue(values[key])}${remark ? paint('dim', `\n(${remark})`) : ''}`
}

/** Text as people will read it; quoted only where one would take it for something else. */
const showValue = (value: unknown): string =>
  typeof value === 'string' && value.trim() === value && value !== '' ? value : JSON.stringify(value)

/** For a screen too narrow for a table. */
const showStacked = (previewed: Previewed, keys: readonly string[], paint: Paint): string[] =>
  SURFACES.flatMap((surface) => [
    paint('bold', HEADS[surface].replace('\n', ' ')),
    ...keys.map((key) => `  ${key}: ${cell(previewed, surface, key, paint).replaceAll('\n', ' ')}`),
    '',
  ])

/** What became of keys that are no variables: the parts of an action, for instance. */
function showNotes({ plan, notes }: Previewed): string[] {
  const variables = new Set(plan.variables.map(({ key }) => key))
  const others = notes.filter(({ variable }) => !variables.has(variable))
  return others.length ? ['', ...others.map(describeNote)] : []
}

function showPayloads(ujets: readonly JsonMap[]): string[] {
  const count = ujets.filter((ujet) => isMap(ujet.session_variable)).length
  return count > 1 ? ['', `This answer holds ${plural(count, 'session_variable payload')}. ${SEVERAL_PAYLOADS}`] : []
}

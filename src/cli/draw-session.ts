import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import { type Paint, painter } from '../config/show-diagnostic.ts'
import { oneLine, oneLineOfProse } from '../core/one-line.ts'
import { describeSeconds, timeOfDay } from '../sessions/clock.ts'
import type { Fact, SessionDescription } from '../sessions/describe-session.ts'
import {
  type Span,
  STRETCH_WORDS,
  type StretchKind,
  type TimelineStretch,
  type UndatedStretch,
} from '../sessions/timeline.ts'
import { NO_SCREEN, type Screen } from './command.ts'

/** One session for the terminal: what it was, a bar for everything that took time, and what there is to tell besides. */
export function drawSession(description: SessionDescription, screen: Screen): string {
  const { title, facts, sections } = description
  const paint = painter(screen.colour)
  const width = screen === NO_SCREEN ? NO_SCREEN.width : Math.max(screen.width, MIN_WIDTH)
  const parts = [
    [paint('bold', wrapAnsi(oneLine(title), width, { hard: true })), ...drawFacts(facts, width, paint)],
    drawTimeline(description, width, paint),
    ...sections.map((section) => [
      paint('bold', section.title),
      ...drawFacts(section.facts, width, paint),
      ...(section.note ? [paint('dim', wrapAnsi(section.note, width))] : []),
    ]),
  ]
  return `${parts
    .filter((lines) => lines.length)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

/** On a narrower screen lines go on in the next row. */
const MIN_WIDTH = 40
const GAP = '  '

function drawFacts(facts: readonly Fact[], width: number, paint: Paint): string[] {
  const names = facts.map(({ name }) => oneLine(name))
  const column = Math.min(Math.max(...names.map((name) => stringWidth(name)), 0), Math.floor(width / 3))
  return facts.flatMap(({ value }, index) =>
    drawRow(names[index] ?? '', oneLineOfProse(value), column, width, (text) => paint('dim', text)),
  )
}

/** A name and a text beside it, both wrapped where they are too long. */
function drawRow(name: string, text: string, column: number, width: number, mark: (text: string) => string): string[] {
  const left = wrapAnsi(name, column, { hard: true }).split('\n')
  const right = wrapAnsi(text, width - column - GAP.length, { hard: true }).split('\n')
  return Array.from({ length: Math.max(left.length, right.length) }, (_, line) =>
    `${mark(pad(left[line] ?? '', column))}${GAP}${right[line] ?? ''}`.trimEnd(),
  )
}

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(width - stringWidth(text), 0))

// ---- the timeline

const COLOURS: Readonly<Record<StretchKind, 'cyan' | 'yellow' | 'magenta' | 'green' | 'blue' | 'red' | 'gray'>> = {
  menu: 'cyan',
  queue: 'yellow',
  virtual_agent: 'magenta',
  task_assistant: 'magenta',
  human: 'green',
  wrap_up: 'gray',
  transfer: 'blue',
  deflection: 'red',
  survey: 'cyan',
}

const KIND_COLUMN = Math.max(...Object.values(STRETCH_WORDS).map((word) => word.length))

function drawTimeline({ timeline, offsetMinutes }: SessionDescription, width: number, paint: Paint): string[] {
  const { span, stretches, undated } = timeline
  if (stretches.length + undated.length === 0) return []
  const bar = Math.max(Math.floor((width - KIND_COLUMN) * 0.4), 10)
  const column = KIND_COLUMN + GAP.length + bar
  const rows = stretches.map((stretch) => drawStretch(stretch, span ?? stretch, bar, offsetMinutes))
  const without = undated.map((stretch) => ({
    bar: pad('(no time)', bar),
    text: describeStretch(stretch),
    kind: stretch.kind,
  }))
  const lines = [...rows, ...without].flatMap(({ kind, bar, text }) =>
    drawRow(
      `${pad(STRETCH_WORDS[kind], KIND_COLUMN)}${GAP}${bar}`,
      text,
      column,
      width,
      (part) => part.slice(0, KIND_COLUMN) + paint(COLOURS[kind], part.slice(KIND_COLUMN)),
    ),
  )
  return [...(span ? [drawAxis(span, bar, offsetMinutes)] : []), ...lines]
}

function drawAxis({ fromMs, toMs }: Span, bar: number, offsetMinutes: number): string {
  const [from, to] = [timeOfDay(fromMs, offsetMinutes), timeOfDay(toMs, offsetMinutes)]
  return `${' '.repeat(KIND_COLUMN)}${GAP}${from}${to.padStart(Math.max(bar - from.length, to.length + 1))}`
}

interface Drawn {
  readonly kind: StretchKind
  readonly bar: string
  readonly text: string
}

function drawStretch(stretch: TimelineStretch, span: Span, width: number, offsetMinutes: number): Drawn {
  const scale = width / Math.max(span.toMs - span.fromMs, 1)
  const from = Math.min(Math.floor((stretch.fromMs - span.fromMs) * scale), width - 1)
  const length = Math.max(Math.round((stretch.toMs - stretch.fromMs) * scale), 1)
  const sign = stretch.toMs === stretch.fromMs ? '◆' : '█'
  const bar = pad(' '.repeat(from) + sign.repeat(Math.min(length, width - from)), width)
  return { kind: stretch.kind, bar, text: `${timeOfDay(stretch.fromMs, offsetMinutes)} ${describeStretch(stretch)}` }
}

function describeStretch({ label, seconds, notes }: UndatedStretch): string {
  const length = seconds === undefined ? '' : `, ${describeSeconds(seconds)}`
  return oneLineOfProse(`${label}${length}${notes.length ? `: ${notes.join(', ')}` : ''}`)
}

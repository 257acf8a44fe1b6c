import { createHash } from 'node:crypto'
import { oneLine, oneLineOfProse } from '../core/one-line.ts'
import { describeSeconds, timeOfDay } from '../sessions/clock.ts'
import type { Fact, Section, SessionDescription } from '../sessions/describe-session.ts'
import {
  type Span,
  STRETCH_WORDS,
  type StretchKind,
  type TimelineStretch,
  type UndatedStretch,
} from '../sessions/timeline.ts'
import { Html, html } from './html.ts'
import { SESSION_STYLE } from './session-style.ts'

/** One session as one page that needs nothing from elsewhere, and no script. */
export function drawSessionPage(description: SessionDescription): string {
  const { title, facts, sections } = description
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(SECURITY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${oneLine(title)}</title>
<style>${new Html(SESSION_STYLE)}</style>
</head>
<body>
<header>
<h1>${plain(title)}</h1>
${drawFacts(facts)}
</header>
<main>
${drawTimeline(description)}
<div class="sections">
${sections.map(drawSection)}</div>
</main>
<footer><p>Made by <code>carryover sessions show --format html</code>. What the caller left is masked unless somebody asked for it.</p></footer>
</body>
</html>
`
  return page.text
}

const SECURITY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(SESSION_STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

/** A file's text keeps its own direction, and does not turn what stands around it. */
const plain = (text: string): Html => html`<bdi>${oneLineOfProse(text)}</bdi>`

const drawFacts = (facts: readonly Fact[]): Html =>
  html`<dl>${facts.map(({ name, value }) => html`<dt>${plain(name)}</dt><dd>${plain(value)}</dd>`)}</dl>`

const drawSection = ({ title, facts, note }: Section): Html => html`<section>
<h2>${title}</h2>
${drawFacts(facts)}${note ? html`<p class="note">${note}</p>` : ''}
</section>
`

function drawTimeline({ timeline, offsetMinutes }: SessionDescription): Html {
  const { span, stretches, undated } = timeline
  if (stretches.length + undated.length === 0) return html``
  return html`<section aria-labelledby="timeline">
<h2 id="timeline">What happened</h2>
<table>
<thead><tr><th scope="col" class="kind">What</th><th scope="col" class="when">${span ? drawAxis(span, offsetMinutes) : 'When'}</th><th scope="col" class="what">Who and how</th></tr></thead>
<tbody>
${stretches.map((stretch) => drawStretch(stretch, span ?? stretch, offsetMinutes))}${undated.map(drawUndated)}</tbody>
</table>
</section>`
}

const drawAxis = ({ fromMs, toMs }: Span, offsetMinutes: number): Html =>
  html`<span class="axis"><span>${timeOfDay(fromMs, offsetMinutes)}</span><span>${timeOfDay(toMs, offsetMinutes)}</span></span>`

const row = (kind: StretchKind, when: Html, what: Html): Html =>
  html`<tr class="${kind}"><th scope="row" class="kind">${STRETCH_WORDS[kind]}</th><td class="when">${when}</td><td class="what">${what}</td></tr>
`

const SCALE = 1000

/** What takes no time is as wide as can be seen. */
const LEAST = 6

function drawStretch(stretch: TimelineStretch, span: Span, offsetMinutes: number): Html {
  const scale = SCALE / Math.max(span.toMs - span.fromMs, 1)
  const width = Math.max((stretch.toMs - stretch.fromMs) * scale, LEAST)
  const x = Math.min((stretch.fromMs - span.fromMs) * scale, SCALE - width)
  const time = timeOfDay(stretch.fromMs, offsetMinutes)
  const bar = html`<svg viewBox="0 0 ${SCALE} 10" preserveAspectRatio="none" aria-hidden="true"><rect x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="10"/></svg>`
  return row(stretch.kind, bar, html`${time} ${describe(stretch)}`)
}

const drawUndated = (stretch: UndatedStretch): Html => row(stretch.kind, html`no time`, describe(stretch))

function describe({ label, seconds, notes }: UndatedStretch): Html {
  const length = seconds === undefined ? '' : `, ${describeSeconds(seconds)}`
  return html`${plain(label)}${length}${notes.length ? html`: ${plain(notes.join(', '))}` : ''}`
}

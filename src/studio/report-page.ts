import { createHash } from 'node:crypto'
import { oneLine } from '../core/one-line.ts'
import {
  describeReport,
  type ReportColumn,
  type ReportDescription,
  type ReportSection,
} from '../sessions/describe-report.ts'
import type { Facet, Figures, Measure, SessionReport } from '../sessions/report.ts'
import type { Charts, Range, RatingShare } from './draw-chart.ts'
import { Html, html } from './html.ts'
import { REPORT_STYLE } from './report-style.ts'

/** The report as one page with charts that needs nothing from elsewhere, and no script. */
export async function drawReportPage(report: SessionReport, charts: Charts): Promise<string> {
  const description = describeReport(report)
  const { title, notes } = description
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(SECURITY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Report: ${title}</title>
<style>${new Html(REPORT_STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${drawFacts(description)}
<nav aria-label="Sections"><ul>${description.sections.map(({ facet, title }) => html`<li><a href="#${facet}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${await drawReportSections(charts, report, description)}</main>
<footer>
<h2>How it was counted</h2>
<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>
<p>Made by <code>carryover sessions report --format html</code>.</p>
</footer>
</body>
</html>
`
  return page.text
}

const SECURITY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(REPORT_STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`

const drawFacts = ({ facts }: ReportDescription): Html =>
  html`<dl>${facts.map(({ name, value }) => html`<dt>${name}</dt><dd>${plain(value)}</dd>`)}</dl>`

/** A file's text keeps its own direction, and does not turn what stands around it. */
const plain = (text: string): Html => html`<bdi>${oneLine(text)}</bdi>`

const drawReportSections = (charts: Charts, report: SessionReport, { sections }: ReportDescription): Promise<Html[]> =>
  Promise.all(
    sections.map(async (section) => {
      const { facet, title } = section
      const drawn = await drawCharts(charts, section, report)
      return html`<section aria-labelledby="${facet}">
<h2 id="${facet}">${title}</h2>
${drawn.length ? html`<div class="${isTime(facet) ? 'charts whole' : 'charts'}">${drawn}</div>` : ''}
${drawSectionTable(section)}
</section>
`
    }),
  )

// ---- tables

function drawSectionTable({ title, label, columns, rows }: ReportSection): Html {
  const hasParts = columns.some(({ parts }) => parts)
  const span = hasParts ? html` rowspan="2"` : html``
  const heads = columns.map(({ title, parts }) =>
    parts
      ? html`<th scope="colgroup" colspan="${parts.length}">${title}</th>`
      : html`<th scope="col"${span}>${title}</th>`,
  )
  const parts = columns.flatMap((column) => column.parts ?? []).map((part) => html`<th scope="col">${part}</th>`)
  return html`<div class="table" tabindex="0" role="region" aria-label="${title}, as a table"><table>
<thead><tr><th scope="col" class="label"${span}>${label}</th>${heads}</tr>${hasParts ? html`<tr>${parts}</tr>` : ''}</thead>
<tbody>
${rows.map(
  ({
    label,
    cells,
  }) => html`<tr><th scope="row" class="label">${plain(label)}</th>${columns.map((column, index) => drawCells(column, cells[index] ?? ''))}</tr>
`,
)}</tbody>
</table></div>`
}

const drawCells = ({ parts }: ReportColumn, cell: string | readonly string[]): Html =>
  typeof cell === 'string'
    ? html`<td${parts ? html` colspan="${parts.length}"` : ''}>${cell}</td>`
    : html`${cell.map((text) => html`<td>${text}</td>`)}`

// ---- charts

/** The rest is in the table. */
const MAX_DRAWN = 12

/** Whose percentiles are drawn beside how many there are. */
const RANGES: Readonly<Partial<Record<Facet, readonly [measure: Measure, caption: string]>>> = {
  took_part: ['duration', 'length'],
  type: ['duration', 'length'],
  status: ['duration', 'length'],
  answer_type: ['duration', 'length'],
  deflection: ['wait', 'wait'],
  virtual_agent: ['duration', 'length'],
  finish_reason: ['duration', 'length'],
  escalation_reason: ['until_human', 'time until a human'],
  queue_path: ['duration', 'wait'],
}

const isTime = (facet: Facet): boolean => facet === 'day' || facet === 'hour'

async function drawCharts(charts: Charts, section: ReportSection, report: SessionReport): Promise<Html[]> {
  if (section.facet === 'bot') return drawRatings(charts, report)
  if (isTime(section.facet)) return [await drawTimes(charts, section)]
  const [measure, caption] = RANGES[section.facet] ?? ['duration', 'length']
  const rows = section.rows.slice(0, MAX_DRAWN)
  const bars = rows.map(({ label, cells, group }) => ({
    label: oneLine(label),
    value: group.count,
    text: String(cells[0]),
  }))
  const ranges = rows.flatMap(({ label, group }) => toRange(oneLine(label), group.figures[measure]) ?? [])
  const first = section.rows.length > MAX_DRAWN ? `, the ${MAX_DRAWN} most frequent` : ''
  return [
    drawFigure(`How many${first}`, await charts.bars(bars)),
    ...(ranges.length ? [drawFigure(`${sentenceCase(caption)}${first}`, await charts.ranges(ranges))] : []),
  ]
}

const drawFigure = (caption: string, chart: Html): Html =>
  html`<figure><figcaption>${caption}</figcaption>${chart}</figure>`

const sentenceCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function toRange(label: string, figures: Figures | undefined): Range | undefined {
  const { median, p90, p95 } = figures ?? {}
  return median === undefined || p90 === undefined || p95 === undefined ? undefined : { label, median, p90, p95 }
}

async function drawTimes(charts: Charts, { rows, facet }: ReportSection): Promise<Html> {
  const known = rows.filter(({ group }) => group.value !== undefined)
  const short = (label: string): string => (facet === 'day' ? label.slice(5) : label)
  const bars = known.map(({ label, group }) => ({ label: short(label), value: group.count, text: '' }))
  return drawFigure(`Sessions by ${facet}`, await charts.columns(bars))
}

async function drawRatings(charts: Charts, { ratings }: SessionReport): Promise<Html[]> {
  const shares = [true, false].flatMap((bot): RatingShare[] => {
    const own = ratings.filter((one) => one.bot === bot)
    const all = own.reduce((sum, { count }) => sum + count, 0)
    const who = bot ? 'with a bot' : 'without a bot'
    return own.map(({ rating, count }) => {
      const share = count / all
      return { who, rating, share, text: `${Math.round(share * 100)}%` }
    })
  })
  if (shares.length === 0) return []
  return [drawFigure('Ratings, as shares of those with a bot and without', await charts.ratings(shares))]
}

import { createHash } from 'node:crypto'
import {
  type Dictionary,
  type DictionaryCapture,
  type DictionaryFlow,
  type DictionaryParameter,
  type DictionaryPolicy,
  type DictionaryVariable,
  type Origin,
  rowsOf,
  seenBy,
  textOf,
  type VariableName,
} from '../core/dictionary.ts'
import {
  ACTION_MEANINGS,
  CELL_MEANINGS,
  CELLS,
  type Cell,
  cellOf,
  countOf,
  describeLimit,
  differingKeys,
  POLICY_MEANING,
  SURFACE_TITLES,
  titlesOf,
} from '../core/dictionary-words.ts'
import { DETECTOR_MEANINGS, SURFACE_MEANINGS } from '../core/meanings.ts'
import { oneLine, oneLineOfProse } from '../core/one-line.ts'
import { SURFACES, type Surface } from '../core/surface.ts'
import { FILTER_SCRIPT } from './dictionary-script.ts'
import { DICTIONARY_STYLE } from './dictionary-style.ts'
import { Html, html } from './html.ts'

/** The dictionary as one page that needs nothing from elsewhere; without its script everything in it is shown. */
export function drawDictionaryPage(dictionary: Dictionary): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(SECURITY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Data dictionary: who sees what</title>
<style>${new Html(DICTIONARY_STYLE)}</style>
</head>
<body>
<a class="skip" href="#matrix">To the table</a>
<header>
<h1>Data dictionary: who sees what</h1>
<p>What the bot hands over, where each value comes from, and who sees it. ${describeCounts(dictionary)}</p>
</header>
<main>
${drawLegend(dictionary)}
${drawDifferences(dictionary)}
${drawMatrix(dictionary)}
${drawSurfaces(dictionary)}
${drawParameters(dictionary.parameters)}
${drawPolicy(dictionary.policy)}
</main>
<footer><p>Made from the flow files by <code>carryover dictionary --format html</code>; change those, not this page.</p></footer>
<script>${new Html(FILTER_SCRIPT)}</script>
</body>
</html>
`
  return page.text
}

const sourceOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const SECURITY = `default-src 'none'; style-src ${sourceOf(DICTIONARY_STYLE)}; script-src ${sourceOf(FILTER_SCRIPT)}; base-uri 'none'; form-action 'none'`

function describeCounts({ flows }: Dictionary): string {
  const captures = flows.flatMap((flow) => flow.captures)
  return `${countOf(flows.length, 'flow file')}, ${countOf(captures.length, 'capture')}, ${countOf(rowsOf(flows).length, 'variable')}.`
}

// ---- parts

/** A file's text keeps its own direction, and does not turn what stands around it. */
const plain = (text: string): Html => html`<bdi>${oneLine(text)}</bdi>`
/** It may go on in the next line behind a sign between words. */
const code = (text: string): Html => {
  const pieces = oneLine(text).split(/(?<=[\w\]][._/-])(?=\w)/)
  return html`<code dir="auto">${pieces.map((piece, i) => (i ? html`<wbr>${piece}` : piece))}</code>`
}
const prose = (text: string | undefined): string => oneLineOfProse(text ?? '')
const listed = (parts: readonly Html[]): Html => new Html(parts.map(({ text }) => text).join(', '))

const SIGNS: Readonly<Record<Cell, string>> = { yes: '●', masked: '◐', no: '–', barred: '×' }

const drawMark = (cell: Cell): Html =>
  html`<span class="mark ${cell}"><span aria-hidden="true">${SIGNS[cell]}</span> ${cell}</span>`

const linkTo = ({ id, variable }: VariableName): Html => html`<a href="#v${id}">${code(variable)}</a>`

const placeOf = ({ flow, tag, file, enabled }: VariableName): Html =>
  html`${plain(flow)}, ${code(tag)} <small>${plain(file)}${enabled ? '' : ', switched off'}</small>`

function drawLegend({ surfaces }: Dictionary): Html {
  return html`<section aria-labelledby="legend">
<h2 id="legend">How to read this</h2>
<div class="legends">
<dl>${SURFACES.map((surface) => html`<div><dt>${SURFACE_TITLES[surface]}</dt><dd>${SURFACE_MEANINGS[surface]} <a href="#gets-${surface}">Gets ${countOf(surfaces[surface].length, 'variable')}.</a></dd></div>`)}</dl>
<dl>${CELLS.map((cell) => html`<div><dt>${drawMark(cell)}</dt><dd>${CELL_MEANINGS[cell]}</dd></div>`)}</dl>
</div>
</section>`
}

function drawDifferences({ parameters }: Dictionary): Html {
  const differing = parameters.map((parameter, i) => ({ parameter, i })).filter(({ parameter }) => parameter.differs)
  if (differing.length === 0) return html``
  return html`<section class="notice" aria-labelledby="differences">
<h2 id="differences">Shown to different surfaces</h2>
<p>Two captures show these parameters to different surfaces. That may be meant; it is worth a look.</p>
<ul>${differing.map(({ parameter, i }) => html`<li><a href="#p${i}">${code(parameter.name)}</a>${drawUses(parameter)}</li>`)}</ul>
</section>`
}

const drawUses = ({ uses }: DictionaryParameter): Html =>
  html`<ul>${uses.map((use) => html`<li>${placeOf(use)}, as ${linkTo(use)}: ${titlesOf(use.surfaces)}</li>`)}</ul>`

// ---- the matrix

function drawMatrix(dictionary: Dictionary): Html {
  const total = rowsOf(dictionary.flows).length
  const differing = differingKeys(dictionary)
  return html`<section aria-labelledby="who">
<h2 id="who">Who sees what</h2>
${drawFilter(dictionary.flows)}
<p id="state" role="status">All ${countOf(total, 'variable')} ${total === 1 ? 'is' : 'are'} shown.</p>
<table id="matrix" class="matrix" role="table" aria-labelledby="who" tabindex="-1">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Variable</th><th scope="col" role="columnheader">Made of</th>${SURFACES.map((surface) => html`<th scope="col" role="columnheader" class="surface">${SURFACE_TITLES[surface]}</th>`)}<th scope="col" role="columnheader">Form and limits</th></tr></thead>
${dictionary.flows.map((flow, i) => flow.captures.map((capture) => drawCapture(capture, flow, i, differing)))}
</table>
</section>`
}

function drawFilter(flows: readonly DictionaryFlow[]): Html {
  return html`<form id="filter" hidden>
<p><label for="words">Name</label><input id="words" type="search" autocomplete="off" spellcheck="false" placeholder="variable, parameter or capture"></p>
<p><label for="flow">Flow</label><select id="flow"><option value="">every flow</option>${flows.map((flow, i) => html`<option value="${i}">${oneLine(`${flow.flow} (${flow.file})`)}</option>`)}</select></p>
<p><label for="surface">Seen by</label><select id="surface"><option value="">anyone or no one</option>${SURFACES.map((surface) => html`<option value="${surface}">${SURFACE_TITLES[surface]}</option>`)}<option value="nobody">no one</option></select></p>
<p><label for="only">Only</label><select id="only"><option value="">no further limit</option><option value="ruled">under a rule of the policy</option><option value="differs">shown differently elsewhere</option><option value="off">switched off</option></select></p>
<p class="buttons"><button type="reset">Show all</button> <button type="button" id="print">Print</button></p>
</form>`
}

function drawCapture(
  capture: DictionaryCapture,
  flow: DictionaryFlow,
  index: number,
  differing: ReadonlySet<string>,
): Html {
  const { variables } = capture
  return html`<tbody role="rowgroup" data-flow="${index}">
<tr class="capture" role="row"><th scope="rowgroup" role="rowheader" colspan="7">${drawCaptureHead(capture, flow)}</th></tr>
${variables.map((variable) => drawVariable(variable, capture, differing))}
</tbody>
`
}

function drawCaptureHead(capture: DictionaryCapture, { flow, file }: DictionaryFlow): Html {
  const { tag, enabled, line, description, examples, others, sets, clears, variables } = capture
  const notes = [
    ...(prose(description) ? [plain(prose(description))] : []),
    ...(variables.length ? [] : [html`Hands over no variable.`]),
    ...(examples.length ? [html`Examples: ${listed(examples.map(plain))}.`] : []),
    ...others.map(({ key, origin }) => html`The platform itself gets ${code(key)}: ${drawOrigin(origin)}.`),
    ...(sets.length ? [html`Afterwards the bot is given ${listed(sets.map(code))}.`] : []),
    ...(clears.length ? [html`Afterwards the bot forgets ${listed(clears.map(code))}.`] : []),
  ]
  return html`<span class="title">${plain(flow)} › ${code(tag)}${enabled ? '' : html` <strong class="tag">switched off</strong>`} <small>${plain(file)}, line ${line}</small></span>${notes.map((note) => html`<span class="note">${note}</span>`)}`
}

function drawVariable(
  variable: DictionaryVariable,
  { tag, enabled }: DictionaryCapture,
  differing: ReadonlySet<string>,
): Html {
  const { id, name, description, origin, rules } = variable
  const words = oneLine([name, tag, ...origin.parameters.map(({ reference }) => reference)].join(' | ')).toLowerCase()
  const marks = [
    ...(rules.length ? ['ruled'] : []),
    ...(origin.parameters.some(({ key }) => differing.has(key)) ? ['differs'] : []),
    ...(enabled ? [] : ['off']),
  ]
  const described = prose(description)
  return html`<tr role="row" id="v${id}" class="variable" data-words="${words}" data-surfaces="${seenBy(variable).join(' ') || 'nobody'}" data-marks="${marks.join(' ')}"><th scope="row" role="rowheader">${code(name)}</th><td role="cell" class="made">${drawOrigin(origin)}${described ? html`<span class="note">${plain(described)}</span>` : ''}</td>${SURFACES.map((surface) => drawCell(variable, surface))}<td role="cell" class="limits">${drawFacts(variable, differing)}</td></tr>
`
}

const drawCell = (variable: DictionaryVariable, surface: Surface): Html =>
  html`<td role="cell" class="surface" data-title="${SURFACE_TITLES[surface]}">${drawMark(cellOf(variable, surface))}</td>`

function drawOrigin({ kind, text }: Origin): Html {
  if (kind === 'answer') return html`the person’s next answer`
  return kind === 'literal' ? html`always ${code(text)}` : code(text)
}

function drawFacts(variable: DictionaryVariable, differing: ReadonlySet<string>): Html {
  const { origin, format, mask, fallback, required, rules, sample, line } = variable
  const facts = [
    ...rules.map(
      (rule) =>
        html`<strong>Policy</strong> line ${rule.line}, ${code(rule.pattern)}, ${describeLimit(rule.surfaces)}${prose(rule.reason) ? html`: ${plain(prose(rule.reason))}` : ''}`,
    ),
    ...drawElsewhere(origin, differing),
    ...(format === 'raw' ? [] : [html`format ${format}`]),
    ...(mask ? [html`mask ${mask}`] : []),
    ...(fallback ? [html`without a value ${code(textOf(fallback.value))}`] : []),
    ...(required ? [html`required`] : []),
    ...(origin.kind === 'answer' ? [html`the detectors of the policy do not see it`] : []),
    ...(sample ? [html`for example ${code(textOf(sample.value))}`] : []),
    html`line ${line}`,
  ]
  return html`<ul>${facts.map((fact) => html`<li>${fact}</li>`)}</ul>`
}

function drawElsewhere({ parameters }: Origin, differing: ReadonlySet<string>): Html[] {
  const names = new Map(parameters.filter(({ key }) => differing.has(key)).map(({ key, name }) => [key, name]))
  return [...names.values()].map(
    (name) => html`<strong>Elsewhere</strong> ${code(name)} <a href="#differences">is shown to others</a>`,
  )
}

// ---- the other ways round

function drawSurfaces({ surfaces }: Dictionary): Html {
  return html`<section aria-labelledby="gets">
<h2 id="gets">What each surface gets</h2>
<div class="cards">${SURFACES.map(
    (surface) => html`<section id="gets-${surface}">
<h3>${SURFACE_TITLES[surface]}: ${countOf(surfaces[surface].length, 'variable')}</h3>
${surfaces[surface].length ? html`<ul>${drawNames(surfaces[surface])}</ul>` : html`<p>Nothing.</p>`}
</section>`,
  )}</div>
</section>`
}

function drawNames(names: readonly VariableName[]): Html[] {
  const captures = new Map<string, Html[]>()
  for (const name of names) {
    const place = placeOf(name).text
    captures.set(place, [...(captures.get(place) ?? []), linkTo(name)])
  }
  return [...captures].map(([place, links]) => html`<li>${new Html(place)}: ${listed(links)}</li>`)
}

function drawParameters(parameters: readonly DictionaryParameter[]): Html {
  if (parameters.length === 0) return html``
  return html`<section aria-labelledby="parameters">
<h2 id="parameters">Parameters</h2>
<p>What the bot collected, and what becomes of it.</p>
<table class="plain" role="table" aria-labelledby="parameters">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Parameter</th><th scope="col" role="columnheader">Seen by</th><th scope="col" role="columnheader">Becomes</th></tr></thead>
<tbody role="rowgroup">
${parameters.map(drawParameter)}</tbody>
</table>
</section>`
}

const drawParameter = ({ name, surfaces, differs, uses, others }: DictionaryParameter, index: number): Html =>
  html`<tr role="row" id="p${index}"><th scope="row" role="rowheader">${code(name)}</th><td role="cell" data-title="Seen by">${titlesOf(surfaces)}${differs ? html` <strong class="tag">not the same everywhere</strong>` : ''}</td><td role="cell" data-title="Becomes"><ul>${uses.map((use) => html`<li>${linkTo(use)} of ${placeOf(use)}</li>`)}${others.map(({ key, tag, flow, file }) => html`<li>${code(key)} of ${plain(flow)}, ${code(tag)} <small>${plain(file)}</small>, for the platform itself</li>`)}</ul></td></tr>
`

function drawPolicy(policy: DictionaryPolicy | undefined): Html {
  const said = policy
    ? html`<p>File ${code(policy.file)}. ${POLICY_MEANING}</p>
${drawRules(policy)}
${drawDetectors(policy)}`
    : html`<p>There is no policy: the flow files alone decide who sees what.</p>`
  return html`<section aria-labelledby="policy">
<h2 id="policy">Policy</h2>
${said}
</section>`
}

function drawRules({ rules }: DictionaryPolicy): Html {
  if (rules.length === 0) return html``
  return html`<table class="plain" role="table" aria-labelledby="policy">
<thead role="rowgroup"><tr role="row">${['Names', 'Who may see it', 'Why', 'Applies to'].map((title) => html`<th scope="col" role="columnheader">${title}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rules.map(
  ({ pattern, line, surfaces, reason, variables }) =>
    html`<tr role="row"><th scope="row" role="rowheader">${code(pattern)} <small>line ${line}</small></th><td role="cell" data-title="Who may see it">${describeLimit(surfaces)}</td><td role="cell" data-title="Why">${prose(reason) ? plain(prose(reason)) : ''}</td><td role="cell" data-title="Applies to">${variables.length ? listed(variables.map(linkTo)) : 'no variable at present'}</td></tr>
`,
)}</tbody>
</table>`
}

function drawDetectors({ values }: DictionaryPolicy): Html {
  if (values.length === 0) return html`<p>It looks for nothing inside the values.</p>`
  return html`<p>In every text and number that leaves, it looks for these, as a second net:</p>
<ul>${values.map(({ detect, action }) => html`<li>${DETECTOR_MEANINGS[detect]} Where one is found, ${ACTION_MEANINGS[action]}.</li>`)}</ul>`
}

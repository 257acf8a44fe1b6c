import stringWidth from 'string-width'
import {
  type Dictionary,
  type DictionaryCapture,
  type DictionaryFlow,
  type DictionaryParameter,
  type DictionaryPolicy,
  type DictionaryVariable,
  type Origin,
  rowsOf,
  textOf,
  type VariableName,
} from '../core/dictionary.ts'
import {
  ACTION_MEANINGS,
  CELL_MEANINGS,
  CELLS,
  cellOf,
  countOf,
  describeLimit,
  differingKeys,
  differingNames,
  POLICY_MEANING,
  SURFACE_TITLES,
  titlesOf,
} from '../core/dictionary-words.ts'
import { DETECTOR_MEANINGS, SURFACE_MEANINGS } from '../core/meanings.ts'
import { oneLine, oneLineOfProse } from '../core/one-line.ts'
import { SURFACES } from '../core/surface.ts'

/**
 * The dictionary for a repository's page and for reading as it is: tables in columns, a file's text always inert. It is kept
 * beside the flow files and checked, so that it holds no line and no switch: a comment more, or a capture that the person on
 * call switches off, leaves it as it is.
 */
export function drawMarkdown(dictionary: Dictionary): string {
  const sections = [
    drawHead(dictionary),
    drawDifferences(dictionary),
    ...dictionary.flows.flatMap((flow) => drawFlow(flow, dictionary)),
    drawSurfaces(dictionary),
    drawParameters(dictionary.parameters),
    drawPolicy(dictionary.policy),
  ]
  return `${sections.flat().join('\n')}\n`
}

function drawHead(dictionary: Dictionary): string[] {
  const { flows, surfaces } = dictionary
  const counts = [
    countOf(flows.length, 'flow file'),
    countOf(flows.flatMap(({ captures }) => captures).length, 'capture'),
    countOf(rowsOf(flows).length, 'variable'),
  ]
  return [
    '# Data dictionary: who sees what',
    '',
    `What the bot hands over, where each value comes from, and who sees it. ${counts.join(', ')}.`,
    'Made from the flow files by `carryover dictionary`; change those, not this page. What is switched off for a while is in it too.',
    '',
    ...drawTable([
      ['Surface', 'Gets', 'What it is'],
      ...SURFACES.map((surface) => [
        SURFACE_TITLES[surface],
        countOf(surfaces[surface].length, 'variable'),
        SURFACE_MEANINGS[surface],
      ]),
    ]),
    '',
    ...drawTable([['In the tables', 'Means'], ...CELLS.map((cell) => [cell, CELL_MEANINGS[cell]])]),
  ]
}

function drawDifferences({ parameters }: Dictionary): string[] {
  const differing = parameters.filter(({ differs }) => differs)
  if (differing.length === 0) return []
  return [
    '',
    '## Shown to different surfaces',
    '',
    'Two captures show these parameters to different surfaces. That may be meant; it is worth a look.',
    '',
    ...drawTable([
      ['Parameter', 'Capture', 'Variable', 'Seen by'],
      ...differing.flatMap(({ name, uses }) =>
        uses.map((use) => [code(name), captureName(use), code(use.variable), titlesOf(use.surfaces)]),
      ),
    ]),
  ]
}

// ---- flow files

function drawFlow(flow: DictionaryFlow, dictionary: Dictionary): string[] {
  const only = [
    ...(flow.flowIds ? [`flow id ${flow.flowIds.map(code).join(', ')}`] : []),
    ...(flow.agentIds ? [`agent id ${flow.agentIds.map(code).join(', ')}`] : []),
  ]
  return [
    '',
    `## Flow: ${plain(flow.flow)}`,
    '',
    `File ${code(flow.file)}${only.length ? `, for ${only.join(' and ')} alone` : ''}.`,
    ...flow.captures.flatMap((capture) => drawCapture(capture, dictionary)),
  ]
}

function drawCapture(capture: DictionaryCapture, dictionary: Dictionary): string[] {
  const { tag, variables } = capture
  const notes = [...notesOn(capture), ...(variables.length ? [] : ['Hands over no variable.'])]
  return [
    '',
    `### Capture: ${code(tag)}`,
    ...(notes.length ? ['', ...notes.map((note) => `- ${note}`)] : []),
    ...(variables.length ? ['', ...drawVariables(variables, dictionary)] : []),
  ]
}

function notesOn({ description, examples, others, sets, clears }: DictionaryCapture): string[] {
  const prose = description === undefined ? '' : oneLineOfProse(description)
  return [
    ...(prose ? [plain(prose)] : []),
    ...(examples.length ? [`Examples: ${examples.map(plain).join('; ')}.`] : []),
    ...others.map(({ key, origin }) => `The platform itself gets ${code(key)}: ${drawOrigin(origin)}.`),
    ...(sets.length ? [`Afterwards the bot is given ${sets.map(code).join(', ')}.`] : []),
    ...(clears.length ? [`Afterwards the bot forgets ${clears.map(code).join(', ')}.`] : []),
  ]
}

function drawVariables(variables: readonly DictionaryVariable[], dictionary: Dictionary): string[] {
  const differing = differingKeys(dictionary)
  return drawTable([
    ['Variable', ...SURFACES.map((surface) => SURFACE_TITLES[surface]), 'Made of', 'Form and limits'],
    ...variables.map((variable) => [
      code(variable.name),
      ...SURFACES.map((surface) => cellOf(variable, surface)),
      drawOrigin(variable.origin),
      [...factsOf(variable), ...differingNames(variable, differing).map(differenceOf)].join('; '),
    ]),
  ])
}

const differenceOf = (name: string): string => `${code(name)} is shown to others elsewhere`

function drawOrigin({ kind, text }: Origin): string {
  if (kind === 'answer') return "the person's next answer"
  return kind === 'literal' ? `always ${code(text)}` : code(text)
}

function factsOf(variable: DictionaryVariable): string[] {
  const { description, origin, format, mask, fallback, required, rules, sample } = variable
  return [
    ...(description?.trim() ? [plain(oneLineOfProse(description))] : []),
    ...(format === 'raw' ? [] : [`format ${format}`]),
    ...(mask ? [`mask ${mask}`] : []),
    ...(fallback ? [`without a value ${code(textOf(fallback.value))}`] : []),
    ...(required ? ['required'] : []),
    ...(origin.kind === 'answer' ? ['the detectors of the policy do not see it'] : []),
    ...rules.map((rule) => `policy ${code(rule.pattern)}, ${describeLimit(rule.surfaces)}${reason(rule)}`),
    ...(sample ? [`for example ${code(textOf(sample.value))}`] : []),
  ]
}

const reason = ({ reason }: { readonly reason?: string | undefined }): string =>
  reason?.trim() ? `: ${plain(oneLineOfProse(reason))}` : ''

// ---- the other ways round

function drawSurfaces({ surfaces }: Dictionary): string[] {
  const drawn = SURFACES.flatMap((surface) => [
    '',
    `### ${SURFACE_TITLES[surface]}: ${countOf(surfaces[surface].length, 'variable')}`,
    '',
    ...(surfaces[surface].length ? drawNames(surfaces[surface]) : ['Nothing.']),
  ])
  return ['', '## What each surface gets', ...drawn]
}

function drawNames(names: readonly VariableName[]): string[] {
  const captures = new Map<string, string[]>()
  for (const name of names) {
    const capture = captureName(name)
    captures.set(capture, [...(captures.get(capture) ?? []), code(name.variable)])
  }
  return [...captures].map(([capture, variables]) => `- ${capture}: ${variables.join(', ')}`)
}

const captureName = ({ flow, tag, file }: VariableName): string => `${plain(flow)}, ${code(tag)} in ${code(file)}`

function drawParameters(parameters: readonly DictionaryParameter[]): string[] {
  if (parameters.length === 0) return []
  return [
    '',
    '## Parameters',
    '',
    'What the bot collected, and what becomes of it.',
    '',
    ...drawTable([
      ['Parameter', 'Seen by', 'Becomes'],
      ...parameters.map(({ name, surfaces, differs, uses, others }) => [
        code(name),
        `${titlesOf(surfaces)}${differs ? ' (not the same everywhere)' : ''}`,
        [
          ...uses.map(({ variable, tag, file }) => `${code(variable)} of ${code(tag)} in ${code(file)}`),
          ...others.map(
            ({ key, tag, file }) => `${code(key)} of ${code(tag)} in ${code(file)}, for the platform itself`,
          ),
        ].join('; '),
      ]),
    ]),
  ]
}

function drawPolicy(policy: DictionaryPolicy | undefined): string[] {
  if (!policy) return ['', '## Policy', '', 'There is no policy: the flow files alone decide who sees what.']
  return [
    '',
    '## Policy',
    '',
    `File ${code(policy.file)}. ${POLICY_MEANING}`,
    ...drawRules(policy),
    ...drawDetectors(policy),
  ]
}

function drawRules({ rules }: DictionaryPolicy): string[] {
  if (rules.length === 0) return []
  return [
    '',
    ...drawTable([
      ['Names', 'Who may see it', 'Applies to', 'Why'],
      ...rules.map((rule) => [
        code(rule.pattern),
        describeLimit(rule.surfaces),
        rule.variables.length
          ? [...new Set(rule.variables.map(({ variable }) => code(variable)))].join(', ')
          : 'no variable at present',
        plain(oneLineOfProse(rule.reason ?? '')),
      ]),
    ]),
  ]
}

function drawDetectors({ values }: DictionaryPolicy): string[] {
  if (values.length === 0) return ['', 'It looks for nothing inside the values.']
  return [
    '',
    'In every text and number that leaves, it looks for these, as a second net:',
    '',
    ...values.map(
      ({ detect, action }) => `- ${DETECTOR_MEANINGS[detect]} Where one is found, ${ACTION_MEANINGS[action]}.`,
    ),
  ]
}

// ---- Markdown

/** The last column is left as it is: nothing stands behind it. */
function drawTable([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => stringWidth(row[column] ?? ''))))
  const last = head.length - 1
  const draw = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column === last ? cell : padTo(cell, widths[column] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, column) => '-'.repeat(column === last ? stringWidth(head[last] ?? '') : width))
  return [draw(head), draw(rule), ...rows.map(draw)]
}

const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - stringWidth(text)))

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', $: '&#36;' }

/** A file's text as text: nothing in it is a mark, a tag, a formula or an end of a cell. */
function plain(text: string): string {
  return oneLine(text)
    .replace(/[\\`*[\]|~#]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/[<>$]|&(?=#?\w+;)/g, (character) => ENTITIES[character] ?? character)
}

/** A file's word as code; one that code cannot hold everywhere (a table's cell has no `|`) as text. */
function code(text: string): string {
  const line = oneLine(text)
  return line.trim() === line && line !== '' && !/[`<>&|\\]/.test(line) ? `\`${line}\`` : `"${plain(text)}"`
}

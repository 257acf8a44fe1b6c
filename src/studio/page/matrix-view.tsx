import { useEffect } from 'preact/hooks'
import { CELL_MEANINGS, type Cell } from '../../core/dictionary-words.ts'
import { SURFACES } from '../../core/surface.ts'
import type { MatrixRow } from '../protocol.ts'
import { Name, RuleLink, TITLES, wholeLine } from './audience-pane.tsx'
import { useModel } from './use-model.ts'

const SIGNS: Readonly<Record<Cell, string>> = { yes: '●', masked: '◐', no: '–', barred: '×' }

/** Every variable of the project by surfaces, with what the policy allows. */
export function MatrixView() {
  const model = useModel()
  const { matrix } = model
  const wanted = model.address.filter ?? ''
  useEffect(() => {
    document.getElementById('matrix-filter')?.focus()
  }, [])
  if (!matrix) return <p class="waiting">Reading all flow files…</p>
  const shown = matrix.rows.filter((row) => fits(row, wanted))
  return (
    <section class="matrix-view" aria-labelledby="matrix-title">
      <div class="matrix-head">
        <h1 id="matrix-title">Who sees what, in the whole project</h1>
        <label class="field">
          <span>Filter by name</span>
          <input
            id="matrix-filter"
            type="search"
            value={wanted}
            placeholder="variable, parameter, tag, file or rule"
            onInput={(event) => model.go({ filter: event.currentTarget.value || undefined })}
          />
        </label>
        <p role="status" class="quiet">
          {shown.length} of {matrix.rows.length} variables
        </p>
        <Legend />
      </div>
      {matrix.broken.length > 0 && <p class="banner">Not in it, since they have errors: {matrix.broken.join(', ')}.</p>}
      <div class="scroll">
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">Variable</th>
              <th scope="col">Made of</th>
              {SURFACES.map((surface) => (
                <th key={surface} scope="col" class={`surface ${surface}`}>
                  {TITLES[surface]}
                </th>
              ))}
              <th scope="col">Form and policy</th>
            </tr>
          </thead>
          {groupsOf(shown).map(([name, rows]) => (
            <tbody key={name}>
              <tr class="group">
                <th scope="rowgroup" colSpan={7}>
                  {rows[0]?.flow} › <code>{rows[0]?.tag}</code> <span class="quiet">{rows[0]?.file}</span>
                  {rows[0]?.enabled === false && <span class="badge">switched off</span>}
                </th>
              </tr>
              {rows.map((row) => (
                <Row key={`${row.name} ${row.line}`} row={row} />
              ))}
            </tbody>
          ))}
        </table>
        <Policy />
      </div>
    </section>
  )
}

const Legend = () => (
  <ul class="legend">
    {(Object.keys(SIGNS) as Cell[]).map((cell) => (
      <li key={cell}>
        <Mark cell={cell} /> <span>{CELL_MEANINGS[cell]}</span>
      </li>
    ))}
  </ul>
)

const Mark = ({ cell }: { cell: Cell }) => (
  <span class={`mark ${cell}`}>
    <span aria-hidden="true">{SIGNS[cell]}</span> {cell}
  </span>
)

function Row({ row }: { row: MatrixRow }) {
  const model = useModel()
  const policy = model.project?.policy?.path
  return (
    <tr>
      <th scope="row">
        <button type="button" class="link" onClick={() => model.reveal(row.file, wholeLine(row.line))}>
          <Name name={row.name} />
          <span class="line">
            <span class="visually-hidden">, line </span>
            {row.line}
          </span>
        </button>
      </th>
      <td class="made">
        <code>{row.madeOf}</code>
        {row.description && <span class="quiet note">{row.description}</span>}
      </td>
      {SURFACES.map((surface) => (
        <td key={surface} class="surface">
          <Mark cell={row.cells[surface]} />
        </td>
      ))}
      <td class="limits">
        {row.form && <span>{row.form}</span>}
        {policy !== undefined && row.rules.map((rule) => <RuleLink key={rule.line} rule={rule} policy={policy} />)}
      </td>
    </tr>
  )
}

function Policy() {
  const model = useModel()
  const { policy } = model.matrix ?? {}
  if (!policy) return <p class="quiet">There is no policy: the flow files alone decide who sees what.</p>
  return (
    <section class="limits-of-policy" aria-labelledby="limits-title">
      <h2 id="limits-title">
        Limits of the policy <span class="quiet">{policy.file}</span>
      </h2>
      <ul>
        {policy.rules.map(({ pattern, line, limit, reason, variables }) => (
          <li key={`${pattern} ${line}`}>
            <button type="button" class="link" onClick={() => model.reveal(policy.file, wholeLine(line))}>
              <code>{pattern}</code>
            </button>
            <span>{limit}</span>
            <span class="quiet">{reason}</span>
            <span class="number">
              {variables} {variables === 1 ? 'variable' : 'variables'}
            </span>
          </li>
        ))}
        {policy.values.map((text) => (
          <li key={text}>
            <span class="wide">{text}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Every word of the filter is somewhere in the names. */
function fits({ name, madeOf, tag, file, flow, rules }: MatrixRow, wanted: string): boolean {
  const names = [name, madeOf, tag, file, flow, ...rules.map(({ why }) => why)].join(' ').toLowerCase()
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => names.includes(word))
}

function groupsOf(rows: readonly MatrixRow[]): [string, MatrixRow[]][] {
  const groups = new Map<string, MatrixRow[]>()
  for (const row of rows) {
    const name = `${row.file} ${row.tag}`
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return [...groups]
}

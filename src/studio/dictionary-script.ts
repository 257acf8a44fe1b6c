/** Shows the rows of the matrix that the filter asks for, and says in words what it asked. */
export const FILTER_SCRIPT = `
'use strict'
const byId = (id) => document.getElementById(id)
const form = byId('filter')
const state = byId('state')
const rows = [...document.querySelectorAll('#matrix tr.variable')]
const bodies = [...document.querySelectorAll('#matrix tbody')]
const has = (list, word) => list.split(' ').includes(word)
const labelOf = (select) => select.selectedOptions[0].textContent

const wanted = () => ({
  words: byId('words').value.trim().toLowerCase(),
  flow: byId('flow').value,
  surface: byId('surface').value,
  only: byId('only').value,
})

const fits = (row, { words, flow, surface, only }) =>
  row.dataset.words.includes(words) &&
  (flow === '' || row.parentElement.dataset.flow === flow) &&
  (surface === '' || has(row.dataset.surfaces, surface)) &&
  (only === '' || has(row.dataset.marks, only))

const describe = ({ words, flow, surface, only }) => [
  words && 'a name holds \\u201c' + words + '\\u201d',
  flow && 'flow: ' + labelOf(byId('flow')),
  surface && 'seen by: ' + labelOf(byId('surface')),
  only && labelOf(byId('only')),
].filter(Boolean).join('; ')

const bare = ({ words, surface, only }) => words + surface + only === ''

const apply = () => {
  const filter = wanted()
  for (const row of rows) row.hidden = !fits(row, filter)
  for (const body of bodies) {
    const own = [...body.querySelectorAll('tr.variable')]
    const here = filter.flow === '' || body.dataset.flow === filter.flow
    body.hidden = own.length ? own.every((row) => row.hidden) : !(here && bare(filter))
  }
  const shown = rows.filter((row) => !row.hidden).length
  const said = describe(filter)
  state.textContent = said
    ? shown + ' of ' + rows.length + ' variables shown: ' + said + '. Only this table is filtered.'
    : everything
  state.classList.toggle('filtered', said !== '')
}

const everything = state.textContent
/** A link to a row that the filter hides shows everything first. */
const reveal = () => {
  const target = byId(location.hash.slice(1))
  if (!target || !target.hidden) return
  form.reset()
  apply()
  target.scrollIntoView()
}

form.hidden = false
form.addEventListener('input', apply)
form.addEventListener('submit', (event) => event.preventDefault())
form.addEventListener('reset', () => setTimeout(apply))
byId('print').addEventListener('click', () => print())
addEventListener('hashchange', reveal)
addEventListener('pageshow', apply)
`

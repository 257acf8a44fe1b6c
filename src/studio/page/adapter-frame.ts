/** What the studio tells: what the human agent sees, and the events that the answer would cause. */
interface Told {
  readonly agent: readonly (readonly [key: string, value: string])[]
  readonly events: readonly { readonly label: string; readonly event: unknown }[]
}

const studio = document.documentElement.dataset.studio ?? ''

addEventListener('message', ({ origin, source, data }) => {
  if (origin === studio && source === parent) draw(data as Told)
})

function draw({ agent, events }: Told): void {
  const heading = element('h1', 'Agent adapter')
  const list = document.createElement('dl')
  for (const [key, value] of agent) list.append(element('dt', key), element('dd', value))
  const buttons = document.createElement('p')
  for (const { label, event } of events) {
    const button = element('button', label)
    button.addEventListener('click', () => parent.postMessage(event, studio))
    buttons.append(button)
  }
  const hint = element('p', 'The virtual task assistant:')
  hint.className = 'hint'
  document.body.replaceChildren(heading, list, hint, buttons)
}

/** Text, never HTML. */
function element<Name extends keyof HTMLElementTagNameMap>(name: Name, text: string): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  made.textContent = text
  return made
}

// A ticket tab for each session of a virtual task assistant. Take this as a beginning for a page of your own.

const tickets = new Map()
let shown

carryover.listenToVirtualAgent(window, {
  // The origin of your adapter, whole: "https://your-tenant.example.com".
  origin: 'ADAPTER_ORIGIN',
  onJoined(event) {
    const ticket = openTicket(event)
    ticket.state = `${event.data.virtual_agent_name ?? 'A virtual agent'} has joined.`
    draw()
  },
  onVariables(event) {
    keepVariables(openTicket(event), event.data.captured_variables)
    draw()
  },
  // It brings every variable once more: what is there already stays as it is.
  onLeft(event) {
    const ticket = openTicket(event)
    keepVariables(ticket, event.data.captured_variables ?? [])
    ticket.state = `The virtual agent has left: ${event.data.finish_reason ?? 'no reason given'}.`
    draw()
  },
  // The adapter's other events, and changes of these. What they hold is a caller's, and stays out of the log.
  onUnknown(message) {
    console.info('The adapter posted an event that this page does not know:', String(message?.type))
  },
})

/** The ticket of the event's session, opened when the first event names it. A call and a chat may have the same number. */
function openTicket({ data }) {
  const session = data.call_id ? `Call ${data.call_id}` : `Chat ${data.chat_id}`
  if (!tickets.has(session)) {
    tickets.set(session, { session, state: '', variables: new Map(), tab: openTab(session) })
    shown = session
  }
  return tickets.get(session)
}

function keepVariables(ticket, captured) {
  for (const { variables } of captured)
    for (const [name, value] of Object.entries(variables)) ticket.variables.set(name, value)
}

// ---- drawing: values are only ever text

function openTab(session) {
  const tab = element('button', session)
  tab.addEventListener('click', () => {
    shown = session
    draw()
  })
  document.querySelector('#tabs').append(tab)
  return tab
}

function draw() {
  for (const { session, tab } of tickets.values()) tab.setAttribute('aria-current', String(session === shown))
  const { session, state, variables } = tickets.get(shown)
  const rows = [...variables].flatMap(([name, value]) => [element('dt', name), element('dd', textOf(value))])
  const list = element('dl', ...rows)
  document.querySelector('#ticket').replaceChildren(element('h2', session), element('p', state), list)
}

function element(name, ...children) {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

const textOf = (value) => (typeof value === 'string' ? value : JSON.stringify(value))

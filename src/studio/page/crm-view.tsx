import { useEffect, useRef, useState } from 'preact/hooks'
import { listenToVirtualAgent } from '../../adapter/listen-to-virtual-agent.ts'
import type { PostEvent } from '../../adapter/post-event.ts'
import { RequestPane } from './request-pane.tsx'
import { useModel } from './use-model.ts'
import { shownOf } from './values.ts'

const CODE = `import { listenToVirtualAgent } from 'carryover/adapter'

const stop = listenToVirtualAgent(window, {
  // exactly your adapter's; all others are left alone
  origin: 'https://adapter.example.com',
  onJoined: ({ data }) => ticketFor(data),
  onVariables: ({ data }) => fillIn(data),
  // brings everything once more
  onLeft: ({ data }) => fillIn(data),
})

function fillIn(data) {
  const ticket = ticketFor(data)
  for (const { variables } of data.captured_variables ?? [])
    ticket.show(variables)
}

// one ticket for each session
function ticketFor({ call_id, chat_id }) {
  return openOnce(call_id ?? chat_id)
}`

type Session = string

interface Ticket {
  readonly session: Session
  readonly state: 'open' | 'left'
  readonly variables: Readonly<Record<string, unknown>>
}

/** What a page around the adapter gets: the real listener hears a simulated adapter of another origin. */
export function CrmView() {
  return (
    <>
      <RequestPane />
      <CrmPage />
      <Adapter />
      <Code />
    </>
  )
}

function CrmPage() {
  const model = useModel()
  const origin = model.project?.adapter
  const [events, setEvents] = useState<readonly PostEvent[]>([])
  const [unknown, setUnknown] = useState(0)
  useEffect(() => {
    if (!origin) return
    const remember = (event: PostEvent) => setEvents((before) => [...before, event])
    return listenToVirtualAgent(window, {
      origin,
      onJoined: remember,
      onVariables: remember,
      onLeft: remember,
      onUnknown: () => setUnknown((count) => count + 1),
    })
  }, [origin])
  return (
    <section class="pane crm-page" aria-labelledby="crm-title">
      <h1 id="crm-title">
        A CRM page <span class="quiet">{location.origin}</span>
      </h1>
      <p class="quiet">
        It listens to <code>{origin}</code> alone, with <code>listenToVirtualAgent</code>. Press the buttons of the
        adapter.
      </p>
      <div class="tickets" role="status" aria-label="Tickets">
        {ticketsOf(events).map((ticket) => (
          <TicketCard key={ticket.session} ticket={ticket} />
        ))}
        {events.length === 0 && <p class="nothing">No ticket yet: no virtual agent has joined.</p>}
      </div>
      <h2>
        Events received <span class="number">{events.length}</span>
        {events.length > 0 && (
          <button type="button" class="small" onClick={() => setEvents([])}>
            Clear
          </button>
        )}
      </h2>
      <ol class="events">
        {events.map((event, i) => (
          <li key={`e${i}`}>
            <details>
              <summary>
                <code>{event.type}</code>
              </summary>
              <pre>{JSON.stringify(event, null, 2)}</pre>
            </details>
          </li>
        ))}
      </ol>
      {unknown > 0 && <p class="quiet">{unknown} other messages of the adapter.</p>}
    </section>
  )
}

/** One ticket for each session: what comes in Received comes again in Left. */
function ticketsOf(events: readonly PostEvent[]): Ticket[] {
  const tickets = new Map<Session, Ticket>()
  for (const { type, data } of events) {
    const session = data.call_id === undefined ? `chat ${data.chat_id}` : `call ${data.call_id}`
    const captured =
      'captured_variables' in data ? (data.captured_variables as { variables: object }[] | undefined) : undefined
    const known = tickets.get(session)?.variables ?? {}
    const variables = Object.assign({}, known, ...(captured ?? []).map((one) => one.variables))
    tickets.set(session, { session, variables, state: type === 'Task_VA_Left' ? 'left' : 'open' })
  }
  return [...tickets.values()]
}

const TicketCard = ({ ticket: { session, state, variables } }: { ticket: Ticket }) => (
  <article class="ticket">
    <h3>
      Ticket for {session}{' '}
      <span class="badge">{state === 'open' ? 'virtual agent is there' : 'virtual agent has left'}</span>
    </h3>
    <dl class="seen">
      {Object.entries(variables).map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{shownOf(value)}</dd>
        </div>
      ))}
    </dl>
    {Object.keys(variables).length === 0 && <p class="nothing">No variables yet.</p>}
  </article>
)

/** The frame knows nothing by itself: it is told what the current answer would post. */
function Adapter() {
  const model = useModel()
  const frame = useRef<HTMLIFrameElement>(null)
  const origin = model.project?.adapter ?? ''
  const outcome = model.evaluation?.outcome
  const answer = outcome?.kind === 'answer' ? outcome : undefined
  const tell = () => {
    const agent = answer?.audiences.agent.values.map(({ key, value }) => [key, shownOf(value)]) ?? []
    frame.current?.contentWindow?.postMessage({ agent, events: answer?.events ?? [] }, origin)
  }
  useEffect(tell, [model.evaluation])
  const hasVariables = answer?.events.some(({ event }) => event.type === 'Task_VA_Variables_Received')
  return (
    <section class="pane adapter-pane" aria-labelledby="adapter-title">
      <h2 id="adapter-title">
        The agent’s adapter, simulated <span class="quiet">{origin}</span>
      </h2>
      {answer && !hasVariables && (
        <p class="banner">This answer gives post events nothing: no Task_VA_Variables_Received.</p>
      )}
      {!answer && <p class="banner problem">There is no answer: see “Flow”.</p>}
      {origin && <iframe ref={frame} src={`${origin}/`} title="Simulated agent adapter" onLoad={tell} />}
    </section>
  )
}

function Code() {
  const model = useModel()
  const copy = () =>
    navigator.clipboard.writeText(CODE).then(
      () => model.announce('Copied the code.'),
      () => model.announce('This browser does not let the page copy; select the code instead.'),
    )
  return (
    <section class="pane code-pane" aria-labelledby="code-title">
      <h2 id="code-title">
        For your own page
        <button type="button" class="small" onClick={() => void copy()}>
          Copy
        </button>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it */}
      <pre tabIndex={0}>{CODE}</pre>
    </section>
  )
}

import { useEffect } from 'preact/hooks'
import { AudiencePane } from './audience-pane.tsx'
import { CrmView } from './crm-view.tsx'
import { FlowPane } from './flow-pane.tsx'
import { Header } from './header.tsx'
import { LockedView } from './locked-view.tsx'
import { MatrixView } from './matrix-view.tsx'
import { RequestPane } from './request-pane.tsx'
import { SessionsView } from './sessions-view.tsx'
import { useModel } from './use-model.ts'

export function App() {
  const model = useModel()
  const { view } = model.address
  useEffect(() => {
    document.title = `${model.isUnsaved(model.file) ? '● ' : ''}${model.file || 'Carryover studio'} – Carryover studio`
  })
  if (model.locked) return <LockedView />
  if (!model.project) return <p class="waiting">Opening the flow files…</p>
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        To the content
      </button>
      <Header />
      <main id="main" class={`view-${view}`} tabIndex={-1}>
        {view === 'flow' && <FlowView />}
        {view === 'matrix' && <MatrixView />}
        {view === 'crm' && <CrmView />}
        {view === 'sessions' && <SessionsView />}
      </main>
    </>
  )
}

/** A button, since the fragment of the address says what is open: a link within the page may not take its place. */
const skip = (): void => document.getElementById('main')?.focus()

const FlowView = () => (
  <>
    <FlowPane />
    <RequestPane />
    <AudiencePane />
  </>
)

import { useState } from 'preact/hooks'
import type { View } from './address.ts'
import { useModel } from './use-model.ts'

const TITLES: Readonly<Record<View, string>> = {
  flow: 'Flow',
  matrix: 'Who sees what',
  crm: 'A CRM page',
  sessions: 'After the call',
}

/** What holds for every view: where one is, and what can be done with the file. */
export function Header() {
  const model = useModel()
  const { file } = model
  const isUnsaved = model.isUnsaved(file)
  return (
    <header class="top">
      <p class="brand">
        <span class="logo" aria-hidden="true" />
        Carryover{' '}
        <span class="quiet" title={model.project?.folder}>
          {lastOf(model.project?.folder ?? '')}
        </span>
      </p>
      <nav aria-label="Views">
        {(Object.keys(TITLES) as View[]).map((view) => (
          <a key={view} href={model.hrefTo({ view })} aria-current={model.address.view === view ? 'page' : undefined}>
            {TITLES[view]}
          </a>
        ))}
      </nav>
      <Told />
      <div class="buttons">
        <CopyLink />
        <button
          type="button"
          class="primary"
          disabled={!isUnsaved || !model.isEditable(file)}
          onClick={() => void model.save()}
          aria-keyshortcuts="Control+S"
        >
          Save<span class="visually-hidden"> {file}</span> <kbd>Ctrl S</kbd>
        </button>
      </div>
    </header>
  )
}

const lastOf = (folder: string): string => folder.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '')

/** What has just happened, and whether the server is there: told to screen readers as well. */
function Told() {
  const { notice, offline, project } = useModel()
  const text = offline ? 'The studio does not answer: is it still running?' : (project?.problem ?? notice?.text ?? '')
  const isProblem = offline || project?.problem !== undefined || notice?.kind === 'problem'
  return (
    <p role="status" class={isProblem ? 'told problem' : 'told'}>
      {text}
    </p>
  )
}

function CopyLink() {
  const model = useModel()
  const [link, setLink] = useState<string>()
  const copy = async () => {
    const made = await model.link()
    try {
      await navigator.clipboard.writeText(made)
      model.announce(
        'Copied a link with this text and the made-up values. It needs a studio to open it, and holds no token.',
      )
    } catch {
      setLink(made)
    }
  }
  return (
    <>
      <button type="button" onClick={() => void copy()}>
        Copy link
      </button>
      {link && (
        <input
          class="link"
          aria-label="Link to this text"
          readOnly
          value={link}
          ref={(input) => input?.select()}
          onBlur={() => setLink(undefined)}
        />
      )}
    </>
  )
}

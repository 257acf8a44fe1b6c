import { useState } from 'preact/hooks'
import type { DroppedView } from '../protocol.ts'
import { useModel } from './use-model.ts'

/** Session metadata files: what became of a call, and the report over several. The studio's server draws both. */
export function SessionsView() {
  const { dropped } = useModel()
  return (
    <section class="sessions-view" aria-labelledby="sessions-title">
      <div class="sessions-head">
        <h1 id="sessions-title">After the call: session metadata</h1>
        <DropFiles />
      </div>
      {dropped ? <Dropped key={keyOf(dropped)} dropped={dropped} /> : <Explanation />}
    </section>
  )
}

const Explanation = () => (
  <p class="quiet">
    The contact centre writes such a file for every call and chat. Drop one to see what happened and why it ended so;
    drop several for the report over them. JSON, JSON lines, or either compressed by gzip. They stay in the memory of
    this studio until you drop others or stop it. For a whole month, use <code>carryover sessions report</code>.
  </p>
)

/** What was shown of other files is not kept. */
const keyOf = ({ sessions }: DroppedView): string => sessions[0]?.page ?? ''

function DropFiles() {
  const model = useModel()
  const [isOver, setOver] = useState(false)
  const take = (files: Iterable<File> | null | undefined): void => {
    setOver(false)
    const all = [...(files ?? [])]
    if (all.length) void model.drop(all)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the field inside does the same by the keyboard
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        take(event.dataTransfer?.files)
      }}
    >
      <label class="field">
        <span>Metadata files, chosen or dropped here</span>
        <input
          type="file"
          multiple
          accept=".json,.jsonl,.ndjson,.gz"
          onChange={(event) => take(event.currentTarget.files)}
        />
      </label>
    </div>
  )
}

/** What the frame shows: the report, or a session by its place in the list. */
type Shown = 'report' | number

function Dropped({ dropped }: { dropped: DroppedView }) {
  const { count, sessions, report, problems } = dropped
  const [shown, setShown] = useState<Shown>(sessions.length === 1 ? 0 : 'report')
  const [isRevealed, setRevealed] = useState(false)
  const session = shown === 'report' ? undefined : sessions[shown]
  const page = session ? `${session.page}${isRevealed ? '?reveal' : ''}` : 'page' in report ? report.page : undefined
  return (
    <>
      {problems.length > 0 && (
        <ul class="banner problem" aria-label="What could not be read">
          {problems.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      <div class="sessions-choice">
        <label class="field">
          <span>Show</span>
          <select
            value={String(shown)}
            onChange={({ currentTarget: { value } }) => setShown(value === 'report' ? value : Number(value))}
          >
            <option value="report">The report</option>
            {sessions.map(({ title, page }, index) => (
              <option key={page} value={String(index)}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {count > sessions.length && (
          <p class="quiet">
            The first {sessions.length} of {count} sessions are listed; the report counts all.
          </p>
        )}
        {session && (
          <label class="check">
            <input
              type="checkbox"
              checked={isRevealed}
              onChange={(event) => setRevealed(event.currentTarget.checked)}
            />
            Show what the caller left, as far as the policy allows
          </label>
        )}
        {page && (
          <a href={page} target="_blank" rel="noreferrer">
            Open it alone, to print
          </a>
        )}
      </div>
      {page ? (
        <iframe class="dropped" src={page} title={session?.title ?? 'The report'} sandbox="" />
      ) : (
        <p class="banner problem">{sentence('problem' in report ? report.problem : '')}</p>
      )}
    </>
  )
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Finding } from '../protocol.ts'
import { ConflictNotice } from './conflict-notice.tsx'
import { Editor } from './editor.ts'
import { focusFirstValue } from './focus.ts'
import type { Model } from './model.ts'
import type { Explanation } from './schema-guide.ts'
import { useModel } from './use-model.ts'

/** Left: the files, the text of one of them, what is wrong with it, and the policy. */
export function FlowPane() {
  const model = useModel()
  const { file } = model
  const conflict = model.conflicts.get(file)
  return (
    <section class="pane flow-pane" aria-labelledby="flow-title">
      <h1 id="flow-title" class="visually-hidden">
        {file}
      </h1>
      <FileList />
      {conflict && <ConflictNotice conflict={conflict} />}
      <EditorPane key="flow" path={file} schema="flow" />
      <PolicyPane />
    </section>
  )
}

const MANY = 8

function FileList() {
  const model = useModel()
  const [wanted, setWanted] = useState('')
  const paths = model.flowPaths()
  const shown = paths.filter((path) => path.toLowerCase().includes(wanted.toLowerCase()))
  return (
    <nav aria-label="Flow files" class="files">
      {paths.length > MANY && (
        <input
          type="search"
          aria-label="Find a flow file"
          placeholder={`Find one of ${paths.length} flow files`}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      <ul>
        {shown.map((path) => (
          <li key={path}>
            <FileLink path={path} model={model} />
          </li>
        ))}
      </ul>
    </nav>
  )
}

function FileLink({ path, model }: { path: string; model: Model }) {
  const findings = model.findingsIn(path)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const warnings = findings.length - errors
  return (
    <a href={model.hrefToFile(path)} aria-current={path === model.file ? 'true' : undefined}>
      <span class="name">{path}</span>
      {model.isUnsaved(path) && <span class="unsaved">unsaved</span>}
      {errors > 0 && <Count kind="error" count={errors} />}
      {warnings > 0 && <Count kind="warning" count={warnings} />}
    </a>
  )
}

export const Count = ({ kind, count }: { kind: 'error' | 'warning'; count: number }) => (
  <span class={`count ${kind}`}>
    {count}
    <span class="visually-hidden">
      {' '}
      {kind}
      {count === 1 ? '' : 's'}
    </span>
  </span>
)

interface EditorPaneProps {
  readonly path: string
  readonly schema: 'flow' | 'policy'
}

function EditorPane({ path, schema }: EditorPaneProps) {
  const model = useModel()
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor>(undefined)
  const [explanation, setExplanation] = useState<Explanation>()
  const findings = model.findingsIn(path)

  useEffect(() => {
    if (!place.current) return
    const made = new Editor(place.current, {
      label: schema === 'flow' ? 'Flow file' : 'Policy',
      schema: () => model.schemas?.[schema],
      references: () => referencesOf(model),
      changed: (text) => model.type(made.path, text),
      moved: (line) => {
        if (schema === 'flow') model.moveTo(line)
        setExplanation(made.explanation())
      },
      follow: () => focusFirstValue(model),
    })
    editor.current = made
    const stop = model.onText((file) => {
      if (file === made.path) made.replace(model.textOf(file))
    })
    return () => {
      stop()
      made.view.destroy()
    }
  }, [])

  useEffect(() => {
    editor.current?.open(path, model.textOf(path), !model.isEditable(path))
    setExplanation(undefined)
  }, [path])

  useEffect(() => editor.current?.show(findings), [model.evaluation, path])

  useEffect(() => {
    const place = model.takePlace(path)
    if (place) editor.current?.reveal(place)
  })

  return (
    <div class="editor-pane">
      {(schema === 'flow' || model.isEditable(path)) && (
        <div class="bar">
          <span class="title" aria-hidden="true">
            {path}
          </span>
          {model.isEditable(path) || <span class="badge">read only</span>}
          <span class="spring" />
          {schema === 'policy' && (
            <button type="button" class="small" disabled={!model.isUnsaved(path)} onClick={() => void model.save(path)}>
              Save policy
            </button>
          )}
          <button type="button" class="small" onClick={() => editor.current?.undo()}>
            Undo
          </button>
          <button type="button" class="small" onClick={() => editor.current?.redo()}>
            Redo
          </button>
        </div>
      )}
      <div class="editor" ref={place} />
      {(schema === 'flow' || explanation) && <Help explanation={explanation} />}
      <Problems findings={findings} path={path} onFix={(finding) => editor.current?.fix(finding)} />
    </div>
  )
}

/** What the word at the cursor means: what hovering shows, for those who do not hover. */
function Help({ explanation }: { explanation: Explanation | undefined }) {
  return (
    <p class="help">
      {explanation ? (
        <>
          <code>{explanation.title}</code> {explanation.text}
        </>
      ) : (
        <span class="keys">
          <kbd>F8</kbd> next problem <kbd>Alt Enter</kbd> to the value <kbd>Ctrl Space</kbd> words <kbd>Tab</kbd> out
        </span>
      )}
    </p>
  )
}

interface ProblemsProps {
  readonly findings: readonly Finding[]
  readonly path: string
  readonly onFix: (finding: Finding) => void
}

function Problems({ findings, path, onFix }: ProblemsProps) {
  const model = useModel()
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const said = findings.length
    ? `${countOf(errors, 'error')}, ${countOf(findings.length - errors, 'warning')} in ${path}`
    : ''
  return (
    <section class="problems" aria-label={`Problems in ${path}`}>
      <p role="status" class="visually-hidden">
        {said}
      </p>
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.code} ${finding.line} ${finding.column} ${finding.message}`} class={finding.severity}>
            <button type="button" class="link place" onClick={() => model.reveal(path, finding)}>
              <span class="visually-hidden">{finding.severity}, line </span>
              {finding.line}
            </button>
            <span class="message">
              {finding.message}
              {finding.related.map((place) => (
                <button
                  key={`${place.file} ${place.line}`}
                  type="button"
                  class="link related"
                  onClick={() => model.reveal(place.file, place)}
                >
                  {place.message}: {place.file === path ? '' : `${place.file}, `}line {place.line}
                </button>
              ))}
            </span>
            {finding.meant !== undefined && model.isEditable(path) && (
              <button type="button" class="small" onClick={() => onFix(finding)}>
                Change to <code>{finding.meant}</code>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

const countOf = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

function referencesOf(model: Model): string[] {
  const used =
    model.evaluation?.captures.flatMap(({ parameters }) => parameters.flatMap(({ references }) => references)) ?? []
  const given = Object.keys(model.given.parameters).map((name) => `$session.params.${name}`)
  return [...new Set([...used, ...given, '$request.user-utterance'])]
}

/** The organisation's word, beside the file that is held against it. */
function PolicyPane() {
  const model = useModel()
  const { policy } = model.project ?? {}
  if (!policy) return <p class="no-policy">There is no policy: the flow files alone decide who sees what.</p>
  const isOpen = model.address.policy
  const conflict = model.conflicts.get(policy.path)
  const findings = model.findingsIn(policy.path)
  return (
    <section class={isOpen ? 'policy open' : 'policy'} aria-label="Policy">
      <h2>
        <button type="button" class="toggle" aria-expanded={isOpen} onClick={() => model.go({ policy: !isOpen })}>
          <span class="arrow" aria-hidden="true" />
          {policy.path}
          {findings.length > 0 && <Count kind="error" count={findings.length} />}
          <span class="quiet">no flow file can give more than this allows</span>
          {policy.editable || <span class="badge">read only</span>}
        </button>
      </h2>
      {conflict && <ConflictNotice conflict={conflict} />}
      {isOpen && <EditorPane path={policy.path} schema="policy" />}
    </section>
  )
}

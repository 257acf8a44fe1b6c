import { useId, useState } from 'preact/hooks'
import type { JsonMap } from '../../core/json.ts'
import type { Given, ParameterView, Scope } from '../protocol.ts'
import { useModel } from './use-model.ts'
import { kindOf, readTyped, typedOf } from './values.ts'

/** Middle: what is asked. An example of the file, made-up values, or a request that somebody captured. */
export function RequestPane() {
  const model = useModel()
  return (
    <section class="pane request-pane" aria-labelledby="request-title">
      <h2 id="request-title">Request</h2>
      <Source />
      {!model.captured && <ValueForm />}
      <Bring />
      <CapturedRequest />
      <Examples />
    </section>
  )
}

const MADE = '(made up)'

function Source() {
  const model = useModel()
  const { evaluation, example, captured } = model
  if (captured) return null
  const choose = (name: string) => {
    if (name === MADE) model.go({ example: undefined, tag: example?.tag ?? model.capture?.tag, given: model.given })
    else model.go({ example: name, tag: undefined, given: undefined }, { push: true })
  }
  return (
    <div class="fields">
      <Field label="Values of">
        <select
          value={model.address.given || !example ? MADE : example.name}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {evaluation?.examples.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value={MADE}>made-up values</option>
        </select>
      </Field>
      <Field label="Webhook tag">
        <select
          value={model.capture?.tag ?? ''}
          onChange={(event) =>
            model.go({ tag: event.currentTarget.value, example: undefined, given: model.given }, { push: true })
          }
        >
          {evaluation?.captures.map(({ tag }) => (
            <option key={tag} value={tag}>
              {tag}
            </option>
          ))}
        </select>
      </Field>
    </div>
  )
}

const Field = ({ label, children }: { label: string; children: preact.ComponentChildren }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children
  <label class="field">
    <span>{label}</span>
    {children}
  </label>
)

// ---- a form of what the capture uses

const SCOPE_TITLES: Readonly<Record<Scope, string>> = {
  parameters: 'Session parameters',
  page: 'Form of the page',
  intent: 'Parameters of the intent',
  payload: 'Payload of the integration',
  said: 'What the person said',
}

function ValueForm() {
  const model = useModel()
  const { capture, given } = model
  const used = capture?.parameters ?? []
  const known = new Set(used.filter(({ scope }) => scope === 'parameters').map(({ name }) => name.toLowerCase()))
  const others = Object.keys(given.parameters).filter((name) => !known.has(name.toLowerCase()))
  const scopes = (Object.keys(SCOPE_TITLES) as Scope[]).filter((scope) => used.some((one) => one.scope === scope))
  return (
    <form class="values" onSubmit={(event) => event.preventDefault()} aria-label="Values of the request">
      {scopes.map((scope) => (
        <fieldset key={scope}>
          <legend>{SCOPE_TITLES[scope]}</legend>
          {used
            .filter((one) => one.scope === scope)
            .map((parameter) => (
              <Value key={`${scope} ${parameter.name}`} parameter={parameter} />
            ))}
        </fieldset>
      ))}
      {others.length > 0 && (
        <fieldset>
          <legend>Not used by this capture</legend>
          {others.map((name) => (
            <Value key={name} parameter={{ scope: 'parameters', name, references: [], sample: undefined }} />
          ))}
        </fieldset>
      )}
      {used.length === 0 && <p class="quiet">This capture uses nothing of the conversation.</p>}
    </form>
  )
}

function Value({ parameter }: { parameter: ParameterView }) {
  const model = useModel()
  const { scope, name, references, sample } = parameter
  const id = useId()
  const value = valueIn(model.given, parameter)
  const change = (typed: string) => {
    const given = withValue(model.given, parameter, readTyped(typed))
    model.go({ given, example: undefined, tag: model.example?.tag ?? model.capture?.tag })
  }
  const label = scope === 'said' ? 'text' : name
  return (
    <div class="value">
      <label for={id} title={references.join('\n')}>
        {label}
      </label>
      <span class="kind">{kindOf(value)}</span>
      <TypedInput id={id} value={value} placeholder={sample === undefined ? '' : typedOf(sample)} onTyped={change} />
      {value === undefined && sample !== undefined && (
        <button type="button" class="link sample" onClick={() => change(typedOf(sample))}>
          fill in<span class="visually-hidden"> {name}</span>
        </button>
      )}
    </div>
  )
}

interface TypedInputProps {
  readonly id: string
  readonly value: unknown
  readonly placeholder: string
  readonly onTyped: (typed: string) => void
}

/** Keeps what is being typed as it is, though it may be another way of writing the value. */
function TypedInput({ id, value, placeholder, onTyped }: TypedInputProps) {
  const [typed, setTyped] = useState('')
  const shown = sameValue(readTyped(typed), value) ? typed : value === undefined ? '' : typedOf(value)
  return (
    <input
      id={id}
      value={shown}
      placeholder={placeholder}
      autocomplete="off"
      spellcheck={false}
      onInput={({ currentTarget }) => {
        setTyped(currentTarget.value)
        onTyped(currentTarget.value)
      }}
    />
  )
}

const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Dialogflow's names have no case. */
const keyIn = (map: JsonMap, name: string): string =>
  Object.keys(map).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name

function valueIn(given: Given, { scope, name }: ParameterView): unknown {
  if (scope === 'said') return given.said
  const map = given[scope] ?? {}
  const key = keyIn(map, name)
  return Object.hasOwn(map, key) ? map[key] : undefined
}

function withValue(given: Given, { scope, name }: ParameterView, value: unknown): Given {
  if (scope === 'said')
    return value === undefined
      ? withoutSaid(given)
      : { ...given, said: typeof value === 'string' ? value : JSON.stringify(value) }
  const map = given[scope] ?? {}
  const key = keyIn(map, name)
  const entries = Object.entries(map).filter(([other]) => other !== key)
  const changed =
    value === undefined
      ? entries
      : Object.hasOwn(map, key)
        ? Object.entries({ ...map, [key]: value })
        : [...entries, [key, value] as const]
  return { ...given, [scope]: Object.fromEntries(changed) }
}

function withoutSaid({ said: _, ...given }: Given): Given {
  return given
}

// ---- a captured request

function CapturedRequest() {
  const model = useModel()
  const { captured, evaluation } = model
  if (!captured) return null
  const { bodies, chosen, problem } = captured
  const outcome = evaluation?.outcome
  const open = evaluation?.captures[0]?.tag
  return (
    <div class="captured">
      {problem && <p class="problem">{problem}</p>}
      {bodies.length > 1 && (
        <Field label="Request">
          <select value={String(chosen)} onChange={(event) => model.chooseCaptured(Number(event.currentTarget.value))}>
            {bodies.map((_, i) => (
              <option key={`r${i}`} value={String(i)}>
                {i + 1} of {bodies.length}
              </option>
            ))}
          </select>
        </Field>
      )}
      {outcome?.kind === 'answer' && outcome.file !== model.file && (
        <p>
          Answered by <a href={model.hrefToFile(outcome.file)}>{outcome.file}</a>.
        </p>
      )}
      {outcome?.kind === 'failure' && open !== undefined && (
        <button type="button" onClick={() => model.lead(model.capture?.tag ?? open)}>
          Ask {model.capture?.tag ?? open} instead
        </button>
      )}
    </div>
  )
}

/** Pasted, dropped, or typed: what is brought along stays in this page. */
function Bring() {
  const model = useModel()
  const [isOver, setOver] = useState(false)
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer?.files ?? []
    const text = file ? await file.text() : event.dataTransfer?.getData('text')
    if (text) model.bring(text)
  }
  return (
    <div class={isOver ? 'bring over' : 'bring'}>
      <label for="captured">Captured request</label>
      <textarea
        id="captured"
        rows={model.captured ? 10 : 3}
        spellcheck={false}
        placeholder="Paste or drop a WebhookRequest, or a log entry that holds one. It stays in this page."
        value={model.captured?.text ?? ''}
        onInput={(event) => model.bring(event.currentTarget.value)}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => void drop(event)}
      />
      {model.captured && (
        <button type="button" onClick={() => model.bring('')}>
          Put it away
        </button>
      )}
    </div>
  )
}

// ---- examples

function Examples() {
  const model = useModel()
  const { evaluation } = model
  const isAnswered = evaluation?.outcome.kind === 'answer'
  return (
    <section class="examples" aria-labelledby="examples-title">
      <h3 id="examples-title">
        Examples
        <button type="button" class="small" disabled={!isAnswered} onClick={() => void model.addExample()}>
          Add this request
        </button>
      </h3>
      {evaluation?.examples.length === 0 && <p class="quiet">The file has none yet.</p>}
      <ul>
        {evaluation?.examples.map((example) => {
          const { name, mismatches, at } = example
          const state = mismatches === undefined ? 'not run' : mismatches.length ? 'fails' : 'passes'
          return (
            <li key={`${name} ${at.line}`} class={state.replace(' ', '-')}>
              <span class="mark">{state}</span>
              <a
                href={model.hrefTo({ example: name, tag: undefined, given: undefined })}
                onClick={() => model.captured && model.bring('')}
                aria-current={model.example?.name === name && !model.address.given ? 'true' : undefined}
              >
                {name}
              </a>
              <button type="button" class="link line" onClick={() => model.reveal(model.file, at)}>
                <span class="visually-hidden">{name}, line </span>
                {at.line}
              </button>
              {mismatches?.map(({ of, expected, came }) => (
                <p key={of} class="mismatch">
                  <b>{of}</b> expected <code>{JSON.stringify(expected)}</code> came <code>{JSON.stringify(came)}</code>
                </p>
              ))}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

import type { ComponentChildren } from 'preact'
import type { Range } from '../../core/source.ts'
import type { AnswerView } from '../protocol.ts'
import { isCurrent } from './audience-pane.tsx'
import { useModel } from './use-model.ts'

/** The answer to Dialogflow, and how much of its limit it takes. */
export function AnswerCard({ answer }: { answer: AnswerView }) {
  const { bytes, maxBytes, response } = answer
  const share = bytes / maxBytes
  return (
    <section class="card answer" aria-labelledby="card-answer">
      <h3 id="card-answer">
        Answer to Dialogflow
        <span class="number">
          {bytes.toLocaleString('en-US')} of {maxBytes.toLocaleString('en-US')} bytes ({(share * 100).toFixed(1)}%)
        </span>
      </h3>
      <meter min={0} max={maxBytes} high={maxBytes * 0.8} value={bytes} aria-label="Bytes of the answer" />
      <pre>
        <Json value={response} path={[]} indent="" answer={answer} />
      </pre>
    </section>
  )
}

interface JsonProps {
  readonly value: unknown
  readonly path: readonly string[]
  readonly indent: string
  readonly answer: AnswerView
}

/** JSON whose keys lead to the lines that make them. */
function Json({ value, path, indent, answer }: JsonProps): ComponentChildren {
  if (typeof value !== 'object' || value === null || isShort(value)) return <>{JSON.stringify(value)}</>
  const isList = Array.isArray(value)
  const entries = Object.entries(value)
  const inner = `${indent}  `
  return (
    <>
      {isList ? '[' : '{'}
      {entries.map(([key, item], i) => (
        <span key={key}>
          {`\n${inner}`}
          {!isList && (
            <>
              <Key name={key} path={path} answer={answer} />
              {': '}
            </>
          )}
          <Json value={item} path={isList ? path : [...path, key]} indent={inner} answer={answer} />
          {i < entries.length - 1 && ','}
        </span>
      ))}
      {`\n${indent}${isList ? ']' : '}'}`}
    </>
  )
}

const SHORT = 72
const isShort = (value: object): boolean =>
  (Array.isArray(value) && value.every((item) => typeof item !== 'object') && JSON.stringify(value).length < SHORT) ||
  Object.keys(value).length === 0

function Key({ name, path, answer }: { name: string; path: readonly string[]; answer: AnswerView }) {
  const model = useModel()
  const at = placeOf(name, path, answer)
  const written = JSON.stringify(name)
  if (!at) return <span class="key">{written}</span>
  return (
    <button
      type="button"
      class="link key"
      data-current={isCurrent(model, answer, at) || undefined}
      onClick={() => model.reveal(answer.file, at)}
    >
      {written}
    </button>
  )
}

/** Where the file says it: a variable in a payload, or a key beside it. */
function placeOf(name: string, path: readonly string[], answer: AnswerView): Range | undefined {
  const parent = path.at(-1)
  if (parent === 'payload' && path.at(-2) === 'session_variable') return variableAt(name, answer)
  return parent === 'ujet' || parent === 'session_variable' || parent === 'parameters' ? answer.keys[name] : undefined
}

function variableAt(name: string, { audiences }: AnswerView): Range | undefined {
  for (const { values, absent } of Object.values(audiences)) {
    const found = values.find(({ key }) => key === name) ?? absent.find(({ key }) => key === name)
    if (found) return found.at
  }
  return undefined
}

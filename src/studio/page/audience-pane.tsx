import { SURFACES, type Surface } from '../../core/surface.ts'
import type { AnswerView, AudienceView, ReasonView, RuleView, SeenValue } from '../protocol.ts'
import { AnswerCard } from './answer-card.tsx'
import { useModel } from './use-model.ts'
import { shownOf } from './values.ts'

export const TITLES: Readonly<Record<Surface, string>> = {
  agent: 'Agent’s adapter',
  comment: 'CRM comment',
  event: 'Post event',
  data_parameters: 'Next virtual agent',
}

/** Right: who sees what of the answer, side by side, and the answer itself. */
export function AudiencePane() {
  const model = useModel()
  const outcome = model.evaluation?.outcome
  const answer = outcome?.kind === 'answer' ? outcome : model.lastAnswer
  const isOld = answer !== undefined && outcome?.kind !== 'answer'
  return (
    <section class="pane audience-pane" aria-labelledby="audiences-title">
      <h2 id="audiences-title">Who sees what</h2>
      <Summary />
      {answer && (
        <div class={isOld ? 'audiences old' : 'audiences'}>
          {SURFACES.map((surface) => (
            <Card key={surface} surface={surface} answer={answer} />
          ))}
          <AnswerCard answer={answer} />
        </div>
      )}
    </section>
  )
}

/** What stands in the way of an answer, or what is to be known of it. */
function Summary() {
  const model = useModel()
  const outcome = model.evaluation?.outcome
  if (!outcome) return null
  if (outcome.kind === 'nothing' || outcome.kind === 'failure') return <p class="banner problem">{outcome.message}</p>
  if (outcome.kind === 'errors')
    return (
      <p class="banner problem">
        {outcome.files.map((file) => file).join(', ')} {outcome.files.length === 1 ? 'has' : 'have'} errors: nothing
        would be served.
        {model.lastAnswer && ' Below is the last answer before that.'}
      </p>
    )
  const { file, tag, enabled, missing, broken, notes } = outcome
  return (
    <>
      <p class="route">
        <button type="button" class="link" onClick={() => model.reveal(file, outcome.at)}>
          {outcome.flow} › <code>{tag}</code>
        </button>
      </p>
      {!enabled && <p class="banner">The capture is switched off: the answer is empty.</p>}
      {missing.length > 0 && (
        <p class="banner problem">Nothing is sent: {missing.join(' and ')} is required and not set.</p>
      )}
      {broken.length > 0 && (
        <p class="banner">
          The server would not start: {broken.join(', ')} {broken.length === 1 ? 'has' : 'have'} errors.
        </p>
      )}
      {notes.map((note) => (
        <Note key={note} text={note} />
      ))}
    </>
  )
}

/** Its first sentence; the rest for who asks. */
function Note({ text }: { text: string }) {
  const end = text.indexOf('. ')
  if (end < 0) return <p class="banner">{text}</p>
  return (
    <details class="banner">
      <summary>{text.slice(0, end + 1)}</summary>
      {text.slice(end + 2)}
    </details>
  )
}

/** A name that may go on in the next line behind a sign between words. */
export const Name = ({ name }: { name: string }) => (
  <>
    {name.split(/(?<=[\w\]][._/-])(?=\w)/).map((piece, i) => (
      <>
        {i > 0 && <wbr />}
        {piece}
      </>
    ))}
  </>
)

/** What is to be known of a surface beside what it gets. */
const REMARKS: Readonly<Record<Surface, (answer: AnswerView) => string>> = {
  agent: ({ ordered, audiences }) => (!ordered && audiences.agent.values.length > 1 ? 'in any order' : 'in this order'),
  comment: () => '',
  event: () => 'Task_VA_Variables_Received',
  data_parameters: () => '',
}

function Card({ surface, answer }: { surface: Surface; answer: AnswerView }) {
  const audience = answer.audiences[surface]
  return (
    <section class={`card ${surface}`} aria-labelledby={`card-${surface}`}>
      <h3 id={`card-${surface}`}>
        {TITLES[surface]}
        <span class="number">{audience.values.length}</span>
      </h3>
      <p class="what">
        <code>{surface}</code> {audience.values.length > 0 && REMARKS[surface](answer)}
      </p>
      <Values audience={audience} answer={answer} />
      <Absent audience={audience} answer={answer} />
    </section>
  )
}

function Values({ audience, answer }: { audience: AudienceView; answer: AnswerView }) {
  if (audience.values.length === 0) return <p class="nothing">Nothing</p>
  return (
    <dl class="seen">
      {audience.values.map((value) => (
        <Row key={value.key} value={value} answer={answer} />
      ))}
    </dl>
  )
}

function Row({ value, answer }: { value: SeenValue; answer: AnswerView }) {
  const model = useModel()
  const { key, at, remarks } = value
  return (
    <div data-current={isCurrent(model, answer, at) || undefined} data-key={key}>
      <dt>
        <button type="button" class="link" onClick={() => model.reveal(answer.file, at)}>
          <Name name={key} />
          <span class="visually-hidden">, line {at.line}</span>
        </button>
      </dt>
      <dd>
        <span class={typeof value.value === 'string' ? 'text' : 'data'}>{shownOf(value.value)}</span>
        {remarks.map((remark) => (
          <Reason key={remark.text} reason={remark} answer={answer} />
        ))}
      </dd>
      <dd class="line" aria-hidden="true">
        {at.line}
      </dd>
    </div>
  )
}

function Absent({ audience, answer }: { audience: AudienceView; answer: AnswerView }) {
  const model = useModel()
  if (audience.absent.length === 0) return null
  return (
    <dl class="absent" aria-label="Not there">
      {audience.absent.map(({ key, at, reason }) => (
        <div key={key} data-current={isCurrent(model, answer, at) || undefined} data-key={key}>
          <dt>
            <button type="button" class="link" onClick={() => model.reveal(answer.file, at)}>
              <Name name={key} />
              <span class="visually-hidden">, line {at.line}</span>
            </button>
          </dt>
          <dd>
            <Reason reason={reason} answer={answer} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Reason({ reason, answer }: { reason: ReasonView; answer: AnswerView }) {
  const model = useModel()
  const { text, at, rule, code } = reason
  const policy = model.project?.policy?.path
  return (
    <span class={`reason ${code}`}>
      {at ? (
        <button type="button" class="link" onClick={() => model.reveal(answer.file, at)}>
          {text}
        </button>
      ) : (
        text
      )}
      {rule && policy !== undefined && <RuleLink rule={rule} policy={policy} />}
    </span>
  )
}

export function RuleLink({ rule, policy }: { rule: RuleView; policy: string }) {
  const model = useModel()
  return (
    <button type="button" class="link rule" onClick={() => model.reveal(policy, wholeLine(rule.line))}>
      <b>policy rule in line {rule.line}</b>: {rule.why}
    </button>
  )
}

export const wholeLine = (line: number) => ({ line, column: 1, endLine: line, endColumn: 1000 })

/** Whether the cursor stands in the lines that make a value. */
export const isCurrent = (
  model: { file: string; line: number },
  { file }: AnswerView,
  at: { line: number; endLine: number },
): boolean => model.file === file && model.line >= at.line && model.line <= at.endLine

import { textOf } from '../core/compilation.ts'
import { byPlace, type Code, type Diagnostic, diagnose, type Findings, type Related } from '../core/diagnostic.ts'
import type { Plan, Variable } from '../core/plan.ts'
import { MISSING_PARAMETER } from '../core/platform-keys.ts'
import { compileGlob, type Policy } from '../core/policy.ts'
import type { Reference } from '../core/reference.ts'
import { childOf, entriesOf, itemsOf, type SourceFile, type SourceNode, type Span } from '../core/source.ts'
import { suggest } from '../core/suggest.ts'
import { NOBODY, surfacesOf } from '../core/surface.ts'
import { namesOf, referencesIn } from '../core/template.ts'
import { AgentModel, type Flows, type Setter, type WebhookCall } from './agent-model.ts'
import { type CaptureNode, capturesIn, referencesOf, type Use } from './captures.ts'
import { judgePayloads } from './judge-payload.ts'
import { formatNeededBy, formatsFor } from './parameter-kind.ts'
import type { AgentSnapshot } from './snapshot.ts'

/** Flow files that have no error, and what they come to. */
export interface CheckedFlows {
  readonly sources: readonly SourceFile[]
  readonly plans: readonly Plan[]
  readonly policy: Policy
}

export interface CheckOptions {
  /** The display name of the webhook that answers from the flow files; without it, the webhooks that send a tag of theirs. */
  readonly webhook?: string | undefined
  /** Globs over the names of parameters that something else sets: the caller of the API, or another webhook. */
  readonly elsewhere?: readonly string[]
  /** Where the agent's id is known, files for other agents are left out. */
  readonly agentId?: string | undefined
}

export interface AgentCheck {
  readonly diagnostics: readonly Diagnostic[]
  readonly source: SourceFile
  /** Parameters that the flow files refer to and functions compute: their kind is not known. */
  readonly byFunction: readonly Setter[]
}

/** Compares an agent with the flow files: what each relies on, and the other does not give. */
export function checkAgent(snapshot: AgentSnapshot, flows: CheckedFlows, options: CheckOptions = {}): AgentCheck {
  const check = new Check(new AgentModel(snapshot), flows, options)
  check.run()
  return {
    diagnostics: check.diagnostics.sort(byPlace),
    source: check.agent.source,
    byFunction: [...check.byFunction.values()],
  }
}

class Check {
  readonly agent: AgentModel
  readonly diagnostics: Diagnostic[] = []
  readonly byFunction = new Map<string, Setter>()
  readonly #policy: Policy
  readonly #captures: readonly CaptureNode[]
  readonly #files: readonly SourceFile[]
  readonly #calls: readonly WebhookCall[]
  readonly #callsByTag: ReadonlyMap<string, readonly WebhookCall[]>
  readonly #plansByTag: ReadonlyMap<string, readonly Plan[]>
  readonly #elsewhere: readonly ((name: string) => boolean)[]
  /** The files whose flow_id is wrong. */
  readonly #misnamed = new Set<string>()
  readonly #setByCaptures: ReadonlySet<string>

  constructor(agent: AgentModel, { sources, plans, policy }: CheckedFlows, options: CheckOptions) {
    this.agent = agent
    this.#policy = policy
    const captures = capturesIn(sources, plans).filter(({ plan: { agentIds } }) => isFor(agentIds, options.agentId))
    this.#captures = captures
    this.#files = sources.filter((file) => captures.some(({ source }) => source === file))
    this.#calls = callsOfOurs(agent, captures, options.webhook)
    this.#callsByTag = groupByTag(this.#calls)
    this.#plansByTag = groupByTag(captures.map(({ plan }) => plan))
    this.#elsewhere = (options.elsewhere ?? []).map(compileGlob)
    const set = captures.flatMap(({ plan }) => namesSetBy(plan))
    this.#setByCaptures = new Set([...set, MISSING_PARAMETER].map((name) => name.toLowerCase()))
  }

  run(): void {
    for (const file of this.#files) this.#checkFlow(file)
    for (const capture of this.#captures) this.#checkCapture(capture)
    for (const call of this.#calls) this.#checkAnswered(call)
    this.#checkPayloads()
  }

  #report<C extends Code>(
    code: C,
    file: SourceFile,
    span: Span,
    finding: Findings[C],
    related: readonly Related[] = [],
  ): void {
    this.diagnostics.push(diagnose(code, { file, span }, finding, related))
  }

  // ---- flows

  #checkFlow(file: SourceFile): void {
    const { flows } = this.agent.snapshot
    const flow = childOf(file.root, 'flow')
    const name = textOf(flow) ?? ''
    const ids = childOf(file.root, 'flow_id')
    const given = (ids?.kind === 'list' ? itemsOf(ids) : ids ? [ids] : []).map((item) => textOf(item)?.toLowerCase())
    const named = flows.find((candidate) => candidate.name === name)
    const other = flows.find(({ id }) => given.includes(id.toLowerCase()))
    if (ids && (named ? !given.includes(named.id.toLowerCase()) : other)) {
      this.#misnamed.add(file.path)
      this.#report('agent/wrong-flow-id', file, ids, { flow: name, expected: named?.id, other: other?.name })
    } else if (flow && !named && !other)
      this.#report('agent/unknown-flow', file, flow, {
        word: name,
        near: suggest(
          name,
          flows.map((known) => known.name),
        ),
      })
  }

  // ---- tags

  #checkCapture(capture: CaptureNode): void {
    const { source, plan, tag } = capture
    const callers = (this.#callsByTag.get(plan.tag) ?? []).filter((call) => this.#answers(plan, call))
    if (callers.length === 0) {
      const elsewhere = this.agent.calls.filter((call) => call.tag === plan.tag)
      const related = elsewhere.slice(0, 1).map((call) => this.agent.relate(call, whereSent(call, this.agent.snapshot)))
      this.#report('agent/tag-never-sent', source, tag, { word: plan.tag, near: this.#nearTags(plan.tag) }, related)
    }
    const flows = this.#flowsOf(plan, callers)
    for (const use of referencesOf(capture)) this.#checkReference(source, use, flows)
    for (const variable of plan.variables) this.#checkVariable(source, variable, plan)
  }

  /** Whether a plan may answer a call: which agent calls is not always known, and a wrong flow_id has been told already. */
  #answers({ tag, flowIds, place }: Plan, call: WebhookCall): boolean {
    if (tag !== call.tag) return false
    return !flowIds || !call.flow || this.#misnamed.has(place.file) || flowIds.includes(call.flow.id.toLowerCase())
  }

  #nearTags(word: string): string[] {
    const tags = new Set(this.#calls.flatMap(({ tag }) => tag ?? []))
    return suggest(word, tags).filter((tag) => tag !== word)
  }

  /** The flows in which a capture is called; as long as it is in none, the flow of that name. */
  #flowsOf({ flow }: Plan, callers: readonly WebhookCall[]): Flows {
    if (callers.some((call) => !call.flow)) return undefined
    const names = callers.flatMap((call) => call.flow?.name ?? [])
    if (names.length) return new Set(names)
    return this.agent.snapshot.flows.some(({ name }) => name === flow) ? new Set([flow]) : undefined
  }

  #checkAnswered(call: WebhookCall): void {
    const { tag } = call
    if (tag !== undefined && (this.#plansByTag.get(tag) ?? []).some((plan) => this.#answers(plan, call))) return
    if (tag === undefined) return
    const near = suggest(
      tag,
      this.#captures.map(({ plan }) => plan.tag),
    ).filter((known) => known !== tag)
    const { node } = call.standing
    this.#report('agent/tag-not-answered', this.agent.source, childOf(node, 'tag') ?? node, { word: tag, near }, [
      this.agent.relate(call, 'sent by'),
    ])
  }

  // ---- parameters

  #checkReference(file: SourceFile, { reference, span }: Use, flows: Flows): void {
    if (reference.scope === 'payload' || reference.scope === 'utterance') return
    const found = this.agent.find(reference)
    if (!found) {
      this.#checkUnknown(file, reference, span)
      return
    }
    const { setters } = found
    for (const setter of setters) if (setter.byFunction) this.byFunction.set(setter.name.toLowerCase(), setter)
    if (reference.scope !== 'session' || !flows || this.#isSetElsewhere(reference)) return
    if (setters.some((setter) => !setter.flows || [...setter.flows].some((flow) => flows.has(flow)))) return
    const others = [...new Set(setters.flatMap((setter) => [...(setter.flows ?? [])]))]
    const related = setters.slice(0, 1).map((setter) => this.agent.relate(setter, 'set by'))
    this.#report('agent/set-by-other-flows', file, span, { reference: `$${reference.text}`, flows: others }, related)
  }

  #checkUnknown(file: SourceFile, reference: Reference, span: Span): void {
    if (this.#isSetElsewhere(reference)) return
    const { scope, readings, text } = reference
    const ofFlow =
      scope === 'session' && readings.some(({ name }) => this.agent.session.has(`$flow.${name.toLowerCase()}`))
    this.#report('agent/unknown-parameter', file, span, {
      word: `$${text}`,
      near: this.agent.nearReferences(reference),
      ofFlow,
    })
  }

  #isSetElsewhere({ scope, readings }: Reference): boolean {
    return (
      scope === 'session' &&
      readings.some(({ name }) => {
        const lower = name.toLowerCase()
        return this.#setByCaptures.has(lower) || this.#elsewhere.some((matches) => matches(lower))
      })
    )
  }

  // ---- variables

  #checkVariable(file: SourceFile, variable: Variable, plan: Plan): void {
    this.#checkRedacted(file, variable)
    if (variable.template.kind !== 'reference') return
    const found = this.agent.find(variable.template.reference)
    const kinds = found?.whole ? this.agent.kinds(found.setters) : undefined
    const [kind] = kinds ?? []
    if (!kinds || !kind || !found) return
    const form = plan.arrangement.form
    const [setter] = found.setters
    const related = setter ? [this.agent.relate(setter, 'collected by')] : []
    const type = `${kind.type}${kind.list ? ', a list' : ''}`
    const needed = kinds.map(formatNeededBy).find((format) => format !== undefined)
    if (variable.format === 'raw') {
      if (!needed) return
      const fitting = needed === 'none' ? undefined : needed
      this.#report('agent/needs-format', file, variable.span, { variable: variable.key, type, fitting, form }, related)
      return
    }
    const fitting = kinds.flatMap((one) => formatsFor(one) ?? [variable.format])
    if (fitting.includes(variable.format)) return
    const better = needed && needed !== 'none' ? [needed] : fitting.filter((format) => format !== 'raw')
    this.#report(
      'agent/format-does-not-fit',
      file,
      formatSpan(file, variable),
      { format: variable.format, type, fitting: [...new Set(better)] },
      related,
    )
  }

  #checkRedacted(file: SourceFile, variable: Variable): void {
    if (variable.surfaces === NOBODY) return
    for (const reference of referencesIn(variable.template)) {
      const redacted = this.agent.redaction(this.agent.find(reference)?.setters ?? [])
      if (!redacted || this.#isAllowed(variable)) continue
      this.#report(
        'agent/redacted-but-visible',
        file,
        variable.span,
        { parameter: redacted.name, variable: variable.key, surfaces: surfacesOf(variable.surfaces) },
        [this.agent.relate(redacted, 'redacted by')],
      )
      return
    }
  }

  /** By a rule for one of its names that gives a reason, and all of its surfaces. */
  #isAllowed(variable: Variable): boolean {
    const rules = [...namesOf(variable)].flatMap((name) => this.#policy.rulesFor(name))
    return rules.some(({ reason, surfaces }) => reason?.trim() && !(variable.surfaces & ~surfaces))
  }

  // ---- payloads that were typed into the console

  #checkPayloads(): void {
    const { source } = this.agent
    for (const { payload, key, plan, diagnostics } of judgePayloads(this.agent, this.#policy)) {
      const related = [this.agent.relate(payload, 'typed into')]
      this.#report('agent/payload-goes-around', source, key, { keys: [...plan.declared.keys()] }, related)
      for (const one of diagnostics)
        if (/^(?:policy|visibility)\//.test(one.code))
          this.diagnostics.push({ ...one, related: [...one.related, ...related] })
      for (const variable of plan.variables) this.#checkRedacted(source, variable)
    }
  }
}

function groupByTag<T extends { readonly tag?: string | undefined }>(items: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const { tag = '' } = item
    const group = groups.get(tag)
    if (group) group.push(item)
    else groups.set(tag, [item])
  }
  return groups
}

/** Null clears a parameter. */
const namesSetBy = ({ setParameters = {} }: Plan): string[] =>
  Object.keys(setParameters).filter((name) => setParameters[name] !== null)

const isFor = (agentIds: readonly string[] | undefined, agentId: string | undefined): boolean =>
  agentIds === undefined || agentId === undefined || agentIds.includes(agentId.toLowerCase())

/** The calls of the webhook that answers from the flow files: the one named, else those that send a tag of theirs. One that is disabled is not called. */
function callsOfOurs(agent: AgentModel, captures: readonly CaptureNode[], named: string | undefined): WebhookCall[] {
  const tags = new Set(captures.map(({ plan }) => plan.tag))
  const standard = agent.snapshot.webhooks.filter(({ type, disabled }) => type === 'standard' && !disabled)
  const ours = standard.filter(({ name }) =>
    named === undefined
      ? agent.calls.some(({ webhook, tag = '' }) => webhook === name && tags.has(tag))
      : name === named,
  )
  const names = new Set(ours.map(({ name }) => name))
  return agent.calls.filter(({ webhook }) => webhook !== undefined && names.has(webhook))
}

function whereSent({ webhook }: WebhookCall, { webhooks }: AgentSnapshot): string {
  if (webhook === undefined) return 'the tag stands here without a webhook'
  const isDisabled = webhooks.some(({ name, disabled }) => name === webhook && disabled)
  return `sent to the webhook ${JSON.stringify(webhook)}${isDisabled ? ', which is disabled,' : ''} by`
}

/** The word behind `format:`, beside the variable's name. */
function formatSpan(file: SourceFile, { span, format }: Variable): Span {
  const entry = findEntry(file.root, span)
  const node = childOf(entry, 'format')
  return textOf(node) === format && node ? node : span
}

/** The value whose key stands at a place. */
function findEntry(node: SourceNode, at: Span): SourceNode | undefined {
  if (node.end < at.start || node.start > at.end) return undefined
  for (const { keySpan, value } of entriesOf(node)) {
    if (keySpan.start === at.start && keySpan.end === at.end) return value
    const found = findEntry(value, at)
    if (found) return found
  }
  for (const item of itemsOf(node)) {
    const found = findEntry(item, at)
    if (found) return found
  }
  return undefined
}

import { type At, type Related, relate } from '../core/diagnostic.ts'
import { oneLine } from '../core/one-line.ts'
import type { Reference } from '../core/reference.ts'
import { childOf, type SourceFile, type SourceNode } from '../core/source.ts'
import { suggest } from '../core/suggest.ts'
import type { ParameterKind } from './parameter-kind.ts'
import { asFlowFile } from './payload-captures.ts'
import {
  type AgentSnapshot,
  describePlace,
  type FlowSnapshot,
  type FulfillmentSnapshot,
  type ParameterSnapshot,
  type PayloadSnapshot,
  type ScopeSnapshot,
  SNAPSHOT_FILE,
} from './snapshot.ts'
import { type WrittenSnapshot, writeSnapshot } from './write-snapshot.ts'

/** The flows in which something happens; undefined where it may be any. */
export type Flows = ReadonlySet<string> | undefined

/** Where an entry of the snapshot stands. An agent has many, and diagnostics tell of few: all of it is worked out when it is asked for. */
export class Standing {
  readonly #find: () => SourceNode
  readonly #describe: () => string
  #node: SourceNode | undefined

  constructor(find: () => SourceNode, describe: () => string) {
    this.#find = find
    this.#describe = describe
  }

  /** For people who look for it in the console. */
  get place(): string {
    return this.#describe()
  }

  /** In the snapshot's file. */
  get node(): SourceNode {
    this.#node ??= this.#find()
    return this.#node
  }

  /** The words of the file that are shown for it. */
  get shown(): SourceNode {
    const { node } = this
    return childOf(node, 'name') ?? childOf(node, 'at') ?? node
  }
}

/** One place where the agent sets a parameter. */
export interface Setter {
  readonly standing: Standing
  readonly name: string
  readonly flows: Flows
  readonly redact: boolean
  readonly kind: ParameterKind | undefined
  readonly byFunction: boolean
  readonly copies: readonly string[]
}

/** A fulfillment that calls a webhook, or has a tag for one. */
export interface WebhookCall extends FulfillmentSnapshot {
  readonly standing: Standing
  /** Undefined in a route group of the whole agent. */
  readonly flow: FlowSnapshot | undefined
}

export interface PlacedPayload extends PayloadSnapshot {
  readonly standing: Standing
  readonly flow: FlowSnapshot | undefined
}

type Index = ReadonlyMap<string, readonly Setter[]>

/** A snapshot, indexed by what flow files ask about. Names of parameters have no case. */
export class AgentModel {
  readonly snapshot: AgentSnapshot
  readonly calls: readonly WebhookCall[]
  readonly payloads: readonly PlacedPayload[]
  /** By scope of the references that may name them. */
  readonly session: Index
  readonly page: Index
  readonly intent: Index
  #written: WrittenSnapshot | undefined
  #source: SourceFile | undefined
  readonly #names = new Map<string, readonly string[]>()
  readonly #composites: ReadonlySet<string>

  constructor(snapshot: AgentSnapshot) {
    this.snapshot = snapshot
    this.#composites = new Set(snapshot.entities.filter(({ composite }) => composite).map(({ name }) => name))
    const scopes: { flow: FlowSnapshot | undefined; scope: ScopeSnapshot }[] = [
      { flow: undefined, scope: snapshot.shared },
      ...snapshot.flows.map((flow) => ({ flow, scope: flow })),
    ]
    this.calls = scopes.flatMap(({ flow, scope }) =>
      scope.fulfillments.map((call) => ({ ...call, flow, standing: this.standing(flow, call) })),
    )
    this.payloads = scopes.flatMap(({ flow, scope }) =>
      scope.payloads.map((payload) => ({ ...payload, flow, standing: this.standing(flow, payload) })),
    )
    const fromForms: Setter[] = []
    const fromPresets: Setter[] = []
    for (const { flow, scope } of scopes) {
      const flows = flow && new Set([flow.name])
      for (const parameter of scope.parameters)
        (parameter.by === 'form' ? fromForms : fromPresets).push(new SetInFlow(this, parameter, flow, flows))
    }
    const fromIntents = this.#intentSetters()
    this.page = indexed(fromForms)
    this.intent = indexed(fromIntents)
    this.session = indexed([...fromForms, ...fromIntents, ...fromPresets, ...this.#webhookSetters()])
  }

  /** The snapshot's file, read as a flow file whose captures are the payloads: written down once something is to be told of a place in it. */
  get source(): SourceFile {
    if (this.#source) return this.#source
    const ujets = this.payloads.flatMap(({ standing }) => childOf(standing.node, 'ujet') ?? [])
    this.#source = { path: SNAPSHOT_FILE, text: this.#write().text, root: asFlowFile(ujets) }
    return this.#source
  }

  #write(): WrittenSnapshot {
    this.#written ??= writeSnapshot(this.snapshot)
    return this.#written
  }

  standing(flow: FlowSnapshot | undefined, entry: Parameters<typeof describePlace>[1]): Standing {
    return new Standing(
      () => this.#write().nodeOf(entry),
      () => describePlace(flow?.name, entry),
    )
  }

  kindOf(type: string | undefined, list: boolean): ParameterKind | undefined {
    return type === undefined ? undefined : { type, list, composite: this.#composites.has(type) }
  }

  /** An intent's parameters are set by the routes that wait for it. */
  #intentSetters(): Setter[] {
    const { intents, flows, shared } = this.snapshot
    const users = new Map<string, Set<string>>()
    for (const { name, intents: used } of flows)
      for (const intent of used) users.set(intent, (users.get(intent) ?? new Set()).add(name))
    return intents.flatMap(({ name, parameters }) =>
      parameters.map((parameter) => ({
        name: parameter.name,
        flows: shared.intents.includes(name) ? undefined : (users.get(name) ?? new Set<string>()),
        redact: parameter.redact === true,
        kind: this.kindOf(parameter.type, parameter.list === true),
        byFunction: false,
        copies: [],
        standing: new Standing(
          () => this.#write().nodeOf(parameter),
          () => `intent ${JSON.stringify(name)}`,
        ),
      })),
    )
  }

  /** What a flexible webhook's answer fills, wherever it is called. */
  #webhookSetters(): Setter[] {
    const sets = new Map(this.snapshot.webhooks.map(({ name, sets }) => [name, sets ?? []]))
    return this.calls.flatMap(({ webhook = '', flow, standing }) =>
      (sets.get(webhook) ?? []).map((name) => ({
        name,
        flows: flow && new Set([flow.name]),
        redact: false,
        kind: undefined,
        byFunction: false,
        copies: [],
        standing,
      })),
    )
  }

  at(node: SourceNode): At {
    return { file: this.source, span: node }
  }

  relate({ standing: { shown, place } }: { readonly standing: Standing }, what: string): Related {
    return relate(this.at(shown), oneLine(`${what}: ${place}`))
  }

  /** Who sets the parameter that a reference names, by the longest name that exists, and whether the reference is to all of it. */
  find({ scope, readings }: Reference): { readonly setters: readonly Setter[]; readonly whole: boolean } | undefined {
    if (scope !== 'session' && scope !== 'page' && scope !== 'intent') return undefined
    for (const { name, steps } of readings) {
      const setters = this[scope].get(name.toLowerCase())
      if (!setters) continue
      const whole = scope === 'intent' ? steps.length === 1 && steps[0] === 'resolvedValue' : steps.length === 0
      return { setters, whole }
    }
    return undefined
  }

  /** The references with a name that the agent sets, tried for the longest part of the path that may be the name. */
  nearReferences({ scope, readings, text }: Reference): string[] {
    if (scope !== 'session' && scope !== 'page' && scope !== 'intent') return []
    const head = `${scope}.params.`
    for (const { name } of readings) {
      const near = suggest(name, this.#namesIn(scope))
      if (near.length) return near.map((found) => `$${head}${found}${text.slice(head.length + name.length)}`)
    }
    return []
  }

  #namesIn(scope: 'session' | 'page' | 'intent'): readonly string[] {
    const known = this.#names.get(scope)
    if (known) return known
    const names = [...this[scope].values()].flatMap(([setter]) => setter?.name ?? [])
    const own = names.filter((name) => !name.startsWith('$'))
    this.#names.set(scope, own)
    return own
  }

  /** The place that makes a parameter one that Dialogflow is told to redact: its own, or that of one it is copied from. */
  redaction(setters: readonly Setter[], seen = new Set<Setter>()): Setter | undefined {
    for (const setter of setters) {
      if (seen.has(setter)) continue
      seen.add(setter)
      if (setter.redact) return setter
      for (const copied of setter.copies) {
        const found = this.redaction(this.#longest(copied)?.setters ?? [], seen)
        if (found) return found
      }
    }
    return undefined
  }

  /** What the values of a parameter may be; undefined where any of its setters does not say. */
  kinds(setters: readonly Setter[], seen = new Set<Setter>()): readonly ParameterKind[] | undefined {
    const kinds: ParameterKind[] = []
    for (const setter of setters) {
      if (seen.has(setter)) continue
      seen.add(setter)
      const own = setter.kind ? [setter.kind] : this.#copiedKinds(setter, seen)
      if (!own) return undefined
      kinds.push(...own)
    }
    return kinds
  }

  #copiedKinds(
    { copies: [copied, ...more], byFunction }: Setter,
    seen: Set<Setter>,
  ): readonly ParameterKind[] | undefined {
    const found = copied !== undefined && more.length === 0 && !byFunction ? this.#longest(copied) : undefined
    return found?.whole ? this.kinds(found.setters, seen) : undefined
  }

  #longest(path: string): { readonly setters: readonly Setter[]; readonly whole: boolean } | undefined {
    for (
      let name = path.toLowerCase(), whole = true;
      name;
      name = name.slice(0, Math.max(name.lastIndexOf('.'), 0)), whole = false
    ) {
      const setters = this.session.get(name)
      if (setters) return { setters, whole }
    }
    return undefined
  }
}

/** A form's parameter or a preset. There are many of them, and few are asked about: this holds no more than it must. */
class SetInFlow implements Setter {
  readonly flows: Flows
  readonly #agent: AgentModel
  readonly #parameter: ParameterSnapshot
  readonly #flow: FlowSnapshot | undefined

  constructor(agent: AgentModel, parameter: ParameterSnapshot, flow: FlowSnapshot | undefined, flows: Flows) {
    this.flows = flows
    this.#agent = agent
    this.#parameter = parameter
    this.#flow = flow
  }

  get name(): string {
    return this.#parameter.name
  }

  get redact(): boolean {
    return this.#parameter.redact === true
  }

  get kind(): ParameterKind | undefined {
    const { type, value, list } = this.#parameter
    return this.#agent.kindOf(type ?? plainKind(value), list === true)
  }

  get byFunction(): boolean {
    return this.#parameter.value === 'function'
  }

  get copies(): readonly string[] {
    return this.#parameter.copies ?? []
  }

  get standing(): Standing {
    return this.#agent.standing(this.#flow, this.#parameter)
  }
}

/** A preset's value says its kind, but for references and functions. */
const plainKind = (value: ParameterSnapshot['value']): string | undefined =>
  value === 'reference' || value === 'function' || value === 'map' || value === 'list' ? undefined : value

function indexed(setters: readonly Setter[]): Index {
  const index = new Map<string, Setter[]>()
  for (const setter of setters) {
    if (setter.flows?.size === 0) continue
    const key = setter.name.toLowerCase()
    const others = index.get(key)
    if (others) others.push(setter)
    else index.set(key, [setter])
  }
  return index
}

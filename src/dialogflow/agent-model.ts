import { type At, type Related, relate } from '../core/diagnostic.ts'
import type { Reference } from '../core/reference.ts'
import { childOf, itemsOf, type SourceFile, type SourceNode } from '../core/source.ts'
import type { ParameterKind } from './parameter-kind.ts'
import {
  type AgentSnapshot,
  describePlace,
  type FlowSnapshot,
  type FulfillmentSnapshot,
  type ParameterSnapshot,
  type PayloadSnapshot,
  type ScopeSnapshot,
} from './snapshot.ts'
import { writeSnapshot } from './write-snapshot.ts'

/** The flows in which something happens; undefined where it may be any. */
export type Flows = ReadonlySet<string> | undefined

/** Where something stands: for people, and in the snapshot's file. */
export interface Placed {
  readonly place: string
  readonly node: SourceNode
  /** The words of the snapshot that are shown for it. */
  readonly shown: SourceNode
}

/** One place where the agent sets a parameter. */
export interface Setter extends Placed {
  readonly name: string
  readonly flows: Flows
  readonly redact: boolean
  readonly kind: ParameterKind | undefined
  readonly byFunction: boolean
  readonly copies: readonly string[]
}

/** A fulfillment that calls a webhook, or has a tag for one. */
export interface WebhookCall extends FulfillmentSnapshot, Placed {
  /** Undefined in a route group of the whole agent. */
  readonly flow: FlowSnapshot | undefined
}

/** Its node is the map under `ujet`. */
export interface PlacedPayload extends PayloadSnapshot, Placed {
  readonly flow: FlowSnapshot | undefined
}

type Index = ReadonlyMap<string, readonly Setter[]>

/** A snapshot, indexed by what flow files ask about. Names of parameters have no case. */
export class AgentModel {
  readonly snapshot: AgentSnapshot
  readonly source: SourceFile
  readonly calls: readonly WebhookCall[]
  readonly payloads: readonly PlacedPayload[]
  /** By scope of the references that may name them. */
  readonly session: Index
  readonly page: Index
  readonly intent: Index
  readonly #composites: ReadonlySet<string>

  constructor(snapshot: AgentSnapshot) {
    this.snapshot = snapshot
    this.source = writeSnapshot(snapshot)
    this.#composites = new Set(snapshot.entities.filter(({ composite }) => composite).map(({ name }) => name))
    const scopes = this.#scopes()
    this.calls = scopes.flatMap(({ flow, scope, node }) =>
      scope.fulfillments.map((call, i) => ({ ...call, flow, ...placed(flow, call, entry(node, 'fulfillments', i)) })),
    )
    this.payloads = scopes.flatMap(({ flow, scope, node }) =>
      scope.payloads.map((payload, i) => {
        const own = entry(node, 'payloads', i)
        return { ...payload, flow, ...placed(flow, payload, own), node: childOf(own, 'ujet') ?? own }
      }),
    )
    const fromForms: Setter[] = []
    const fromPresets: Setter[] = []
    for (const { flow, scope, node } of scopes)
      scope.parameters.forEach((parameter, i) => {
        const setter = this.#setter(parameter, flow, entry(node, 'parameters', i))
        ;(parameter.by === 'form' ? fromForms : fromPresets).push(setter)
      })
    const fromIntents = this.#intentSetters()
    this.page = indexed(fromForms)
    this.intent = indexed(fromIntents)
    this.session = indexed([...fromForms, ...fromIntents, ...fromPresets, ...this.#webhookSetters()])
  }

  #scopes(): { flow: FlowSnapshot | undefined; scope: ScopeSnapshot; node: SourceNode | undefined }[] {
    const { root } = this.source
    const flows = itemsOf(childOf(root, 'flows'))
    return [
      { flow: undefined, scope: this.snapshot.shared, node: childOf(root, 'shared') },
      ...this.snapshot.flows.map((flow, i) => ({ flow, scope: flow, node: flows[i] })),
    ]
  }

  #setter(parameter: ParameterSnapshot, flow: FlowSnapshot | undefined, node: SourceNode): Setter {
    return {
      name: parameter.name,
      flows: flow && new Set([flow.name]),
      redact: parameter.redact === true,
      kind: this.#kindOf(parameter.type ?? plainKind(parameter.value), parameter.list === true),
      byFunction: parameter.value === 'function',
      copies: parameter.copies ?? [],
      ...placed(flow, parameter, node),
    }
  }

  #kindOf(type: string | undefined, list: boolean): ParameterKind | undefined {
    return type === undefined ? undefined : { type, list, composite: this.#composites.has(type) }
  }

  /** An intent's parameters are set by the routes that wait for it. */
  #intentSetters(): Setter[] {
    const { intents, flows, shared } = this.snapshot
    const users = new Map<string, Set<string>>()
    for (const { name, intents: used } of flows)
      for (const intent of used) users.set(intent, (users.get(intent) ?? new Set()).add(name))
    const nodes = itemsOf(childOf(this.source.root, 'intents'))
    return intents.flatMap(({ name, parameters }, i) =>
      parameters.map((parameter, j) => ({
        name: parameter.name,
        flows: shared.intents.includes(name) ? undefined : (users.get(name) ?? new Set<string>()),
        redact: parameter.redact === true,
        kind: this.#kindOf(parameter.type, parameter.list === true),
        byFunction: false,
        copies: [],
        ...standing(`intent ${JSON.stringify(name)}`, entry(nodes[i], 'parameters', j)),
      })),
    )
  }

  /** What a flexible webhook's answer fills, wherever it is called. */
  #webhookSetters(): Setter[] {
    const sets = new Map(this.snapshot.webhooks.map(({ name, sets }) => [name, sets ?? []]))
    return this.calls.flatMap(({ webhook = '', flow, place, node, shown }) =>
      (sets.get(webhook) ?? []).map((name) => ({
        name,
        flows: flow && new Set([flow.name]),
        redact: false,
        kind: undefined,
        byFunction: false,
        copies: [],
        place,
        node,
        shown,
      })),
    )
  }

  at(node: SourceNode): At {
    return { file: this.source, span: node }
  }

  relate({ shown, place }: Placed, what: string): Related {
    return relate(this.at(shown), `${what}: ${place}`)
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

/** A preset's value says its kind, but for references and functions. */
const plainKind = (value: ParameterSnapshot['value']): string | undefined =>
  value === 'reference' || value === 'function' || value === 'map' || value === 'list' ? undefined : value

const NOWHERE: SourceNode = { kind: 'scalar', value: null, start: 0, end: 0 }

const entry = (node: SourceNode | undefined, key: string, index: number): SourceNode =>
  itemsOf(childOf(node, key))[index] ?? NOWHERE

const placed = (
  flow: FlowSnapshot | undefined,
  where: { readonly page?: string | undefined; readonly at: string },
  node: SourceNode,
) => standing(describePlace(flow?.name, where), node)

const standing = (place: string, node: SourceNode): Placed => ({
  place,
  node,
  shown: childOf(node, 'name') ?? childOf(node, 'at') ?? node,
})

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

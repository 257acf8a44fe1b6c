import type { Diagnostic, Place } from './diagnostic.ts'
import type { Format, Mask } from './schema.ts'
import type { SurfaceSet } from './surface.ts'
import type { Template } from './template.ts'

/** A value that may be sent under a key; `fallback` holds the literal for an unset value. */
export interface Keyed {
  readonly key: string
  readonly template: Template
  readonly fallback: { readonly value: unknown } | undefined
  readonly required: boolean
}

/** One session variable of a capture, in either form. */
export interface Variable extends Keyed {
  readonly format: Format
  readonly mask: Mask | undefined
  readonly surfaces: SurfaceSet
}

/** Variables that can share a payload: the same surfaces, post events aside. */
export type Group = readonly Variable[]

/** A key of the platform form, in the order of the file. */
export type PlatformEntry =
  | { readonly kind: 'value'; readonly value: Keyed }
  /** The lists of keys: what is unset is taken out of them. */
  | { readonly kind: 'keys'; readonly key: string; readonly keys: readonly string[] }
  | { readonly kind: 'payload' }
  | { readonly kind: 'session_variable'; readonly entries: readonly PlatformEntry[] }

export type Arrangement =
  | {
      readonly form: 'who-sees-what'
      readonly groups: readonly Group[]
      readonly displayOrder: boolean
      readonly then: Then | undefined
    }
  | { readonly form: 'platform'; readonly ujet: readonly PlatformEntry[]; readonly captureKey: string | undefined }

export interface Then {
  readonly entries: readonly Keyed[]
}

/** What one webhook tag does, compiled from a capture; immutable. */
export interface Plan {
  readonly tag: string
  readonly flow: string
  /** In lower case; undefined where the file is for any. */
  readonly flowIds: readonly string[] | undefined
  readonly agentIds: readonly string[] | undefined
  /** Where its tag stands. */
  readonly place: Place
  readonly enabled: boolean
  readonly locale: string | undefined
  readonly variables: readonly Variable[]
  readonly arrangement: Arrangement
  readonly setParameters: Readonly<Record<string, unknown>> | undefined
  /** Who may see what, as the file says it, by the name that leaves: what the check before sending holds an answer against. */
  readonly declared: ReadonlyMap<string, SurfaceSet>
}

/** What a flow file compiles to. Its plans may be served only where no file has an error. */
export interface CompiledFlow {
  readonly plans: readonly Plan[]
  readonly examples: readonly Example[]
  readonly diagnostics: readonly Diagnostic[]
}

/** What a file says that one of its captures makes of some parameters. */
export interface Example {
  readonly name: string
  readonly place: Place
  readonly plan: Plan
  readonly parameters: Readonly<Record<string, unknown>>
}

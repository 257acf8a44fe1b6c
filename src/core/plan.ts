import type { Diagnostic, Place } from './diagnostic.ts'
import type { JsonMap } from './json.ts'
import type { Format, Mask } from './schema.ts'
import type { SourceFile, SourceNode, Span } from './source.ts'
import type { Surface, SurfaceSet } from './surface.ts'
import type { Template } from './template.ts'

/** A value that may be sent under a key; `fallback` holds the literal for an unset value. */
export interface Keyed {
  readonly key: string
  readonly template: Template
  readonly fallback: { readonly value: unknown } | undefined
  readonly required: boolean
}

/** Who may see something under a name, and where the file says it. */
export interface Visibility {
  readonly surfaces: SurfaceSet
  /** The key in the file. */
  readonly span: Span
  /** For each surface that may not have it, what in the file keeps it away. */
  readonly keptBy: Readonly<Partial<Record<Surface, Span>>>
}

/** One session variable of a capture, in either form. */
export interface Variable extends Keyed, Visibility {
  readonly format: Format
  readonly mask: Mask | undefined
  readonly description: string | undefined
}

/** The variable that will hold the person's next answer: its value never passes here. */
export interface AwaitedAnswer extends Visibility {
  readonly key: string
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
  | { readonly form: 'platform'; readonly ujet: readonly PlatformEntry[]; readonly answer: AwaitedAnswer | undefined }

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
  readonly description: string | undefined
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

/** What a file says that one of its captures makes of some parameters; an expectation that is absent is not compared. */
export interface Example {
  readonly name: string
  readonly place: Place
  readonly plan: Plan
  readonly parameters: JsonMap
  /** What each surface named gets, whole. */
  readonly sees: { readonly [S in Surface]?: JsonMap | undefined } | undefined
  /** The required variables that are unset. */
  readonly missing: readonly string[] | undefined
  /** The answer to Dialogflow, whole. */
  readonly answer: JsonMap | undefined
  readonly file: SourceFile
  readonly node: SourceNode
}

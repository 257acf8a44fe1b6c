import type { Code, Place, Severity } from '../core/diagnostic.ts'
import type { DictionaryVariable } from '../core/dictionary.ts'
import type { Cell } from '../core/dictionary-words.ts'
import type { JsonMap } from '../core/json.ts'
import type { Range } from '../core/source.ts'
import type { Surface } from '../core/surface.ts'

// What the page and its little server say to each other, in JSON.

/** A file as it is on disk; `hash` names these bytes when it is saved over. */
export interface StudioFile {
  readonly path: string
  readonly text: string
  readonly hash: string
  /** Whether the page may save it. */
  readonly editable: boolean
}

export interface ProjectView {
  /** As the person typed it. */
  readonly folder: string
  readonly files: readonly StudioFile[]
  readonly policy: StudioFile | undefined
  /** Changes with any file. */
  readonly state: string
  /** Where the simulated adapter lives: another origin. */
  readonly adapter: string
  /** Why the folder cannot be read at present. */
  readonly problem: string | undefined
}

/** Made-up values of one turn. */
export interface Given {
  readonly parameters: JsonMap
  readonly page?: JsonMap
  readonly intent?: JsonMap
  readonly payload?: JsonMap
  /** What the person said. */
  readonly said?: string
}

export type Scope = keyof Given

export type Asked =
  /** The first example of the file, else its first capture without any values. */
  | { readonly kind: 'first' }
  | { readonly kind: 'example'; readonly name: string }
  | { readonly kind: 'made'; readonly given: Given }
  | { readonly kind: 'captured'; readonly body: JsonMap }

/** Texts of the editor that are not saved yet, by path. */
export type Edits = Readonly<Record<string, string>>

export interface Question {
  readonly edits: Edits
  readonly file: string
  readonly tag: string | undefined
  readonly asked: Asked
}

export interface Evaluation {
  readonly diagnostics: readonly Finding[]
  readonly captures: readonly CaptureView[]
  readonly examples: readonly ExampleView[]
  /** What was asked, where the question left it open. */
  readonly asked: { readonly tag: string | undefined; readonly example: string | undefined }
  readonly outcome: OutcomeView
}

export interface Finding extends Place {
  readonly code: Code
  readonly severity: Severity
  readonly message: string
  /** The word that was meant, where there is a nearest one. */
  readonly meant: string | undefined
  readonly related: readonly (Place & { readonly message: string })[]
}

/** A capture of the file that is open. */
export interface CaptureView {
  readonly tag: string
  readonly description: string | undefined
  readonly at: Range
  readonly parameters: readonly ParameterView[]
}

/** A parameter that a capture uses, by the name of the whole parameter. */
export interface ParameterView {
  readonly scope: Scope
  readonly name: string
  /** As the file refers to it. */
  readonly references: readonly string[]
  /** A value that its format would take. */
  readonly sample: unknown
}

export interface ExampleView {
  readonly name: string
  readonly tag: string
  readonly at: Range
  readonly parameters: JsonMap
  /** What did not come as expected; undefined where it could not be run. */
  readonly mismatches:
    | readonly { readonly of: string; readonly expected: unknown; readonly came: unknown }[]
    | undefined
}

export type OutcomeView =
  /** Files with errors stand in the way. */
  | { readonly kind: 'errors'; readonly files: readonly string[] }
  /** There is nothing to ask. */
  | { readonly kind: 'nothing'; readonly message: string }
  | { readonly kind: 'failure'; readonly message: string }
  | AnswerView

export interface AnswerView {
  readonly kind: 'answer'
  readonly file: string
  readonly flow: string
  readonly tag: string
  readonly enabled: boolean
  readonly at: Range
  /** The answer to Dialogflow. */
  readonly response: unknown
  readonly bytes: number
  readonly maxBytes: number
  readonly missing: readonly string[]
  readonly audiences: Readonly<Record<Surface, AudienceView>>
  /** Whether the answer says in which order the adapter shows the variables. */
  readonly ordered: boolean
  readonly notes: readonly string[]
  /** Where the keys of `ujet` and `session_variable`, and those to set, are written. */
  readonly keys: Readonly<Record<string, Range>>
  /** What the adapter would post to the page around it. */
  readonly events: readonly PostedEvent[]
  /** Other files whose errors would stop the server. */
  readonly broken: readonly string[]
}

/** An event as the adapter would post it, and the button's words for it. */
export interface PostedEvent {
  readonly label: string
  readonly event: JsonMap
}

export interface AudienceView {
  readonly values: readonly SeenValue[]
  readonly absent: readonly AbsentValue[]
}

export interface SeenValue {
  readonly key: string
  readonly value: unknown
  readonly at: Range
  readonly remarks: readonly ReasonView[]
}

export interface AbsentValue {
  readonly key: string
  readonly at: Range
  readonly reason: ReasonView
}

export interface ReasonView {
  readonly code: string
  readonly text: string
  /** The line of the flow file that is the reason. */
  readonly at?: Range | undefined
  /** The rule of the policy that is the reason, or would be. */
  readonly rule?: RuleView | undefined
}

/** A rule of the policy, as it is named where it applies. */
export interface RuleView {
  readonly line: number
  /** Its reason; its pattern where it gives none. */
  readonly why: string
}

export interface MatrixView {
  readonly rows: readonly MatrixRow[]
  readonly policy:
    | { readonly file: string; readonly rules: readonly MatrixRule[]; readonly values: readonly string[] }
    | undefined
  /** Files with errors, whose variables are not in it. */
  readonly broken: readonly string[]
}

export interface MatrixRow extends Pick<DictionaryVariable, 'name' | 'line' | 'required'> {
  readonly file: string
  readonly flow: string
  readonly tag: string
  readonly enabled: boolean
  readonly madeOf: string
  readonly description: string | undefined
  readonly cells: Readonly<Record<Surface, Cell>>
  readonly rules: readonly RuleView[]
  readonly form: string
}

export interface MatrixRule {
  readonly pattern: string
  readonly line: number
  readonly limit: string
  readonly reason: string | undefined
  /** How many variables it applies to. */
  readonly variables: number
}

/** A metadata file that a person dropped. */
export interface DroppedFile {
  readonly name: string
  readonly text: string
}

/** What the dropped files hold; each page is at a path of its own, which only this answer tells. */
export interface DroppedView {
  /** How many sessions there are; the list may have the first of them alone. */
  readonly count: number
  readonly sessions: readonly DroppedSession[]
  readonly report: { readonly page: string } | { readonly problem: string }
  /** What could not be read, and where. */
  readonly problems: readonly string[]
}

export interface DroppedSession {
  readonly title: string
  /** The timeline; with `?reveal` what the caller left is in the clear, as far as the policy allows. */
  readonly page: string
}

/** What came of saving a file. */
export type SaveResult =
  | { readonly saved: StudioFile }
  /** The file has other bytes now, or is gone, or is there already. */
  | { readonly conflict: StudioFile | null }
  | { readonly refused: string }

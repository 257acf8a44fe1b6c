import type { JsonSchema } from '../../core/editor-schema.ts'
import type { JsonMap } from '../../core/json.ts'
import type {
  DroppedFile,
  DroppedView,
  Edits,
  Evaluation,
  MatrixView,
  ProjectView,
  Question,
  SaveResult,
} from '../protocol.ts'

/** The studio does not know us: the token is missing, or of an earlier run. */
export class LockedError extends Error {}

/** What the page asks its server, with the token from the printed address. */
export class Api {
  readonly #token: string

  constructor(token: string) {
    this.#token = token
  }

  project = (): Promise<ProjectView> => this.#ask('GET', 'project')
  schemas = (): Promise<{ flow: JsonSchema; policy: JsonSchema }> => this.#ask('GET', 'schemas')
  changes = (state: string): Promise<ProjectView> => this.#ask('POST', 'changes', { state })
  evaluate = (question: Question, signal: AbortSignal): Promise<Evaluation> =>
    this.#ask('POST', 'evaluate', question, signal)
  matrix = (edits: Edits): Promise<MatrixView> => this.#ask('POST', 'matrix', { edits })
  save = (path: string, text: string, over: string | undefined): Promise<SaveResult> =>
    this.#ask('PUT', 'file', { path, text, over })
  sessions = (files: readonly DroppedFile[]): Promise<DroppedView> => this.#ask('POST', 'sessions', { files })
  example = (
    edits: Edits,
    file: string,
    tag: string,
    parameters: JsonMap,
  ): Promise<{ text: string; name: string } | { refused: string }> =>
    this.#ask('POST', 'example', { edits, file, tag, parameters })

  async #ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await fetch(`/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
    if (response.status === 401) throw new LockedError()
    if (!response.ok) throw new Error(await response.text())
    return response.json()
  }
}

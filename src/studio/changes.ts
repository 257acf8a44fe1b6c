import { FolderError } from '../config/folder.ts'
import { watchFolder } from '../config/watch.ts'
import type { Project } from './project.ts'

/** A call that waits longer than this is answered anyway, so that no connection is held for ever. */
const MAX_WAIT_MS = 25_000

/** Keeps a project as the disk has it, and tells who waits for another state. */
export class Changes {
  readonly #project: Project
  readonly #waiting = new Set<() => void>()
  readonly #watch: { stop: () => void }
  #problem: string | undefined

  constructor(project: Project, policyFile: string | undefined) {
    this.#project = project
    this.#watch = watchFolder(project.folder, policyFile, () => this.look())
  }

  /** Why the folder cannot be read at present. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Once the project's state is another than this one, or after a while. */
  async after(state: string, signal: AbortSignal): Promise<void> {
    if (this.#project.state !== state) return
    const { promise, resolve } = withResolver()
    const timer = setTimeout(resolve, MAX_WAIT_MS)
    signal.addEventListener('abort', resolve, { once: true })
    this.#waiting.add(resolve)
    await promise
    this.#waiting.delete(resolve)
    clearTimeout(timer)
  }

  stop(): void {
    this.#watch.stop()
    this.#tell()
  }

  /** Reads the folder again. */
  look(): void {
    try {
      this.#project.readAgain()
      this.#problem = undefined
    } catch (error) {
      if (!(error instanceof FolderError)) throw error
      this.#problem = error.message
    }
    this.#tell()
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve()
  }
}

function withResolver(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

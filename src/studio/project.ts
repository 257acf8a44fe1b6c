import { createHash } from 'node:crypto'
import { type FlowFolder, isCalledPolicy, isReadFrom, readFolder, type TextFile } from '../config/folder.ts'
import { load, Memory } from '../config/load.ts'
import type { Loaded } from '../config/loaded.ts'
import type { Configuration } from '../core/configuration.ts'
import type { SourceFile } from '../core/source.ts'
import type { Edits, StudioFile } from './protocol.ts'

/** The files as they would be with some edits, and what could be served of them. */
export interface Edited {
  readonly loaded: Loaded
  /** Of the files without errors; undefined where the policy cannot be relied upon, since it then holds nothing back. */
  readonly configuration: Configuration | undefined
  /** The files with errors. */
  readonly broken: ReadonlySet<string>
  readonly sourceOf: (path: string) => SourceFile | undefined
  readonly policyPath: string
}

/** A folder of flow files that is open in the studio. What was compiled once is compiled again only when it changes. */
export class Project {
  readonly folder: string
  readonly #policyFile: string | undefined
  readonly #editPolicy: boolean
  readonly #memory = new Memory()
  #files: FlowFolder
  #edited: { readonly key: string; readonly value: Edited } | undefined

  private constructor(folder: string, policyFile: string | undefined, editPolicy: boolean, files: FlowFolder) {
    this.folder = folder
    this.#policyFile = policyFile
    this.#editPolicy = editPolicy
    this.#files = files
  }

  static open(folder: string, policyFile: string | undefined, editPolicy: boolean): Project {
    return new Project(folder, policyFile, editPolicy, readFolder(folder, policyFile))
  }

  readAgain(): void {
    this.#files = readFolder(this.folder, this.#policyFile)
    this.#edited = undefined
  }

  get files(): readonly StudioFile[] {
    return this.#files.flows.map((file) => this.view(file))
  }

  get policy(): StudioFile | undefined {
    return this.#files.policy && this.view(this.#files.policy)
  }

  /** Changes with any file. */
  get state(): string {
    const { flows, policy, misplacedPolicies } = this.#files
    const hash = createHash('sha256').update(misplacedPolicies.join('\0'))
    for (const { path, bytes } of policy ? [policy, ...flows] : flows) hash.update(`${path}\0`).update(bytes)
    return hash.digest('hex')
  }

  /** Whether the page may write a file of this name: a flow file that would be read, or the policy where that is allowed. */
  mayWrite(path: string): boolean {
    if (!isReadFrom(path) || path.includes('\0')) return false
    return path === this.#files.policyPath ? this.#editPolicy : !isCalledPolicy(path)
  }

  view({ path, bytes }: TextFile): StudioFile {
    const text = textOf(bytes)
    return { path, text, hash: hashOf(bytes), editable: this.mayWrite(path) && isText(bytes, text) }
  }

  /** The last result is kept: a view of the whole project asks right after the view of one file. */
  withEdits(edits: Edits): Edited {
    const key = JSON.stringify(edits)
    if (this.#edited?.key !== key) this.#edited = { key, value: this.#load(edits) }
    return this.#edited.value
  }

  /** What may not be written may not be supposed either. */
  #load(supposed: Edits): Edited {
    const edits = Object.fromEntries(Object.entries(supposed).filter(([path]) => this.mayWrite(path)))
    const files = applyEdits(this.#files, edits)
    const loaded = load(files, this.#memory)
    const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error')
    const broken = new Set(errors.map(({ file }) => file))
    const sound = { ...files, flows: files.flows.filter(({ path }) => !broken.has(path)) }
    const isRuled = !broken.has(files.policyPath) && files.misplacedPolicies.length === 0
    const { policy } = this.#memory.policy(files.policy)
    return {
      loaded,
      configuration: loaded.configuration ?? (isRuled ? load(sound, this.#memory).configuration : undefined),
      broken,
      sourceOf: (path) => {
        const file = files.flows.find((flow) => flow.path === path)
        return file && this.#memory.flow(file, policy).source
      },
      policyPath: files.policyPath,
    }
  }
}

/** The folder as it would be: texts of files that are there, and flow files that are not there yet. */
function applyEdits(folder: FlowFolder, edits: Edits): FlowFolder {
  const edited = ({ path, bytes }: TextFile): TextFile =>
    Object.hasOwn(edits, path) ? { path, bytes: Buffer.from(edits[path] ?? '') } : { path, bytes }
  const known = new Set([...folder.flows, ...(folder.policy ? [folder.policy] : [])].map(({ path }) => path))
  const added = Object.keys(edits)
    .filter((path) => !known.has(path))
    .map((path) => edited({ path, bytes: Buffer.alloc(0) }))
  const flows = [...folder.flows.map(edited), ...added].sort((a, b) => (a.path < b.path ? -1 : 1))
  return { ...folder, flows, policy: folder.policy && edited(folder.policy) }
}

export const BOM = '\uFEFF'

/** Without its byte order mark. */
export const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8').decode(bytes)

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Whether saving the text gives these bytes again: what is no UTF-8 would be lost. */
const isText = (bytes: Uint8Array, text: string): boolean =>
  Buffer.from(text).equals(bytes) || Buffer.from(BOM + text).equals(bytes)

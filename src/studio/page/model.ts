import type { JsonSchema } from '../../core/editor-schema.ts'
import type { JsonMap } from '../../core/json.ts'
import type { Range } from '../../core/source.ts'
import type {
  AnswerView,
  Asked,
  CaptureView,
  DroppedView,
  Edits,
  Evaluation,
  ExampleView,
  Finding,
  Given,
  MatrixView,
  ProjectView,
  StudioFile,
} from '../protocol.ts'
import { type Address, hashOf, packShared, parseAddress, type Shared, unpackShared } from './address.ts'
import { Api, LockedError } from './api.ts'
import { requestsIn } from './captured.ts'
import { readDropped } from './dropped.ts'

/** A text that is not saved, and the file that it began with: null for one that is not on disk. */
interface Draft {
  readonly text: string
  readonly base: StudioFile | null
}

/** A file that has changed on disk since its draft began: null where it is gone. */
export interface Conflict {
  readonly path: string
  readonly disk: StudioFile | null
}

/** A request that a person brought along. It stays in this page's memory. */
export interface Captured {
  readonly text: string
  readonly bodies: readonly JsonMap[]
  readonly chosen: number
  readonly problem: string | undefined
}

export interface Notice {
  readonly text: string
  readonly kind: 'done' | 'problem'
}

/** Typing is not waited for: what is asked is a little late, and only the last. Milliseconds. */
const TYPING_PAUSE = 60
const RETRY_PAUSE = 2_000
/** Browsers allow only so many changes of an address: while a value is typed, they are put together. */
const ADDRESS_PAUSE = 250

/** Everything that the page shows. What can be, is in the address or in the files; drafts and a captured request are here. */
export class Model {
  address: Address = parseAddress('')
  project: ProjectView | undefined
  schemas: { flow: JsonSchema; policy: JsonSchema } | undefined
  evaluation: Evaluation | undefined
  /** The last answer to what is open, for as long as the text has errors. */
  lastAnswer: AnswerView | undefined
  matrix: MatrixView | undefined
  captured: Captured | undefined
  /** What is in the metadata files that were dropped; undefined for none. */
  dropped: DroppedView | undefined
  conflicts: ReadonlyMap<string, Conflict> = new Map()
  notice: Notice | undefined
  locked = false
  offline = false
  /** The line in which the cursor stands, of the file that is open. */
  line = 0

  readonly #drafts = new Map<string, Draft>()
  readonly #listeners = new Set<() => void>()
  readonly #texts = new Set<(file: string) => void>()
  #api = new Api('')
  #place: { readonly file: string; readonly range: Range } | undefined
  #isFollowing = false
  #addressTimer: ReturnType<typeof setTimeout> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking: AbortController | undefined

  // ---- who listens

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called when a text has changed elsewhere than in its editor. */
  onText(listener: (file: string) => void): () => void {
    this.#texts.add(listener)
    return () => this.#texts.delete(listener)
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  // ---- beginning

  async start(token: string): Promise<void> {
    this.#api = new Api(token)
    await this.#guard(async () => {
      this.project = await this.#api.project()
      this.locked = false
      this.#openAddress(parseAddress(location.hash))
      await this.#openShared()
      this.#changed()
      this.#ask(0)
      this.schemas = await this.#api.schemas()
      this.#changed()
      void this.#follow()
    })
  }

  /** Asks for what has changed on disk, again and again. */
  async #follow(): Promise<void> {
    if (this.#isFollowing) return
    this.#isFollowing = true
    while (!this.locked) {
      try {
        const project = await this.#api.changes(this.project?.state ?? '')
        this.offline = false
        this.#take(project)
      } catch (error) {
        if (error instanceof LockedError) this.locked = true
        this.offline = true
        this.#changed()
        await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE))
      }
    }
    this.#isFollowing = false
  }

  #take(project: ProjectView): void {
    const before = this.project
    this.project = project
    const conflicts = new Map<string, Conflict>()
    for (const [path, { base, text }] of this.#drafts) {
      const disk = this.fileAt(path) ?? null
      if (disk && sameText(disk.text, text)) this.#drafts.delete(path)
      else if (disk?.hash !== base?.hash) conflicts.set(path, { path, disk })
    }
    this.conflicts = conflicts
    if (before?.state !== project.state) {
      for (const { path } of this.allFiles()) if (!this.#drafts.has(path)) this.#tellText(path)
      this.#ask(0)
    }
    this.#changed()
  }

  // ---- files

  allFiles(): readonly StudioFile[] {
    const { files = [], policy } = this.project ?? {}
    return policy ? [...files, policy] : files
  }

  fileAt = (path: string): StudioFile | undefined => this.allFiles().find((file) => file.path === path)

  /** Flow files, those that are not on disk yet too. */
  flowPaths(): string[] {
    const known = (this.project?.files ?? []).map(({ path }) => path)
    const policy = this.project?.policy?.path
    const added = [...this.#drafts.keys()].filter((path) => !known.includes(path) && path !== policy)
    return [...known, ...added].sort()
  }

  get file(): string {
    const paths = this.flowPaths()
    const wanted = this.address.file
    return wanted !== undefined && paths.includes(wanted) ? wanted : (paths[0] ?? '')
  }

  textOf = (path: string): string => this.#drafts.get(path)?.text ?? this.fileAt(path)?.text ?? ''
  isEditable = (path: string): boolean => this.fileAt(path)?.editable ?? this.#drafts.has(path)
  isUnsaved = (path: string): boolean => this.#drafts.has(path)
  get unsaved(): string[] {
    return [...this.#drafts.keys()]
  }

  get edits(): Edits {
    return Object.fromEntries([...this.#drafts].map(([path, { text }]) => [path, text]))
  }

  findingsIn = (path: string): Finding[] => this.evaluation?.diagnostics.filter(({ file }) => file === path) ?? []

  /** The editor's text of a file. */
  type(path: string, text: string): void {
    if (sameText(this.textOf(path), text)) return
    const base = this.#drafts.get(path)?.base ?? this.fileAt(path) ?? null
    if (base && sameText(base.text, text) && !this.conflicts.has(path)) this.#drafts.delete(path)
    else this.#drafts.set(path, { text, base })
    this.notice = undefined
    this.#ask(TYPING_PAUSE)
    this.#changed()
  }

  /** The cursor of the flow file's editor. */
  moveTo(line: number): void {
    if (this.line === line) return
    this.line = line
    this.#changed()
  }

  #tellText(path: string): void {
    for (const listener of this.#texts) listener(path)
  }

  /** Puts a text into a file's editor, where it can be undone. */
  #write(path: string, text: string): void {
    const base = this.#drafts.get(path)?.base ?? this.fileAt(path) ?? null
    this.#drafts.set(path, { text, base })
    this.#tellText(path)
    this.#ask(0)
    this.#changed()
  }

  async save(path = this.file): Promise<void> {
    const draft = this.#drafts.get(path)
    if (!draft) return this.#tell(`${path} has nothing to save.`)
    await this.#guard(async () => {
      const result = await this.#api.save(path, draft.text, draft.base?.hash)
      if ('refused' in result) return this.#tell(result.refused, 'problem')
      if ('conflict' in result) {
        this.conflicts = new Map(this.conflicts).set(path, { path, disk: result.conflict })
        return this.#tell(`Not saved: ${path} has changed on disk.`, 'problem')
      }
      this.#settle(path, result.saved)
      const now = this.#drafts.get(path)
      if (now === draft) this.#drafts.delete(path)
      else if (now) this.#drafts.set(path, { ...now, base: result.saved })
      this.#tell(`Saved ${path}.`)
    })
  }

  /** What is on disk is known now. */
  #settle(path: string, disk: StudioFile): void {
    const { project } = this
    if (!project) return
    const replace = (files: readonly StudioFile[]) => files.map((file) => (file.path === path ? disk : file))
    const isPolicy = project.policy?.path === path
    const files = this.fileAt(path) ? replace(project.files) : [...project.files, disk]
    this.project = { ...project, files: isPolicy ? project.files : files, policy: isPolicy ? disk : project.policy }
    const conflicts = new Map(this.conflicts)
    conflicts.delete(path)
    this.conflicts = conflicts
  }

  /** Ends a conflict for the draft: the next time, it is saved over what is on disk now. */
  keepMine({ path, disk }: Conflict): void {
    const draft = this.#drafts.get(path)
    if (draft) this.#drafts.set(path, { ...draft, base: disk })
    if (disk) this.#settle(path, disk)
    else this.conflicts = new Map([...this.conflicts].filter(([other]) => other !== path))
    this.#tell(`Kept your text of ${path}; saving now replaces what is on disk.`)
  }

  /** Ends a conflict for the disk; the draft can be had back by undoing. */
  takeTheirs({ path, disk }: Conflict): void {
    this.#drafts.delete(path)
    if (disk) this.#settle(path, disk)
    this.#tellText(path)
    this.#ask(0)
    this.#tell(`Took what is on disk for ${path}; undo brings your text back.`)
  }

  // ---- the address

  /** Goes elsewhere; `push` where going back should lead here again. */
  go(to: Partial<Address>, { push = false } = {}): void {
    const address = { ...this.address, ...to }
    const isOther = (['view', 'file', 'tag', 'example', 'given'] as const).some(
      (key) => address[key] !== this.address[key],
    )
    this.#openAddress(address)
    clearTimeout(this.#addressTimer)
    if (push) history.pushState(null, '', hashOf(address))
    else this.#addressTimer = setTimeout(() => history.replaceState(null, '', hashOf(this.address)), ADDRESS_PAUSE)
    if (isOther) this.#ask(0)
    this.#changed()
  }

  /** The address was changed by a link, or by going back. */
  followAddress(): void {
    clearTimeout(this.#addressTimer)
    this.#openAddress(parseAddress(location.hash))
    void this.#openShared()
    this.#ask(0)
    this.#changed()
  }

  #openAddress(address: Address): void {
    const before = this.file
    this.address = address
    if (this.file !== before) this.line = 0
  }

  hrefTo = (to: Partial<Address>): string => hashOf({ ...this.address, ...to })

  /** To another file: with what is first in it. */
  hrefToFile = (file: string): string =>
    this.hrefTo({ view: 'flow', file, tag: undefined, example: undefined, given: undefined })

  reveal(file: string, range: Range): void {
    const isPolicy = file === this.project?.policy?.path
    if (isPolicy) this.go({ view: 'flow', policy: true })
    else if (file !== this.file) location.hash = this.hrefToFile(file)
    else if (this.address.view !== 'flow') this.go({ view: 'flow' }, { push: true })
    this.#place = { file, range }
    this.#changed()
  }

  /** The place that this file's editor is to show: it may have to be put on the page, or to open the file, first. */
  takePlace(file: string): Range | undefined {
    if (this.#place?.file !== file) return undefined
    const { range } = this.#place
    this.#place = undefined
    return range
  }

  /** An address that carries the text of the file and what is open, and nothing else: no token, no captured request. */
  async link(): Promise<string> {
    const shared = await packShared({ file: this.file, text: this.textOf(this.file) })
    const hash = hashOf({ ...this.address, file: this.file })
    return `${location.origin}/${hash}&shared=${shared}`
  }

  async #openShared(): Promise<void> {
    const packed = new URLSearchParams(location.hash.slice(1)).get('shared')
    if (!packed) return
    const shared = await unpackShared(packed)
    history.replaceState(null, '', hashOf(this.address))
    if (!shared) return this.#tell('The text in this link cannot be read.', 'problem')
    this.#openSharedText(shared)
  }

  #openSharedText({ file, text }: Shared): void {
    if (sameText(this.textOf(file), text)) return
    if (this.fileAt(file)?.editable === false) {
      this.#tell(`${file} is read only here: what the link says of it is left out.`, 'problem')
      return
    }
    this.#write(file, text)
    this.go({ file })
    this.#tell(`The text of ${file} comes from the link. It is not saved; undo shows what is on disk.`)
  }

  // ---- requests

  get asked(): Asked {
    const { example, given, tag } = this.address
    const body = this.captured?.bodies[this.captured.chosen]
    if (body) return { kind: 'captured', body }
    if (example !== undefined) return { kind: 'example', name: example }
    if (given) return { kind: 'made', given }
    return tag === undefined ? { kind: 'first' } : { kind: 'made', given: { parameters: {} } }
  }

  get capture(): CaptureView | undefined {
    const tag = this.address.tag ?? this.evaluation?.asked.tag
    return this.evaluation?.captures.find((capture) => capture.tag === tag)
  }

  get example(): ExampleView | undefined {
    const name = this.address.example ?? this.evaluation?.asked.example
    return this.captured ? undefined : this.evaluation?.examples.find((example) => example.name === name)
  }

  /** The made-up values that are in force. */
  get given(): Given {
    return this.address.given ?? { parameters: this.example?.parameters ?? {} }
  }

  /** What a person brought along: a request, or something that holds one. */
  bring(text: string): void {
    if (text.trim() === '') {
      this.captured = undefined
    } else {
      const found = requestsIn(text)
      const chosen = 0
      this.captured = {
        text,
        chosen,
        ...('bodies' in found ? { ...found, problem: undefined } : { bodies: [], ...found }),
      }
    }
    this.#ask(0)
    this.#changed()
  }

  /** Metadata files that a person brought along: the studio's server reads them, and keeps them until others come. */
  async drop(files: readonly File[]): Promise<void> {
    await this.#guard(async () => {
      const dropped = await readDropped(files)
      if ('problem' in dropped) return this.#tell(dropped.problem, 'problem')
      const view = await this.#api.sessions(dropped.files)
      this.dropped = { ...view, problems: [...dropped.problems, ...view.problems] }
      const { count } = view
      this.#tell(count === 1 ? 'Read one session.' : `Read ${count} sessions.`)
    })
  }

  chooseCaptured(chosen: number): void {
    if (!this.captured) return
    this.captured = { ...this.captured, chosen }
    this.#ask(0)
    this.#changed()
  }

  /** The captured request, led to the capture that is open. */
  lead(tag: string): void {
    if (!this.captured) return
    const bodies = this.captured.bodies.map((body) => ({ ...body, fulfillmentInfo: { tag } }))
    const chosen = bodies[this.captured.chosen]
    this.captured = { ...this.captured, bodies, text: JSON.stringify(chosen, null, 2) }
    this.#ask(0)
    this.#changed()
  }

  async addExample(): Promise<void> {
    const { outcome } = this.evaluation ?? {}
    const answered = outcome?.kind === 'answer' ? outcome : undefined
    const file = this.captured ? answered?.file : this.file
    const tag = answered?.tag
    if (file === undefined || tag === undefined)
      return this.#tell('There is no answer to make an example of.', 'problem')
    await this.#guard(async () => {
      const result = await this.#api.example(this.edits, file, tag, this.#parameters())
      if ('refused' in result) return this.#tell(result.refused, 'problem')
      this.#write(file, result.text)
      const note = this.captured ? ' It holds values of the captured request: make them up before you save.' : ''
      this.captured = undefined
      this.go({ view: 'flow', file, tag: undefined, given: undefined, example: result.name })
      this.#tell(`Added the example “${result.name}” to ${file}; not saved yet.${note}`)
    })
  }

  #parameters(): JsonMap {
    const body = this.captured?.bodies[this.captured.chosen]
    if (!body) return { ...this.given.parameters, ...this.given.page }
    const { parameters } = (body.sessionInfo ?? {}) as { parameters?: JsonMap }
    return parameters ?? {}
  }

  // ---- asking

  #ask(pause: number): void {
    clearTimeout(this.#timer)
    this.#asking?.abort()
    this.#timer = setTimeout(() => void this.#evaluate(), pause)
  }

  async #evaluate(): Promise<void> {
    if (!this.project || this.locked) return
    const asking = new AbortController()
    this.#asking = asking
    const { edits, file, asked } = this
    const { tag } = this.address
    performance.mark('asked')
    await this.#guard(async () => {
      const evaluation = await this.#api.evaluate({ edits, file, tag, asked }, asking.signal)
      if (asking.signal.aborted) return
      this.#remember(evaluation)
      if (this.address.view === 'matrix') this.matrix = await this.#api.matrix(edits)
      this.#changed()
    })
  }

  /** While the text has errors, the last answer to the same question is shown, and said to be old. */
  #remember(evaluation: Evaluation): void {
    const { outcome } = evaluation
    const key = (view: Evaluation | undefined) => JSON.stringify([this.file, view?.asked])
    const isSame = this.#rememberedFor === this.file
    if (outcome.kind === 'answer') this.lastAnswer = outcome
    else if (outcome.kind !== 'errors' || !isSame) this.lastAnswer = undefined
    this.#rememberedFor = this.file
    if (key(this.evaluation) !== key(evaluation))
      this.notice = this.notice?.kind === 'problem' ? undefined : this.notice
    this.evaluation = evaluation
  }

  #rememberedFor: string | undefined

  // ---- telling

  #tell(text: string, kind: Notice['kind'] = 'done'): void {
    this.notice = { text, kind }
    this.#changed()
  }

  announce = (text: string): void => this.#tell(text)

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return
      if (error instanceof LockedError) this.locked = true
      else
        this.#tell(
          error instanceof TypeError ? 'The studio does not answer: is it still running?' : String(error),
          'problem',
        )
      this.#changed()
    }
  }
}

/** Line ends aside: an editor has one kind of them. */
const sameText = (a: string, b: string): boolean => a === b || a.replace(/\r\n?/g, '\n') === b.replace(/\r\n?/g, '\n')

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { isMap, type JsonMap } from '../core/json.ts'
import type { Progress } from '../core/progress.ts'
import { type AgentContents, AgentError, displayNameOf, mapsAt, textAt } from './agent-contents.ts'
import { areWhole } from './zip-checksums.ts'

/** The files of an export by their paths, with `/` between their parts; each is read when it is asked for. */
type Files = ReadonlyMap<string, () => Uint8Array>

/** Reads an exported agent: a zip, or a folder as it unpacks or as a push to git leaves it, perhaps below `path`. */
export async function readExport(path: string, progress: Progress = () => {}): Promise<AgentContents> {
  const files = belowAgentFile(isFolder(path) ? listFolder(path) : await listZip(path), path)
  return new Export(files, progress).read()
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    throw new AgentError(`${path} cannot be read (${codeOf(error)})`)
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error'

/** What nobody asks of an export is not even opened; training phrases are most of one. */
const NEEDED = /^(?!.*\/(?:trainingPhrases|phrases|excludedPhrases|testCases)\/).*\.json$/

function listFolder(folder: string): Files {
  const root = resolve(folder)
  const files = new Map<string, () => Uint8Array>()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = [...entry.parentPath.slice(root.length).split(sep), entry.name].filter(Boolean).join('/')
    if (NEEDED.test(path) && entry.isFile()) files.set(path, () => readFileSync(join(root, path)))
  }
  return files
}

/** A zip that claims to hold more is not opened. */
const MAX_UNZIPPED = 1024 ** 3

async function listZip(path: string): Promise<Files> {
  const { unzipSync } = await import('fflate').catch(() => {
    throw new AgentError('reading a zip needs a package: npm install --no-save fflate@0.8.3 (or unpack the zip)')
  })
  const bytes = readFileSync(path)
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b)
    throw new AgentError(`${path} is no zip: export the agent again with the format "JSON package"`)
  let size = 0
  const filter = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    if (!NEEDED.test(name)) return false
    size += originalSize
    if (size > MAX_UNZIPPED) throw new AgentError(`${path} holds more than 1 GiB`)
    return true
  }
  try {
    const unpacked = unzipSync(bytes, { filter })
    if (areWhole(unpacked, bytes)) return new Map(Object.entries(unpacked).map(([name, file]) => [name, () => file]))
  } catch (error) {
    if (error instanceof AgentError) throw error
  }
  throw new AgentError(`${path} is a broken zip; export the agent again`)
}

/** The files beside the one `agent.json`, wherever in a repository it stands. */
function belowAgentFile(files: Files, path: string): Files {
  const roots = [...files.keys()]
    .filter((name) => /(?:^|\/)agent\.json$/.test(name))
    .map((name) => name.slice(0, -'agent.json'.length))
  const top = roots.sort((a, b) => a.length - b.length)[0]
  if (top === undefined)
    throw new AgentError(`${path} is no exported agent: it holds no agent.json (the format must be "JSON package")`)
  if (roots.some((root) => !root.startsWith(top)))
    throw new AgentError(`${path} holds several agents: name the folder of one, such as ${join(path, top)}`)
  if (top === '') return files
  return new Map(
    [...files].filter(([name]) => name.startsWith(top)).map(([name, file]) => [name.slice(top.length), file]),
  )
}

interface OpenFlow {
  flow: JsonMap | undefined
  readonly pages: (() => JsonMap)[]
  readonly groups: JsonMap[]
}

type Read = (folder: string, file: string, path: string, language: string) => void

class Export {
  readonly #files: Files
  readonly #progress: Progress
  #done = 0
  readonly #flows = new Map<string, OpenFlow>()
  readonly #entityTypes = new Map<string, JsonMap>()
  readonly #entities = new Map<string, readonly JsonMap[]>()
  readonly #lists = { groups: [] as JsonMap[], intents: [] as JsonMap[], webhooks: [] as JsonMap[] }

  constructor(files: Files, progress: Progress) {
    this.#files = files
    this.#progress = progress
  }

  read(): AgentContents {
    const agent = this.#parse('agent.json')
    const language = textAt(agent, 'defaultLanguageCode') ?? 'en'
    for (const path of this.#files.keys()) this.#readFile(path, language)
    for (const folder of this.#entities.keys()) if (!this.#entityTypes.has(folder)) lacking(`entityTypes/${folder}`)
    return {
      agent,
      ...this.#lists,
      flows: [...this.#flows].map(([folder, { flow, pages, groups }]) => ({
        flow: flow ?? lacking(`flows/${folder}`),
        pages: oneByOne(pages),
        groups,
      })),
      entityTypes: [...this.#entityTypes].map(([key, entityType]) => ({
        entityType,
        entities: this.#entities.get(key) ?? [],
      })),
    }
  }

  #readFile(path: string, language: string): void {
    for (const [pattern, read] of this.#readers) {
      const [, folder = '', file = folder] = pattern.exec(path) ?? []
      if (!folder) continue
      read(folder, file, path, language)
      return
    }
  }

  /** The layout of an export: what each file is, by its path. */
  readonly #readers: readonly (readonly [RegExp, Read])[] = [
    [
      /^flows\/([^/]+)\/pages\/([^/]+)\.json$/,
      (flow, file, path) => this.#flow(flow).pages.push(() => this.#named(path, file)),
    ],
    [
      /^flows\/([^/]+)\/transitionRouteGroups\/([^/]+)\.json$/,
      (flow, file, path) => this.#flow(flow).groups.push(this.#named(path, file)),
    ],
    [
      /^flows\/([^/]+)\/([^/]+)\.json$/,
      (flow, file, path) => {
        this.#flow(flow).flow = this.#named(path, file)
      },
    ],
    [/^intents\/[^/]+\/([^/]+)\.json$/, (file, _, path) => this.#lists.intents.push(this.#named(path, file))],
    [/^webhooks\/([^/]+)\.json$/, (file, _, path) => this.#lists.webhooks.push(this.#named(path, file))],
    [
      /^(?:agentTransitionRouteGroups|transitionRouteGroups)(?:\/[^/]+)?\/([^/]+)\.json$/,
      (file, _, path) => this.#lists.groups.push(this.#named(path, file)),
    ],
    [
      /^entityTypes\/([^/]+)\/entities\/([^/]+)\.json$/,
      (folder, language, path, wanted) =>
        language === wanted && this.#entities.set(folder, mapsAt(this.#parse(path), 'entities')),
    ],
    [
      /^entityTypes\/([^/]+)\/([^/]+)\.json$/,
      (folder, file, path) => this.#entityTypes.set(folder, this.#named(path, file)),
    ],
  ]

  #flow(folder = ''): OpenFlow {
    let flow = this.#flows.get(folder)
    if (!flow) {
      flow = { flow: undefined, pages: [], groups: [] }
      this.#flows.set(folder, flow)
    }
    return flow
  }

  /** Files are named after what they hold, percent-encoded; the name inside wins. */
  #named(path: string, fileName = ''): JsonMap {
    const resource = this.#parse(path)
    return displayNameOf(resource) ? resource : { ...resource, displayName: decodeName(fileName) }
  }

  #parse(path: string): JsonMap {
    let value: unknown
    const text = decode(this.#files.get(path)?.() ?? new Uint8Array(), path)
    try {
      value = JSON.parse(text)
    } catch {
      // The parser's message quotes the file.
      throw new AgentError(`${path} of the export is no JSON; export the agent again`)
    }
    this.#progress({ files: ++this.#done, of: this.#files.size })
    if (!isMap(value)) throw new AgentError(`${path} of the export is no JSON map; export the agent again`)
    return value
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function decode(bytes: Uint8Array, path: string): string {
  try {
    return UTF_8.decode(bytes)
  } catch {
    throw new AgentError(`${path} of the export is no text in UTF-8; export the agent again`)
  }
}

/** A folder with the parts of something, and not the thing itself. */
function lacking(folder: string): never {
  const file = `${folder}/${folder.slice(folder.indexOf('/') + 1)}.json`
  throw new AgentError(`${file} is missing in the export, and its parts are there; export the agent again`)
}

/** What functions give, asked for when it is wanted. */
const oneByOne = (make: readonly (() => JsonMap)[]): Iterable<JsonMap> => ({
  *[Symbol.iterator]() {
    for (const one of make) yield one()
  },
})

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

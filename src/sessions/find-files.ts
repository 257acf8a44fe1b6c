import { type Dirent, realpathSync, type Stats, statSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { compileGlob, fold } from '../core/policy.ts'

/** The sessions cannot be read at all, as opposed to some of them; the message is one line for people. */
export class SessionsError extends Error {}

/** Standard input, as a path. */
export const STANDARD_INPUT = '-'

const METADATA = /\.(?:json|jsonl|ndjson)(?:\.gz)?$/i

/**
 * The files that paths stand for, one by one: a file, a folder with all below it, or a glob with `*`, `?` and `**`; those of a folder by
 * their names, the same on every machine, before those of the folders in it. Throws a `SessionsError` where a path stands for none.
 */
export async function* findFiles(paths: readonly string[]): AsyncGenerator<string> {
  const kinds = paths.map((path) => [path, kindOf(path)] as const)
  for (const [path, kind] of kinds) {
    if (kind === 'file') {
      yield path
      continue
    }
    let none = true
    for await (const file of kind === 'folder' ? walk(path, ANY) : matching(path)) {
      none = false
      yield file
    }
    if (none) throw new SessionsError(noneIn(path, kind))
  }
}

type Kind = 'file' | 'folder' | 'glob'

function kindOf(path: string): Kind {
  try {
    return path === STANDARD_INPUT || !statSync(path).isDirectory() ? 'file' : 'folder'
  } catch (error) {
    if (/[*?]/.test(path)) return 'glob'
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new SessionsError(`there is no file or folder ${path}`)
    throw new SessionsError(`${path} cannot be read (${code})`)
  }
}

const noneIn = (path: string, kind: Kind): string =>
  kind === 'glob'
    ? `no file matches ${path}`
    : `${path} holds nothing to read: no *.json, *.jsonl, *.ndjson, and none of them with .gz; name files that are called otherwise, or a glob`

/** What may stand at each depth below a folder; `undefined` is any number of folders. */
type Steps = readonly (((name: string) => boolean) | undefined)[]

/** Names that begin with a dot are nobody's sessions, unless a glob begins so as well. */
const isShown = (name: string): boolean => !name.startsWith('.')
const isMetadata = (name: string): boolean => isShown(name) && METADATA.test(name)
const ANY: Steps = [undefined, isMetadata]

function matching(glob: string): AsyncGenerator<string> {
  const parts = glob.split(/[/\\]/).filter((part, index, all) => part !== '**' || all[index + 1] !== '**')
  const fixed = parts.findIndex((part) => /[*?]/.test(part))
  const steps = parts.slice(fixed).map((part) => {
    const matches = compileGlob(part)
    return part === '**' ? undefined : (name: string) => matches(fold(name)) && (isShown(name) || !isShown(part))
  })
  if (steps.at(-1) === undefined) steps.push(isMetadata)
  return walk(parts.slice(0, fixed).join(sep) || (glob.startsWith('/') ? '/' : '.'), steps)
}

/** What an entry of a folder is; a link is what it leads to, and one that leads nowhere is a file that cannot be read. */
function kindOfEntry(entry: Dirent, path: string): 'file' | 'folder' | undefined {
  const found = entry.isSymbolicLink() ? behindLink(path) : entry
  if (!found || found.isFile()) return 'file'
  // A pipe or a device might never end.
  return found.isDirectory() ? 'folder' : undefined
}

function behindLink(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** Folders that were gone into, the first one and linked ones, by their real paths and what is looked for below them. */
class Links {
  readonly #known = new Set<string>()

  constructor(folder: string, steps: Steps) {
    this.#add(realpathSync(folder), steps)
  }

  /** Whether a linked folder is gone into with all below it: once, and never where the link lies in it, which would not end. */
  take(link: string, steps: Steps): boolean {
    const target = realpathSync(link)
    return !`${realpathSync(dirname(link))}${sep}`.startsWith(`${target}${sep}`) && this.#add(target, steps)
  }

  #add(folder: string, steps: Steps): boolean {
    const before = this.#known.size
    return this.#known.add(`${steps.length} ${folder}`).size > before
  }
}

async function* walk(folder: string, steps: Steps, known?: Links): AsyncGenerator<string> {
  const files: string[] = []
  const folders: [name: string, steps: Steps][] = []
  const entries = await open(folder)
  const links = known ?? new Links(folder, steps)
  for await (const entry of entries) {
    const path = join(folder, entry.name)
    const kind = kindOfEntry(entry, path)
    const [first, second] = steps
    if (kind === 'folder' && first === undefined && isShown(entry.name))
      if (!entry.isSymbolicLink() || links.take(path, steps)) folders.push([entry.name, steps])
    const rest = first === undefined ? steps.slice(1) : steps
    const here = first ?? second
    if (!here?.(entry.name)) continue
    if (rest.length === 1 && kind === 'file') files.push(entry.name)
    else if (rest.length > 1 && kind === 'folder') folders.push([entry.name, rest.slice(1)])
  }
  for (const name of files.sort()) yield join(folder, name)
  for (const [name, rest] of folders.sort(byName)) yield* walk(join(folder, name), rest, links)
}

const byName = ([a]: readonly [string, Steps], [b]: readonly [string, Steps]): number => (a < b ? -1 : a > b ? 1 : 0)

async function open(folder: string): ReturnType<typeof opendir> {
  try {
    return await opendir(folder, { bufferSize: 1024 })
  } catch (error) {
    throw new SessionsError(`${folder} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

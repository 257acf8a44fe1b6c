import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, join, relative, resolve, sep } from 'node:path'

/** A file's bytes; `path` is relative to the folder of flow files, with `/` between its parts. */
export interface TextFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** What a folder of flow files holds; sorted by path, so that the order on disk never matters. */
export interface FlowFolder {
  readonly flows: readonly TextFile[]
  readonly policy: TextFile | undefined
  /** Where the policy is read from. */
  readonly policyPath: string
  /** Files that look like a policy and would not be read. */
  readonly misplacedPolicies: readonly string[]
}

/** The folder cannot be read at all, as opposed to holding mistakes. The message is for people. */
export class FolderError extends Error {}

const FLOW_FILE = /\.(?:ya?ml|json)$/i
const POLICY = /^policy\.(?:ya?ml|json)$/i
const NOT_FLOWS = /^(?:representatives\.yaml|.*\.schema\.json)$/i
const REPRESENTATIVES = 'representatives.yaml'

const SKIPPED = /^[._]|^node_modules$/

/** Whether the name of a file, with the folders on the way to it, makes it one that is read: flow file or policy. */
export function isReadFrom(path: string): boolean {
  const parts = path.split('/')
  return !parts.some((part) => part === '' || SKIPPED.test(part)) && isRead(basename(path))
}

const isRead = (name: string): boolean => FLOW_FILE.test(name) && !NOT_FLOWS.test(name)

/** Whether a file is called like a policy, which no flow file may be. */
export const isCalledPolicy = (path: string): boolean => POLICY.test(basename(path))

interface Found {
  readonly path: string
  readonly absolute: string
}

/** Reads every flow file below `folder`, and the policy: `policy.yaml` at its top, or `policyFile`. At once: a start waits for it. */
export function readFolder(
  folder: string,
  policyFile?: string,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): FlowFolder {
  const found = listFolder(folder)
  const policyAt = resolve(policyFile ?? join(folder, 'policy.yaml'))
  const isPolicy = ({ absolute }: Found): boolean => absolute === policyAt
  const flows = found.filter((file) => !isPolicy(file) && !isCalledPolicy(file.path))
  const misplaced = found.filter((file) => !isPolicy(file) && isCalledPolicy(file.path))
  const policyPath = toPosix(relative(resolve(folder), policyAt))
  const isNamed = policyFile !== undefined
  const policyAsFound = { path: policyPath, absolute: policyAt }
  const policy = isNamed || found.some(isPolicy) ? read(policyAsFound, isNamed ? NAMED : '') : undefined
  if (flows.length === 0 && !mayBeEmpty)
    throw new FolderError(`There is no flow file (*.yaml, *.yml, *.json) in ${folder}.`)
  return {
    flows: flows.map((file) => read(file)),
    policy,
    policyPath,
    misplacedPolicies: misplaced.map(({ path }) => path),
  }
}

/** How people are told who writes to them, at the folder's top; undefined where there is no such file. The webhook needs none. */
export function readRepresentatives(folder: string): TextFile | undefined {
  const file = representativesIn(folder)
  return existsSync(file.absolute) ? read(file) : undefined
}

const representativesIn = (folder: string): Found => ({
  path: REPRESENTATIVES,
  absolute: resolve(folder, REPRESENTATIVES),
})

/** Changes whenever a file of the folder does: names, sizes and times of all of them. */
export function fingerprint(folder: string, policyFile?: string): string {
  const all = listFolder(folder)
  if (policyFile) all.push({ path: policyFile, absolute: resolve(policyFile) })
  const representatives = representativesIn(folder)
  if (existsSync(representatives.absolute)) all.push(representatives)
  const lines = all.map(({ path, absolute }) => {
    const { mtimeMs, size, ino } = statSync(absolute)
    return `${path} ${size} ${mtimeMs} ${ino}`
  })
  return lines.join('\n')
}

function listFolder(folder: string): Found[] {
  const found: Found[] = []
  walk(resolve(folder), resolve(folder), new Set(), found)
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function walk(root: string, folder: string, visited: Set<string>, found: Found[]): void {
  try {
    const real = realpathSync(folder)
    if (visited.has(real)) return
    visited.add(real)
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const { name } = entry
      if (SKIPPED.test(name)) continue
      const absolute = join(folder, name)
      const info = entry.isFile() ? entry : statSync(absolute)
      if (info.isDirectory()) walk(root, absolute, visited, found)
      else if (isRead(name)) found.push({ path: toPosix(relative(root, absolute)), absolute })
    }
  } catch (error) {
    if (error instanceof FolderError) throw error
    throw new FolderError(problemWith(folder, folder === root, codeOf(error)))
  }
}

function problemWith(folder: string, isRoot: boolean, code: string): string {
  if (isRoot && code === 'ENOENT') return `There is no folder ${folder}: name the one that holds the flow files.`
  if (isRoot && code === 'ENOTDIR')
    return `${folder} is a file: name the folder that it lies in; all of its files are looked at.`
  return `The folder of flow files, ${folder}, cannot be read whole (${code}).`
}

const NAMED =
  " POLICY_FILE names it: set it to the policy's file, or leave it unset to go by the policy.yaml of the folder of flow files."

function read({ path, absolute }: Found, advice = ''): TextFile {
  try {
    // Reading a pipe would wait for somebody to write to it.
    if (!statSync(absolute).isFile()) throw new FolderError(`${absolute} is no file that can be read.${advice}`)
    return { path, bytes: readFileSync(absolute) }
  } catch (error) {
    if (error instanceof FolderError) throw error
    throw new FolderError(`${absolute} cannot be read (${codeOf(error)}).${advice}`)
  }
}

const toPosix = (path: string): string => path.split(sep).join('/')
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error'

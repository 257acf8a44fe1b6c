import { constants } from 'node:fs'
import { lstat, mkdir, open, readFile, realpath } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { BOM, hashOf, type Project } from './project.ts'
import type { SaveResult } from './protocol.ts'

/** What the page saves: `over` is the hash of the bytes that it knows, undefined for a file that is to be new. */
export interface Save {
  readonly path: string
  readonly text: string
  readonly over: string | undefined
}

/** Writes a flow file below the project's folder, unless other bytes stand there than the page knows. */
export async function saveFile(project: Project, { path, text, over }: Save): Promise<SaveResult> {
  if (!project.mayWrite(path)) return { refused: `${JSON.stringify(path)} is no flow file that the studio may write.` }
  const file = await placeInside(project.folder, path)
  if (file === undefined) return { refused: `${path} leads out of the folder of flow files, or nowhere.` }
  const now = await readIfThere(file)
  if ((now && hashOf(now)) !== over) return { conflict: now ? project.view({ path, bytes: now }) : null }
  const isMarked = now?.subarray(0, 3).equals(Buffer.from(BOM)) ?? false
  const bytes = Buffer.from(isMarked ? BOM + text : text)
  await write(file, bytes, over === undefined)
  return { saved: project.view({ path, bytes }) }
}

/** Where the file really lies, links followed; undefined where that is outside of the folder. */
async function placeInside(folder: string, path: string): Promise<string | undefined> {
  const root = await realpath(folder)
  const isInside = (place: string): boolean => place.startsWith(root.endsWith(sep) ? root : root + sep)
  const wanted = join(root, path)
  const existing = await realpath(wanted).catch(() => undefined)
  if (existing !== undefined) return isInside(existing) ? existing : undefined
  // A link to nowhere is no new file: it would be made where the link leads.
  if (await lstat(wanted).catch(() => undefined)) return undefined
  const parent = await realpath(dirname(wanted)).catch(() => undefined)
  if (parent === undefined) return undefined
  return parent === root || isInside(parent) ? join(parent, wanted.slice(dirname(wanted).length + 1)) : undefined
}

const readIfThere = (file: string): Promise<Buffer | undefined> =>
  readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** In place, so that mode and owner stay. A link that took the file's place meanwhile is not followed. */
async function write(file: string, bytes: Buffer, isNew: boolean): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW = 0 } = constants
  await mkdir(dirname(file), { recursive: true })
  const handle = await open(file, O_WRONLY | O_NOFOLLOW | (isNew ? O_CREAT | O_EXCL : O_TRUNC), 0o644)
  try {
    await handle.writeFile(bytes)
  } finally {
    await handle.close()
  }
}

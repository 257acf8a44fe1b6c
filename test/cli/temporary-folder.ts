import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after } from 'node:test'

export interface TemporaryFolder {
  readonly path: string
  /** Writes a file, with the folders that it needs, and gives its path. */
  readonly write: (name: string, content: unknown) => string
  /** A folder that holds one flow file. */
  readonly flow: (name: string, text: string) => string
}

/** A folder that is gone after the tests of the file that asked for it. */
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'carryover-'))
  after(() => rmSync(path, { recursive: true, force: true }))
  const write = (name: string, content: unknown): string => {
    const file = join(path, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }
  return { path, write, flow: (name, text) => dirname(write(`${name}/a.yaml`, text)) }
}

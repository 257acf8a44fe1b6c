import { createHash } from 'node:crypto'
import type { Configuration } from '../core/configuration.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import type { Example, Plan } from '../core/plan.ts'
import type { FlowFolder, TextFile } from './folder.ts'

/** What a folder of flow files comes to. `configuration` is there only where no diagnostic is an error. */
export interface Loaded {
  readonly configuration: Configuration | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** Every capture that could be read, those with mistakes too: to be looked at, not to be served. */
  readonly plans: readonly Plan[]
  readonly examples: readonly Example[]
  /** Every file that was parsed, for showing the lines that diagnostics point at. */
  readonly texts: ReadonlyMap<string, string>
  readonly files: number
}

export const filesOf = ({ policy, flows }: FlowFolder): readonly TextFile[] => (policy ? [policy, ...flows] : flows)

export function hashOf(folder: FlowFolder): string {
  const hash = createHash('sha256')
  for (const { path, bytes } of filesOf(folder)) hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  return hash.digest('hex')
}

export const textsOf = (files: readonly TextFile[]): Map<string, string> =>
  new Map(
    files.map(({ path, bytes }) => [
      path,
      Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    ]),
  )

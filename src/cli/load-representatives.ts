import { readRepresentatives } from '../config/folder.ts'
import { textsOf } from '../config/loaded.ts'
import { parseFile } from '../config/parse-file.ts'
import type { Diagnostic } from '../core/diagnostic.ts'
import { toData } from '../core/source.ts'
import { validate } from '../core/validate.ts'
import { type RepresentativesFile, representativesSchema } from '../representatives/representatives-file.ts'

/** representatives.yaml as it was read; `file` is there only where nothing is wrong with it. */
export interface LoadedRepresentatives {
  readonly file: RepresentativesFile | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly texts: ReadonlyMap<string, string>
}

/** Undefined where the folder has none. */
export function loadRepresentatives(folder: string): LoadedRepresentatives | undefined {
  const read = readRepresentatives(folder)
  if (!read) return undefined
  const texts = textsOf([read])
  const parsed = parseFile(read)
  if ('diagnostics' in parsed) return { file: undefined, diagnostics: parsed.diagnostics, texts }
  const { source, diagnostics } = validate(parsed.source, representativesSchema)
  return { file: diagnostics.length ? undefined : (toData(source.root) as RepresentativesFile), diagnostics, texts }
}

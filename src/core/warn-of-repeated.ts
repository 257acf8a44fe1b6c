import { type Compilation, textOf } from './compilation.ts'
import { itemsOf, type SourceNode } from './source.ts'
import { isSurface } from './surface.ts'

/** A surface that stands in a list twice. */
export function warnOfRepeated(work: Compilation, list: SourceNode | undefined): void {
  const seen = new Set<string>()
  for (const item of itemsOf(list)) {
    const word = textOf(item)
    if (word === undefined || !isSurface(word)) continue
    if (seen.has(word)) work.report('config/no-effect', item, { word, why: 'it stands in this list already' })
    seen.add(word)
  }
}

import { type Compilation, textOf } from './compilation.ts'
import { parseReferences } from './reference.ts'
import type { SourceNode } from './source.ts'
import { suggest } from './suggest.ts'

/** The words that the platform's documentation names; it may take others, so that only what is near one of these is told. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  action: ['escalation', 'direct', 'deflection', 'end'],
  escalation_reason: ['by_virtual_agent', 'by_consumer'],
  deflection_type: ['sip'],
}

/** A literal under a key of the platform that is nearly one of its words, or a queue that is no number. */
export function warnOfUnknownWord(work: Compilation, key: string, node: SourceNode | undefined): void {
  const word = textOf(node)
  if (!node || word === undefined || hasReference(word)) return
  const known = Object.hasOwn(WORDS, key) ? (WORDS[key] ?? []) : []
  const near = known.includes(word) ? [] : suggest(word, known)
  if (near.length || (key === 'menu_id' && !/^\d+$/.test(word)))
    work.report('action/unknown-word', node, { key, word, near })
}

function hasReference(text: string): boolean {
  const { parts, bad } = parseReferences(text)
  return bad.length > 0 || parts.some((part) => typeof part === 'object')
}

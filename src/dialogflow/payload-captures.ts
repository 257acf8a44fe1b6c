import type { MapEntry, SourceNode } from '../core/source.ts'

/** The smallest flow file around payloads, in which everything but them has no extent. */
export function asFlowFile(ujets: readonly SourceNode[]): SourceNode {
  const span = { start: 0, end: 0 }
  const text = (value: string): SourceNode => ({ kind: 'scalar', value, ...span })
  const entry = (key: string, value: SourceNode): MapEntry => ({ key, keySpan: span, value })
  const captures = ujets.map((ujet): SourceNode => {
    const { start, end } = ujet
    return { kind: 'map', start, end, entries: [entry('tag', text('payload')), entry('ujet', ujet)] }
  })
  const list: SourceNode = { kind: 'list', ...span, items: captures }
  return { kind: 'map', ...span, entries: [entry('flow', text('agent')), entry('captures', list)] }
}

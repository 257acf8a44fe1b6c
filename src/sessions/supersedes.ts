import type { Session } from './session.ts'

/**
 * Whether one export of a session is to be believed rather than another that was read before it: the one that was updated later, else
 * the final one, else the later one read. In SQL: the first row of each `key`, ordered by `updatedAtMs desc nulls last, isFinal desc
 * nulls last, position desc`; records without a key stand for themselves.
 */
export function supersedes(session: Export, earlier: Export): boolean {
  const [updated, before] = [session.updatedAtMs ?? -1, earlier.updatedAtMs ?? -1]
  if (updated !== before) return updated > before
  return Number(session.isFinal ?? -1) >= Number(earlier.isFinal ?? -1)
}

export type Export = Pick<Session, 'updatedAtMs' | 'isFinal'>

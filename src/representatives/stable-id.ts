import { createHash } from 'node:crypto'

/** A UUID (version 8) out of what it stands for: equal parts, equal id, whenever and wherever it is made. */
export function stableId(...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest()
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x80
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80
  const hex = digest.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

/** The Dialogflow session of a conversation: at most 36 characters, and fit for a log, which a channel's own id may not be. */
export const sessionIdOf = (conversationId: string): string => stableId('session', conversationId)

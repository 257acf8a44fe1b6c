import { createHash } from 'node:crypto'

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i
const SHA_256 = /^[\da-f]{64}$/

/**
 * One key for all forms of a conversation's id, which is the Dialogflow session's: our log has its SHA-256 where it is no UUID, since
 * anything could be in it; metadata and post events have the id itself.
 */
export function conversationKey(id: string): string {
  if (UUID.test(id)) return id.toLowerCase()
  return SHA_256.test(id) ? id : createHash('sha256').update(id).digest('hex')
}

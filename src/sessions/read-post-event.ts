import { type PostEvent, postEventSchema } from '../adapter/post-event.ts'
import { conversationKey } from './conversation.ts'

/** What a post event tells a join: of whom it is, and the names of what it carried. */
export interface PostedNames {
  /** See `conversationKey`; the first is of virtual agents with a conversation profile, the second of those without. */
  readonly conversations: readonly string[]
  /** `call 12345` */
  readonly session: string
  readonly names: readonly string[]
}

/** Reads an event as it was posted; undefined for everything else. */
export function readPostEvent(value: unknown): PostedNames | undefined {
  const parsed = postEventSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { data } = parsed.data
  const ids = [data.conversation_id, data.session_id].filter((id) => id !== undefined && id !== '')
  return {
    conversations: ids.map((id) => conversationKey(String(id))),
    session: data.call_id ? `call ${data.call_id}` : `chat ${data.chat_id}`,
    names: [...new Set(capturesOf(parsed.data).flatMap(({ variables }) => Object.keys(variables)))],
  }
}

const capturesOf = (event: PostEvent) => (event.type === 'Task_VA_Joined' ? [] : (event.data.captured_variables ?? []))

import { z } from 'zod'
import { isMap } from '../core/json.ts'

// The post events of virtual task assistants, field by field as the vendor shows them:
// https://docs.cloud.google.com/contact-center/ccai-platform/docs/post-events-for-vtas
// Its field lists and its samples disagree (`participant_id`), and it does not say which fields always come. Required is what an
// event would be useless without: its session, and in Task_VA_Variables_Received the variables. Fields that it does not name are kept.

/** Numbers and texts both occur: ids of the platform are numbers, those of Dialogflow and the times are texts. */
const id = z.union([z.number(), z.string()])
const text = z.string()
const map = z.custom<Record<string, unknown>>(isMap, { error: 'a map' })

const session = {
  /** One of these two names the session: a call, or a chat (SMS too). */
  call_id: id.optional(),
  chat_id: id.optional(),
  campaign_id: id.optional(),
  campaign_name: text.optional(),
  virtual_agent_id: id.optional(),
  virtual_agent_name: text.optional(),
  participant_id: id.optional(),
  /** Where the session came through a queue. */
  queue_id: id.optional(),
  queue_path: text.optional(),
  queue_language_id: text.optional(),
  /** Open-ended: `Messaging Inbound (SMS)`. */
  session_type: text.optional(),
  /** Where the virtual agent has a conversation profile. */
  conversation_id: id.optional(),
  /** Where it has none. */
  session_id: id.optional(),
  /** Seconds since 1970, as text. */
  timestamp: id.optional(),
  /** What the portal is configured to hand to the virtual agent. */
  data_parameters: map.optional(),
}

const namesSession = ({ call_id, chat_id }: { readonly call_id?: unknown; readonly chat_id?: unknown }): boolean =>
  Boolean(call_id || chat_id)
const UNNAMED = { error: 'a call_id or a chat_id' }

export const capturedVariablesSchema = z.looseObject({
  /** Null in each of the vendor's samples. */
  intent_name: text.nullable().optional(),
  variables: map,
  /** `2024-11-15 16:46:31 UTC` */
  captured_at: text.optional(),
  timestamp: id.optional(),
})

export const taskVaJoinedSchema = z.looseObject({
  type: z.literal('Task_VA_Joined'),
  data: z.looseObject(session).refine(namesSession, UNNAMED),
})

export const taskVaLeftSchema = z.looseObject({
  type: z.literal('Task_VA_Left'),
  data: z
    .looseObject({
      ...session,
      /** Words for people: `Task VA failed`. */
      finish_reason: text.optional(),
      /** All that was captured, though Task_VA_Variables_Received has brought it before. */
      captured_variables: z.array(capturedVariablesSchema).optional(),
    })
    .refine(namesSession, UNNAMED),
})

export const taskVaVariablesReceivedSchema = z.looseObject({
  type: z.literal('Task_VA_Variables_Received'),
  data: z
    .looseObject({ ...session, captured_variables: z.array(capturedVariablesSchema) })
    .refine(namesSession, UNNAMED),
})

export const postEventSchema = z.discriminatedUnion('type', [
  taskVaJoinedSchema,
  taskVaLeftSchema,
  taskVaVariablesReceivedSchema,
])

export type CapturedVariables = z.infer<typeof capturedVariablesSchema>
export type TaskVaJoined = z.infer<typeof taskVaJoinedSchema>
export type TaskVaLeft = z.infer<typeof taskVaLeftSchema>
export type TaskVaVariablesReceived = z.infer<typeof taskVaVariablesReceivedSchema>
export type PostEvent = z.infer<typeof postEventSchema>

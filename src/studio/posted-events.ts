import { variablesReceived } from '../adapter/captured-variables.ts'
import type { JsonMap } from '../core/json.ts'
import type { PostedEvent } from './protocol.ts'

/** A made-up session: what the platform tells of it, field by field as its samples do. */
const SESSION = {
  call_id: 1418,
  virtual_agent_id: 7,
  virtual_agent_name: 'Virtual task assistant',
  participant_id: 3,
  session_type: 'Voice Inbound (IVR)',
  session_id: 'example-session',
}

/** What the adapter would post to the page around it, were this the answer of a virtual task assistant. */
export function postedEvents(ujets: readonly JsonMap[], at: Date): PostedEvent[] {
  const data = { ...SESSION, timestamp: String(Math.floor(at.getTime() / 1000)) }
  const received = variablesReceived(ujets, data, at)
  const captured = received ? { captured_variables: received.data.captured_variables } : {}
  return [
    { label: 'Joined', event: { type: 'Task_VA_Joined', data } },
    ...(received ? [{ label: 'Variables received', event: { ...received } }] : []),
    {
      label: 'Left',
      event: { type: 'Task_VA_Left', data: { ...data, finish_reason: 'Task VA finished', ...captured } },
    },
  ]
}

/*! listenToVirtualAgent, of Carryover. Apache-2.0 */
import type { PostEvent, TaskVaJoined, TaskVaLeft, TaskVaVariablesReceived } from './post-event.ts'

// This module goes to browsers as it is: it imports nothing at run time, and is held to 2 kB.

/** What is needed of a `Window`; named here so that nobody needs the browser's types to know ours. */
export interface MessageWindow {
  addEventListener(type: 'message', listener: (message: Message) => void): void
  removeEventListener(type: 'message', listener: (message: Message) => void): void
  reportError?(error: unknown): void
}

interface Message {
  readonly origin: string
  readonly data: unknown
}

export interface ListenOptions {
  /** The adapter's origin, whole: `https://example.com`. Messages of all others are left alone, and not looked at. */
  readonly origin: string
  onJoined?(event: TaskVaJoined): void
  /** Variables come here first, and all of them once more with `onLeft`. */
  onVariables?(event: TaskVaVariablesReceived): void
  onLeft?(event: TaskVaLeft): void
  /** Everything else that the adapter posts: its other events, and those whose fields are not as documented. */
  onUnknown?(message: unknown): void
}

/**
 * Calls back for each post event of a virtual task assistant, until the function that it returns is called. No message makes it
 * throw, and an error in a callback is reported as any uncaught error is. Throws a TypeError where `origin` is not exactly one.
 */
export function listenToVirtualAgent(window: MessageWindow, options: ListenOptions): () => void {
  const origin = exactOrigin(options.origin)
  const listener = (message: Message): void => {
    const received = readMessage(message, origin)
    if (!received) return
    try {
      // The callback's name and the event's type come from the same row of EVENTS.
      options[callbackFor(received.data)]?.(received.data as never)
    } catch (error) {
      report(error, window)
    }
  }
  window.addEventListener('message', listener)
  return () => window.removeEventListener('message', listener)
}

function exactOrigin(origin: string): string {
  let known = ''
  try {
    const whole = new URL(origin).origin
    // A star may stand in a host name, and would fit no adapter.
    if (/^https?:[^*]+$/.test(whole)) known = whole
  } catch {}
  if (known && known === origin) return origin
  throw new TypeError(
    `origin must be exactly the adapter's: scheme and host as in "https://example.com", no path, never "*"${known && `; did you mean "${known}"?`}`,
  )
}

/** More than any event: longer texts are not parsed. */
const MAX_TEXT = 2 ** 20

/** What our adapter posted; the platform does not say whether as an object or as JSON text. */
function readMessage(message: Message, origin: string): { readonly data: unknown } | undefined {
  try {
    if (message.origin !== origin) return
    const { data } = message
    return { data: isText(data) && data.length <= MAX_TEXT ? fromJson(data) : data }
  } catch {
    // Nothing that a browser delivers: an object made up by a script of the page.
    return
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function report(error: unknown, window: MessageWindow): void {
  if (window.reportError) window.reportError(error)
  else
    setTimeout(() => {
      throw error
    })
}

// ---- the schemas of post-event.ts once more, in few bytes: a test holds the two against each other

type Callback = 'onJoined' | 'onVariables' | 'onLeft' | 'onUnknown'
type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, Check>>

const isText = (value: unknown): value is string => typeof value === 'string'
const isId: Check = (value) => isText(value) || Number.isFinite(value)
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const fits = (value: unknown, fields: Fields): boolean =>
  isMap(value) && Object.entries(fields).every(([name, check]) => check(value[name]))
const each = (names: string, check: Check): Fields =>
  Object.fromEntries(names.split(' ').map((name) => [name, optional(check)]))

const SESSION: Fields = {
  ...each('call_id chat_id campaign_id virtual_agent_id participant_id queue_id', isId),
  ...each('conversation_id session_id timestamp', isId),
  ...each('campaign_name virtual_agent_name queue_path queue_language_id session_type', isText),
  ...each('data_parameters', isMap),
}
const CAPTURED: Fields = {
  ...each('intent_name', (value) => value === null || isText(value)),
  ...each('captured_at', isText),
  ...each('timestamp', isId),
  variables: isMap,
}
// Spread, since `every` passes holes by.
const areCaptured: Check = (value) => Array.isArray(value) && [...value].every((entry) => fits(entry, CAPTURED))

const EVENTS: Readonly<Record<PostEvent['type'], readonly [Callback, Fields]>> = {
  Task_VA_Joined: ['onJoined', SESSION],
  Task_VA_Left: [
    'onLeft',
    { ...SESSION, ...each('finish_reason', isText), ...each('captured_variables', areCaptured) },
  ],
  Task_VA_Variables_Received: ['onVariables', { ...SESSION, captured_variables: areCaptured }],
}

const isType = (type: unknown): type is PostEvent['type'] => isText(type) && Object.hasOwn(EVENTS, type)

function callbackFor(message: unknown): Callback {
  try {
    const { type, data } = message as {
      readonly type?: unknown
      readonly data?: { call_id?: unknown; chat_id?: unknown }
    }
    if (isType(type)) {
      const [callback, fields] = EVENTS[type]
      if (fits(data, fields) && (data?.call_id || data?.chat_id)) return callback
    }
  } catch {
    // Null, or an object whose fields cannot be read.
  }
  return 'onUnknown'
}

// What `carryover/adapter` exports. package.json declares it free of side effects, so that a page's bundler keeps the listener alone.
export { capturedVariables, variablesReceived } from './captured-variables.ts'
export { type ListenOptions, listenToVirtualAgent, type MessageWindow } from './listen-to-virtual-agent.ts'
export {
  type CapturedVariables,
  capturedVariablesSchema,
  type PostEvent,
  postEventSchema,
  type TaskVaJoined,
  type TaskVaLeft,
  type TaskVaVariablesReceived,
  taskVaJoinedSchema,
  taskVaLeftSchema,
  taskVaVariablesReceivedSchema,
} from './post-event.ts'

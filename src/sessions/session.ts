import type { JsonMap } from '../core/json.ts'

/**
 * One session metadata record in plain words: times in milliseconds since 1970 (`…AtMs`), durations in seconds, ids as text,
 * words in lower case with `_`. What the record does not say is undefined; a list that it does not have is empty.
 */
export interface Session {
  /** Names the session among all others, `call 12345`; undefined where the record has neither id nor uuid. */
  readonly key: string | undefined
  readonly kind: SessionKind | undefined
  readonly id: string | undefined
  readonly uuid: string | undefined
  readonly language: string | undefined
  readonly type: SessionType | undefined
  readonly status: Status | undefined
  readonly subStatus: string | undefined
  readonly createdAtMs: number | undefined
  readonly queuedAtMs: number | undefined
  readonly assignedAtMs: number | undefined
  readonly connectedAtMs: number | undefined
  readonly virtualAgentAssignedAtMs: number | undefined
  readonly virtualAgentConnectedAtMs: number | undefined
  readonly endedAtMs: number | undefined
  readonly scheduledAtMs: number | undefined
  readonly updatedAtMs: number | undefined
  /** How far the clock of the record's times is ahead of UTC: hours of the day are this clock's. Undefined where it has a date alone. */
  readonly utcOffsetMinutes: number | undefined
  /** Whether this is the second export, after wrap-up and survey; undefined where the record's times do not tell. */
  readonly isFinal: boolean | undefined
  readonly waitSeconds: number | undefined
  /** Of the call or the chat. */
  readonly durationSeconds: number | undefined
  readonly holdSeconds: number | undefined
  readonly virtualAgentWaitSeconds: number | undefined
  readonly messageCount: number | undefined
  readonly answerType: string | undefined
  readonly failReason: string | undefined
  readonly failDetails: string | undefined
  readonly disconnectedBy: string | undefined
  readonly deflection: string | undefined
  readonly deflections: readonly Deflection[]
  readonly voicemailReason: string | undefined
  readonly automationRedirection: string | undefined
  /** Satisfaction, 1 to 4 (5 has been seen); `feedback` is the caller's own words. */
  readonly rating: number | undefined
  readonly feedback: string | undefined
  /** In E.164. */
  readonly supportNumber: string | undefined
  readonly outboundNumber: string | undefined
  readonly customerNumber: string | undefined
  readonly endUser: EndUser | undefined
  readonly ticketId: string | undefined
  readonly ticketUrl: string | undefined
  readonly recordingPermission: string | undefined
  readonly recordingUrl: string | undefined
  /** 1 to 8. */
  readonly queuePriority: number | undefined
  readonly menu: MenuPath | undefined
  readonly selectedMenu: MenuPath | undefined
  /** Who handled the session last. */
  readonly agent: Agent | undefined
  readonly smartActions: SmartActions
  readonly dispositionCodes: readonly string[]
  readonly dispositionNotes: readonly string[]
  readonly smsDuringCall: readonly string[]
  readonly smsWhileWaiting: readonly string[]
  /** Of the record itself: participants have their own. */
  readonly sipHeaders: JsonMap | undefined
  readonly virtualAgentHandles: readonly VirtualAgentHandle[]
  readonly deflectedEscalations: readonly DeflectedEscalation[]
  readonly participants: readonly Participant[]
  /** What human agents did, wrap-up included. */
  readonly handles: readonly Handle[]
  readonly queueWaits: readonly QueueWait[]
  readonly consumerHandles: readonly ConsumerHandle[]
  readonly menuVisits: readonly ConsumerEvent[]
  readonly consumerEvents: readonly ConsumerEvent[]
  readonly transfers: readonly Transfer[]
  readonly recordings: readonly Recording[]
  /** The record as it stands in the file, without the `call` or `chat` around it: all of its keys, known or not. */
  readonly record: JsonMap
}

export type SessionKind = 'call' | 'chat'

export interface SessionType {
  /** As the file spells it. */
  readonly original: string
  /** One spelling for all that differ in nothing else: `voice inbound (ivr by mobile)`. */
  readonly group: string
}

/** By number and word, where the vendor lists both; else as the file has it. */
export interface Status {
  readonly number: number | undefined
  readonly word: string
}

/** A queue's place in the tree of queues. */
export interface MenuPath {
  /** `Main Menu/Billing` */
  readonly names: string | undefined
  /** `2420/4563` */
  readonly ids: string | undefined
}

export interface Agent {
  readonly kind: 'human' | 'virtual_agent'
  readonly id: string | undefined
  readonly name: string | undefined
  readonly email: string | undefined
  readonly number: string | undefined
  readonly alias: string | undefined
}

/** The person, as the contact centre and its CRM know them. */
export interface EndUser {
  readonly id: string | undefined
  readonly identifier: string | undefined
  readonly contactId: string | undefined
}

export interface SmartActions {
  /** Whether the person was verified, in the file's word. */
  readonly verified: string | undefined
  readonly photos: readonly Upload[]
  readonly videos: readonly Upload[]
  readonly texts: readonly string[]
}

export interface Upload {
  readonly id: string | undefined
  readonly type: string | undefined
  readonly url: string | undefined
}

/** A stretch of a session. */
export interface Stretch {
  readonly startedAtMs: number | undefined
  readonly endedAtMs: number | undefined
}

interface InMenu {
  readonly menu: MenuPath | undefined
  readonly language: string | undefined
}

interface AfterTransfer {
  readonly isTransfer: boolean | undefined
  readonly transferId: string | undefined
}

export interface VirtualAgentHandle extends Stretch, InMenu, AfterTransfer {
  readonly id: string | undefined
  readonly virtualAgent: Agent | undefined
  readonly durationSeconds: number | undefined
  readonly escalationReason: string | undefined
  readonly finishReason: string | undefined
  /** 0 to 100. */
  readonly sentiment: number | undefined
  readonly responseCount: number | undefined
  readonly fallbackResponseCount: number | undefined
  readonly initiatedBy: string | undefined
}

/** A virtual agent's escalation that the queue turned away. */
export interface DeflectedEscalation extends InMenu {
  readonly id: string | undefined
  readonly virtualAgent: Agent | undefined
  readonly escalatedAtMs: number | undefined
  readonly deflection: string | undefined
  readonly escalationId: string | undefined
  readonly escalationReason: string | undefined
}

export interface Deflection {
  readonly id: string | undefined
  readonly deflection: string | undefined
  readonly transferId: string | undefined
  readonly from: MenuPath | undefined
}

/** One joining; who joins again is a participant again, so that participants are not to be counted. */
export interface Participant {
  readonly id: string | undefined
  /** `agent`, `end_user`, `virtual_agent`, `task_virtual_agent` and others. */
  readonly type: string | undefined
  readonly entryType: string | undefined
  readonly userId: string | undefined
  readonly endUserId: string | undefined
  readonly virtualAgentId: string | undefined
  /** The Dialogflow session's id: the last part of the webhook's `sessionInfo.session`. */
  readonly conversationId: string | undefined
  /** The data parameters that were handed to a virtual agent. */
  readonly parameters: JsonMap | undefined
  readonly sipHeaders: JsonMap | undefined
  readonly status: string | undefined
  readonly failReason: string | undefined
  readonly name: string | undefined
  readonly email: string | undefined
  readonly phoneNumber: string | undefined
  readonly connectedAtMs: number | undefined
  readonly endedAtMs: number | undefined
  readonly durationSeconds: number | undefined
  readonly holdSeconds: number | undefined
}

export interface Handle extends Stretch, InMenu, AfterTransfer {
  readonly id: string | undefined
  readonly agentId: string | undefined
  readonly durationSeconds: number | undefined
  readonly holdSeconds: number | undefined
  /** Wrap-up. */
  readonly afterCallSeconds: number | undefined
  readonly beforeCallSeconds: number | undefined
  readonly responseSeconds: number | undefined
}

export interface QueueWait extends Stretch, InMenu, AfterTransfer {
  readonly id: string | undefined
  readonly agentId: string | undefined
  readonly durationSeconds: number | undefined
  readonly isColdTransfer: boolean | undefined
  /** `in_sla` and others. */
  readonly serviceLevel: string | undefined
}

export interface ConsumerHandle extends Stretch {
  readonly durationSeconds: number | undefined
  readonly holdSeconds: number | undefined
  readonly messageCount: number | undefined
  readonly responseCount: number | undefined
  readonly responseTotalSeconds: number | undefined
  readonly responseMaxSeconds: number | undefined
  readonly responseSeconds: number | undefined
}

/** Of the person: in the menu, in a survey. */
export interface ConsumerEvent extends Stretch, InMenu {
  readonly id: string | undefined
  readonly type: string | undefined
  readonly event: string | undefined
  readonly durationSeconds: number | undefined
}

export interface Transfer {
  readonly id: string | undefined
  readonly status: string | undefined
  readonly failReason: string | undefined
  readonly createdAtMs: number | undefined
  readonly assignedAtMs: number | undefined
  readonly connectedAtMs: number | undefined
  readonly startedAtMs: number | undefined
  readonly updatedAtMs: number | undefined
  readonly durationSeconds: number | undefined
  readonly waitSeconds: number | undefined
  readonly deflection: string | undefined
  /** `manual_to_manual` */
  readonly answerTypePath: string | undefined
  readonly from: Agent | undefined
  readonly to: Agent | undefined
  readonly fromMenu: MenuPath | undefined
  readonly toMenu: MenuPath | undefined
}

export interface Recording extends Stretch {
  readonly id: string | undefined
  readonly callId: string | undefined
  readonly conferenceId: string | undefined
  readonly type: string | undefined
  readonly durationSeconds: number | undefined
  readonly redactions: readonly Redaction[]
}

export interface Redaction extends Stretch {
  readonly durationSeconds: number | undefined
}

import type { RecordKey } from './read-record.ts'
import type { Session, Stretch } from './session.ts'

/** The tables that `report.sql` reads, with the types of their columns; `record` is made of `record_row` by the time zone. */
export const REPORT_TABLES = {
  record_row: {
    number: 'INTEGER',
    session_key: 'VARCHAR',
    updated: 'DOUBLE',
    is_final: 'BOOLEAN',
    began: 'DOUBLE',
    utc_offset: 'DOUBLE',
    type: 'VARCHAR',
    status: 'VARCHAR',
    answer_type: 'VARCHAR',
    duration: 'DOUBLE',
    wait: 'DOUBLE',
    hold: 'DOUBLE',
    rating: 'DOUBLE',
  },
  deflected: { number: 'INTEGER', deflection: 'VARCHAR' },
  queue_wait: { number: 'INTEGER', queue_path: 'VARCHAR', duration: 'DOUBLE' },
  bot_part: {
    number: 'INTEGER',
    part: 'INTEGER',
    virtual_agent: 'VARCHAR',
    finish_reason: 'VARCHAR',
    escalation_reason: 'VARCHAR',
    started: 'DOUBLE',
    ended: 'DOUBLE',
    duration: 'DOUBLE',
    responses: 'DOUBLE',
    fallbacks: 'DOUBLE',
  },
  human_part: { number: 'INTEGER', started: 'DOUBLE' },
} as const

/** What of a record the rows are made of. */
export const REPORT_KEYS: readonly RecordKey[] = [
  ...(['id', 'call_uuid', 'chat_uuid', 'session_type_v2', 'call_type', 'chat_type', 'session_type', 'status'] as const),
  ...(['created_at', 'queued_at', 'ends_at', 'ended_at', 'updated_at', 'answer_type', 'rating'] as const),
  ...(['wait_duration', 'call_duration', 'chat_duration', 'hold_duration'] as const),
  ...(['deflection', 'deflection_details', 'transfers', 'virtual_agent_deflected_escalations'] as const),
  ...(['virtual_agent_handle_durations', 'queue_durations', 'handle_durations'] as const),
]

export type ReportTable = keyof typeof REPORT_TABLES
type ValueOf<Type> = (Type extends 'VARCHAR' ? string : Type extends 'BOOLEAN' ? boolean : number) | undefined
export type ReportRow<Table extends ReportTable> = {
  readonly [Column in keyof (typeof REPORT_TABLES)[Table]]: ValueOf<(typeof REPORT_TABLES)[Table][Column]>
}

/** What one record adds to each table; `number` is its place among all that were read. */
export const rowsOf = (
  session: Session,
  number: number,
): { readonly [Table in ReportTable]: readonly ReportRow<Table>[] } => ({
  record_row: [
    {
      number,
      session_key: session.key,
      updated: session.updatedAtMs,
      is_final: session.isFinal,
      began: session.createdAtMs ?? session.queuedAtMs ?? session.endedAtMs,
      utc_offset: session.utcOffsetMinutes,
      type: session.type?.group,
      status: session.status?.word,
      answer_type: session.answerType,
      duration: session.durationSeconds,
      wait: session.waitSeconds,
      hold: session.holdSeconds,
      rating: session.rating,
    },
  ],
  deflected: deflectionsOf(session).map((deflection) => ({ number, deflection })),
  queue_wait: session.queueWaits.map(({ menu, durationSeconds, ...stretch }) => ({
    number,
    queue_path: menu?.names ?? menu?.ids,
    duration: durationSeconds ?? secondsOf(stretch),
  })),
  bot_part: session.virtualAgentHandles.map((handle, part) => ({
    number,
    part,
    virtual_agent: handle.virtualAgent?.name ?? handle.virtualAgent?.alias ?? handle.virtualAgent?.id,
    finish_reason: handle.finishReason,
    escalation_reason: handle.escalationReason,
    ...timesOf(handle, handle.durationSeconds),
    responses: handle.responseCount,
    fallbacks: handle.fallbackResponseCount,
  })),
  human_part: session.handles.map(({ startedAtMs }) => ({ number, started: startedAtMs })),
})

/** Each kind that the session met; where it was met does not matter. */
function deflectionsOf({ deflection, deflections, deflectedEscalations, transfers }: Session): string[] {
  const all = [...deflections, ...deflectedEscalations, ...transfers].map((one) => one.deflection)
  return [...new Set([deflection, ...all])].filter((one) => one !== undefined)
}

const secondsOf = ({ startedAtMs, endedAtMs }: Stretch): number | undefined =>
  startedAtMs === undefined || endedAtMs === undefined ? undefined : (endedAtMs - startedAtMs) / 1000

/** Two of beginning, end and duration give the third. */
function timesOf({ startedAtMs, endedAtMs }: Stretch, durationSeconds: number | undefined) {
  const ms = durationSeconds === undefined ? undefined : durationSeconds * 1000
  return {
    started: startedAtMs ?? (endedAtMs === undefined || ms === undefined ? undefined : endedAtMs - ms),
    ended: endedAtMs ?? (startedAtMs === undefined || ms === undefined ? undefined : startedAtMs + ms),
    duration: durationSeconds ?? secondsOf({ startedAtMs, endedAtMs }),
  }
}

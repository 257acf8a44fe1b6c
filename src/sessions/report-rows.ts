import type { RecordKey } from './read-record.ts'
import type { Session, Stretch, VirtualAgentHandle } from './session.ts'

type ColumnType = 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'VARCHAR'
type ColumnValue = string | number | boolean | null

/** A column, and its value in the row of an item: `number` is that of the session's record, `part` the item's place in it. */
type Column<T> = readonly [
  type: ColumnType,
  of: (item: T, number: number, part: number, session: Session) => ColumnValue | undefined,
]

/** A table that `report.sql` reads, and what a session adds to it. */
export interface ReportTable {
  readonly name: string
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly rowsOf: (session: Session, number: number) => readonly (readonly ColumnValue[])[]
}

function table<T>(
  name: string,
  itemsOf: (session: Session) => readonly T[],
  columns: Readonly<Record<string, Column<T>>>,
): ReportTable {
  const types = Object.entries(columns).map(([column, [type]]) => [column, type])
  const values = Object.values(columns).map(([, of]) => of)
  return {
    name,
    columns: Object.fromEntries(types),
    rowsOf: (session, number) =>
      itemsOf(session).map((item, part) => values.map((of) => of(item, number, part, session) ?? null)),
  }
}

const NUMBER: Column<unknown> = ['INTEGER', (_, number) => number]

/** `began` and `utc_offset` become day and hour. */
export const REPORT_TABLES: readonly ReportTable[] = [
  table('undated_record', (session) => [session], {
    number: NUMBER,
    session_key: ['VARCHAR', ({ key }) => key],
    updated: ['DOUBLE', ({ updatedAtMs }) => updatedAtMs],
    is_final: ['BOOLEAN', ({ isFinal }) => isFinal],
    began: ['DOUBLE', ({ createdAtMs, queuedAtMs, endedAtMs }) => createdAtMs ?? queuedAtMs ?? endedAtMs],
    utc_offset: ['DOUBLE', ({ utcOffsetMinutes }) => utcOffsetMinutes],
    type: ['VARCHAR', ({ type }) => type?.group],
    status: ['VARCHAR', ({ status }) => status?.word],
    answer_type: ['VARCHAR', ({ answerType }) => answerType],
    duration: ['DOUBLE', ({ durationSeconds }) => durationSeconds],
    wait: ['DOUBLE', ({ waitSeconds }) => waitSeconds],
    hold: ['DOUBLE', ({ holdSeconds }) => holdSeconds],
    rating: ['DOUBLE', ({ rating }) => rating],
    bot: ['BOOLEAN', ({ virtualAgentHandles }) => virtualAgentHandles.length > 0],
    human: ['BOOLEAN', ({ handles }) => handles.length > 0],
  }),
  table('deflected', deflectionsOf, { number: NUMBER, deflection: ['VARCHAR', (deflection) => deflection] }),
  table('queue_wait', ({ queueWaits }) => queueWaits, {
    number: NUMBER,
    queue_path: ['VARCHAR', ({ menu }) => menu?.names ?? menu?.ids],
    duration: ['DOUBLE', (wait) => wait.durationSeconds ?? secondsOf(wait)],
  }),
  table('bot_part', ({ virtualAgentHandles }) => virtualAgentHandles, {
    number: NUMBER,
    virtual_agent: ['VARCHAR', ({ virtualAgent }) => virtualAgent?.name ?? virtualAgent?.alias ?? virtualAgent?.id],
    finish_reason: ['VARCHAR', ({ finishReason }) => finishReason],
    escalation_reason: ['VARCHAR', ({ escalationReason }) => escalationReason],
    ended: ['DOUBLE', endOf],
    duration: ['DOUBLE', (handle) => handle.durationSeconds ?? secondsOf(handle)],
    responses: ['DOUBLE', ({ responseCount }) => responseCount],
    fallbacks: ['DOUBLE', ({ fallbackResponseCount }) => fallbackResponseCount],
    human_started: ['DOUBLE', (handle, _, __, { handles }) => humanAfter(handle, handles)],
  }),
]

/** What of a record the rows are made of. */
export const REPORT_KEYS: readonly RecordKey[] = [
  ...(['id', 'call_uuid', 'chat_uuid', 'session_type_v2', 'call_type', 'chat_type', 'session_type', 'status'] as const),
  ...(['created_at', 'queued_at', 'ends_at', 'ended_at', 'updated_at', 'answer_type', 'rating'] as const),
  ...(['wait_duration', 'call_duration', 'chat_duration', 'hold_duration'] as const),
  ...(['deflection', 'deflection_details', 'transfers', 'virtual_agent_deflected_escalations'] as const),
  ...(['virtual_agent_handle_durations', 'queue_durations', 'handle_durations'] as const),
]

/** Each kind that the session met, wherever it met it; that it met none is a word of the platform too. */
function deflectionsOf({ deflection, deflections, deflectedEscalations, transfers }: Session): string[] {
  const all = [deflection, ...[...deflections, ...deflectedEscalations, ...transfers].map((one) => one.deflection)]
  return [...new Set(all.filter((one) => one !== undefined))].filter((one) => one !== 'no_deflection')
}

const secondsOf = ({ startedAtMs, endedAtMs }: Stretch): number | undefined =>
  startedAtMs === undefined || endedAtMs === undefined ? undefined : (endedAtMs - startedAtMs) / 1000

/** When the first of the humans came who began after the virtual agent did; in milliseconds since 1970. */
function humanAfter(bot: VirtualAgentHandle, humans: readonly Stretch[]): number | undefined {
  const start = startOf(bot)
  if (start === undefined) return
  let first = Infinity
  for (const { startedAtMs = Infinity } of humans) if (startedAtMs >= start && startedAtMs < first) first = startedAtMs
  return first === Infinity ? undefined : first
}

// Two of beginning, end and duration give the third.

function startOf({ startedAtMs, endedAtMs, durationSeconds }: VirtualAgentHandle): number | undefined {
  if (startedAtMs !== undefined) return startedAtMs
  return endedAtMs === undefined || durationSeconds === undefined ? undefined : endedAtMs - durationSeconds * 1000
}

function endOf({ startedAtMs, endedAtMs, durationSeconds }: VirtualAgentHandle): number | undefined {
  if (endedAtMs !== undefined) return endedAtMs
  return startedAtMs === undefined || durationSeconds === undefined ? undefined : startedAtMs + durationSeconds * 1000
}

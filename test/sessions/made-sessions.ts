import type { JsonMap } from '../../src/core/json.ts'
import { Random } from './random.ts'

// Session metadata records as the platform writes them, made up: the same ones for the same seed. All that the tests of sessions,
// the report's and the benchmark share.

export interface Exports {
  /** When the session ended, without wrap-up and survey. */
  readonly first: JsonMap
  /** 15 to 20 minutes later. */
  readonly final: JsonMap
}

export interface MadeOptions {
  readonly seed?: number
  /** Of the first session; milliseconds since 1970. */
  readonly from?: number
  /** Over how long sessions begin. */
  readonly days?: number
}

/** `count` sessions, one by one, in the order of their ids. */
export function* madeSessions(count: number, options: MadeOptions = {}): Generator<Exports> {
  const { seed = 1, from = Date.UTC(2026, 8, 1, 5), days = 30 } = options
  const random = new Random(seed)
  for (let index = 0; index < count; index++) {
    const startedAt = from + Math.floor((index / count) * days * 86_400_000) + random.int(0, 600_000)
    yield new MadeSession(random, 1000 + index, startedAt).exports()
  }
}

/** The final exports alone. */
export function* finalRecords(count: number, options: MadeOptions = {}): Generator<JsonMap> {
  for (const { final } of madeSessions(count, options)) yield final
}

const CALL_TYPES = ['Voice Inbound (IVR)', 'Voice Inbound', 'Voice Inbound (Mobile)', 'Voice Callback (Web)'] as const
const CHAT_TYPES = ['Messaging (Web)', 'Messaging Inbound (SMS)', 'Messaging (WhatsApp)'] as const
const QUEUES = [
  { id: 4, path: '4', name: 'Travel/Groups' },
  { id: 8, path: '6/8', name: 'Billing/Refunds' },
  { id: 30, path: '30', name: 'Main Menu' },
] as const
const BOTS = [
  { id: 6, name: 'Trip assistant', va_alias: 'trips' },
  { id: 15, name: 'Billing assistant', va_alias: null },
] as const
const AGENTS = [
  { id: 5, name: 'Ada Example', email: 'ada@example.com' },
  { id: 7, name: 'Ben Example', email: 'ben@example.com' },
] as const

type Queue = (typeof QUEUES)[number]

const SIP_HEADERS = { 'P-Attestation-Indicator': 'A', 'P-Origination-ID': '00000000-0000-4000-8000-000000000001' }

const iso = (ms: number, offsetHours = 3): string =>
  `${new Date(ms + offsetHours * 3_600_000).toISOString().slice(0, -1)}+${String(offsetHours).padStart(2, '0')}:00`

/** One session, told in the order in which things happen. */
class MadeSession {
  readonly #random: Random
  readonly #id: number
  readonly #kind: 'call' | 'chat'
  readonly #startedAt: number
  readonly #queue: Queue
  readonly #lists: Record<string, JsonMap[]> = {}
  readonly #root: JsonMap = {}
  #now: number

  constructor(random: Random, id: number, startedAt: number) {
    this.#random = random
    this.#id = id
    this.#kind = random.chance(0.6) ? 'call' : 'chat'
    this.#startedAt = startedAt
    this.#now = startedAt
    this.#queue = random.pick(QUEUES)
  }

  exports(): Exports {
    this.#join('end_user', { end_user_id: 4000 + this.#id, phone_number: '+12025550142' })
    if (this.#kind === 'call') this.#browseMenu()
    const outcome = this.#random.pick([
      'bot',
      'bot and human',
      'bot and human',
      'human',
      'abandoned',
      'deflected',
      'failed',
    ])
    if (outcome.startsWith('bot')) this.#meetBot(outcome === 'bot')
    if (outcome === 'deflected') this.#deflect()
    if (outcome.endsWith('human')) this.#meetHuman()
    if (outcome.endsWith('human') && this.#random.chance(0.4)) this.#transfer()
    if (outcome === 'abandoned') this.#waitInQueue(undefined)
    return this.#end(outcome)
  }

  #add(list: string, row: JsonMap): void {
    this.#lists[list] ??= []
    this.#lists[list].push(row)
  }

  /** Lets time pass and gives it: beginning and end as the record writes them, and seconds. */
  #spend(from: number, to: number): { readonly span: JsonMap; readonly seconds: number } {
    const seconds = this.#random.int(from, to)
    const started_at = iso(this.#now)
    this.#now += seconds * 1000
    return { span: { started_at, ended_at: iso(this.#now) }, seconds }
  }

  get #duration(): string {
    return `${this.#kind}_duration`
  }

  get #inQueue(): JsonMap {
    return { menu_path_id: this.#queue.id, menu_path: this.#queue.name, lang: 'en' }
  }

  #join(type: string, rest: JsonMap): void {
    const row = {
      id: this.#id * 10 + (this.#lists.participants?.length ?? 0),
      type,
      entry_type: 'queue_or_transfer',
      user_id: null,
      end_user_id: null,
      virtual_agent_id: null,
      status: 'finished',
      fail_reason: 'nothing',
      connected_at: iso(this.#now),
      [`${this.#kind}_id`]: this.#id,
      [this.#duration]: null,
      hold_duration: null,
      sip_headers: this.#kind === 'call' ? SIP_HEADERS : null,
      agent_assist: null,
      virtual_agent: null,
      adapter_fail_code: null,
      adapter_fail_message: null,
    }
    this.#add('participants', { ...row, ...rest })
  }

  #browseMenu(): void {
    const { span, seconds } = this.#spend(5, 60)
    const row = { id: this.#id, ...span, duration: seconds, event: 'finished', menu_path_id: null, menu_path: '/' }
    this.#add('consumer_in_menu_durations', { ...row, lang: 'en' })
  }

  #meetBot(isResolved: boolean): void {
    const bot = this.#random.pick(BOTS)
    const responses = this.#random.int(1, 12)
    this.#root.va_assigned_at = iso(this.#now)
    this.#joinBot(bot.id)
    const { span, seconds } = this.#spend(20, 300)
    this.#add('virtual_agent_handle_durations', {
      id: this.#id,
      virtual_agent: { ...bot, avatar_url: 'https://avatar.example.com/avatar.png' },
      ...span,
      [this.#duration]: seconds,
      escalation_reason: isResolved ? null : this.#random.pick(['by_virtual_agent', 'by_consumer', 'unknown']),
      finish_reason: isResolved ? this.#random.pick(['resolved', 'consumer_ended', 'unexpectedly_ended']) : 'escalated',
      sentiment: this.#random.int(0, 100),
      response_count: responses,
      fallback_response_count: this.#random.int(0, Math.floor(responses / 3)),
      initiated_by: 'end_user',
      ...this.#inQueue,
      transfer: false,
      transfer_id: null,
    })
  }

  #joinBot(id: number): void {
    this.#join('virtual_agent', {
      virtual_agent_id: id,
      virtual_agent: { conversation_id: conversationId(this.#id) },
      virtual_agent_params: { call_id: this.#id, ani: '+12025550142', dnis: '+12025550100', queue_id: this.#queue.id },
    })
  }

  #waitInQueue(agentId: number | undefined): void {
    this.#root.queued_at = iso(this.#now)
    const { span, seconds } = this.#spend(2, 180)
    this.#root.wait_duration = seconds
    const row = { id: this.#id, agent_id: agentId ?? null, ...span, queue_duration: seconds, ...this.#inQueue }
    const goal = {
      service_level_abandon_time_threshold: 8,
      service_level_target_percent: 90,
      service_level_target_time: 60,
    }
    const rest = { transfer_cold: null, transfer: false, transfer_id: null, ...goal }
    this.#add('queue_durations', { ...row, ...rest, service_level_event: seconds > 60 ? 'not_in_sla' : 'in_sla' })
  }

  #meetHuman(): void {
    const agent = this.#random.pick(AGENTS)
    this.#waitInQueue(agent.id)
    this.#root.assigned_at = iso(this.#now)
    this.#root.connected_at = iso(this.#now)
    const avatar_url = `https://avatar.example.com/user/avatar/${agent.id}/avatar.png`
    const numbers = { agent_number: null, avatar_url }
    this.#root.agent_info = { ...agent, first_name: agent.name.split(' ')[0], last_name: 'Example', ...numbers }
    const names = { first_name: agent.name.split(' ')[0], middle_name: null, last_name: 'Example' }
    const place = { location: null, location_id: null, teams: [] }
    this.#join('agent', { user_id: agent.id, email: agent.email, ...names, ...place })
    const { span, seconds } = this.#spend(30, 900)
    const hold = this.#random.chance(0.3) ? this.#random.int(5, 60) : 0
    this.#root.hold_duration = hold
    this.#root[this.#duration] = seconds
    this.#add('handle_durations', {
      ...{ id: this.#id, agent_id: agent.id, ...span, [this.#duration]: seconds, hold_duration: hold },
      ...{ acw_duration: this.#random.int(0, 120), ...this.#inQueue, transfer: false, transfer_id: null },
    })
    if (this.#kind === 'call') this.#record(span, seconds)
  }

  /** To a human of another queue. */
  #transfer(): void {
    const [from, to] = [this.#queue, this.#random.pick(QUEUES)]
    const asked = iso(this.#now)
    const agent = this.#root.agent_info
    this.#meetHuman()
    const path = (queue: Queue): JsonMap => ({ items_count: 1, name: queue.name, materialized_path: queue.path })
    this.#add('transfers', {
      ...{ id: this.#id, status: 'transferred', fail_reason: 'nothing', created_at: asked, [this.#duration]: null },
      ...{ wait_duration: this.#root.wait_duration, deflection: 'no_deflection', answer_type_path: 'manual_to_manual' },
      ...{ from_menu_path: path(from), to_menu_path: path(to), from_agent: agent, to_agent: this.#root.agent_info },
      ...{ from_virtual_agent: null, to_virtual_agent: null, from_queue_priority_level: 0, to_queue_priority_level: 0 },
    })
  }

  #record(span: JsonMap, seconds: number): void {
    const row = { id: this.#id, call_id: this.#id, conference_sid: null, recording_type: 'default', ...span }
    this.#add('recordings', { ...row, duration: seconds, redaction_times: [] })
  }

  #deflect(): void {
    this.#meetBot(false)
    const deflection = this.#random.pick(['after_hours_message_only', 'temp_redirection_queue'])
    this.#root.deflection = deflection
    const row = {
      id: this.#id,
      virtual_agent: BOTS[0],
      escalated_at: iso(this.#now),
      deflection,
      escalation_id: this.#id,
    }
    const reason = { escalation_reason: 'by_virtual_agent' }
    this.#add('virtual_agent_deflected_escalations', { ...row, ...reason, ...this.#inQueue })
  }

  #end(outcome: string): Exports {
    const isRated = outcome !== 'abandoned' && outcome !== 'failed' && this.#random.chance(0.4)
    const lateBy = this.#random.int(900, 1200) * 1000
    const status = outcome === 'failed' || outcome === 'deflected' ? outcome : 'finished'
    this.#sumUp()
    const record = { ...this.#identity(status), ...this.#root, ends_at: iso(this.#now) }
    const rated = { rating: isRated ? this.#random.int(1, 4) : null, feedback: null }
    const failed = { fail_reason: outcome === 'failed' ? 'eu_abandoned' : 'nothing', fail_details: null }
    const handles = this.#lists.handle_durations?.map((row) => ({ ...row, acw_duration: null }))
    const early = handles ? { ...this.#lists, handle_durations: handles } : this.#lists
    return {
      first: { ...record, rating: null, feedback: null, ...failed, updated_at: iso(this.#now + 4000), ...early },
      final: { ...record, ...rated, ...failed, updated_at: iso(this.#now + lateBy), ...this.#lists },
    }
  }

  #sumUp(): void {
    const responses = { response_count: 3, response_time_total: 24, response_time_max: 12, response_time_avg: '8.0' }
    const span = { started_at: iso(this.#startedAt), ended_at: iso(this.#now) }
    const seconds = Math.round((this.#now - this.#startedAt) / 1000)
    const row = { ...span, [this.#duration]: seconds, hold_duration: null, message_count: null, ...responses }
    this.#add('consumer_handle_durations', row)
  }

  #identity(status: string): JsonMap {
    const type = this.#kind === 'call' ? this.#random.pick(CALL_TYPES) : this.#random.pick(CHAT_TYPES)
    return {
      id: this.#id,
      [`${this.#kind}_uuid`]: `00000000-0000-4000-8000-${String(this.#id).padStart(12, '0')}`,
      lang: this.#random.pick(['en', 'en', 'es']),
      [`${this.#kind}_type`]: type,
      session_type: type,
      session_type_v2: type,
      status,
      sub_status: null,
      created_at: iso(this.#startedAt),
      scheduled_at: null,
      disconnected_by: this.#random.pick(['disconnected_by_agent', 'disconnected_by_end_user']),
      support_number: this.#kind === 'call' ? '+12025550100' : null,
      out_ticket_id: `T-${this.#id}`,
      out_ticket_url: `https://crm.example.com/tickets/T-${this.#id}`,
      recording_permission: this.#kind === 'call' ? 'granted' : null,
      end_user: { id: 4000 + this.#id, identifier: `made-up-${this.#id}`, out_contact_id: null },
      menu_path: { items_count: 1, name: this.#queue.name, materialized_path: this.#queue.path },
      answer_type: this.#random.pick(['manual', 'auto']),
      verified: false,
      photos: [],
      videos: [],
      ...NOT_GIVEN,
      [this.#duration]: null,
    }
  }
}

/** The platform writes what there is nothing to say of as well. */
const NOT_GIVEN = {
  ...{ queued_at: null, assigned_at: null, connected_at: null, agent_info: null, deflection: null },
  ...{ wait_duration: null, hold_duration: null, in_queue_wait_time_va: null, automation_redirection: null },
  ...{
    virtual_agent_handle_durations: [],
    virtual_agent_deflected_escalations: [],
    participants: [],
    handle_durations: [],
  },
  ...{
    queue_durations: [],
    consumer_handle_durations: [],
    consumer_in_menu_durations: [],
    consumer_event_durations: [],
  },
  ...{ transfers: [], recordings: [] },
}

/** The Dialogflow session's id of a made session. */
export const conversationId = (id: number): string => `103Made${String(id).padStart(18, '0')}`

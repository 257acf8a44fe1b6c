export const SURFACES = ['agent', 'comment', 'event', 'data_parameters'] as const
export type Surface = (typeof SURFACES)[number]
export type Detector = 'payment_card' | 'us_ssn' | 'iban' | 'email'
export type Json = Record<string, unknown>

/** A value of the flow file before it is written as text, so that nobody needs the parser to know what it refers to. */
export type Value =
  | { readonly kind: 'literal'; readonly value: unknown }
  | Reference
  | { readonly kind: 'text'; readonly parts: readonly (string | Reference)[] }
  | { readonly kind: 'list'; readonly items: readonly Value[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, Value])[] }

export type Scope = 'session' | 'intent' | 'page' | 'payload' | 'utterance'
export interface Reference {
  readonly kind: 'reference'
  readonly scope: Scope
  readonly ending?: 'original' | 'resolved'
  readonly path: readonly (string | number)[]
}

export interface Entry {
  readonly name: string
  readonly value: Value
  readonly fallback?: unknown
  readonly required: boolean
}

export interface RandomVariable extends Entry {
  readonly format: string
  readonly mask?: 'last4' | 'email' | 'all'
  readonly surfaces: readonly Surface[]
}

export interface Rule {
  readonly match: readonly string[]
  readonly visible_to: readonly Surface[]
}
export interface RandomPolicy {
  readonly parameters: readonly Rule[]
  readonly values: readonly { detect: Detector; action: 'mask' | 'drop' }[]
  readonly platform: { payloads_per_answer: 'several' | 'one'; display_order: 'list' | 'off' }
}

/** What the scopes of one request hold. */
export interface Turn {
  readonly session: Json
  readonly intent: Json
  readonly page: Json
  readonly payload: Json
  readonly utterance: string
}

export interface PlatformLists {
  readonly capture_type: readonly Surface[]
  readonly invisible_to_agent: readonly string[]
  readonly invisible_to_adapter_events: readonly string[]
  readonly display_order_in_adapter: readonly string[]
}

export interface RandomCase {
  readonly turn: Turn
  readonly policy: RandomPolicy
  readonly form: 'who-sees-what' | 'platform'
  readonly variables: readonly RandomVariable[]
  /** Keys of `then`, or of `ujet` and `session_variable` beside the payload. */
  readonly outside: readonly Entry[]
  readonly hasThen: boolean
  readonly lists: PlatformLists | undefined
  readonly captureKey: string | undefined
  readonly setParameters: Json | undefined
  readonly locale: string | undefined
  readonly languageCode: string
  /** Texts and numbers that a detector must find, as they stand in the request or in a default. */
  readonly sensitive: readonly { detector: Detector; text: string }[]
}

export const map = (entries: Iterable<readonly [string, unknown]>): Json => {
  const made = Object.create(null) as Json
  for (const [key, value] of entries) made[key] = value
  return made
}

export const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// ---- drawing

export const CHOICES = 10_000

/** Choices read off a list of numbers below `CHOICES`: a list shrinks well, and the first choice is always the simplest. */
export class Draw {
  readonly #numbers: readonly number[]
  #at = 0

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers
  }

  /** 0 to `below` - 1; 0 behind the end. */
  int(below: number): number {
    return Math.floor(((this.#numbers[this.#at++] ?? 0) / CHOICES) * below)
  }
  often(percent: number): boolean {
    return this.int(100) >= 100 - percent
  }
  one<T>(items: readonly T[]): T {
    return items[this.int(items.length)] as T
  }
  some<T>(items: readonly T[], percent: number): T[] {
    return items.filter(() => this.often(percent))
  }
  distinct<T>(items: readonly T[], count: number): T[] {
    const left = [...items]
    return Array.from({ length: Math.min(count, items.length) }, () => left.splice(this.int(left.length), 1)[0] as T)
  }
}

// ---- values with a marker in every leaf

const NAMES = [
  ['city', 'name', 'card_number', 'card_note', 'ssn', 'trip', 'trip.card', 'visit', 'budget', 'email', 'items', 'a-b'],
  ['__proto__', 'constructor', 'toString', 'Card_Number', 'hasOwnProperty', 'cvv_code', 'NOTE', 'original'],
].flat()
const KEYS = [
  ['city', 'name', 'card', 'card_number', 'ssn', 'cvv', 'note', 'zip-code', 'email'],
  ['__proto__', 'constructor', 'toString', 'Name', 'CVV', '$session.params.k', 'a.b', 'valueOf'],
].flat()

const luhn = (digits: string): string => {
  let sum = 0
  for (const [i, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (i % 2 === 0 ? 2 : 1)
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return `${digits}${(10 - (sum % 10)) % 10}`
}

const iban = (account: string): string => {
  const check = 98n - (BigInt(`${account}131400`) % 97n)
  return `DE${String(check).padStart(2, '0')}${account}`
}

const inFours = (text: string, between: string): string => text.match(/.{1,4}/g)?.join(between) ?? ''

/** A marker's number stays below 200, so that no shown end of a card or number looks like one of the years. */
const MOST_IDS = 150

class Values {
  readonly draw: Draw
  readonly sensitive: { detector: Detector; text: string }[] = []
  #ids = 0

  constructor(draw: Draw) {
    this.draw = draw
  }

  #id(): string {
    return String(++this.#ids).padStart(3, '0')
  }
  token(): string {
    return `Mrk${this.#id()}z`
  }
  number(): number {
    const id = this.#id()
    return Number(`7${id}4${id}9`)
  }
  year(): number {
    return 2100 + Number(this.#id())
  }

  #found(detector: Detector, text: string): string {
    this.sensitive.push({ detector, text })
    return text
  }

  card(): unknown {
    const digits = luhn(this.draw.one(['4', '5', '2', '6']).padEnd(9, '0') + this.#id() + this.#id())
    const text = this.draw.one([
      digits,
      inFours(digits, ' '),
      inFours(digits, '-'),
      inFours(digits, '\u00a0'),
      [...digits].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join(''),
    ])
    this.#found('payment_card', text)
    if (text === digits && this.draw.often(30)) return Number(digits)
    return this.draw.one([text, `it is ${text} as I said`, `(${text})`])
  }
  ssn(): string {
    const [dash, id] = [this.draw.one(['-', ' ']), this.#id()]
    return this.draw.one(['', 'mine is ']) + this.#found('us_ssn', `512${dash}34${dash}0${id}`)
  }
  bankAccount(): string {
    const plain = iban(`37040044${this.#id()}0532013`.slice(0, 18).padEnd(18, '0'))
    return this.draw.one(['', 'to ']) + this.#found('iban', this.draw.one([plain, inFours(plain, ' ')]))
  }
  email(): string {
    const address = this.#found('email', `${this.token()}@${this.draw.one(['example.com', 'mail.example.org'])}`)
    return this.draw.one([address, `write to ${address}, please`])
  }

  leaf(): unknown {
    return this.draw.one<() => unknown>([
      () => this.token(),
      () => this.number(),
      () => `${this.token()} on foot`,
      () => this.draw.one([null, '', 0, false, true]),
      () => this.card(),
      () => this.ssn(),
      () => this.bankAccount(),
      () => this.email(),
      () => `${this.token()} $session.params.card_number`,
      () => `session.params.${this.token()}`,
      () => `$\${$page.params.${this.token()}} $sys.func.NOW()`,
      () => this.draw.one(['+1 202 555 0123', '2026-11-20T15:30:00+09:00', '15:30']),
    ])()
  }

  composite(): unknown {
    const date = (year: number) => ({ year, month: 1 + this.draw.int(12), day: 1 + this.draw.int(28) })
    return this.draw.one<() => unknown>([
      () => date(this.year()),
      () => ({ amount: this.number(), currency: this.draw.one(['USD', 'EUR', 'KRW']) }),
      () => ({ name: this.token(), original: this.token() }),
      () => ({ city: this.token(), country: 'Japan', original: this.token() }),
      () => ({ amount: this.number(), unit: this.draw.one(['min', 'h', 'day']) }),
      () => ({ ...date(this.year()), hours: 15, minutes: 30, seconds: 0 }),
      () => {
        const year = this.year()
        return { startDate: { year, month: 3, day: 4 }, endDate: { year, month: 3, day: 9 } }
      },
    ])()
  }

  any(depth: number): unknown {
    if (this.#ids > MOST_IDS) return true
    const kind = this.draw.int(depth > 0 ? 10 : 6)
    if (kind < 4) return this.leaf()
    if (kind < 6) return this.composite()
    if (kind < 8) {
      const keys = this.draw.distinct(KEYS, 1 + this.draw.int(4))
      if (this.draw.often(5)) keys.push(this.email())
      return map(keys.map((key) => [key, this.any(depth - 1)]))
    }
    return Array.from({ length: 1 + this.draw.int(3) }, () => this.any(depth - 1))
  }

  scope(most: number): Json {
    const names = this.draw.distinct(NAMES, this.draw.int(most + 1))
    return map(names.map((name) => [name, this.any(3)]))
  }
}

// ---- values of the flow file

const PLAIN = /^[\w-]+$/
const PARAMETER = /^[\w-][\w.-]*$/

function drawReference(draw: Draw, turn: Turn): Reference {
  const scope = draw.one([
    'session',
    'session',
    'session',
    'session',
    'intent',
    'page',
    'payload',
    'utterance',
  ] as const)
  if (scope === 'utterance') return { kind: 'reference', scope, path: [] }
  const names = Object.keys(turn[scope]).filter((name) => PARAMETER.test(name))
  const name = names.length && draw.often(93) ? draw.one(names) : draw.one(['absent', 'trip', 'card_number'])
  const path: (string | number)[] = [name]
  const ending = scope === 'intent' ? draw.one(['resolved', 'original'] as const) : undefined
  let value = turn[scope][name]
  if (ending && isMap(value)) value = value[`${ending}Value`]
  while (typeof value === 'object' && value !== null && draw.often(50)) {
    const step: string | number | undefined = Array.isArray(value)
      ? draw.int(value.length + 1)
      : draw.one(Object.keys(value).filter((key) => PLAIN.test(key)))
    if (step === undefined) break
    path.push(step)
    value = (value as Json)[step]
  }
  const cased = draw.often(15) ? path.map((step) => (typeof step === 'string' ? step.toUpperCase() : step)) : path
  return { kind: 'reference', scope, path: cased, ...(ending ? { ending } : {}) }
}

const PREFIXES = {
  session: '$session.params.',
  intent: '$intent.params.',
  page: '$page.params.',
  payload: '$request.payload.',
  utterance: '$request.user-utterance',
}

function writeReference({ scope, ending, path }: Reference): string {
  const [name, ...rest] = path
  const steps = rest.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
  return PREFIXES[scope] + (name ?? '') + (ending ? `.${ending}` : '') + steps.join('')
}

/** A value as it stands in the flow file. */
export function write(value: Value): unknown {
  if (value.kind === 'literal') return value.value
  if (value.kind === 'reference') return writeReference(value)
  if (value.kind === 'text')
    return value.parts.map((part) => (typeof part === 'string' ? part : writeReference(part))).join('')
  if (value.kind === 'list') return value.items.map(write)
  return map(value.entries.map(([key, item]) => [key, write(item)]))
}

const BEFORE = ['', 'about ', 'costs $$', '$$']
const BETWEEN = [' and ', ' / ', '. Then ', ' is $$5 of ', ', $$']

function drawValue(draw: Draw, turn: Turn, depth: number): Value {
  const kind = draw.int(depth > 0 ? 20 : 16)
  if (kind < 11) return drawReference(draw, turn)
  if (kind < 15) {
    const parts: (string | Reference)[] = [draw.one(BEFORE), drawReference(draw, turn)]
    while (draw.often(40)) parts.push(draw.one(BETWEEN), drawReference(draw, turn))
    return { kind: 'text', parts: [...parts, draw.one(['', ' today', '.'])] }
  }
  if (kind < 16) return { kind: 'literal', value: draw.one<unknown>(['plain', 5, true, 'costs $5', ['a'], []]) }
  if (kind < 18)
    return { kind: 'list', items: Array.from({ length: 1 + draw.int(3) }, () => drawValue(draw, turn, depth - 1)) }
  const keys = draw.distinct(
    KEYS.filter((key) => key !== '__proto__'),
    1 + draw.int(3),
  )
  return { kind: 'map', entries: keys.map((key) => [key, drawValue(draw, turn, depth - 1)] as const) }
}

// ---- the policy

function namesIn(value: unknown, above: string | undefined, names: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) namesIn(item, undefined, names)
  else if (isMap(value))
    for (const [key, item] of Object.entries(value)) {
      names.add(key)
      if (above !== undefined) names.add(`${above}.${key}`)
      namesIn(item, above === undefined ? key : `${above}.${key}`, names)
    }
}

function drawGlob(draw: Draw, name: string): string {
  const safe = name.replace(/[[\]{}!\\$\p{Cc}\p{Cf}]|^\s|\s$/gu, '?')
  return draw.one([
    safe,
    safe.toUpperCase(),
    safe.length > 3 ? `${safe.slice(0, 3)}*` : safe,
    safe.length > 3 ? `*${safe.slice(-3)}` : safe,
    safe.length > 3 ? `${safe[0]}?${safe.slice(2)}` : safe,
  ])
}

function drawPolicy(draw: Draw, turn: Turn, variableNames: readonly string[]): RandomPolicy {
  const names = new Set<string>()
  for (const scope of ['session', 'page', 'payload'] as const) namesIn(turn[scope], undefined, names)
  for (const [name, value] of Object.entries(turn.intent))
    if (isMap(value)) namesIn(map([[name, value.resolvedValue]]), undefined, names)
  const known = [...names, ...names, ...variableNames, 'user-utterance']
  const parameters = Array.from({ length: draw.int(4) }, () => ({
    match: Array.from({ length: 1 + draw.int(2) }, () => drawGlob(draw, draw.one(known))),
    visible_to: draw.some(SURFACES, 55),
  }))
  const detectors: Detector[] = ['payment_card', 'us_ssn', 'iban', 'email']
  const values = draw.distinct(detectors, draw.int(5)).map((detect) => ({
    detect,
    action: draw.one(['mask', 'mask', 'drop'] as const),
  }))
  return {
    parameters,
    values,
    platform: {
      payloads_per_answer: draw.often(3) ? 'one' : 'several',
      display_order: draw.often(20) ? 'off' : 'list',
    },
  }
}

// ---- the whole case

const VARIABLE_NAMES = [
  ['who', 'where', 'budget', 'Note', 'email_address', 'card', 'card_number', 'v1', 'v2', 'v3'],
  ['$session.params.v', 'constructor', 'toString', 'SSN'],
].flat()
const FORMATS = [
  ['raw', 'raw', 'raw', 'raw', 'text', 'date', 'time', 'date_time', 'date_range', 'money', 'number', 'percent'],
  ['duration', 'person', 'location', 'phone', 'list', 'list'],
].flat()
const LOCALES = ['en-US', 'de-DE', 'fr-FR', 'ko-KR', 'ja-JP', 'es-419']

/** What the policy allows for a variable: the test's own table knows. */
export type LimitOf = (name: string, value: Value, policy: RandomPolicy) => readonly Surface[]
export type IsRuled = (value: Value, policy: RandomPolicy) => boolean

/** Draws a flow file, a policy and a request; most variables stay within what `limitOf` allows. */
export function drawCase(draw: Draw, limitOf: LimitOf, isRuled: IsRuled): RandomCase {
  const values = new Values(draw)
  const session = values.scope(7)
  if (draw.often(70)) session.trip = values.any(3)
  const turn: Turn = {
    session,
    intent: map(
      Object.entries(values.scope(2)).map(([name, value]) => [
        name,
        { originalValue: values.token(), resolvedValue: value },
      ]),
    ),
    page: values.scope(2),
    payload: values.scope(2),
    utterance: String(values.leaf() ?? 'hello'),
  }
  const names = draw.distinct(VARIABLE_NAMES, draw.int(7))
  const policy = drawPolicy(draw, turn, names)
  const within = (name: string, value: Value, wanted: readonly Surface[]): Surface[] => {
    const limit = draw.often(98) ? limitOf(name, value, policy) : SURFACES
    return wanted.filter((surface) => limit.includes(surface))
  }
  const entry = (name: string, value: Value): Entry => ({
    name,
    value,
    ...(draw.often(30) ? { fallback: drawFallback(values) } : {}),
    required: draw.often(4),
  })
  const allowedOutside = (): Value => {
    const value = drawValue(draw, turn, 1)
    return isRuled(value, policy) && draw.often(98) ? { kind: 'literal', value: 'plain' } : value
  }
  const common = {
    turn,
    policy,
    setParameters: draw.often(20) ? { city: null, note: 'see $session.params.city' } : undefined,
    locale: draw.often(50) ? draw.one(LOCALES) : undefined,
    languageCode: draw.one(['en', 'de', 'KO-kr', 'ja_JP', 'x!', '']),
    sensitive: values.sensitive,
  }
  if (draw.often(40)) return { ...common, ...drawPlatformForm(draw, turn, names, policy, limitOf, allowedOutside) }
  const shared = draw.some(SURFACES, 65)
  const variables = names.map((name): RandomVariable => {
    const value = drawValue(draw, turn, 2)
    const wanted = draw.often(50) ? shared : draw.some(SURFACES, 55)
    return {
      ...entry(name, value),
      format: draw.one(FORMATS),
      ...(draw.often(20) ? { mask: draw.one(['last4', 'email', 'all'] as const) } : {}),
      surfaces: within(name, value, wanted),
    }
  })
  const hasThen = names.length === 0 || draw.often(40)
  const keys = ['menu_id', 'escalation_reason', 'sip_parameters', 'tracking']
  const outside = hasThen ? ['action', ...draw.some(keys, 40)].map((key) => entry(key, allowedOutside())) : []
  return { ...common, form: 'who-sees-what', variables, hasThen, outside, lists: undefined, captureKey: undefined }
}

function drawFallback(values: Values): unknown {
  return values.draw.one<() => unknown>([
    () => values.token(),
    () => values.number(),
    () => [values.token(), 'more'],
    () => ({ a: values.token() }),
    () => `${values.token()} $session.params.unruled`,
    () => values.card(),
    () => values.email(),
    () => false,
  ])()
}

function drawPlatformForm(
  draw: Draw,
  turn: Turn,
  names: readonly string[],
  policy: RandomPolicy,
  limitOf: LimitOf,
  allowedOutside: () => Value,
): Pick<RandomCase, 'form' | 'variables' | 'outside' | 'hasThen' | 'lists' | 'captureKey'> {
  const captured = draw.some(SURFACES, 60)
  const capture_type: Surface[] = captured.length ? draw.distinct(captured, captured.length) : ['agent']
  const toAgent = new Set<string>()
  const toEvents = new Set<string>()
  const table = (name: string): Surface[] =>
    capture_type.filter((surface) => {
      if (surface === 'agent' || surface === 'comment') return !toAgent.has(name)
      return surface !== 'event' || !toEvents.has(name)
    })
  const variables = names.flatMap((name): RandomVariable[] => {
    const value = drawValue(draw, turn, 2)
    if (draw.often(20)) toAgent.add(name)
    if (draw.often(20)) toEvents.add(name)
    const limit = draw.often(98) ? limitOf(name, value, policy) : SURFACES
    const beyond = table(name).filter((surface) => !limit.includes(surface))
    if (beyond.includes('agent') || beyond.includes('comment')) toAgent.add(name)
    if (beyond.includes('event')) toEvents.add(name)
    if (beyond.includes('data_parameters')) return []
    return [{ name, value, required: false, format: 'raw', surfaces: table(name) }]
  })
  const inOrder = (set: ReadonlySet<string>): string[] =>
    variables.map(({ name }) => name).filter((name) => set.has(name))
  const captureKey = variables.length === 0 && draw.often(50) ? 'answer' : undefined
  return {
    form: 'platform',
    variables,
    hasThen: false,
    outside: ['action', 'menu_id', 'tracking', 'session_variable.note', 'session_variable.tags'].flatMap((name) =>
      draw.often(35) ? [{ name, value: allowedOutside(), required: false }] : [],
    ),
    lists: {
      capture_type,
      invisible_to_agent: inOrder(toAgent),
      invisible_to_adapter_events: inOrder(toEvents),
      display_order_in_adapter: draw.distinct(
        variables.map(({ name }) => name),
        draw.int(variables.length + 1),
      ),
    },
    captureKey,
  }
}

// ---- what is written

const set = <T>(key: string, value: T | undefined): Json => (value === undefined ? {} : { [key]: value })

function writeEntry({ value, fallback, required }: Entry): unknown {
  const isShort = fallback === undefined && !required
  return isShort ? write(value) : { from: write(value), ...set('default', fallback), ...(required ? { required } : {}) }
}

function writeCapture(random: RandomCase): Json {
  const { variables, outside, lists, captureKey } = random
  if (!lists) {
    const [shared] = variables
    return {
      ...set('visible_to', shared?.surfaces),
      variables: map(
        variables.map((variable) => {
          const { name, format, mask, surfaces } = variable
          const own = JSON.stringify(surfaces) === JSON.stringify(shared?.surfaces) ? undefined : surfaces
          const written = writeEntry(variable)
          const isShort = format === 'raw' && !mask && !own && !isMap(written)
          if (isShort) return [name, written]
          const long = { from: write(variable.value), ...set('default', variable.fallback) }
          return [
            name,
            {
              ...long,
              ...(variable.required ? { required: true } : {}),
              ...set('visible_to', own),
              ...(format === 'raw' ? {} : { format }),
              ...set('mask', mask),
            },
          ]
        }),
      ),
      ...(random.hasThen ? { then: map(outside.map((entry) => [entry.name, writeEntry(entry)])) } : {}),
    }
  }
  const inside = (entry: Entry) => entry.name.startsWith('session_variable.')
  const keyLists = Object.entries(lists).filter(([key, list]) => key === 'capture_type' || list.length)
  return {
    ujet: map([
      ...outside.filter((entry) => !inside(entry)).map((entry) => [entry.name, write(entry.value)] as const),
      [
        'session_variable',
        map([
          ...(captureKey
            ? ([
                ['capture_target', 'end_user_response'],
                ['capture_key', captureKey],
              ] as const)
            : ([['payload', map(variables.map(({ name, value }) => [name, write(value)] as const))]] as const)),
          ...keyLists,
          ...outside
            .filter(inside)
            .map((entry) => [entry.name.slice('session_variable.'.length), write(entry.value)] as const),
        ]),
      ],
    ]),
  }
}

export const writeFlowFile = (random: RandomCase): Json => ({
  flow: 'Random',
  ...set('locale', random.locale),
  captures: [{ tag: 'random', ...writeCapture(random), ...set('set_parameters', random.setParameters) }],
})

export const writeRequest = ({ turn, languageCode }: RandomCase): Json => ({
  fulfillmentInfo: { tag: 'random' },
  languageCode,
  text: turn.utterance,
  intentInfo: { parameters: turn.intent },
  pageInfo: {
    formInfo: {
      parameterInfo: Object.entries(turn.page).map(([displayName, value]) => ({ displayName, value })),
    },
  },
  sessionInfo: { parameters: turn.session },
  payload: turn.payload,
})

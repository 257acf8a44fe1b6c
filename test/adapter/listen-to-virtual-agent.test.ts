import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type ListenOptions, listenToVirtualAgent } from '../../src/adapter/listen-to-virtual-agent.ts'
import { postEventSchema } from '../../src/adapter/post-event.ts'
import { EVENTS, ILL_FORMED, JOINED, joined, LEFT, VARIABLES_RECEIVED, WELL_FORMED } from './events.ts'

const ORIGIN = 'https://adapter.example.com'

/** A window that remembers what is reported. */
class FakeWindow extends EventTarget {
  readonly reported: unknown[] = []
  reportError = (error: unknown): void => void this.reported.push(error)
  post(data: unknown, origin = ORIGIN): void {
    this.dispatchEvent(new MessageEvent('message', { data, origin }))
  }
}

const CALLBACKS = {
  onJoined: 'Task_VA_Joined',
  onVariables: 'Task_VA_Variables_Received',
  onLeft: 'Task_VA_Left',
  onUnknown: 'unknown',
} as const

type Call = readonly [callback: string, event: unknown]

/** Listens with every callback, and keeps the calls under the type that the callback is for. */
function listen(origin = ORIGIN) {
  const window = new FakeWindow()
  const calls: Call[] = []
  const callbacks = Object.entries(CALLBACKS).map(([name, type]) => [
    name,
    (event: unknown) => calls.push([type, event]),
  ])
  const stop = listenToVirtualAgent(window as never, { origin, ...Object.fromEntries(callbacks) })
  return { window, calls, stop }
}

// ---- the origin

for (const origin of [
  ORIGIN,
  'http://127.0.0.1:8181',
  'https://xn--bcher-kva.example',
  'https://adapter.example.com:8443',
])
  test(`listens to ${origin}`, () => {
    const { window, calls } = listen(origin)
    window.post(JOINED, origin)
    assert.equal(calls.length, 1)
  })

const NO_ORIGIN: readonly (readonly [origin: unknown, advice?: string])[] = [
  ['*'],
  [''],
  ['null'],
  [null],
  [undefined],
  [5],
  [Symbol('origin')],
  ['adapter.example.com'],
  ['//adapter.example.com'],
  ['file:///home/page.html'],
  ['data:text/html,x'],
  ['wss://adapter.example.com'],
  ['https://*.example.com'],
  ['https://adapter.example.com https://other.example.com'],
  [`${ORIGIN}/`, ORIGIN],
  [`${ORIGIN}/agents?tab=1#top`, ORIGIN],
  [`${ORIGIN}:443`, ORIGIN],
  ['https://ADAPTER.example.com', ORIGIN],
  [` ${ORIGIN}`, ORIGIN],
  ['https://user:password@adapter.example.com', ORIGIN],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  [[ORIGIN], ORIGIN],
  [new URL(ORIGIN), ORIGIN],
]
for (const [origin, advice] of NO_ORIGIN)
  test(`refuses ${String(origin) || 'no text'} (${typeof origin})`, () => {
    const window = new FakeWindow()
    window.addEventListener = () => assert.fail('listened')
    assert.throws(
      () => listenToVirtualAgent(window as never, { origin } as ListenOptions),
      (error) => {
        assert.ok(error instanceof TypeError)
        if (advice) assert.match(error.message, new RegExp(`did you mean "${advice}"\\?$`))
        else assert.match(error.message, /^origin must be exactly the adapter's: .*never "\*"$/)
        return true
      },
    )
  })

const FOREIGN = [
  'https://evil.example.net',
  'https://adapter.example.com.evil.example.net',
  'https://evil.example.net/https://adapter.example.com',
  'http://adapter.example.com',
  'https://adapter.example.com:8443',
  'https://sub.adapter.example.com',
  'https://example.com',
  'null',
  '',
  '*',
]
test('other origins are ignored, and what they sent is not looked at', () => {
  const { window, calls } = listen()
  for (const origin of FOREIGN) {
    window.post(JOINED, origin)
    const message = new MessageEvent('message', { origin })
    Object.defineProperty(message, 'data', { get: () => assert.fail(`looked at a message of ${origin}`) })
    window.dispatchEvent(message)
  }
  assert.deepEqual([calls, window.reported], [[], []])
})

// ---- the three events

test('each event comes to its own callback, from an object and from JSON text', () => {
  const { window, calls } = listen()
  for (const event of EVENTS) {
    window.post(event)
    window.post(JSON.stringify(event))
  }
  assert.deepEqual(
    calls,
    EVENTS.flatMap((event) => [
      [event.type, event],
      [event.type, event],
    ]),
  )
  assert.equal(calls[0]?.[1], JOINED, 'an object is handed on as it is')
})

for (const { name, event } of WELL_FORMED)
  test(`well-formed: ${name}`, () => {
    const { window, calls } = listen()
    window.post(event)
    assert.deepEqual(calls, [[(event as { type: string }).type, event]])
  })

for (const { name, event } of ILL_FORMED)
  test(`unknown: ${name}`, () => {
    const { window, calls } = listen()
    window.post(event)
    assert.deepEqual(calls, [['unknown', event]])
  })

/** Everything in a value that can be replaced, as the map or list that holds it, and the key. */
function* placesIn(value: unknown): Generator<readonly [Record<string, unknown>, string]> {
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    yield [value as Record<string, unknown>, key]
    yield* placesIn((value as Record<string, unknown>)[key])
  }
}

interface Edit {
  readonly at: number
  readonly value: unknown
  readonly isLeftOut: boolean
}

function edited(event: object, edits: readonly Edit[]): unknown {
  const copy = structuredClone(event)
  for (const { at, value, isLeftOut } of edits) {
    const places = [...placesIn(copy)]
    const [holder, key] = places[at % places.length] ?? [{}, '']
    if (isLeftOut) delete holder[key]
    else holder[key] = structuredClone(value)
  }
  return copy
}

const JUNK: readonly unknown[] = [
  ...[null, undefined, true, false, '', 'x', '5', 0, 5, -1.5, Number.NaN, Number.POSITIVE_INFINITY, 10n],
  ...[[], {}, [{}], [{ variables: {} }], [{ variables: { a: null } }, 5], { constructor: 1 }, new Date(0), new Map()],
  ...[JOINED.type, LEFT.type, VARIABLES_RECEIVED.type, JOINED.data, LEFT.data],
]
const edit = fc.record({ at: fc.nat(999), value: fc.constantFrom(...JUNK), isLeftOut: fc.boolean() })

test('what comes to a callback is what its schema takes, and all of it', () => {
  const counts = { known: 0, unknown: 0 }
  const { window, calls } = listen()
  const property = fc.property(fc.constantFrom(...EVENTS), fc.array(edit, { maxLength: 3 }), (event, edits) => {
    const given = edited(event, edits)
    const { success, data } = postEventSchema.safeParse(given)
    window.post(given)
    assert.deepEqual(calls.splice(0), [[success ? data.type : 'unknown', given]])
    counts[success ? 'known' : 'unknown']++
  })
  fc.assert(property, { numRuns: 5_000 })
  assert.ok(counts.known > 500 && counts.unknown > 500, JSON.stringify(counts))
  assert.deepEqual(window.reported, [])
})

// ---- messages of any kind

const throwing = (): never => {
  throw new Error('do not touch')
}
const cyclic: Record<string, unknown> = { ...JOINED }
cyclic.data = cyclic
const deep = JSON.parse(['[{"type":'.repeat(5_000), '}]'.repeat(5_000)].join('0'))
const revoked = Proxy.revocable({}, {})
revoked.revoke()
const everyTrap = new Proxy({}, { get: throwing, has: throwing, ownKeys: throwing, getPrototypeOf: throwing })

const STRANGE: Readonly<Record<string, unknown>> = {
  'a type that throws': Object.defineProperty({ data: {} }, 'type', { get: throwing }),
  'data that throws': Object.defineProperty({ type: JOINED.type }, 'data', { get: throwing }),
  'a field that throws': {
    type: JOINED.type,
    data: Object.defineProperty({ chat_id: 1 }, 'queue_id', { get: throwing }),
  },
  'a cycle': cyclic,
  'a proxy that throws': everyTrap,
  'a proxy as data': { type: JOINED.type, data: everyTrap },
  'a revoked proxy': revoked.proxy,
  'a type that turns into text and throws': { type: { toString: throwing }, data: {} },
  'a function': throwing,
  'a symbol': Symbol('event'),
  'a large number': 10n ** 50n,
  undefined: undefined,
  'no text': '',
  'text that is no JSON': '{"type": "Task_VA_Joined", ',
  'a JSON text in a JSON text': JSON.stringify(JSON.stringify(JOINED)).slice(1),
  bytes: new Uint8Array(1024),
  depth: deep,
  'an object without a prototype': Object.create(null),
}
for (const [name, data] of Object.entries(STRANGE))
  test(`of the adapter, it is unknown: ${name}`, () => {
    const { window, calls } = listen()
    window.post(data)
    assert.equal(calls.length, 1)
    assert.equal(calls[0]?.[0], 'unknown')
    assert.deepEqual(window.reported, [])
    window.post(JOINED)
    assert.equal(calls.length, 2, 'the next one comes')
  })

test('JSON text is unknown as what it says', () => {
  const { window, calls } = listen()
  window.post('{"type":"Agent_Status_Changed","data":{}}')
  window.post('5')
  window.post('hello')
  assert.deepEqual(calls, [
    ['unknown', { type: 'Agent_Status_Changed', data: {} }],
    ['unknown', 5],
    ['unknown', 'hello'],
  ])
})

test('a text larger than any event is not parsed', () => {
  const { window, calls } = listen()
  const text = JSON.stringify(joined({ more: '' }))
  const fitting = text.replace('""', JSON.stringify('x'.repeat(2 ** 20 - text.length)))
  const larger = fitting.replace('xx', 'xxx')
  window.post(fitting)
  window.post(larger)
  assert.equal(fitting.length, 2 ** 20)
  assert.deepEqual(
    calls.map(([type, event]) => [type, typeof event]),
    [
      ['Task_VA_Joined', 'object'],
      ['unknown', 'string'],
    ],
  )
})

test('what only looks like a message neither throws nor calls', () => {
  let listener: (message: never) => void = () => assert.fail('nothing listens')
  const window = new FakeWindow()
  window.addEventListener = (_type: string, added: unknown) => {
    listener = added as typeof listener
  }
  const unexpected = (): never => assert.fail('called')
  listenToVirtualAgent(window as never, { origin: ORIGIN, onJoined: unexpected, onUnknown: unexpected })
  for (const [key, others] of [
    ['origin', { data: JOINED }],
    ['data', { origin: ORIGIN }],
  ] as const)
    listener(Object.defineProperty({ ...others }, key, { get: throwing }) as never)
  listener({ origin: { toString: () => ORIGIN }, data: JOINED } as never)
  assert.deepEqual(window.reported, [])
})

test('no message at all makes it throw', () => {
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }),
    fc.json(),
  )
  const { window, calls } = listen()
  fc.assert(
    fc.property(anything, fc.constantFrom(ORIGIN, ...FOREIGN), (data, origin) => {
      window.post(data, origin)
      assert.equal(calls.splice(0).length, origin === ORIGIN ? 1 : 0)
    }),
    { numRuns: 2_000 },
  )
  assert.deepEqual(window.reported, [])
})

// ---- callbacks

test("an error of a callback is reported, and stops nobody else's call", () => {
  const window = new FakeWindow()
  const error = new Error('the page is broken')
  const calls: string[] = []
  const breaking = (): never => {
    throw error
  }
  listenToVirtualAgent(window as never, {
    origin: ORIGIN,
    onJoined: breaking,
    onVariables: () => void calls.push('first'),
    onUnknown: breaking,
  })
  listenToVirtualAgent(window as never, { origin: ORIGIN, onJoined: () => void calls.push('second') })
  for (const event of [JOINED, 'hello', VARIABLES_RECEIVED]) window.post(event)
  assert.deepEqual(calls, ['second', 'first'])
  assert.deepEqual(window.reported, [error, error])
})

test('where nothing reports errors, they are thrown once the message is done with', (context) => {
  const later: (() => void)[] = []
  context.mock.method(globalThis, 'setTimeout', (act: () => void) => later.push(act))
  const window = new FakeWindow()
  Object.defineProperty(window, 'reportError', { value: undefined })
  listenToVirtualAgent(window as never, { origin: ORIGIN, onJoined: throwing })
  window.post(JOINED)
  assert.equal(later.length, 1)
  assert.throws(() => later[0]?.(), /do not touch/)
})

test('every callback may be absent', () => {
  const window = new FakeWindow()
  listenToVirtualAgent(window as never, { origin: ORIGIN })
  for (const event of [...EVENTS, 'hello']) window.post(event)
  assert.deepEqual(window.reported, [])
})

test('callbacks keep their object', () => {
  const window = new FakeWindow()
  class Page implements ListenOptions {
    readonly origin = ORIGIN
    readonly seen: unknown[] = []
    onJoined(event: unknown): void {
      this.seen.push(event)
    }
  }
  const page = new Page()
  listenToVirtualAgent(window as never, page)
  window.post(JOINED)
  assert.deepEqual(page.seen, [JOINED])
})

test('once stopped, it is over: for this listener alone, and as often as one likes', () => {
  const { window, calls, stop } = listen()
  const others: unknown[] = []
  listenToVirtualAgent(window as never, { origin: ORIGIN, onJoined: (event) => void others.push(event) })
  window.post(JOINED)
  stop()
  stop()
  window.post(JOINED)
  assert.deepEqual([calls.length, others.length], [1, 2])
})

test('a callback may stop its own listener', () => {
  const window = new FakeWindow()
  let count = 0
  const stop = listenToVirtualAgent(window as never, {
    origin: ORIGIN,
    onJoined: () => {
      count++
      stop()
    },
  })
  window.post(JOINED)
  window.post(JOINED)
  assert.equal(count, 1)
})

import { isMap, type Json } from '../webhook/random-case.ts'

/** What becomes of a text or a number. */
export type Leaf = (leaf: string | number) => unknown
export type Chosen = (name: string) => boolean

const mapValues = (map: Json, change: (key: string, value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(key, value)]))

function changeLeaves(value: unknown, leaf: Leaf): unknown {
  if (typeof value === 'string' || typeof value === 'number') return leaf(value)
  if (Array.isArray(value)) return value.map((item) => changeLeaves(item, leaf))
  return isMap(value) ? mapValues(value, (_, item) => changeLeaves(item, leaf)) : value
}

/** Changes what stands under a chosen name, at any depth. */
function changeUnder(value: unknown, chosen: Chosen, leaf: Leaf): unknown {
  if (Array.isArray(value)) return value.map((item) => changeUnder(item, chosen, leaf))
  if (!isMap(value)) return value
  return mapValues(value, (key, item) => (chosen(key) ? changeLeaves(item, leaf) : changeUnder(item, chosen, leaf)))
}

/** What `change` makes of what stands at a path; `*` is every item of a list. Where the request has another form, it stays. */
function changeAt(value: unknown, [step, ...rest]: readonly string[], change: (value: unknown) => unknown): unknown {
  if (step === undefined) return change(value)
  if (step === '*') return Array.isArray(value) ? value.map((item) => changeAt(item, rest, change)) : value
  return isMap(value) && Object.hasOwn(value, step) ? { ...value, [step]: changeAt(value[step], rest, change) } : value
}

const MAPS = [['sessionInfo', 'parameters'], ['intentInfo', 'parameters'], ['payload']]
const FORM = ['pageInfo', 'formInfo', 'parameterInfo', '*']
const UTTERANCES = ['text', 'transcript', 'dtmfDigits']

/** The request with other values of the parameters that are `chosen` by their name, and of what is chosen `inside` of the others. */
export function changeRequest(body: Json, chosen: Chosen, inside: Chosen, leaf: Leaf): Json {
  const change = (name: string, value: unknown): unknown =>
    chosen(name) ? changeLeaves(value, leaf) : changeUnder(value, inside, leaf)
  const changeMap = (map: unknown): unknown => (isMap(map) ? mapValues(map, change) : map)
  const changeInfo = (info: unknown): unknown =>
    isMap(info) ? changeAt(info, ['value'], (value) => change(String(info.displayName), value)) : info
  let changed: unknown = body
  for (const path of MAPS) changed = changeAt(changed, path, changeMap)
  changed = changeAt(changed, FORM, changeInfo)
  for (const key of UTTERANCES) changed = changeAt(changed, [key], (said) => change('user-utterance', said))
  return changed as Json
}

/** Another value, as set and as long as before. */
export const another: Leaf = (leaf) =>
  typeof leaf === 'number'
    ? leaf + 1
    : leaf.replace(/[a-z]/gi, rotate).replace(/\d/g, (digit) => `${(+digit + 1) % 10}`)

const rotate = (letter: string): string => ({ z: 'a', Z: 'A' })[letter] ?? String.fromCharCode(letter.charCodeAt(0) + 1)

export const CANARY = 'Kanarie-7Q9Z-0000'
/** What stands before the four letters that a mask may show. */
export const BEFORE_LAST_4 = CANARY.slice(-8, -4)
export const canary: Leaf = (leaf) => (typeof leaf === 'number' ? leaf : CANARY)

const IDS = ['tag', 'session', 'currentPage']

/** Every text of a request another, but for its tag and ids; and a key more in every map. */
export function fillWith(text: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => fillWith(text, item))
  if (!isMap(value)) return typeof value === 'string' ? text : value
  return { ...mapValues(value, (key, item) => (IDS.includes(key) ? item : fillWith(text, item))), [text]: text }
}

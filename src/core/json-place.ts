import type { Path, Span } from './source.ts'

const TOKEN = /[ \t\r\n]*("[^"\\]*(?:\\.[^"\\]*)*"|[^ \t\r\n,:{}[\]"]+|[{}[\],:])/suy

/** Where a value, or with `of: 'key'` the key before it, stands in valid JSON text; undefined where the path leads nowhere. */
export function findJsonPlace(text: string, path: Path, of: 'key' | 'value' = 'value'): Span | undefined {
  const walk = new Walk(text)
  let key: Span | undefined
  for (const step of path) {
    const found = walk.enter(step)
    if (!found) return undefined
    key = found.key
  }
  const value = walk.skip()
  return of === 'key' ? (key ?? value) : value
}

/** The values that stand one behind the other in a text, as `cat` puts files together; whether each is JSON is not looked at. */
export function* splitJson(text: string): Generator<Span> {
  const walk = new Walk(text)
  for (let span = walk.skip(); span.end > span.start; span = walk.skip()) yield span
}

/** The items of valid JSON text that is a list. */
export function* splitList(text: string): Generator<Span> {
  const walk = new Walk(text)
  for (let item = walk.item(); item; item = walk.item()) yield item
}

/** Goes through the tokens of a text from a value on. */
class Walk {
  readonly #text: string
  #at = 0
  #start = 0

  constructor(text: string) {
    this.#text = text
  }

  #next(): string {
    TOKEN.lastIndex = this.#at
    const token = TOKEN.exec(this.#text)?.[1] ?? ''
    this.#at = token === '' ? this.#text.length : TOKEN.lastIndex
    this.#start = this.#at - token.length
    return token
  }

  /** Behind the value that begins here. */
  skip(): Span {
    let depth = 0
    let token = this.#next()
    const start = this.#start
    for (;;) {
      if (token === '{' || token === '[') depth++
      else if (token === '}' || token === ']') depth--
      if (depth <= 0 || token === '') return { start, end: this.#at }
      token = this.#next()
    }
  }

  /** Behind the item that comes next in the list that begins or goes on here; undefined at its end. */
  item(): Span | undefined {
    const token = this.#next()
    if (token !== '[' && token !== ',') return undefined
    const behind = this.#at
    if (this.#next() === ']') return undefined
    this.#at = behind
    return this.skip()
  }

  /** To the value of a key or index of the value that begins here; of a key that stands there twice, the last one counts. */
  enter(step: PropertyKey): { readonly key: Span | undefined } | undefined {
    const isMap = this.#next() === '{'
    let found: { readonly key: Span | undefined; readonly at: number } | undefined
    for (let index = 0; ; index++) {
      const token = this.#next()
      if (token === '' || token === '}' || token === ']') break
      if (!isMap) this.#at = this.#start
      const key = isMap ? { start: this.#start, end: this.#at } : undefined
      if (isMap) this.#next()
      if ((isMap ? JSON.parse(token) : index) === step) found = { key, at: this.#at }
      this.skip()
      if (this.#next() !== ',') break
    }
    if (found) this.#at = found.at
    return found
  }
}

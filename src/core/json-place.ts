import type { Path, Span } from './source.ts'

const TOKEN = /[ \t\r\n]*("[^"\\]*(?:\\.[^"\\]*)*"|[^ \t\r\n,:{}[\]"]+|[{}[\],:])/suy

/** Where the values of valid JSON text stand. Each map and list is gone through once, however many places in it are looked for. */
export class JsonPlaces {
  readonly #walk: Walk
  readonly #root: Found

  constructor(text: string) {
    this.#walk = new Walk(text)
    this.#root = { span: this.#walk.skip() }
  }

  /** Undefined where the path leads nowhere. */
  find(path: Path): Span | undefined {
    let found: Found | undefined = this.#root
    for (const step of path) found = found && this.#inside(found).get(step)
    return found?.span
  }

  #inside(found: Found): ReadonlyMap<PropertyKey, Found> {
    found.inside ??= this.#walk.inside(found.span)
    return found.inside
  }
}

/** A value, and those inside it once they have been looked for. */
interface Found {
  readonly span: Span
  inside?: ReadonlyMap<PropertyKey, Found>
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

  /** By key or index, what stands in a value; of a key that stands there twice, the last one counts. */
  inside({ start }: Span): Map<PropertyKey, Found> {
    this.#at = start
    const isMap = this.#next() === '{'
    const found = new Map<PropertyKey, Found>()
    for (let index = 0; ; index++) {
      const token = this.#next()
      if (token === '' || token === '}' || token === ']') break
      if (isMap) this.#next()
      else this.#at = this.#start
      found.set(isMap ? JSON.parse(token) : index, { span: this.skip() })
      if (this.#next() !== ',') break
    }
    return found
  }
}

/** The keys of valid JSON text that stand in their map a second time: the value of the first is lost to whoever parses it. */
export function duplicateKeys(text: string): { readonly key: string; readonly span: Span }[] {
  const found: { key: string; span: Span }[] = []
  const open: Set<string>[] = []
  let last: { key: string; span: Span } | undefined
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [, token = ''] = match
    const end = TOKEN.lastIndex
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':' && last) {
      const keys = open.at(-1)
      if (keys?.has(last.key)) found.push(last)
      keys?.add(last.key)
    }
    last = token.startsWith('"') ? { key: JSON.parse(token), span: { start: end - token.length, end } } : undefined
  }
  return found
}

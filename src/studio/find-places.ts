import type { Plan } from '../core/plan.ts'
import {
  childOf,
  entriesOf,
  entryOf,
  itemsOf,
  type MapEntry,
  type Range,
  rangeOf,
  type SourceFile,
  type SourceNode,
  type Span,
} from '../core/source.ts'

/** Where the things of a capture stand in its file: each from its key to the end of its value. */
export class Places {
  readonly #source: SourceFile
  readonly #capture: SourceNode | undefined

  constructor(source: SourceFile, plan: Plan) {
    this.#source = source
    this.#capture = itemsOf(childOf(source.root, 'captures')).find((capture) => {
      const tag = childOf(capture, 'tag')
      const { line, column } = rangeOf(source, tag ?? capture)
      return line === plan.place.line && column === plan.place.column
    })
  }

  at = (span: Span): Range => rangeOf(this.#source, span)

  /** The entry of the file that begins with this key. */
  entryAt(key: Span): Range {
    const entry = this.#variables().find(({ keySpan }) => keySpan.start === key.start)
    return entry ? this.#rangeOf(entry) : this.at(key)
  }

  /** What stands beside the variables: keys of `then`, `ujet` and `session_variable`, and parameters to set. */
  keys(): Record<string, Range> {
    const sessionVariable = childOf(childOf(this.#capture, 'ujet'), 'session_variable')
    const maps = [
      childOf(this.#capture, 'set_parameters'),
      sessionVariable,
      childOf(this.#capture, 'ujet'),
      childOf(this.#capture, 'then'),
    ]
    const entries = maps.flatMap(entriesOf).filter(({ key }) => key !== 'session_variable' && key !== 'payload')
    return Object.fromEntries(entries.map((entry) => [entry.key, this.#rangeOf(entry)]))
  }

  /** A block map ends where the next thing begins: the white space there is not its own. */
  #rangeOf({ keySpan, value }: MapEntry): Range {
    const text = this.#source.text.slice(keySpan.start, Math.max(keySpan.end, value.end))
    return this.at({ start: keySpan.start, end: keySpan.start + text.trimEnd().length })
  }

  #variables(): MapEntry[] {
    const sessionVariable = childOf(childOf(this.#capture, 'ujet'), 'session_variable')
    const captureKey = entryOf(sessionVariable, 'capture_key')
    return [
      ...entriesOf(childOf(this.#capture, 'variables')),
      ...entriesOf(childOf(sessionVariable, 'payload')),
      ...(captureKey ? [captureKey] : []),
    ]
  }
}

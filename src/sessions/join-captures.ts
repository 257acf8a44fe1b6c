import type { LoggedCall } from './read-log-line.ts'

/** What became of a capture's calls that lacked a required value. */
export interface CaptureEndings {
  readonly flow: string | undefined
  readonly tag: string
  /** Conversations in which a required value was missing at first, and in which a later call had all. */
  readonly missed: number
  readonly made: number
  /** Of those in which it was missing until the end: how their sessions ended, and how many so. */
  readonly endings: ReadonlyMap<string, number>
}

interface Capture {
  readonly flow: string | undefined
  readonly tag: string
  /** In its last call. */
  missing: readonly string[]
  hasMissed: boolean
  lastAt: number
}

/** The captures of one conversation, whatever the order in which its calls come: Cloud Logging gives the last one first. */
export class CaptureLog {
  readonly #captures = new Map<string, Capture>()

  /** `position` is the call's among all, for calls without a time. */
  add({ flow, tag, missing, atMs }: LoggedCall, position: number): void {
    if (tag === undefined) return
    const at = atMs ?? position
    const key = `${flow ?? ''}\n${tag}`
    const known = this.#captures.get(key)
    if (!known) this.#captures.set(key, { flow, tag, missing, hasMissed: missing.length > 0, lastAt: at })
    else {
      known.hasMissed ||= missing.length > 0
      if (at >= known.lastAt) Object.assign(known, { missing, lastAt: at })
    }
  }

  missingAtTheEnd(): readonly Capture[] {
    return [...this.#captures.values()].filter(({ missing }) => missing.length)
  }

  /** Over many conversations, each with how its session ended. */
  static summarize(conversations: readonly (readonly [log: CaptureLog, ending: string])[]): CaptureEndings[] {
    const all = new Map<
      string,
      { flow: string | undefined; tag: string; missed: number; made: number; endings: Map<string, number> }
    >()
    for (const [log, ending] of conversations)
      for (const [key, { flow, tag, missing, hasMissed }] of log.#captures) {
        if (!hasMissed) continue
        const capture = all.get(key) ?? { flow, tag, missed: 0, made: 0, endings: new Map() }
        all.set(key, capture)
        capture.missed++
        if (missing.length === 0) capture.made++
        else capture.endings.set(ending, (capture.endings.get(ending) ?? 0) + 1)
      }
    return [...all.values()]
  }
}

import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { hasBrowser, withoutBrowser } from '../browser.ts'
import { start } from './processes.ts'
import type { Measure } from './rounds.ts'
import { median } from './statistics.ts'

/** Milliseconds: from the key, and from the question that is asked once typing pauses. */
interface Times {
  readonly whole: number
  readonly asked: number
}

interface Round {
  readonly one: Times
  readonly many: Times
}

const GOAL = { atMost: 3 }

/** The audiences of a keystroke in the studio: with many flow files they should take little longer than with one. */
export const measureStudio: Measure = async ({ node }) => {
  if (!hasBrowser) {
    console.error(`Not measured: ${withoutBrowser}`)
    return []
  }
  const program = [node, '--import', 'tsx', join(import.meta.dirname, 'studio.ts')]
  const child = start(program, undefined, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [code]] = await Promise.all([child.stdout ? text(child.stdout) : '', once(child, 'exit')])
  if (code !== 0) throw new Error('The studio could not be typed in.')
  const rounds: readonly Round[] = JSON.parse(output)
  const inMilliseconds = (of: keyof Round): string => median(rounds.map((round) => round[of].whole)).toFixed(0)
  console.error(
    `From the key, p95: ${inMilliseconds('one')} ms with 1 flow file, ${inMilliseconds('many')} ms with 200`,
  )
  return [
    {
      measure: 'Studio, 200 flow files / 1: from a key to its audiences on the screen, p95',
      goal: GOAL,
      ratios: rounds.map(({ one, many }) => many.whole / one.whole),
    },
    {
      measure: 'The same without the pause that waits for more typing',
      goal: GOAL,
      ratios: rounds.map(({ one, many }) => many.asked / one.asked),
    },
  ]
}

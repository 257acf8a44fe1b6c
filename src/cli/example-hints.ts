import { describeNote } from '../core/audience.ts'
import { isMap } from '../core/json.ts'
import type { ExampleResult, Mismatch } from '../webhook/run-example.ts'

/** What may help to see why an example fails: what became of its values, and what YAML made of what it expects. */
export function hintsOn({ answered, mismatches }: ExampleResult): string[] {
  const notes = (answered.event.notes ?? []).filter(({ code }) => code === 'does-not-fit' || code.endsWith('by-policy'))
  return mismatches.length ? [...new Set([...notes.map(describeNote), ...mismatches.flatMap(hintsOfQuotes)])] : []
}

function hintsOfQuotes({ expected, came }: Mismatch): string[] {
  if (!isMap(expected) || !isMap(came)) return []
  return Object.entries(expected).flatMap(([key, value]): string[] => {
    if (value === null && !Object.hasOwn(came, key))
      return [`${JSON.stringify(key)} has no value: text with a comma in it needs quotes.`]
    if (value === came[key] || String(value) !== String(came[key])) return []
    if (typeof value === 'string' && typeof came[key] === 'number')
      return [`${key} came as a number: expect it without quotes.`]
    return typeof came[key] === 'string' ? [`${key} came as text: expect it in quotes.`] : []
  })
}

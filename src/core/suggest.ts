const MAX_LENGTH = 256

/** Rows of the table below, used again for every pair of words. */
let [row, last, beforeLast] = [0, 1, 2].map(() => new Uint16Array(MAX_LENGTH + 1)) as [
  Uint16Array,
  Uint16Array,
  Uint16Array,
]

/** How many single letters must be added, dropped, changed or swapped with a neighbour to turn `a` into `b` (optimal string alignment); any number above `limit` where it is more. */
function editDistance(a: string, b: string, limit: number): number {
  for (let j = 0; j <= b.length; j++) last[j] = j
  let leastBefore = 0
  for (let i = 1; i <= a.length; i++) {
    row[0] = i
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const isSame = a.charCodeAt(i - 1) === b.charCodeAt(j - 1)
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1))
      if (i > 1 && j > 1 && a.charCodeAt(i - 1) === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1))
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      row[j] = best
      if (best < least) least = best
    }
    if (least > limit && leastBefore > limit) return least
    leastBefore = least
    ;[row, last, beforeLast] = [beforeLast, row, last]
  }
  return last[b.length] ?? 0
}

const MAX_SLIPS = 2

/** The known word that a slip of the hand made this one of: a letter or two, upper case, another separator. */
export function misspelt<Word extends string>(word: string, known: readonly Word[]): Word | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  if (word.length > MAX_LENGTH) return undefined
  return known.find(
    (candidate) => candidate !== word && editDistance(plain(word), plain(candidate), MAX_SLIPS) <= MAX_SLIPS,
  )
}

/** A third of the letters; of one letter, none: any other would be near. */
const slipsIn = (length: number): number => (length === 1 ? 0 : Math.max(1, Math.floor(length / 3)))

/** The known words near a mistyped one, nearest first, at most three and none more than twice as far as the nearest; none when nothing is near. */
export function suggest(word: string, known: Iterable<string>): string[] {
  if (word.length > MAX_LENGTH) return []
  const typed = word.toLowerCase()
  const near: { candidate: string; distance: number }[] = []
  for (const candidate of known) {
    const limit = slipsIn(Math.max(typed.length, candidate.length))
    if (candidate.length > MAX_LENGTH || Math.abs(candidate.length - typed.length) > limit) continue
    const distance = editDistance(typed, candidate.toLowerCase(), limit)
    if (distance <= limit) near.push({ candidate, distance })
  }
  near.sort((a, b) => a.distance - b.distance)
  const farthest = Math.max(1, 2 * (near[0]?.distance ?? 0))
  return near
    .filter(({ distance }) => distance <= farthest)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

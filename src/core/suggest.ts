const MAX_LENGTH = 256

/** How many single letters must be added, dropped, changed or swapped with a neighbour to turn `a` into `b` (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1)
      row.push(best)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The known word that a slip of the hand made this one of: a letter or two, upper case, another separator. */
export function misspelt<Word extends string>(word: string, known: readonly Word[]): Word | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  if (word.length > MAX_LENGTH) return undefined
  return known.find((candidate) => candidate !== word && editDistance(plain(word), plain(candidate)) <= 2)
}

/** The known words near a mistyped one, nearest first, at most three and none more than twice as far as the nearest; none when nothing is near. */
export function suggest(word: string, known: Iterable<string>): string[] {
  if (word.length > MAX_LENGTH) return []
  const typed = word.toLowerCase()
  const near: { candidate: string; distance: number }[] = []
  for (const candidate of known) {
    const limit = Math.max(1, Math.floor(Math.max(typed.length, candidate.length) / 3))
    if (candidate.length > MAX_LENGTH || Math.abs(candidate.length - typed.length) > limit) continue
    const distance = editDistance(typed, candidate.toLowerCase())
    if (distance <= limit) near.push({ candidate, distance })
  }
  near.sort((a, b) => a.distance - b.distance)
  const farthest = Math.max(1, 2 * (near[0]?.distance ?? 0))
  return near
    .filter(({ distance }) => distance <= farthest)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

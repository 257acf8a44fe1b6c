/** Where a person or a program meets a session variable; the words of the platform's `capture_type`, in the order in which it is sent. */
export const SURFACES = ['agent', 'comment', 'event', 'data_parameters'] as const
export type Surface = (typeof SURFACES)[number]

/** Surfaces as bits, the first of `SURFACES` being 1: sets are compared on every answer. */
export type SurfaceSet = number
export const NOBODY: SurfaceSet = 0
export const EVERYBODY: SurfaceSet = (1 << SURFACES.length) - 1

export const isSurface = (word: unknown): word is Surface => SURFACES.includes(word as Surface)

const BITS: ReadonlyMap<unknown, SurfaceSet> = new Map(SURFACES.map((surface, i) => [surface, 1 << i]))

/** The bit of one surface; 0 for a word that is no surface. */
export const bitOf = (word: unknown): SurfaceSet => BITS.get(word) ?? NOBODY

export const surfaceSet = (words: Iterable<unknown>): SurfaceSet => {
  let set = NOBODY
  for (const word of words) set |= bitOf(word)
  return set
}

const LISTS = Array.from({ length: EVERYBODY + 1 }, (_, set) => SURFACES.filter((surface) => set & bitOf(surface)))

export const surfacesOf = (set: SurfaceSet): readonly Surface[] => LISTS[set] ?? []

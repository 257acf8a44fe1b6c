/** Files hold few different words, millions of times; what somebody else wrote is not kept without end. */
const MOST = 1000

/** `make`, which is asked once for each text as long as there are few of them. */
export function remember<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    if (known.size >= MOST) known.clear()
    const made = make(text)
    known.set(text, made)
    return made
  }
}

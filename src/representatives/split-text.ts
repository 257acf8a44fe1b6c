/** Whether a text has more than `max` characters: Unicode's code points, for every limit of the bridge. */
export const isLonger = (text: string, max: number): boolean => charactersOf(text, max + 1).length > max

/** The first `count` at most; no character is longer than two UTF-16 units. */
const charactersOf = (text: string, count: number): string[] => [...text.slice(0, 2 * count)].slice(0, count)

/** Text in parts of at most `max` characters, cut at spaces where there are any. */
export function splitText(text: string, max: number): string[] {
  const parts: string[] = []
  let rest = text.trim()
  while (isLonger(rest, max)) {
    const at = cutIn(charactersOf(rest, max + 1))
    parts.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  return rest ? [...parts, rest] : parts
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Behind a line, else behind a word, unless that leaves less than half; else before the last, or what people see as one with it. */
function cutIn(characters: readonly string[]): number {
  const text = characters.join('')
  const space = [text.lastIndexOf('\n'), text.search(/\s\S*$/)].find((at) => at > text.length / 2)
  const last = text.length - (characters.at(-1)?.length ?? 0)
  return space ?? (graphemes.segment(text).containing(last)?.index || last)
}

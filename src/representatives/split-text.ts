/** Text in parts of at most `max` UTF-16 units, cut at spaces where there are any. */
export function splitText(text: string, max: number): string[] {
  const parts: string[] = []
  let rest = text.trim()
  while (rest.length > max) {
    const at = cutIn(rest, max)
    parts.push(rest.slice(0, at).trimEnd())
    rest = rest.slice(at).trimStart()
  }
  return rest ? [...parts, rest] : parts
}

/** Behind a line, else behind a word, unless that leaves less than half; never inside a character. */
function cutIn(text: string, max: number): number {
  const within = text.slice(0, max + 1)
  const space = [within.lastIndexOf('\n'), within.search(/\s\S*$/)].find((at) => at > max / 2)
  return space ?? (/[\uD800-\uDBFF]/.test(text[max - 1] ?? '') && max > 1 ? max - 1 : max)
}

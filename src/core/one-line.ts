/** What would end the line, turn the direction of the text around it, or not be seen at all. The joiners inside emoji stay. */
const UNSEEN = /[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A name or value as one line in which every character is seen for what it is. */
export const oneLine = (text: string): string =>
  text.replace(UNSEEN, (character) => SHORT[character] ?? codeOf(character))

const codeOf = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Prose as one line: what was broken into lines is joined. */
export const oneLineOfProse = (text: string): string => oneLine(text.replace(/\s+/g, ' ').trim())

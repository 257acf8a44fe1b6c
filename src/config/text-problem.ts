import type { SyntaxProblem } from '../core/json-problem.ts'

/** The text of a file, without its byte order mark, and what keeps it from being text. */
export function decode(bytes: Uint8Array): { text: string; problem?: SyntaxProblem | undefined } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return { text, problem: findControlCharacter(text) }
  } catch {
    return decodeBroken(bytes)
  }
}

function decodeBroken(bytes: Uint8Array): { text: string; problem: SyntaxProblem } {
  const text = new TextDecoder('utf-8').decode(bytes)
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { text, problem: { start: 0, end: 0, problem: 'this file is UTF-16 text; save it as UTF-8' } }
  const start = Math.max(text.indexOf('\uFFFD'), 0)
  return { text, problem: { start, end: start + 1, problem: 'this is not UTF-8 text; save the file as UTF-8' } }
}

/** YAML and JSON allow these nowhere (YAML 1.2, 5.1), and nobody sees them. */
function findControlCharacter(text: string): SyntaxProblem | undefined {
  const start = text.search(/[^\P{Cc}\t\n\r\u0085]/u)
  if (start < 0) return undefined
  const number = text.charCodeAt(start).toString(16).toUpperCase().padStart(4, '0')
  return {
    start,
    end: start + 1,
    problem: `a control character (U+${number}) stands here; remove it${number === '0000' ? ', or save the file as UTF-8' : ''}`,
  }
}

/** With a line break for every lone carriage return: it is one in YAML, of which the parser knows nothing. */
export const linesOf = (text: string): string => text.replace(/\r(?!\n)/g, '\n')

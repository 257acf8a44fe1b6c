import { Composer, type CST, type Document, Lexer, Parser, type YAMLError, YAMLParseError } from 'yaml'
import { MAX_DEPTH } from '../core/json.ts'

export const TOO_DEEP = `this is nested deeper than ${MAX_DEPTH} levels`

const OPTIONS = {
  prettyErrors: false,
  stringKeys: true,
  uniqueKeys: false,
  version: '1.2',
  merge: false,
  schema: 'core',
  /** Those of other schemas make bytes, dates and pairs, of which a flow file has none. */
  resolveKnownTags: false,
} as const

interface TooDeep {
  /** The offset of what is nested too deep. */
  readonly tooDeep: number
}

/** A document and what is wrong with it. */
export type Parsed = { readonly document: Document; readonly errors: readonly YAMLError[] } | TooDeep

/**
 * What the parser's own `parseDocument` does, but for what is nested too deep: it works by recursion, and where the stack ends it
 * throws, or V8 ends the process.
 */
export function parseYaml(text: string): Parsed {
  const tokens = tokensIn(text)
  if ('tooDeep' in tokens) return tokens
  const [document, another] = new Composer(OPTIONS).compose(tokens, true, text.length)
  if (!document) throw new Error('the parser makes a document of any text')
  const { errors, warnings } = document
  const multiple = another ? [new YAMLParseError([another.range[0], another.range[1]], 'MULTIPLE_DOCS', '')] : []
  return { document, errors: [...errors, ...multiple, ...warnings] }
}

function tokensIn(text: string): CST.Token[] | TooDeep {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    const deep =
      parser.stack.length > MAX_DEPTH ? parser.stack.filter((token) => 'items' in token)[MAX_DEPTH] : undefined
    if (deep) return { tooDeep: deep.offset }
  }
  tokens.push(...parser.end())
  return tokens
}

import assert from 'node:assert/strict'
import type { Loaded } from '../../src/config/loaded.ts'
import { showDiagnostics } from '../../src/config/show-diagnostic.ts'
import { CODES, messageOf, type Place } from '../../src/core/diagnostic.ts'

/**
 * What must be true of the diagnostics of any files: each points into a file, has a sentence, and errors keep the files from being
 * served. Each assertion has a message: Node would read the source to make one, which takes seconds.
 */
export function holdLoaded({
  diagnostics,
  texts,
  configuration,
}: Pick<Loaded, 'diagnostics' | 'texts' | 'configuration'>): void {
  const assertInside = insideOf(texts)
  for (const diagnostic of diagnostics) {
    for (const place of [diagnostic, ...diagnostic.related]) assertInside(place)
    assert.ok(CODES.includes(diagnostic.code), diagnostic.code)
    assert.ok(messageOf(diagnostic).length > 10, 'a sentence')
  }
  showDiagnostics(diagnostics, { folder: '', texts })
  assert.equal(
    configuration === undefined,
    diagnostics.some(({ severity }) => severity === 'error'),
  )
}

/** Fails for a place outside of its file. */
export type AssertInside = (place: Place) => void

/** Measures the lines once, however many places are looked at. */
export function insideOf(texts: ReadonlyMap<string, string>): AssertInside {
  const lengths = new Map<string, readonly number[]>()
  for (const [file, text] of texts)
    lengths.set(
      file,
      text.split(/\r\n|\n|\r/).map((line) => [...line].length),
    )
  return ({ file, line, column, endLine, endColumn }) => {
    const lines = lengths.get(file)
    assert.ok(lines, `a place in ${file}, which was not read`)
    const isIn = (l: number, c: number): boolean => l >= 1 && c >= 1 && c <= (lines[l - 1] ?? -1) + 1
    assert.ok(isIn(line, column), `${line}:${column} is outside of ${file}`)
    assert.ok(isIn(endLine, endColumn), `the end ${endLine}:${endColumn} is outside of ${file}`)
    const isForwards = endLine > line || (endLine === line && endColumn >= column)
    assert.ok(isForwards, `${line}:${column} to ${endLine}:${endColumn} runs backwards`)
  }
}

#!/usr/bin/env node
import { EXIT, NO_SCREEN, type Screen } from './command.ts'
import { run } from './run.ts'

/** Node's own judgement of a terminal, by TERM, NO_COLOR, FORCE_COLOR and what else it knows. */
function screenOf(stream: NodeJS.WriteStream): Screen {
  return stream.isTTY ? { colour: stream.hasColors(), width: stream.columns } : NO_SCREEN
}

/**
 * A command goes on where its output is not taken: others are served by it, or files written. Whoever reads may stop before the end, as
 * `head` does; what could not be written otherwise is told once, and in the end.
 */
function onUnwritten({ code }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE' || process.exitCode === EXIT.cannotRun) return
  process.stderr.write(`carryover: standard output cannot be written (${code}).\n`)
  process.exitCode = EXIT.cannotRun
}

process.stdout.on('error', onUnwritten)
// Nobody is left to be told.
process.stderr.on('error', () => {})

const code = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  screen: screenOf(process.stdout),
})
process.exitCode ||= code

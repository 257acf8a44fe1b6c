#!/usr/bin/env node
import { EXIT, NO_SCREEN, type Screen } from './command.ts'
import { run } from './run.ts'

/** Node's own judgement of a terminal, by TERM, NO_COLOR, FORCE_COLOR and what else it knows. */
function screenOf(stream: NodeJS.WriteStream): Screen {
  return stream.isTTY ? { colour: stream.hasColors(), width: stream.columns } : NO_SCREEN
}

/** Whoever reads may stop before the end, as `head` does; the command goes on, and ends as it would have. */
function onUnwritten({ code }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return
  process.stderr.write(`carryover: standard output cannot be written (${code}).\n`)
  process.exit(EXIT.cannotRun)
}

process.stdout.on('error', onUnwritten)
// Nobody is left to be told.
process.stderr.on('error', () => {})

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  screen: screenOf(process.stdout),
})

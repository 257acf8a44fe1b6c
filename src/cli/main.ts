#!/usr/bin/env node
import { NO_SCREEN, type Screen } from './command.ts'
import { run } from './run.ts'

/** Node's own judgement of a terminal, by TERM, NO_COLOR, FORCE_COLOR and what else it knows. */
function screenOf(stream: NodeJS.WriteStream): Screen {
  return stream.isTTY ? { colour: stream.hasColors(), width: stream.columns } : NO_SCREEN
}

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  screen: screenOf(process.stdout),
})

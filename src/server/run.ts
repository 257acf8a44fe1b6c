import { parseArgs } from 'node:util'
import { describeError } from './log.ts'
import { StartError } from './prepare.ts'
import { start } from './start.ts'

/** The program: starts the server with the environment and arguments of the process, or says why not. */
export async function run(): Promise<void> {
  try {
    await start(process.env, { watch: readArguments().watch })
  } catch (error) {
    console.error(error instanceof StartError ? error.message : JSON.stringify(describeError(error)))
    process.exitCode = 1
  }
}

function readArguments(): { watch: boolean } {
  try {
    return parseArgs({ options: { watch: { type: 'boolean', default: false } } }).values
  } catch {
    throw new StartError('usage: node dist/server/main.js [--watch]; everything else is set by the environment')
  }
}

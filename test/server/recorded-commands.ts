import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemporaryFolder } from '../cli/temporary-folder.ts'
import { type Ran, runProgram } from '../workflows/run-program.ts'

/** Notes its own name and each argument as it came, whatever is in it. */
const RECORDER = `#!/usr/bin/env bash
{ printf '%s\\0' "\${0##*/}" "$@"; echo; } >> "$COMMANDS"
`

export interface Recorded {
  readonly ran: Ran
  /** The calls of the programs, by name and arguments. */
  readonly commands: readonly (readonly string[])[]
}

/** Runs a script in a folder, with stand-ins for programs that would reach out of this machine. */
export async function record(script: string, programs: readonly string[], folder: TemporaryFolder): Promise<Recorded> {
  for (const program of programs) chmodSync(folder.write(`bin/${program}`, RECORDER), 0o755)
  const file = join(folder.path, 'commands')
  writeFileSync(file, '')
  const ran = await runProgram('bash', ['-eu', '-o', 'pipefail', '-c', script], {
    cwd: folder.path,
    environment: { PATH: `${join(folder.path, 'bin')}:${process.env.PATH}`, COMMANDS: file },
  })
  const commands = readFileSync(file, 'utf8').split('\0\n').slice(0, -1)
  return { ran, commands: commands.map((command) => command.split('\0')) }
}

import { NO_SCREEN, type Screen } from '../../src/cli/command.ts'
import { run } from '../../src/cli/run.ts'

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line in this process, with streams that remember. */
export async function runCli(
  args: readonly string[],
  environment: Record<string, string> = {},
  screen: Screen = NO_SCREEN,
  stdin?: AsyncIterable<Uint8Array>,
): Promise<Ran> {
  let [stdout, stderr] = ['', '']
  const remember = (keep: (text: string) => void) => ({ write: keep })
  const code = await run(args, {
    stdout: remember((text) => {
      stdout += text
    }),
    stderr: remember((text) => {
      stderr += text
    }),
    stdin,
    environment,
    screen,
  })
  return { code, stdout, stderr }
}

import { parseArgs } from 'node:util'
import { type RunningStudio, StudioError, startStudio } from '../studio/start-studio.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { chooseFolder } from './flow-folder.ts'

const DEFAULT_PORT = 4040

export const studio: Command = {
  usage: 'studio [DIR] [--edit-policy] [--port N]',
  summary: 'Opens the flow files below DIR (default: flows) in a page that shows, while you type, who sees what.',
  details: `--edit-policy  the policy can be changed and saved too
--port N       where to listen (default: ${DEFAULT_PORT}, or any free port where it is taken)

The page is for this computer alone, and for whoever has the address that is printed. Stop it with Ctrl+C.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'edit-policy': { type: 'boolean', default: false }, port: { type: 'string' } },
      allowPositionals: true,
    })
    if (positionals.length > 1) throw new UsageError('one folder at a time')
    const running = await openStudio(positionals[0], io, {
      editPolicy: values['edit-policy'],
      port: readPort(values.port),
    })
    await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
    await running.stop()
    return EXIT.fine
  },
}

/** Starts the studio and prints its address. */
export async function openStudio(
  folder: string | undefined,
  io: Io,
  { editPolicy = false, port = DEFAULT_PORT } = {},
): Promise<RunningStudio> {
  const chosen = chooseFolder(folder, io)
  const policyFile = io.environment.POLICY_FILE || undefined
  const running = await startStudio({ folder: chosen, policyFile, editPolicy, port }).catch((error: unknown) => {
    throw error instanceof StudioError ? new CannotRunError(error.message) : error
  })
  io.stdout.write(`\nThe studio shows ${chosen}/ at\n\n  ${running.url}\n\n`)
  return running
}

function readPort(given: string | undefined): number {
  if (given === undefined) return DEFAULT_PORT
  if (/^\d{1,5}$/.test(given) && Number(given) <= 65_535) return Number(given)
  throw new UsageError(`--port takes a number up to 65535, not ${JSON.stringify(given)}`)
}

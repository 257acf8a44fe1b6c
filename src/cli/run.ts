import { FolderError } from '../config/folder.ts'
import { VERSION } from '../config/version.ts'
import { oneLine } from '../core/one-line.ts'
import { suggest } from '../core/suggest.ts'
import { AGENT_COMMANDS } from './agent.ts'
import { bridge } from './bridge.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { dictionary } from './dictionary.ts'
import { explain } from './explain.ts'
import { newFlow } from './new.ts'
import { preview } from './preview.ts'
import { schema } from './schema.ts'
import { serve } from './serve.ts'
import { SESSIONS_COMMANDS } from './sessions.ts'
import { studio } from './studio.ts'
import { test } from './test.ts'
import { validate } from './validate.ts'

/** By their names; those with a second word are found by both. */
const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ...Object.entries({ new: newFlow, validate, test, preview, explain, schema, dictionary, studio }),
  ...[...AGENT_COMMANDS].map(([name, command]): [string, Command] => [`agent ${name}`, command]),
  ['bridge', bridge],
  ...[...SESSIONS_COMMANDS].map(([name, command]): [string, Command] => [`sessions ${name}`, command]),
  ['serve', serve],
])

/** The first words of the commands that have two. */
const FAMILIES = new Set([...COMMANDS.keys()].filter((name) => name.includes(' ')).map((name) => name.split(' ')[0]))

/** Runs `carryover ARGS…` and gives its exit code. */
export async function run(words: readonly string[], io: Io): Promise<number> {
  const [first, second, ...others] = words
  if (first !== undefined && FAMILIES.has(first)) {
    if (second === undefined || second === '--help' || second === '-h')
      return showFamily(first, second !== undefined, io)
    return runNamed(`${first} ${second}`, others, io)
  }
  return runNamed(first, words.slice(1), io)
}

function showFamily(first: string, wanted: boolean, io: Io): number {
  const own = [...COMMANDS].filter(([name]) => name.startsWith(`${first} `)).map(([, command]) => command)
  ;(wanted ? io.stdout : io.stderr).write(overview(own))
  return wanted ? EXIT.fine : EXIT.usage
}

async function runNamed(name: string | undefined, args: readonly string[], io: Io): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const wanted = name === undefined
    ;(wanted ? io.stderr : io.stdout).write(overview())
    return wanted ? EXIT.usage : EXIT.fine
  }
  if (name === '--version') {
    io.stdout.write(`${VERSION}\n`)
    return EXIT.fine
  }
  const command = COMMANDS.get(name)
  if (!command) {
    const [near] = suggest(name, COMMANDS.keys())
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`
    io.stderr.write(`carryover: there is no command ${oneLine(JSON.stringify(name))}.${hint}\n\n${overview()}`)
    return EXIT.usage
  }
  if (args.includes('--help') || args.includes('-h')) {
    io.stdout.write(
      `Usage: carryover ${command.usage}\n\n${command.summary}\n${command.details ? `\n${command.details}\n` : ''}`,
    )
    return EXIT.fine
  }
  return runCommand(name, command, args, io)
}

async function runCommand(name: string, command: Command, args: readonly string[], io: Io): Promise<number> {
  try {
    return await command.run(args, io)
  } catch (error) {
    if (isUsage(error)) {
      io.stderr.write(
        `carryover ${name}: ${inLines(adviseOnOption(error.message, command))}\nUsage: carryover ${command.usage}\n`,
      )
      return EXIT.usage
    }
    if (!(error instanceof CannotRunError || error instanceof FolderError)) throw error
    io.stderr.write(`carryover ${name}: ${inLines(error.message)}\n`)
    return EXIT.cannotRun
  }
}

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS'))

/** Names of files, and arguments, may hold what steers a terminal. */
const inLines = (message: string): string => message.split('\n').map(oneLine).join('\n')

/** Node's advice is for programmers; ours is the option that was meant. */
function adviseOnOption(message: string, { usage }: Command): string {
  const typed = /^Unknown option '(-[^']*)'/.exec(message)
  if (!typed) return message
  const [near] = suggest(typed[1] ?? '', new Set(usage.match(/--[a-z-]+/g)))
  return `${typed[0]}.${near === undefined ? '' : ` Did you mean "${near}"?`}`
}

function overview(commands: Iterable<Command> = COMMANDS.values()): string {
  const lines = [...commands].map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
  return `Usage: carryover COMMAND\n\n${lines.join('\n')}\n\nEach command explains itself with --help. Exit codes: 0 fine, 1 problems found, 2 wrong usage, 3 could not run.\n`
}

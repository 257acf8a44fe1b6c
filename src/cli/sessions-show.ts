import { parseArgs } from 'node:util'
import { oneLine } from '../core/one-line.ts'
import { NO_POLICY } from '../core/policy.ts'
import { describeSession, type SessionDescription } from '../sessions/describe-session.ts'
import type { Reading } from '../sessions/read-document.ts'
import type { Session } from '../sessions/session.ts'
import { supersedes } from '../sessions/supersedes.ts'
import { drawSessionPage } from '../studio/session-page.ts'
import { type Command, EXIT, type Io, type Screen, UsageError } from './command.ts'
import { drawSession } from './draw-session.ts'
import { readFormat } from './report-diagnostics.ts'
import { Complaints, PATHS_HELP, readSessionFiles } from './session-files.ts'
import { readPolicy } from './session-policy.ts'

const SHOW = {
  text: drawSession,
  json: (description) => `${JSON.stringify(description, null, 2)}\n`,
  html: drawSessionPage,
} as const satisfies Readonly<Record<string, (description: SessionDescription, screen: Screen) => string>>
const FORMATS = Object.keys(SHOW) as readonly (keyof typeof SHOW)[]

export const sessionsShow: Command = {
  usage: `sessions show PATH… [--session ID] [--reveal] [--dir DIR] [--format ${FORMATS.join('|')}]`,
  summary: 'One session: what happened when, who took part, how it ended and why.',
  details: `${PATHS_HELP}

--session ID  which one, where there are several: its number or uuid, or "call 12345". Of two exports the final one is shown
--reveal      what the caller left in the clear: parameters, numbers, feedback, notes, tickets. Not what DIR/policy.yaml keeps from the
              CRM record ("comment"), nor what its detectors find, wherever it stands
--dir DIR     the folder with the policy (default: flows)
--format      json is for programs; html is one page that needs nothing else`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        session: { type: 'string' },
        reveal: { type: 'boolean', default: false },
        dir: { type: 'string' },
        format: { type: 'string', default: 'text' },
      },
      allowPositionals: true,
    })
    const format = readFormat(values.format, FORMATS)
    const complaints = new Complaints(io)
    const policy = values.reveal ? await readPolicy(values.dir, io) : NO_POLICY
    if (values.reveal && policy.file === undefined)
      io.stderr.write('carryover: there is no policy.yaml: nothing limits what --reveal shows.\n')
    const session = await find(readSessionFiles(positionals, io), values.session, complaints)
    complaints.end()
    if (!session) return tellNone(values.session, io)
    io.stdout.write(SHOW[format](describeSession(session, { reveal: values.reveal, policy }), io.screen))
    return complaints.code
  },
}

/** How many of several sessions are named. */
const MAX_NAMED = 5

/** The one session that is meant, its final export; nothing of the others is kept. */
async function find(
  readings: AsyncIterable<Reading>,
  wanted: string | undefined,
  complaints: Complaints,
): Promise<Session | undefined> {
  const others = new Set<string>()
  let found: Session | undefined
  for await (const { session, diagnostics } of readings) {
    for (const diagnostic of diagnostics) complaints.tell(diagnostic)
    if (!session || (wanted !== undefined && !isCalled(session, wanted))) continue
    if (found && nameOf(found) !== nameOf(session)) {
      if (others.size <= MAX_NAMED) others.add(nameOf(session))
    } else if (!found || supersedes(session, found)) found = session
  }
  if (!found || others.size === 0) return found
  const names = [nameOf(found), ...others]
  const named = names.length > MAX_NAMED ? [...names.slice(0, MAX_NAMED), '…'] : names
  throw new UsageError(`there are several sessions: name one with --session (${named.join(', ')})`)
}

const nameOf = ({ key }: Session): string => oneLine(key ?? 'one without an id')

const isCalled = ({ key, id, uuid }: Session, wanted: string): boolean =>
  [key, id, uuid, key?.replace(' ', '-'), key?.replace(' ', '_')].includes(wanted)

function tellNone(wanted: string | undefined, io: Io): number {
  const which = wanted === undefined ? 'no session' : `no session ${oneLine(JSON.stringify(wanted))}`
  io.stderr.write(`carryover sessions show: there is ${which} in what was read.\n`)
  return EXIT.problems
}

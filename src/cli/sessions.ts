import type { Command } from './command.ts'
import { sessionsCheck } from './sessions-check.ts'
import { sessionsJoin } from './sessions-join.ts'
import { sessionsReport } from './sessions-report.ts'
import { sessionsShow } from './sessions-show.ts'

/** The commands of `carryover sessions`. */
export const SESSIONS_COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({ show: sessionsShow, report: sessionsReport, join: sessionsJoin, check: sessionsCheck }),
)

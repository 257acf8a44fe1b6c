import { agentCheck } from './agent-check.ts'
import { agentImport } from './agent-import.ts'
import { agentPull } from './agent-pull.ts'
import { agentRegister } from './agent-register.ts'
import { agentTry } from './agent-try.ts'
import type { Command } from './command.ts'

/** The commands of `carryover agent`. */
export const AGENT_COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({ pull: agentPull, check: agentCheck, import: agentImport, register: agentRegister, try: agentTry }),
)

import { stat } from 'node:fs/promises'
import { readFolder } from '../config/folder.ts'
import { load } from '../config/load.ts'
import { pathIn } from '../config/show-diagnostic.ts'
import { messageOf } from '../core/diagnostic.ts'
import { NO_POLICY, type Policy } from '../core/policy.ts'
import { CannotRunError, type Io } from './command.ts'
import { chooseFolder } from './flow-folder.ts'

/** The policy of the folder of flow files; none where nobody named a folder, and there is none. */
export async function readPolicy(named: string | undefined, io: Io): Promise<Policy> {
  const folder = chooseFolder(named, io)
  const isNamed = named !== undefined || Boolean(io.environment.FLOWS_DIR)
  if (!isNamed && !(await stat(folder).catch(() => undefined))) return NO_POLICY
  const files = await readFolder(folder, io.environment.POLICY_FILE || undefined, { mayBeEmpty: true })
  const { configuration, diagnostics } = load({ ...files, flows: [] })
  if (configuration) return configuration.policy
  const [first] = diagnostics.filter(({ severity }) => severity === 'error')
  const place = first ? `${pathIn(folder, first.file)}:${first.line}: ${messageOf(first)}` : folder
  throw new CannotRunError(`the policy has mistakes (${place}); see "carryover validate ${folder}"`)
}

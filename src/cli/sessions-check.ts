import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pathIn } from '../config/show-diagnostic.ts'
import { byPlace, type Diagnostic } from '../core/diagnostic.ts'
import type { Policy } from '../core/policy.ts'
import { checkSession } from '../sessions/check-session.ts'
import type { Reading } from '../sessions/read-document.ts'
import { type Command, EXIT, type Io } from './command.ts'
import { chooseFolder } from './flow-folder.ts'
import { DIAGNOSTIC_FORMATS, plural, readFormat, readMaxWarnings, reportDiagnostics } from './report-diagnostics.ts'
import { PATHS_HELP, readSessionFiles, tellNoSession } from './session-files.ts'
import { readPolicy } from './session-policy.ts'

/** A month may hold millions of them, and they wait for the end to be sorted. */
const MAX_LISTED = 10_000

export const sessionsCheck: Command = {
  usage: `sessions check PATH… [--dir DIR] [--format ${DIAGNOSTIC_FORMATS.join('|')}] [--max-warnings N]`,
  summary:
    'What the platform kept in session metadata though the policy keeps it from the CRM record, and what detectors find.',
  details: `${PATHS_HELP}

Metadata is attached to the CRM record, so that rules of the policy hold for it as they do for "comment": for data parameters, SIP headers,
the caller's names and numbers, feedback, notes, tickets, and keys that are not known here. Every detector looks at everything but times and
the ids that the platform gives. No value is printed; what was found is masked. A key that stands twice in one map is told:
readers of JSON see its last value alone.

--dir DIR     the folder with the policy (default: flows)
--format, --max-warnings  as with "carryover validate"; more than ${MAX_LISTED.toLocaleString('en-US')} places are counted, not listed`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string' },
        format: { type: 'string', default: 'text' },
        'max-warnings': { type: 'string' },
      },
      allowPositionals: true,
    })
    const options = {
      format: readFormat(values.format, DIAGNOSTIC_FORMATS),
      maxWarnings: readMaxWarnings(values['max-warnings']),
    }
    const readings = readSessionFiles(positionals, io)
    const policy = await readPolicy(values.dir, io)
    const folder = chooseFolder(values.dir, io)
    const { diagnostics, records, left, leftErrors } = await check(readings, policy, folder)
    const texts = await policyText(policy, folder)
    const code = reportDiagnostics({ diagnostics, texts, folder: '', files: records, unit: 'record' }, options, io)
    tellMore(left, policy, io)
    if (records === 0) return tellNoSession('check', io)
    return leftErrors ? EXIT.problems : code
  },
}

interface Checked {
  readonly diagnostics: readonly Diagnostic[]
  readonly records: number
  /** How many diagnostics are not listed. */
  readonly left: number
  readonly leftErrors: number
}

async function check(readings: AsyncIterable<Reading>, policy: Policy, folder: string): Promise<Checked> {
  const diagnostics: Diagnostic[] = []
  let [records, left, leftErrors] = [0, 0, 0]
  for await (const reading of readings) {
    if (reading.session) records++
    for (const found of [...reading.diagnostics, ...checkSession(reading, policy)])
      if (diagnostics.length < MAX_LISTED) diagnostics.push(withPolicyIn(found, folder))
      else {
        left++
        if (found.severity === 'error') leftErrors++
      }
  }
  return { diagnostics: diagnostics.sort(byPlace), records, left, leftErrors }
}

/** Sessions lie anywhere; the policy lies in its folder. */
const withPolicyIn = (found: Diagnostic, folder: string): Diagnostic => ({
  ...found,
  related: found.related.map((place) => ({ ...place, file: pathIn(folder, place.file) })),
})

/** The policy's lines may be shown; those of sessions hold values. */
async function policyText({ file }: Policy, folder: string): Promise<ReadonlyMap<string, string>> {
  if (file === undefined) return new Map()
  const text = await readFile(join(folder, file), 'utf8').catch(() => undefined)
  return new Map(text === undefined ? [] : [[pathIn(folder, file), text.replace(/^\uFEFF/, '')]])
}

function tellMore(left: number, policy: Policy, io: Io): void {
  if (left)
    io.stderr.write(`carryover: ${plural(left, 'more place')} like these ${left === 1 ? 'is' : 'are'} not listed.\n`)
  if (policy.file === undefined)
    io.stderr.write('carryover: there is no policy.yaml: only what detectors recognise was looked for.\n')
}

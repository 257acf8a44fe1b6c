import { randomBytes } from 'node:crypto'
import { messageOf } from '../core/diagnostic.ts'
import { NO_POLICY, type Policy } from '../core/policy.ts'
import { describeSession } from '../sessions/describe-session.ts'
import { SessionsError } from '../sessions/find-files.ts'
import { readWhole } from '../sessions/json-files.ts'
import { makeReport } from '../sessions/make-report.ts'
import { toReading } from '../sessions/read-document.ts'
import type { Session } from '../sessions/session.ts'
import { supersedes } from '../sessions/supersedes.ts'
import { Charts } from './draw-chart.ts'
import type { DroppedFile, DroppedView } from './protocol.ts'
import { drawReportPage } from './report-page.ts'
import { drawSessionPage } from './session-page.ts'

/** More of them would be a list that nobody reads; the report counts all. */
const MAX_LISTED = 500
const MAX_PROBLEMS = 20

const PATH = /^\/sessions\/([\w-]+)\/(report|\d+)(\?reveal)?$/

interface Dropped {
  readonly id: string
  readonly sessions: readonly Session[]
  readonly report: string | undefined
}

/** The metadata files that were dropped last, in this process's memory alone. */
export class DroppedSessions {
  #last: Dropped | undefined

  /** Reads the files, and draws the report; what was dropped before is forgotten. */
  async read(files: readonly DroppedFile[]): Promise<DroppedView> {
    const { records, problems } = await readFiles(files)
    const sessions = finalOnes(records)
    const report = await drawReport(records)
    const id = randomBytes(24).toString('base64url')
    this.#last = { id, sessions, report: 'page' in report ? report.page : undefined }
    return {
      count: sessions.length,
      sessions: sessions.slice(0, MAX_LISTED).map((session, index) => ({
        title: session.key ?? 'a session without an id',
        page: `/sessions/${id}/${index}`,
      })),
      report: 'page' in report ? { page: `/sessions/${id}/report` } : report,
      problems,
    }
  }

  /** The page at a path; undefined where there is none, or no more. */
  page(path: string, policy: Policy | undefined): string | undefined {
    const [, id, what, reveal] = PATH.exec(path) ?? []
    if (id === undefined || id !== this.#last?.id) return undefined
    if (what === 'report') return this.#last.report
    const session = this.#last.sessions[Number(what)]
    // Without a policy that can be relied upon, nothing is shown that it might hold back.
    return (
      session &&
      drawSessionPage(describeSession(session, { reveal: Boolean(reveal && policy), policy: policy ?? NO_POLICY }))
    )
  }
}

async function readFiles(files: readonly DroppedFile[]): Promise<{ records: Session[]; problems: string[] }> {
  const records: Session[] = []
  const problems: string[] = []
  for (const { name, text } of files)
    for await (const json of readWhole(Buffer.from(text), name)) {
      const { session, diagnostics } = toReading(json)
      if (session) records.push(session)
      for (const diagnostic of diagnostics)
        if (problems.length < MAX_PROBLEMS)
          problems.push(`${diagnostic.file}:${diagnostic.line}:${diagnostic.column}: ${messageOf(diagnostic)}`)
    }
  return { records, problems }
}

function finalOnes(records: readonly Session[]): Session[] {
  const chosen = new Map<string | Session, Session>()
  for (const session of records) {
    const key = session.key ?? session
    const earlier = chosen.get(key)
    if (!earlier || supersedes(session, earlier)) chosen.set(key, session)
  }
  return [...chosen.values()].sort((a, b) => (a.createdAtMs ?? 0) - (b.createdAtMs ?? 0))
}

/** The packages that count and draw are optional: what to install is as good an answer. */
async function drawReport(records: readonly Session[]): Promise<{ page: string } | { problem: string }> {
  if (records.length === 0) return { problem: 'there is no session in what was dropped' }
  try {
    return { page: await drawReportPage(await makeReport(records), await Charts.load()) }
  } catch (error) {
    if (error instanceof SessionsError) return { problem: error.message }
    throw error
  }
}

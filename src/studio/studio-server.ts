import { randomBytes } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { flowFileEditorSchema, policyEditorSchema } from '../core/editor-schema.ts'
import { isMap, type JsonMap } from '../core/json.ts'
import {
  POLICY_OF_DROPPED,
  policyOfAdapter,
  policyOfPage,
  refuseCaller,
  refuseHost,
  securityHeaders,
} from './access.ts'
import { addExample } from './add-example.ts'
import type { Changes } from './changes.ts'
import type { DroppedSessions } from './dropped-sessions.ts'
import { evaluate } from './evaluate.ts'
import { matrixOf } from './matrix.ts'
import type { Project } from './project.ts'
import type { DroppedFile, Edits, ProjectView, Question } from './protocol.ts'
import { saveFile } from './save-file.ts'
import { drawAdapter, drawShell } from './shell.ts'

/** The built files of the pages, by name. */
export type Assets = ReadonlyMap<string, Uint8Array>

export interface Studio {
  readonly project: Project
  readonly changes: Changes
  readonly dropped: DroppedSessions
  readonly assets: Assets
  readonly token: string
  /** Known once the ports are. */
  readonly origins: { readonly studio: string; readonly adapter: string }
}

const MAX_BODY_BYTES = 8 * 1024 * 1024
/** Of dropped metadata files, all together. */
const MAX_DROPPED_BYTES = 64 * 1024 * 1024

/** What a call asks for cannot be had; the message is for people. */
class Failure extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The studio's page and what it asks for. Page and scripts are the same for everybody; everything else needs the token. */
export const createStudioListener =
  (studio: Studio): RequestListener =>
  (request, response) => {
    const path = pathOf(request)
    const { origins, token } = studio
    const refusal =
      refuseHost(request, origins.studio) ??
      (path.startsWith('/api/') ? refuseCaller(request, origins.studio, token) : undefined)
    if (refusal) return sendText(response, refusal.status, refusal.message)
    if (path.startsWith('/api/')) return void callApi(path, studio, request, response)
    if (path.startsWith('/sessions/')) return sendDropped(request, studio, response)
    if (path !== '/') return sendAsset(path, studio.assets, response)
    const nonce = randomBytes(16).toString('base64')
    send(response, 200, 'text/html', drawShell(nonce), policyOfPage(nonce, origins.adapter))
  }

/** The simulated adapter, on a port of its own and so of another origin. It knows nothing by itself. */
export const createAdapterListener =
  ({ origins, assets }: Studio): RequestListener =>
  (request, response) => {
    const refusal = refuseHost(request, origins.adapter)
    if (refusal) return sendText(response, refusal.status, refusal.message)
    const path = pathOf(request)
    if (path !== '/') return sendAsset(path, assets, response)
    send(response, 200, 'text/html', drawAdapter(origins.studio), policyOfAdapter(origins.studio))
  }

const pathOf = ({ url = '/' }: IncomingMessage): string => url.replace(/[?#].*$/, '')

// ---- what the page asks for

type Ask = (studio: Studio, body: JsonMap, signal: AbortSignal) => unknown

const API: Readonly<Record<string, Ask>> = {
  'GET /api/project': viewProject,
  'GET /api/schemas': () => ({ flow: flowFileEditorSchema(), policy: policyEditorSchema() }),
  'POST /api/changes': async (studio, { state }, signal) => {
    await studio.changes.after(String(state), signal)
    return viewProject(studio)
  },
  'POST /api/evaluate': ({ project }, body) => evaluate(project.withEdits(editsIn(body)), questionIn(body)),
  'POST /api/matrix': ({ project }, body) => matrixOf(project.withEdits(editsIn(body))),
  'POST /api/example': ({ project }, body) => {
    const { file, tag, parameters } = body
    return addExample(project.withEdits(editsIn(body)), {
      file: textIn(file),
      tag: textIn(tag),
      parameters: mapIn(parameters),
    })
  },
  'POST /api/sessions': ({ dropped }, { files }) => dropped.read(droppedIn(files)),
  'PUT /api/file': async ({ project, changes }, { path, text, over }) => {
    const known = over === undefined ? undefined : textIn(over)
    const result = await saveFile(project, { path: textIn(path), text: textIn(text), over: known })
    if ('saved' in result) changes.look()
    return result
  },
}

function viewProject({ project, changes, origins }: Studio): ProjectView {
  const { folder, files, policy, state } = project
  return { folder, files, policy, state, adapter: origins.adapter, problem: changes.problem }
}

/** The page is ours, but what it sends is checked all the same: a mistake in it is a mistake here, not a crash. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Failure(400, 'A text is missing in the call.')
}

function mapIn(value: unknown): JsonMap {
  if (isMap(value)) return value
  throw new Failure(400, 'A map is missing in the call.')
}

function editsIn(body: JsonMap): Edits {
  const edits = mapIn(body.edits)
  for (const text of Object.values(edits)) textIn(text)
  return edits as Edits
}

function droppedIn(files: unknown): DroppedFile[] {
  if (!Array.isArray(files)) throw new Failure(400, 'A list of files is missing in the call.')
  return files.map(mapIn).map(({ name, text }) => ({ name: textIn(name), text: textIn(text) }))
}

function questionIn({ file, tag, asked, edits }: JsonMap): Question {
  const given = mapIn(asked)
  if (given.kind === 'captured') mapIn(given.body)
  else if (given.kind === 'example') textIn(given.name)
  else if (given.kind === 'made') mapIn(mapIn(given.given).parameters)
  else if (given.kind !== 'first') throw new Failure(400, 'The call asks for nothing that is known.')
  return {
    file: textIn(file),
    tag: tag === undefined ? undefined : textIn(tag),
    asked: given as unknown as Question['asked'],
    edits: edits as Edits,
  }
}

async function callApi(path: string, studio: Studio, request: IncomingMessage, response: ServerResponse) {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  try {
    const ask = API[`${request.method} ${path}`]
    if (!ask) throw new Failure(404, 'There is nothing at this path.')
    const limit = path === '/api/sessions' ? MAX_DROPPED_BYTES : MAX_BODY_BYTES
    const body = request.method === 'GET' ? {} : await readBody(request, limit)
    const answer = await ask(studio, body, gone.signal)
    send(response, 200, 'application/json', JSON.stringify(answer))
  } catch (error) {
    if (gone.signal.aborted) return
    if (error instanceof Failure) return sendText(response, error.status, error.message)
    sendText(response, 500, error instanceof Error ? error.message : 'The studio failed.')
  }
}

async function readBody(request: IncomingMessage, limit: number): Promise<JsonMap> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new Failure(415, 'Send JSON.')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > limit) throw new Failure(413, 'That is more than the studio takes.')
    chunks.push(chunk)
  }
  try {
    return mapIn(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  } catch {
    throw new Failure(400, 'The call is no JSON map.')
  }
}

// ---- answers

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' }

function sendAsset(path: string, assets: Assets, response: ServerResponse): void {
  const asset = assets.get(path.slice(1))
  if (asset) send(response, 200, TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'text/plain', asset)
  else sendText(response, 404, 'There is nothing at this path.')
}

/** Whoever knows the path was told it: it is as hard to guess as the token, and ends with the next files. */
function sendDropped({ url = '' }: IncomingMessage, { dropped, project }: Studio, response: ServerResponse): void {
  const page = dropped.page(url, project.withEdits({}).configuration?.policy)
  if (page === undefined) sendText(response, 404, 'There is nothing at this path: drop the files again.')
  else send(response, 200, 'text/html', page, POLICY_OF_DROPPED)
}

const sendText = (response: ServerResponse, status: number, text: string): void =>
  send(response, status, 'text/plain', `${text}\n`)

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  policy?: string,
): void {
  response.writeHead(status, {
    ...securityHeaders(policy),
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Question, SaveResult } from '../../src/studio/protocol.ts'
import { type StudioOptions, startStudio } from '../../src/studio/start-studio.ts'
import { call, type Reply } from '../server/http-call.ts'

export interface OpenStudio {
  readonly url: string
  readonly origin: string
  readonly token: string
  /** Asks as the page does. */
  readonly ask: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>
  readonly evaluate: (question: Partial<Question>) => Promise<Reply>
  readonly save: (path: string, text: string, over?: string) => Promise<SaveResult>
}

/** Pages that are there, without anything in them: the server alone is tested. */
export function emptyPages(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carryover-pages-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['studio.js', 'studio.css', 'adapter-frame.js', 'adapter-frame.css'])
    writeFileSync(join(folder, name), '')
  return folder
}

/** A studio that is stopped after the tests of the file that opened it. */
export async function openStudio(folder: string, options: Partial<StudioOptions> = {}): Promise<OpenStudio> {
  const pages = options.pages ?? emptyPages()
  const running = await startStudio({ policyFile: undefined, editPolicy: false, port: 0, ...options, folder, pages })
  after(() => running.stop())
  const [origin = '', token = ''] = running.url.split('/#token=')
  const ask: OpenStudio['ask'] = (method, path, body, headers = {}) =>
    call(origin, {
      method,
      path,
      body,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, origin, ...headers },
    })
  return {
    url: running.url,
    origin,
    token,
    ask,
    evaluate: (question) =>
      ask('POST', '/api/evaluate', {
        edits: {},
        file: 'a.yaml',
        asked: { kind: 'made', given: { parameters: {} } },
        ...question,
      }),
    save: async (path, text, over) => JSON.parse((await ask('PUT', '/api/file', { path, text, over })).text),
  }
}

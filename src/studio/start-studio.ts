import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Changes } from './changes.ts'
import { DroppedSessions } from './dropped-sessions.ts'
import { Project } from './project.ts'
import { type Assets, createAdapterListener, createStudioListener, type Studio } from './studio-server.ts'

export interface StudioOptions {
  readonly folder: string
  readonly policyFile: string | undefined
  /** Whether the policy may be saved too. */
  readonly editPolicy: boolean
  /** The port to try first; any free one where it is taken, or 0. */
  readonly port: number
  /** Where the built pages are. */
  readonly pages?: string
}

export interface RunningStudio {
  /** With the token, which only this address holds. */
  readonly url: string
  readonly stop: () => Promise<void>
}

/** The studio could not start; the message is for people. */
export class StudioError extends Error {}

/** The one address that is listened on: nobody else on the network is to see it. */
const LOOPBACK = '127.0.0.1'

/** Opens a folder in the studio, on this computer alone. Throws a FolderError or a StudioError. */
export async function startStudio(options: StudioOptions): Promise<RunningStudio> {
  const { folder, policyFile, editPolicy, port, pages = join(import.meta.dirname, 'page') } = options
  const assets = await readAssets(pages)
  const project = Project.open(folder, policyFile, editPolicy)
  const [studioServer, adapterServer] = [createServer(), createServer()]
  const origins = { studio: await listen(studioServer, port), adapter: await listen(adapterServer, 0) }
  const changes = new Changes(project, policyFile)
  const token = randomBytes(24).toString('base64url')
  const studio: Studio = { project, changes, dropped: new DroppedSessions(), assets, token, origins }
  serve(studioServer, createStudioListener(studio))
  serve(adapterServer, createAdapterListener(studio))
  return {
    // A fragment is never sent: no log, proxy or referrer sees the token.
    url: `${origins.studio}/#token=${token}`,
    stop: async () => {
      changes.stop()
      await Promise.all([close(studioServer), close(adapterServer)])
    },
  }
}

async function readAssets(folder: string): Promise<Assets> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(?:js|css)$/.test(name))
  if (!names.includes('studio.js'))
    throw new StudioError('The page of the studio has not been built; run "npm run build".')
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)))
}

const serve = (server: Server, listener: RequestListener): void => void server.on('request', listener)

async function listen(server: Server, port: number): Promise<string> {
  try {
    server.listen(port, LOOPBACK)
    await once(server, 'listening')
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return listen(server, 0)
  }
  return `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

import http, { type RequestListener, type ServerOptions } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'

/** Loaded before a server: its limits for slow callers pass ten times as fast. A limit that the server does not set stops it. */
const FASTER = 10

function shorter(milliseconds: number | undefined): number {
  if (milliseconds === undefined) throw new Error('a limit is not set')
  return milliseconds / FASTER
}

const { createServer } = http
Object.assign(http, {
  createServer: (options: ServerOptions, listener: RequestListener) =>
    createServer(
      {
        ...options,
        headersTimeout: shorter(options.headersTimeout),
        requestTimeout: shorter(options.requestTimeout),
        connectionsCheckingInterval: shorter(options.connectionsCheckingInterval),
      },
      listener,
    ),
})
syncBuiltinESMExports()

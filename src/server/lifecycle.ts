import type { Server } from 'node:http'

const LINGER_MS = 250

/** Whether the server is shutting down, and how many calls are being answered. */
export class Lifecycle {
  #inFlight = 0
  #draining = false
  #hasCutOff = false
  #onIdle: (() => void) | undefined

  get draining(): boolean {
    return this.#draining
  }

  /** Whether what was still in flight was cut off: a call that ends without an answer then is no caller's doing. */
  get hasCutOff(): boolean {
    return this.#hasCutOff
  }

  begin(): void {
    this.#inFlight++
  }

  end(): void {
    this.#inFlight--
    if (this.#inFlight === 0) this.#onIdle?.()
  }

  /**
   * Ends the server within `grace` milliseconds. It goes on listening until what is in flight has been answered, so that who
   * comes late is told so instead of being refused the connection.
   */
  async drain(server: Server, grace: number): Promise<void> {
    this.#draining = true
    const deadline = AbortSignal.timeout(grace)
    const expired = new Promise<void>((done) => deadline.addEventListener('abort', () => done(), { once: true }))
    const idle = new Promise<void>((done) => {
      this.#onIdle = done
      if (this.#inFlight === 0) done()
    })
    await Promise.race([idle, expired])
    const closed = new Promise<void>((done) => server.close(() => done()))
    server.closeIdleConnections()
    await Promise.race([closed, expired, new Promise((done) => setTimeout(done, LINGER_MS))])
    this.#hasCutOff = true
    server.closeAllConnections()
    await closed
    // What was cut off has its line in the log a moment after its connection has ended.
    await Promise.race([idle, new Promise((done) => setTimeout(done, LINGER_MS))])
  }
}

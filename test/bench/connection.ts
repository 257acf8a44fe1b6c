import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { ANSWER, HEADER, REQUESTS, type RequestName } from './case.ts'

const PATIENCE = 30_000

function written(body: Buffer): Buffer {
  const head = [
    'POST /webhook HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${body.length}`,
    `${HEADER.name}: ${HEADER.value}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
}

const WRITTEN: Readonly<Record<RequestName, Buffer>> = {
  usual: written(REQUESTS.usual),
  largest: written(REQUESTS.largest),
}

/** One kept-alive connection, one call at a time. Each answer has to be a 2xx with the bytes that are expected. */
export class Connection {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #answered: (error?: Error) => void = () => {}

  /** Rejects where nothing listens yet. */
  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new Connection(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => this.#read(bytes))
    socket.on('error', (error) => this.#answered(error))
    socket.on('close', () => this.#answered(new Error('closed the connection.')))
    socket.setTimeout(PATIENCE, () => this.#answered(new Error('does not answer.')))
  }

  call(request: RequestName, answered: (error?: Error) => void): void {
    this.#answered = answered
    this.#socket.write(WRITTEN[request])
  }

  close(): void {
    this.#answered = () => {}
    this.#socket.destroy()
  }

  #read(bytes: Buffer): void {
    this.#received = this.#received.length ? Buffer.concat([this.#received, bytes]) : bytes
    const answer = readAnswer(this.#received)
    if (!answer) return
    this.#received = Buffer.alloc(0)
    this.#answered(problemWith(answer))
  }
}

interface Answer {
  readonly status: number
  readonly body: Buffer
}

function readAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1])
  if (Number.isNaN(length)) throw new Error('An answer has no content length.')
  const body = bytes.subarray(end + 4)
  return body.length < length ? undefined : { status: Number(head.slice(9, 12)), body }
}

function problemWith({ status, body }: Answer): Error | undefined {
  if (status < 200 || status > 299) return new Error(`answered ${status}: ${body}`)
  if (!body.equals(ANSWER)) return new Error(`answered other bytes than expected: ${body}`)
  return undefined
}

import type { IncomingMessage } from 'node:http'

/** Whether the headers announce JSON in UTF-8, without a content encoding. */
export function isJson({ headers }: IncomingMessage): boolean {
  if (headers['content-type'] === 'application/json' && headers['content-encoding'] === undefined) return true
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map((part) => part.trim().toLowerCase())
  const charset = parameters.find((parameter) => /^charset\s*=/.test(parameter))
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  return (
    type === 'application/json' &&
    (charset === undefined || /^charset\s*=\s*"?utf-?8"?$/.test(charset)) &&
    encoding === 'identity'
  )
}

export type Body = Buffer | 'body_too_large' | 'aborted'

/** Whether the headers announce a body of more than `max` bytes. */
export const saysMoreThan = ({ headers }: IncomingMessage, max: number): boolean =>
  Number(headers['content-length'] ?? 0) > max

/** Reads a body of at most `max` bytes. A larger one is refused as soon as that is known; what still comes is thrown away. */
export function readBody(request: IncomingMessage, max: number, done: (body: Body) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  let isDone = false
  const finish = (body: Body): void => {
    if (isDone) return
    isDone = true
    done(body)
  }
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= max) chunks.push(chunk)
    else finish('body_too_large')
  })
  request.once('end', () => finish(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
  request.once('close', () => finish('aborted'))
  request.once('error', () => finish('aborted'))
}

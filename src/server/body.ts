import type { IncomingMessage } from 'node:http'

/** Whether the headers announce JSON in UTF-8, without a content encoding. */
export function isJson({ headers }: IncomingMessage): boolean {
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

/** Reads a body of at most `max` bytes. A larger one is refused as soon as that is known; what still comes is thrown away. */
export function readBody(request: IncomingMessage, max: number): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > max) return Promise.resolve('body_too_large')
  return new Promise((done) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= max) chunks.push(chunk)
      else done('body_too_large')
    })
    request.once('end', () => done(Buffer.concat(chunks, Math.min(size, max))))
    request.once('close', () => done('aborted'))
    request.once('error', () => done('aborted'))
  })
}

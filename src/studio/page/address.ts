import type { Given } from '../protocol.ts'

export const VIEWS = ['flow', 'matrix', 'crm', 'sessions'] as const
export type View = (typeof VIEWS)[number]

/** What is open, as the address says it: behind the `#`, which no browser sends anywhere. */
export interface Address {
  readonly view: View
  readonly file?: string | undefined
  readonly tag?: string | undefined
  readonly example?: string | undefined
  /** Made-up values; a captured request is never in an address. */
  readonly given?: Given | undefined
  readonly policy: boolean
  /** What the matrix is filtered by. */
  readonly filter?: string | undefined
}

/** What a link carries beside: the text of a flow file. */
export interface Shared {
  readonly file: string
  readonly text: string
}

export function parseAddress(hash: string): Address {
  const params = new URLSearchParams(hash.replace(/^#/, ''))
  const view = VIEWS.find((word) => word === params.get('view')) ?? 'flow'
  return {
    view,
    file: params.get('file') ?? undefined,
    tag: params.get('tag') ?? undefined,
    example: params.get('example') ?? undefined,
    given: parseGiven(params.get('given')),
    policy: params.get('policy') !== 'closed',
    filter: params.get('filter') ?? undefined,
  }
}

export function hashOf({ view, file, tag, example, given, policy, filter }: Address): string {
  const params = new URLSearchParams()
  const put = (key: string, value: string | undefined): void => {
    if (value) params.set(key, value)
  }
  put('view', view === 'flow' ? undefined : view)
  put('file', file)
  put('tag', tag)
  put('example', example)
  put('given', given && JSON.stringify(given))
  put('policy', policy ? undefined : 'closed')
  put('filter', filter)
  return `#${params}`
}

/** An address may come from anybody: what does not have the shape of made-up values is none. */
function parseGiven(text: string | null): Given | undefined {
  if (!text) return undefined
  try {
    const given: unknown = JSON.parse(text)
    return isGiven(given) ? given : undefined
  } catch {
    return undefined
  }
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isGiven = (value: unknown): value is Given =>
  isMap(value) &&
  isMap(value.parameters) &&
  ['page', 'intent', 'payload'].every((key) => value[key] === undefined || isMap(value[key])) &&
  (value.said === undefined || typeof value.said === 'string')

// ---- a text in an address

/** Packed, and in letters that an address may hold. */
export async function packShared(shared: Shared): Promise<string> {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(shared)), new CompressionStream('deflate-raw'))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

const MAX_SHARED = 1_000_000

/** Undefined where it was not made by `packShared`. */
export async function unpackShared(packed: string): Promise<Shared | undefined> {
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0))
    const shared = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw'))))
    return isMap(shared) && typeof shared.file === 'string' && typeof shared.text === 'string'
      ? { file: shared.file, text: shared.text }
      : undefined
  } catch {
    return undefined
  }
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    if (size > MAX_SHARED) throw new Error('too large')
    chunks.push(value)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

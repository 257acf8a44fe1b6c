import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './run-build.ts'

const { entrypoint } = parse(readFileSync(join(ROOT, 'app.yaml'), 'utf8'))

/** Node's options with which app.yaml starts the server. */
export const DEPLOYED_WITH: readonly string[] = String(entrypoint).split(' ').slice(1, -1)

import { mkdirSync } from 'node:fs'
import { COMPILED, keepCompiledCode } from './compiled-code.ts'

// The last step of a build: what is compiled now, code and flow files, need not be compiled by every start.
mkdirSync(COMPILED, { recursive: true })
keepCompiledCode()
await import('./run.ts')
const { keepFlows } = await import('./keep-flows.ts')
keepFlows(process.env)

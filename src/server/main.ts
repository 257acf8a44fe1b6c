import { keepCompiledCode } from './compiled-code.ts'

// Before anything else is loaded.
keepCompiledCode()
const { run } = await import('./run.ts')
await run()

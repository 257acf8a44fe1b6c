import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

/** In the folder of the build, whose last step makes it: what runs from its sources keeps nothing among them. */
export const COMPILED = fileURLToPath(new URL('../compiled', import.meta.url))

/** Node 22 and newer: https://nodejs.org/api/module.html#moduleenablecompilecachecachedir */
type WithCache = typeof module & { readonly enableCompileCache?: (folder: string) => unknown }

/** What is loaded from now on is taken compiled from the folder of the build, and kept there where it may be written. */
export function keepCompiledCode(): void {
  if (existsSync(COMPILED)) (module as WithCache).enableCompileCache?.(COMPILED)
}

import module from 'node:module'
import { fileURLToPath } from 'node:url'

/** Node 22 and newer: https://nodejs.org/api/module.html#moduleenablecompilecachecachedir */
type WithCache = typeof module & { readonly enableCompileCache?: (folder: string) => unknown }

/** What is loaded from now on is taken compiled from the folder of the build, and kept there where it may be written. */
export function keepCompiledCode(): void {
  ;(module as WithCache).enableCompileCache?.(fileURLToPath(new URL('../compiled', import.meta.url)))
}

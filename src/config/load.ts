import { compileFolder, type Loaded, Memory } from './compile-folder.ts'
import type { FlowFolder } from './folder.ts'
import { parseFile } from './parse-file.ts'

/** Parses and compiles all files of a folder and reports everything that is wrong with any of them. */
export const load = (folder: FlowFolder, memory = new Memory(parseFile)): Loaded => compileFolder(folder, memory)

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout } from 'node:timers/promises'

/** Loaded before a server: once it has read the policy it says so, and rests before it goes on to the next file. */
const { readFile } = fs.promises

Object.assign(fs.promises, {
  readFile: async (path: string, ...rest: unknown[]) => {
    const bytes = await Reflect.apply(readFile, fs.promises, [path, ...rest])
    if (!path.endsWith('policy.yaml')) return bytes
    process.stderr.write('the policy is read\n')
    await setTimeout(500)
    return bytes
  },
})
syncBuiltinESMExports()

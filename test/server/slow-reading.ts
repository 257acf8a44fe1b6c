import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Loaded before a server: once it has read the policy it says so, and rests before it goes on to the next file. */
const { readFileSync } = fs
const clock = new Int32Array(new SharedArrayBuffer(4))

Object.assign(fs, {
  readFileSync: (path: string, ...rest: unknown[]) => {
    const bytes = Reflect.apply(readFileSync, fs, [path, ...rest])
    if (typeof path === 'string' && path.endsWith('policy.yaml')) {
      fs.writeSync(2, 'the policy is read\n')
      Atomics.wait(clock, 0, 0, 500)
    }
    return bytes
  },
})
syncBuiltinESMExports()

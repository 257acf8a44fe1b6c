import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** Loaded before a server: there is room for its standard output after SIGHUP, and none again after the next. */
let isFull = true
process.on('SIGHUP', () => {
  isFull = !isFull
})

const noSpace = (): Error => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
const { write, writeSync } = fs

Object.assign(fs, {
  write: (fd: number, ...rest: unknown[]) => {
    if (fd !== 1 || !isFull) return Reflect.apply(write, fs, [fd, ...rest])
    const done = rest.at(-1) as (error: Error) => void
    setImmediate(done, noSpace())
  },
  writeSync: (fd: number, ...rest: unknown[]) => {
    if (fd === 1 && isFull) throw noSpace()
    return Reflect.apply(writeSync, fs, [fd, ...rest])
  },
})
syncBuiltinESMExports()

// The plain script for pages without a build, dist/adapter/listen-to-virtual-agent.min.js, is made from this file.
import { listenToVirtualAgent } from './listen-to-virtual-agent.ts'

Object.assign(globalThis, { carryover: { listenToVirtualAgent } })

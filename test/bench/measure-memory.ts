import { memoryOf } from './processes.ts'
import { inTurns, type Measure, type Setting, withServers } from './rounds.ts'
import type { Server } from './server.ts'
import { median } from './statistics.ts'

const CALLS = 100_000
const BLOCKS = 20
/** Memory goes up until it is collected, and down again: what counts is the median after so many blocks. */
const BLOCKS_LOOKED_AT = 5

interface Memory {
  readonly afterHalf: number
  readonly afterAll: number
  readonly most: number
}

async function memoryUnderLoad(server: Server, { generator }: Setting): Promise<Memory> {
  const sizes: number[] = []
  for (let block = 0; block < BLOCKS; block++) {
    await generator.sample(server, { request: 'usual', until: { answers: CALLS / BLOCKS } })
    sizes.push(memoryOf(server.pid, 'VmRSS'))
  }
  const after = (blocks: number): number => median(sizes.slice(blocks - BLOCKS_LOOKED_AT, blocks))
  return { afterHalf: after(BLOCKS / 2), afterAll: after(BLOCKS), most: memoryOf(server.pid, 'VmHWM') }
}

/** What a process that is new in each round has in memory: its resident set. */
export const measureMemory: Measure = async (setting) => {
  const { program, flows, isQuick } = setting
  const kinds = { ours: { program, flows: flows[100] }, express: 'bare-express' } as const
  const rounds = await inTurns(['ours', 'express'], isQuick ? 1 : 3, (name) =>
    withServers(setting, { it: kinds[name] }, ({ it }) => memoryUnderLoad(it, setting)),
  )
  return [
    {
      measure: 'Memory after 100,000 calls, with 100 flow files / bare Express',
      goal: { atMost: 1.25 },
      ratios: rounds.map(({ ours, express }) => ours.afterAll / express.afterAll),
    },
    {
      measure: 'Memory after 100,000 calls / after 50,000',
      goal: { atMost: 1.1 },
      ratios: rounds.map(({ ours }) => ours.afterAll / ours.afterHalf),
    },
    {
      measure: 'Memory at its most in 100,000 calls / bare Express',
      ratios: rounds.map(({ ours, express }) => ours.most / express.most),
    },
  ]
}

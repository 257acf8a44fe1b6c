import type { RequestName } from './case.ts'
import { inTurns, type Measure, type Setting, withServers } from './rounds.ts'
import type { Goal, Row } from './table.ts'

const WARM_UP = 3

/** Half of what the slower of the two can do: the same calls for both, at a load at which none should have to wait. */
const PART_OF_CAPACITY = 0.5

interface Latency {
  readonly measure: string
  readonly request: RequestName
  readonly goal: Goal
  /** Of each server in each round: long enough for a 99th percentile. */
  readonly seconds: number
}

async function measureLatency(setting: Setting, { measure, request, goal, seconds }: Latency): Promise<Row[]> {
  const { program, flows, generator, isQuick } = setting
  return withServers(setting, { ours: { program, flows: flows[1] }, bare: 'bare-http' }, async (servers) => {
    const [, warm] = await inTurns(['ours', 'bare'], 2, (name) =>
      generator.sample(servers[name], { request, until: { seconds: WARM_UP } }),
    )
    const rate = PART_OF_CAPACITY * Math.min(warm?.ours.perSecond ?? 0, warm?.bare.perSecond ?? 0)
    const rounds = await inTurns(['ours', 'bare'], isQuick ? 5 : 15, (name) =>
      generator.sample(servers[name], { request, rate, until: { seconds } }),
    )
    return [{ measure, goal, ratios: rounds.map(({ ours, bare }) => ours.p99 / bare.p99) }]
  })
}

export const measureP99: Measure = (setting) =>
  measureLatency(setting, {
    measure: 'p99 at half load / bare node:http at the same rate',
    request: 'usual',
    goal: { atMost: 1.5 },
    seconds: 2,
  })

export const measureLargest: Measure = (setting) =>
  measureLatency(setting, {
    measure: 'p99 of a call of 256 KiB at half load / bare node:http at the same rate',
    request: 'largest',
    goal: { atMost: 3 },
    seconds: 3,
  })

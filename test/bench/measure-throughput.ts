import { inTurns, type Measure, withServers } from './rounds.ts'

const SECONDS = 2
const WARM_UP = 4

/** Calls as fast as they are answered, on 16 connections. */
export const measureThroughput: Measure = (setting) => {
  const { program, flows, generator, isQuick } = setting
  const kinds = {
    ours: { program, flows: flows[1] },
    manyFiles: { program, flows: flows[1000] },
    bare: 'bare-http',
    byHand: 'hand-written',
  } as const
  return withServers(setting, kinds, async (servers) => {
    const names = Object.keys(servers) as (keyof typeof servers)[]
    const load = (seconds: number) => (name: keyof typeof servers) =>
      generator.sample(servers[name], { request: 'usual', until: { seconds } })
    await inTurns(names, 1, load(WARM_UP))
    const rounds = await inTurns(names, isQuick ? 3 : 9, load(SECONDS))
    return [
      {
        measure: 'Throughput / bare node:http',
        goal: { atLeast: 0.75 },
        ratios: rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond),
      },
      {
        measure: 'Throughput / the same by hand on Express, zod, winston',
        goal: { atLeast: 3 },
        ratios: rounds.map(({ ours, byHand }) => ours.perSecond / byHand.perSecond),
      },
      {
        measure: 'Throughput with 1,000 flow files / with one',
        goal: { atLeast: 0.95 },
        ratios: rounds.map(({ ours, manyFiles }) => manyFiles.perSecond / ours.perSecond),
      },
      {
        measure: 'Processor time of a call / bare node:http',
        ratios: rounds.map(({ ours, bare }) => ours.cpuPerAnswer / bare.cpuPerAnswer),
      },
      {
        measure: 'Processor time of a call by hand / ours',
        ratios: rounds.map(({ ours, byHand }) => byHand.cpuPerAnswer / ours.cpuPerAnswer),
      },
      {
        measure: 'p99 at full load / bare node:http',
        ratios: rounds.map(({ ours, bare }) => ours.p99 / bare.p99),
      },
      {
        // Below this, something else than the servers was measured: another program on their core, as a rule.
        measure: "The servers' use of their core, at least",
        goal: { atLeast: 0.85 },
        ratios: rounds.map((round) => Math.min(...names.map((name) => round[name].serverUse))),
      },
      {
        measure: "The load generator's use of its core, at most",
        goal: { atMost: 0.9 },
        ratios: rounds.map((round) => Math.max(...names.map((name) => round[name].generatorUse))),
      },
    ]
  })
}

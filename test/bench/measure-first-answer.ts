import { inTurns, type Measure } from './rounds.ts'
import { Server } from './server.ts'

/** From the start of the process to the end of its first answer, on any core. */
export const measureFirstAnswer: Measure = async ({ node, folder, program, flows, isQuick }) => {
  const kinds = {
    ours: { program, flows: flows[100] },
    changed: { program, flows: flows.changed },
    express: 'bare-express',
  } as const
  const names = Object.keys(kinds) as (keyof typeof kinds)[]
  const time = async (name: keyof typeof kinds): Promise<number> => {
    const server = await Server.start(kinds[name], { node, folder, core: undefined })
    const milliseconds = performance.now() - server.started
    await server.stop()
    return milliseconds
  }
  await inTurns(names, 1, time)
  const rounds = await inTurns(names, isQuick ? 7 : 21, time)
  return [
    {
      measure: 'First answer after the start, with 100 flow files / bare Express',
      goal: { atMost: 1 },
      ratios: rounds.map((round) => round.ours / round.express),
    },
    {
      measure: 'The same with flow files that changed since the build / bare Express',
      ratios: rounds.map((round) => round.changed / round.express),
    },
  ]
}

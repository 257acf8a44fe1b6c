import type { Generator } from './generator.ts'
import type { Core } from './processes.ts'
import { type Kind, Server } from './server.ts'
import type { Row } from './table.ts'

/** What a measure works with. */
export interface Setting {
  /** The Node that is measured. */
  readonly node: string
  /** Where logs may go. */
  readonly folder: string
  /** Our entry point, from a build with 100 flow files. */
  readonly program: string
  /** Folders of so many flow files; `changed` are 100 that the build has not seen. */
  readonly flows: Readonly<Record<1 | 100 | 1000 | 'changed', string>>
  readonly generator: Generator
  readonly serverCore: Core
  readonly isQuick: boolean
}

export type Measure = (setting: Setting) => Promise<readonly Row[]>

/** Lets each take its turn in every round, another one first each time: the ratios of a round are of one moment of the machine. */
export async function inTurns<Name extends string, T>(
  names: readonly Name[],
  rounds: number,
  turn: (name: Name) => Promise<T>,
): Promise<Record<Name, T>[]> {
  const results: Record<Name, T>[] = []
  for (let round = 0; round < rounds; round++) {
    const result = {} as Record<Name, T>
    for (let i = 0; i < names.length; i++) {
      const name = names[(round + i) % names.length] as Name
      result[name] = await turn(name)
    }
    results.push(result)
  }
  return results
}

/** Starts servers on their core, holds their answers to both requests against the expected bytes, and stops them when `use` is done. */
export async function withServers<Name extends string, T>(
  { node, folder, serverCore }: Setting,
  kinds: Readonly<Record<Name, Kind>>,
  use: (servers: Readonly<Record<Name, Server>>) => Promise<T>,
): Promise<T> {
  const servers: Partial<Record<Name, Server>> = {}
  try {
    for (const name of Object.keys(kinds) as Name[]) {
      const server = await Server.start(kinds[name], { node, folder, core: serverCore })
      servers[name] = server
      await server.call('usual')
      await server.call('largest')
    }
    return await use(servers as Record<Name, Server>)
  } finally {
    await Promise.all(Object.values<Server | undefined>(servers).map((server) => server?.stop()))
  }
}

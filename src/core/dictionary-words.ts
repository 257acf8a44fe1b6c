import type { Dictionary, DictionaryVariable } from './dictionary.ts'
import { SURFACES, type Surface } from './surface.ts'

// The words of the data dictionary, the same in all its formats: for readers who know neither the code nor YAML.

export const SURFACE_TITLES: Readonly<Record<Surface, string>> = {
  agent: 'Agent',
  comment: 'CRM comment',
  event: 'Events',
  data_parameters: 'Next virtual agent',
}

/** What stands where a variable and a surface meet. */
export type Cell = 'yes' | 'masked' | 'no' | 'barred'

export const CELL_MEANINGS: Readonly<Record<Cell, string>> = {
  yes: 'The surface gets the value.',
  masked: 'It gets the value with a part or all of it hidden behind asterisks.',
  no: 'It does not get the value: the flow file does not give it.',
  barred: 'It does not get the value, and no flow file could give it: the policy forbids it.',
}

export const CELLS = Object.keys(CELL_MEANINGS) as readonly Cell[]

export function cellOf({ surfaces, mask }: DictionaryVariable, surface: Surface): Cell {
  const { sees, allowed } = surfaces[surface]
  if (sees) return mask ? 'masked' : 'yes'
  return allowed ? 'no' : 'barred'
}

/** What a rule over names allows. */
export function describeLimit(surfaces: readonly Surface[]): string {
  if (surfaces.length === 0) return 'nobody may see it'
  if (surfaces.length === SURFACES.length) return 'every surface may see it'
  return `at most ${titlesOf(surfaces)}`
}

export const titlesOf = (surfaces: readonly Surface[]): string =>
  surfaces.length ? listOf(surfaces.map((surface) => SURFACE_TITLES[surface])) : 'nobody'

export const POLICY_MEANING =
  'No flow file can give more than it allows. Inside lists and maps, a part under a name of its rules is left out for those who may not see it.'

export const ACTION_MEANINGS = {
  mask: 'all but its last four letters or digits are hidden',
  drop: 'the whole variable is left out',
} as const

/** The keys of the parameters that two captures show to different surfaces. */
export const differingKeys = ({ parameters }: Dictionary): ReadonlySet<string> =>
  new Set(parameters.filter(({ differs }) => differs).map(({ key }) => key))

/** Those of a variable's parameters that another capture shows to other surfaces, by name. */
export const differingNames = ({ origin }: DictionaryVariable, differing: ReadonlySet<string>): string[] => [
  ...new Set(origin.parameters.filter(({ key }) => differing.has(key)).map(({ name }) => name)),
]

const listOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

export const countOf = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

import * as z from 'zod'
import { isLocale } from '../core/schema.ts'
import type { Manner, TextName } from './step.ts'

const text = z.string().min(1)

const ADDRESS_ERROR = 'a public https address'
const address = z
  .string()
  .refine((given) => URL.canParse(given) && new URL(given).protocol === 'https:', { error: ADDRESS_ERROR })
  .meta({ pattern: '^https://', patternErrorMessage: `Expected ${ADDRESS_ERROR}.` })

const LANGUAGE_ERROR = 'a language tag such as en or pt-BR'
const language = z.string().refine(isLocale, { error: LANGUAGE_ERROR })

const face = z.strictObject({
  displayName: text.meta({ description: 'The name that the person sees. Must be there.', examples: ['Jane Doe'] }),
  avatarImage: address.optional().meta({
    description: 'The picture beside it: 1024 by 1024 pixels, at most 50 kB. Left out: none.',
    examples: ['https://example.com/avatar.jpg'],
  }),
})

const texts = z.record(z.string(), text.meta({ description: 'The text in this language, such as en or pt-BR.' }))

/** The one declaration of representatives.yaml: its types, its validation and its editor schema come from here. */
export const representativesSchema = z
  .strictObject({
    $schema: z.string().optional().meta({
      description: 'Where the schema of this file lies. Editors read it; the program does not.',
    }),
    language: language.optional().meta({
      description: 'What people are spoken to in whose language has no text below. Left out: en.',
      examples: ['en'],
    }),
    bot: face.meta({ description: 'How the bot is shown. Must be there.' }),
    human: face.meta({ description: 'How humans are shown who bring no name or picture of their own. Must be there.' }),
    texts: z
      .strictObject({
        passing_on: texts.meta({
          description: 'Said when a human is asked for, and the agent has no words of its own for it. Must be there.',
        }),
        nobody_there: texts.meta({ description: 'Said when nobody has come in time. Must be there.' }),
        text_only: texts.meta({
          description: 'Said to what cannot be passed on: attachments, and text too long for the agent. Must be there.',
        }),
      })
      .meta({ description: 'What the bot says by itself, by languages. Must be there.' }),
  })
  .superRefine(({ language: spoken = DEFAULT_LANGUAGE, texts }, context) => {
    for (const [name, byLanguage] of Object.entries(texts)) {
      const missing = Object.hasOwn(byLanguage, spoken) ? [] : [`${spoken}, for people of any other language`]
      const odd = Object.keys(byLanguage).filter((key) => !isLocale(key))
      for (const key of odd)
        context.addIssue({ code: 'custom', path: ['texts', name, key], message: `${LANGUAGE_ERROR} as its key` })
      for (const what of missing)
        context.addIssue({ code: 'custom', path: ['texts', name], message: `a text in ${what}` })
    }
  })
  .meta({
    title: 'Carryover representatives',
    description: 'How a messaging channel shows the bot and the humans, and what the bot says by itself.',
  })

export type RepresentativesFile = z.infer<typeof representativesSchema>

export const DEFAULT_LANGUAGE = 'en'

/** The file as what every step of the bridge goes by. */
export function mannerOf({
  bot,
  human,
  language = DEFAULT_LANGUAGE,
  texts,
}: RepresentativesFile): Pick<Manner, 'bot' | 'human' | 'say'> {
  return {
    bot,
    human,
    say: (name: TextName, wanted = language) => {
      const known = Object.keys(texts[name])
      const fits = [wanted, primaryOf(wanted)].map((tag) => known.find((key) => isSame(key, tag)))
      const near = known.find((key) => isSame(primaryOf(key), primaryOf(wanted)))
      return texts[name][fits.find(Boolean) ?? near ?? language] ?? ''
    },
  }
}

const primaryOf = (tag: string): string => tag.split('-')[0] ?? tag
const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

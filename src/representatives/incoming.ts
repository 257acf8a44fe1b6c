import * as z from 'zod'
import { isLocale } from '../core/schema.ts'
import type { Face } from './conversation.ts'
import type { Item } from './store.ts'

/** What has to be worked off: calls of the channel and of the human side, without what nobody needs of them. */
export type Incoming =
  | {
      readonly from: 'person'
      readonly messageId: string
      /** Undefined where there is none. */
      readonly text?: string | undefined
      /** It came with more than text, which cannot be passed on. */
      readonly hasAttachment: boolean
      readonly language?: string | undefined
    }
  | { readonly from: 'person'; readonly isTyping: boolean }
  | ({ readonly from: 'human'; readonly representativeId: string } & HumanAct)

type HumanAct =
  | { readonly act: 'join'; readonly face: Face }
  | { readonly act: 'say'; readonly text: string }
  | { readonly act: 'typing'; readonly isTyping: boolean }
  | { readonly act: 'leave' }

export const HUMAN_ACTS = ['join', 'say', 'typing', 'leave'] as const
export type HumanActName = (typeof HUMAN_ACTS)[number]

/** A call as an item, or what is wrong with it: names of fields, never a value. */
export type ReadCall = { readonly item: Item } | { readonly ignored: true } | { readonly problem: string }

const ID_ERROR = 'expected an id: 1 to 256 characters that can be seen'
/** Ids stand in addresses and in the store: no control characters, and no path of their own. */
const id = z.string().regex(/^(?!\.{1,2}$)[^\p{Cc}\p{Cs}]{1,256}$/u, { error: ID_ERROR })

/** What we can do without is read where it has the right type, and otherwise as absent. */
const lenient = <T extends z.ZodType>(schema: T) => schema.nullish().catch(undefined)

/** The channel's calls; its vocabulary may grow. The vendor's sample has `isTyping` as text. */
const channelCall = z.looseObject({
  conversationId: id,
  requestId: id,
  message: z.looseObject({ messageId: id, text: lenient(z.string()) }).nullish(),
  userStatus: lenient(z.looseObject({ isTyping: lenient(z.union([z.boolean(), z.enum(['true', 'false'])])) })),
  context: lenient(
    z.looseObject({
      resolvedLocale: lenient(z.string()),
      userInfo: lenient(z.looseObject({ userDeviceLocale: lenient(z.string()) })),
    }),
  ),
})

/** Reads a call of the channel. What is neither a message nor typing is nothing to us. */
export function readChannelCall(body: unknown): ReadCall {
  const parsed = channelCall.safeParse(body)
  if (!parsed.success) return { problem: problemOf(parsed.error) }
  const { conversationId, requestId, message, userStatus, context } = parsed.data
  const key = `channel ${requestId}`
  if (!message) {
    const isTyping = userStatus?.isTyping
    if (isTyping === undefined || isTyping === null) return { ignored: true }
    return { item: { conversationId, key, call: { from: 'person', isTyping: String(isTyping) === 'true' } } }
  }
  const { messageId, text } = message
  const locales = [context?.resolvedLocale, context?.userInfo?.userDeviceLocale]
  const language = locales.find((tag) => tag && isLocale(tag)) ?? undefined
  const written = text?.trim() ? text : undefined
  const call = { from: 'person', messageId, text: written, hasAttachment: hasMore(message), language } as const
  return { item: { conversationId, key, call: withoutUnset(call) } }
}

const PLAIN: ReadonlySet<string> = new Set(['messageId', 'name', 'text', 'createTime'])

/** Whatever else a message brings along, be it a file, a place, a card or the address of one, is more than its text. */
const hasMore = (message: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(message).some(([key, value]) => !PLAIN.has(key) && isContent(value))

const ADDRESS = /^(?:[a-z][a-z\d+.-]*:\/\/|data:)/i

/** Words, numbers and what is empty only describe a message. */
const isContent = (value: unknown): boolean =>
  typeof value === 'string' ? ADDRESS.test(value) : Object.keys(value ?? {}).length > 0

const name = z.string().min(1).max(256)
const address = z.string().regex(/^https:\/\/\S+$/, { error: 'expected a public https address' })
const representative = z.strictObject({ id, displayName: name.optional(), avatarImage: address.optional() })
const byId = { requestId: id, representativeId: id }

const HUMAN_CALLS = {
  join: z.strictObject({ requestId: id, representative }),
  say: z.strictObject({ ...byId, text: z.string().regex(/\S/, { error: 'expected text' }) }),
  typing: z.strictObject({ ...byId, isTyping: z.boolean() }),
  leave: z.strictObject(byId),
} as const satisfies Record<HumanActName, z.ZodType>

/** Reads a call of the human side. */
export function readHumanCall(
  conversationId: string,
  act: HumanActName,
  body: unknown,
): Exclude<ReadCall, { ignored: true }> {
  const parsed = HUMAN_CALLS[act].safeParse(body)
  if (!id.safeParse(conversationId).success) return { problem: `conversationId: ${ID_ERROR}` }
  if (!parsed.success) return { problem: problemOf(parsed.error) }
  const { data } = parsed
  const key = `human ${data.requestId}`
  return { item: { conversationId, key, call: { from: 'human', ...actOf(data) } } }
}

type HumanBody = z.infer<(typeof HUMAN_CALLS)[HumanActName]>

function actOf(body: HumanBody): { readonly representativeId: string } & HumanAct {
  if ('representative' in body) {
    const { id: representativeId, ...face } = body.representative
    return { act: 'join', representativeId, face }
  }
  const { representativeId } = body
  if ('text' in body) return { act: 'say', representativeId, text: body.text }
  if ('isTyping' in body) return { act: 'typing', representativeId, isTyping: body.isTyping }
  return { act: 'leave', representativeId }
}

const MAX_PROBLEMS = 3

const problemOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${path.join('.') || 'the body'}: ${message.replace(/^Invalid input: /, '')}`)
    .join('; ')

const withoutUnset = <T extends object>(map: T): T =>
  Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as T

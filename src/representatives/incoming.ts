import type { Face } from './conversation.ts'

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

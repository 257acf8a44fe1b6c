import assert from 'node:assert/strict'
import type { Emission } from '../../src/representatives/conversation.ts'

/** What a channel can see of the rule, by nothing but the calls as they come. Humans are told apart by their names. */
export class BracketWatch {
  readonly open = new Set<string>()

  /** Whom the channel may never have seen join may be told as left all the same. */
  see(emission: Emission, { mayLeaveTwice = false } = {}): void {
    const { representativeType, displayName = '' } = emission.representative
    if (representativeType === 'BOT') {
      assert.equal(this.open.size, 0, `the bot is heard while ${[...this.open].join(' and ')} writes`)
      return
    }
    const event = 'eventType' in emission ? emission.eventType : undefined
    if (event === 'REPRESENTATIVE_JOINED') {
      assert.ok(!this.open.has(displayName), `${displayName} joins a second time`)
      this.open.add(displayName)
      return
    }
    if (event === 'REPRESENTATIVE_LEFT' && mayLeaveTwice) {
      this.open.delete(displayName)
      return
    }
    assert.ok(this.open.has(displayName), `${displayName} is heard outside of the brackets`)
    if (event === 'REPRESENTATIVE_LEFT') this.open.delete(displayName)
  }
}

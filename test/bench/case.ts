import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The header that lets a call in. */
export const HEADER = { name: 'x-webhook-key', value: 'invented-for-the-benchmark' }

const TAG = 'trip-details'

/** Eight variables over the four surfaces; the policy masks one, leaves one out, and holds three surfaces back from one. */
const flowFile = (tag: string): string => `flow: Book a trip
locale: en-US
captures:
  - tag: ${tag}
    visible_to: [agent, comment, event]
    variables:
      destination: $session.params.location
      travellers: { from: $session.params.travellers, visible_to: [agent, comment] }
      budget: { from: $session.params.budget, format: money, visible_to: [agent, comment] }
      start_date: { from: $session.params.startdate, format: date }
      loyalty_tier: { from: $session.params.tier, visible_to: [comment, event, data_parameters] }
      card: { from: $session.params.card_number, mask: last4, visible_to: [agent] }
      remark: { from: $session.params.remark, visible_to: [agent, comment] }
      contact: { from: $session.params.contact, visible_to: [agent] }
`

const POLICY = `parameters:
  - { match: ["card_*", "*cvv*"], visible_to: [agent], reason: PCI DSS 3.2 }
  - { match: [ssn, date_of_birth], visible_to: [], reason: not for a conversation }
values:
  - { detect: payment_card, action: mask }
  - { detect: us_ssn, action: drop }
  - { detect: email, action: drop }
`

/** Writes a folder of `count` flow files and their policy. Calls are for the first; the others differ in their tag. */
export function writeFlows(folder: string, count: number, lastLine = ''): string {
  mkdirSync(folder)
  writeFileSync(join(folder, 'policy.yaml'), POLICY)
  for (let n = 0; n < count; n++)
    writeFileSync(join(folder, `${n}.yaml`), flowFile(n === 0 ? TAG : `${TAG}-${n}`) + lastLine)
  return folder
}

const AGENT = 'projects/example/locations/global/agents/0c1d2e3f-1111-4222-8333-444455556666'

const parameters = {
  location: 'Osaka',
  travellers: 2,
  budget: { amount: 1200, currency: 'USD' },
  startdate: { year: 2026, month: 11, day: 20 },
  tier: 'gold',
  card_number: '4242 4242 4242 4242',
  remark: 'Please charge 4000 0566 5566 5556 when the rooms are booked, not before.',
  contact: 'sam@example.com',
}

const request = {
  detectIntentResponseId: '9d1d2e3f-1111-4222-8333-444455556666',
  languageCode: 'en',
  fulfillmentInfo: { tag: TAG },
  intentInfo: {
    lastMatchedIntent: `${AGENT}/intents/1c1d2e3f-1111-4222-8333-444455556666`,
    displayName: 'trip.details',
    parameters: { location: { originalValue: 'osaka', resolvedValue: 'Osaka' } },
    confidence: 0.98,
  },
  pageInfo: {
    currentPage: `${AGENT}/flows/3f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11/pages/2f1c8a52-7b0e-4c57-9a54-0d8f3f5f2b11`,
    displayName: 'Trip details',
  },
  sessionInfo: { session: `${AGENT}/sessions/4c1d2e3f-1111-4222-8333-444455556666`, parameters },
  messages: [{ text: { text: ['Let me pass that on.'] }, responseType: 'HANDLER_PROMPT', source: 'VIRTUAL_AGENT' }],
  text: 'yes, that is right',
}

/** What every server has to answer to both requests, byte for byte. */
export const ANSWER = Buffer.from(
  JSON.stringify({
    fulfillmentResponse: {
      messages: [
        {
          payload: {
            destination: 'Osaka',
            travellers: 2,
            budget: '$1,200.00',
            start_date: 'Nov 20, 2026',
            remark: 'Please charge **** **** **** 5556 when the rooms are booked, not before.',
          },
          capture_type: ['agent', 'comment', 'event'],
          capture_target: 'payload',
          invisible_to_adapter_events: ['travellers', 'budget', 'remark'],
          display_order_in_adapter: ['destination', 'travellers', 'budget', 'start_date', 'remark'],
        },
        {
          payload: { loyalty_tier: 'gold' },
          capture_type: ['comment', 'event', 'data_parameters'],
          capture_target: 'payload',
        },
        { payload: { card: '***************4242' }, capture_type: ['agent'], capture_target: 'payload' },
      ].map((variables) => ({ payload: { ujet: { session_variable: variables } } })),
    },
  }),
)

/** The default of `MAX_BODY_BYTES`. */
const MOST_BYTES = 262_144

export const REQUESTS = {
  usual: Buffer.from(JSON.stringify(request)),
  /** The same with as much in the session as may be sent: offers that an earlier webhook left there, as maps and lists. */
  largest: largestRequest(),
}

export type RequestName = keyof typeof REQUESTS

function largestRequest(): Buffer {
  const offers: unknown[] = []
  const withOffers = (filler: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        ...request,
        sessionInfo: { ...request.sessionInfo, parameters: { ...parameters, offers, filler } },
      }),
    )
  const offer = (n: number): unknown => ({
    id: `offer-${n}`,
    hotel: { name: `Hotel ${n}`, stars: n % 5, address: { city: 'Osaka', street: `${n} Example Street` } },
    nights: [20, 21, 22].map((day) => ({
      date: { year: 2026, month: 11, day },
      price: { amount: 90 + n, currency: 'USD' },
    })),
    remarks: 'Breakfast is served from 7 to 10, and the rooms look out on the garden behind the house.',
  })
  const bytesEach = Buffer.byteLength(JSON.stringify(offer(1_000))) + 1
  const room = MOST_BYTES - withOffers('').length
  for (let n = 1_000; offers.length < Math.floor(room / bytesEach); n++) offers.push(offer(n))
  return withOffers('x'.repeat(MOST_BYTES - withOffers('').length))
}

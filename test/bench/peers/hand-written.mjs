// The webhook of the benchmark's one flow file and policy, as somebody would write it by hand on Express, zod and winston:
// the same credentials, validation, values, masks and log line, all of it fixed in the code, and no second check of the answer.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import express from 'express'
import winston from 'winston'
import { z } from 'zod'

const { PORT, HEADER_NAME, HEADER_VALUE } = process.env

const logger = winston.createLogger({ format: winston.format.json(), transports: [new winston.transports.Console()] })

// ---- credentials

const digest = (text) => createHash('sha256').update(text).digest()
const secret = digest(HEADER_VALUE)

function authenticate(request, response, next) {
  if (timingSafeEqual(digest(request.get(HEADER_NAME) ?? ''), secret)) next()
  else response.status(401).json({ error: 'unauthenticated' })
}

// ---- the request

const requestSchema = z.looseObject({
  languageCode: z.string().optional(),
  fulfillmentInfo: z.looseObject({ tag: z.string() }),
  pageInfo: z.looseObject({ currentPage: z.string().optional() }).optional(),
  sessionInfo: z.looseObject({
    session: z.string(),
    parameters: z.looseObject({
      location: z.string().optional(),
      travellers: z.number().optional(),
      budget: z.object({ amount: z.number(), currency: z.string().length(3) }).optional(),
      startdate: z.object({ year: z.int(), month: z.int(), day: z.int() }).optional(),
      tier: z.string().optional(),
      card_number: z.string().optional(),
      remark: z.string().optional(),
      contact: z.string().optional(),
    }),
  }),
  messages: z.array(z.unknown()).optional(),
  text: z.string().optional(),
})

// ---- values

const dates = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeZone: 'UTC' })
const currencies = new Map()

function formatMoney({ amount, currency }) {
  let format = currencies.get(currency)
  if (!format) {
    format = new Intl.NumberFormat('en-US', { style: 'currency', currency })
    currencies.set(currency, format)
  }
  return format.format(amount)
}

const formatDate = ({ year, month, day }) => dates.format(Date.UTC(year, month - 1, day))

const CARD = /\b[2-6](?:[ -]?\d){12,18}\b/g
const SSN = /\b\d{3}[ -]\d{2}[ -]\d{4}\b/
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/

function passesLuhn(text) {
  const digits = text.replace(/\D/g, '')
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i])
    sum += i % 2 ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

const maskCard = (found) => (passesLuhn(found) ? found.slice(0, -4).replace(/\d/g, '*') + found.slice(-4) : found)

/** What the detectors leave of a text; undefined where it is to be dropped. */
function screen(text, variable, notes) {
  if (SSN.test(text) || EMAIL.test(text)) {
    notes.push({ code: 'dropped', variable })
    return undefined
  }
  const screened = text.replace(CARD, maskCard)
  if (screened !== text) notes.push({ code: 'masked', variable })
  return screened
}

const last4 = (text) => '*'.repeat(Math.max(text.length - 4, 0)) + text.slice(-4)

function valuesFrom({ location, travellers, budget, startdate, tier, card_number, remark, contact }, notes) {
  const screened = (text, variable) => (text === undefined ? undefined : screen(text, variable, notes))
  const card = screened(card_number, 'card')
  return {
    destination: screened(location, 'destination'),
    travellers,
    budget: screened(budget && formatMoney(budget), 'budget'),
    start_date: screened(startdate && formatDate(startdate), 'start_date'),
    loyalty_tier: screened(tier, 'loyalty_tier'),
    card: card && last4(card),
    remark: screened(remark, 'remark'),
    contact: screened(contact, 'contact'),
  }
}

// ---- the answer

/** What goes out together, and what of it events may not have. */
const GROUPS = [
  {
    surfaces: ['agent', 'comment', 'event'],
    keys: ['destination', 'travellers', 'budget', 'start_date', 'remark'],
    hiddenFromEvents: ['travellers', 'budget', 'remark'],
  },
  { surfaces: ['comment', 'event', 'data_parameters'], keys: ['loyalty_tier'], hiddenFromEvents: [] },
  { surfaces: ['agent'], keys: ['card', 'contact'], hiddenFromEvents: [] },
]

function messageFor({ surfaces, keys, hiddenFromEvents }, values) {
  const set = keys.filter((key) => values[key] !== undefined)
  if (set.length === 0) return undefined
  const hidden = hiddenFromEvents.filter((key) => set.includes(key))
  const sessionVariable = {
    payload: Object.fromEntries(set.map((key) => [key, values[key]])),
    capture_type: surfaces,
    capture_target: 'payload',
    ...(hidden.length ? { invisible_to_adapter_events: hidden } : {}),
    ...(set.length > 1 ? { display_order_in_adapter: set } : {}),
  }
  return { payload: { ujet: { session_variable: sessionVariable } } }
}

function namesBySurface(values) {
  const names = { agent: [], comment: [], event: [], data_parameters: [] }
  for (const { surfaces, keys, hiddenFromEvents } of GROUPS)
    for (const key of keys)
      for (const surface of surfaces)
        if (values[key] !== undefined && !(surface === 'event' && hiddenFromEvents.includes(key)))
          names[surface].push(key)
  return names
}

function handleWebhook(request, response) {
  const started = performance.now()
  const parsed = requestSchema.safeParse(request.body)
  if (!parsed.success) return response.status(400).json({ error: 'bad_request' })
  const { fulfillmentInfo, pageInfo, sessionInfo } = parsed.data
  if (fulfillmentInfo.tag !== 'trip-details') return response.status(404).json({ error: 'unknown_tag' })
  const notes = []
  const values = valuesFrom(sessionInfo.parameters, notes)
  const messages = GROUPS.map((group) => messageFor(group, values)).filter((message) => message !== undefined)
  response.on('finish', () =>
    logger.info({
      severity: 'INFO',
      message: 'POST /webhook 200',
      httpRequest: { requestMethod: 'POST', requestUrl: '/webhook', status: 200, protocol: 'HTTP/1.1' },
      requestId: randomUUID(),
      session: sessionInfo.session,
      page: pageInfo?.currentPage,
      tag: fulfillmentInfo.tag,
      flow: 'Book a trip',
      notes,
      variables: namesBySurface(values),
      milliseconds: performance.now() - started,
    }),
  )
  response.json({ fulfillmentResponse: { messages } })
}

express()
  .post('/webhook', authenticate, express.json({ limit: '256kb' }), handleWebhook)
  .listen(PORT, '127.0.0.1')

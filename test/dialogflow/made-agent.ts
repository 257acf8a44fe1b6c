import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import type { JsonMap } from '../../src/core/json.ts'

/** An agent as its export has it: references by display name. The same agent can be served over gRPC (`agent-server.ts`). */
export interface MadeAgent {
  readonly agent: JsonMap
  readonly flows: readonly {
    readonly flow: JsonMap
    readonly pages: readonly JsonMap[]
    readonly groups: readonly JsonMap[]
  }[]
  readonly groups: readonly JsonMap[]
  readonly intents: readonly JsonMap[]
  readonly entityTypes: readonly { readonly entityType: JsonMap; readonly entities: readonly JsonMap[] }[]
  readonly webhooks: readonly JsonMap[]
}

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const START_FLOW_ID = '00000000-0000-0000-0000-000000000000'
export const TRIP_FLOW_ID = id(11)

const say = (text: string, languageCode = 'en'): JsonMap => ({ text: { text: [text] }, languageCode })
export const payload = (ujet: JsonMap, languageCode = 'en'): JsonMap => ({ payload: { ujet }, languageCode })
const set = (parameter: string, value: unknown): JsonMap => ({ parameter, value })
const always = (triggerFulfillment: JsonMap, more: JsonMap = {}): JsonMap => ({
  condition: 'true',
  triggerFulfillment,
  ...more,
})

/** A payload as it is typed in the console. */
export const TRIP_PAYLOAD = {
  session_variable: {
    payload: { budget: '$session.params.budget', destination: '$session.params.destination', fee: 'about $5' },
    capture_type: ['agent', 'comment', 'event'],
    capture_target: 'payload',
    invisible_to_adapter_events: ['budget'],
  },
}
export const CLAIM_PAYLOAD = {
  session_variable: {
    payload: { claim: 'Claim $session.params.claim_number', topic: 'claims' },
    capture_type: ['agent'],
    capture_target: 'payload',
  },
}

/** The agent of a travel agency, full of payloads typed by hand. */
export function madeAgent(): MadeAgent {
  return {
    agent: {
      displayName: 'Summit Travel',
      defaultLanguageCode: 'en',
      supportedLanguageCodes: ['fr'],
      timeZone: 'America/Denver',
      startFlow: 'Default Start Flow',
    },
    flows: [
      {
        flow: {
          name: START_FLOW_ID,
          displayName: 'Default Start Flow',
          transitionRoutes: [
            {
              name: id(101),
              intent: 'book.trip',
              triggerFulfillment: {
                messages: [say('A trip, then.'), say('Un voyage, donc.', 'fr')],
                setParameterActions: [set('reason', 'trip'), set('$flow.turns', 1), set('old_reason', null)],
              },
              targetFlow: 'Book a trip',
            },
            {
              name: id(102),
              intent: 'file.claim',
              triggerFulfillment: { messages: [payload(CLAIM_PAYLOAD), payload(CLAIM_PAYLOAD, 'fr')] },
            },
          ],
          eventHandlers: [
            { name: id(103), event: 'sys.no-match-default', triggerFulfillment: { messages: [say('Pardon?')] } },
          ],
        },
        pages: [],
        groups: [],
      },
      {
        flow: {
          name: TRIP_FLOW_ID,
          displayName: 'Book a trip',
          transitionRouteGroups: ['help: anywhere'],
          transitionRoutes: [always({}, { name: id(110), targetPage: '> ask: where & when' })],
        },
        pages: [
          {
            name: id(12),
            displayName: '> ask: where & when',
            entryFulfillment: {},
            form: {
              parameters: [
                {
                  displayName: 'destination',
                  required: true,
                  entityType: '@sys.location',
                  fillBehavior: { initialPromptFulfillment: { messages: [say('Where to?')] } },
                },
                { displayName: 'start.date', required: true, entityType: '@sys.date', fillBehavior: {} },
                { displayName: 'travellers', entityType: '@sys.person', isList: true },
                { displayName: 'budget', entityType: '@sys.unit-currency' },
                { displayName: 'passport', entityType: '@passport-number' },
                {
                  displayName: 'card_number',
                  entityType: '@sys.number-sequence',
                  redact: true,
                  fillBehavior: {
                    initialPromptFulfillment: { setParameterActions: [set('asked_for_card', true)] },
                    repromptEventHandlers: [
                      {
                        name: id(13),
                        event: 'sys.no-match-1',
                        triggerFulfillment: {
                          setParameterActions: [set('card_tries', '$sys.func.ADD($session.params.card_tries, 1)')],
                        },
                      },
                    ],
                  },
                },
              ],
            },
            transitionRoutes: [
              {
                name: id(120),
                condition: '$page.params.status = "FINAL"',
                triggerFulfillment: {
                  messages: [payload(TRIP_PAYLOAD), say('Thank you.')],
                  setParameterActions: [
                    set('total', '$sys.func.MULTIPLY($session.params.budget.amount, 2)'),
                    set('card_copy', '$session.params.card_number'),
                    set('$session.params.season', 'winter'),
                  ],
                },
                targetPage: 'Done',
              },
            ],
          },
          {
            name: id(14),
            displayName: 'Done',
            entryFulfillment: { webhook: 'Carryover', tag: 'trip-done', messages: [say('Done.')] },
            transitionRoutes: [
              always({ webhook: 'lookup: weather', tag: 'weather' }, { name: id(121) }),
              always(
                {
                  conditionalCases: [
                    {
                      cases: [
                        {
                          condition: '$session.params.reason = "vip"',
                          caseContent: [{ message: payload({ type: 'action', action: 'escalation', menu_id: 7 }) }],
                        },
                        { caseContent: [{ message: payload(CLAIM_PAYLOAD) }] },
                      ],
                    },
                  ],
                },
                { name: id(122) },
              ),
            ],
          },
        ],
        groups: [
          {
            name: id(15),
            displayName: 'help: anywhere',
            transitionRoutes: [
              {
                name: id(130),
                intent: 'get.help',
                triggerFulfillment: { tag: 'help-wanted', messages: [say('Help is near.')] },
              },
            ],
          },
        ],
      },
    ],
    groups: [
      {
        name: id(16),
        displayName: 'everywhere',
        transitionRoutes: [
          { name: id(140), intent: 'get.help', triggerFulfillment: { setParameterActions: [set('wants_help', true)] } },
        ],
      },
    ],
    intents: [
      {
        name: id(21),
        displayName: 'book.trip',
        parameters: [{ id: 'destination', entityType: '@sys.location' }],
        priority: 500000,
      },
      {
        name: id(22),
        displayName: 'file.claim',
        parameters: [
          { id: 'claim_number', entityType: '@sys.any' },
          { id: 'ssn', entityType: '@sys.any', redact: true },
        ],
      },
      { name: id(23), displayName: 'get.help' },
    ],
    entityTypes: [
      {
        entityType: { name: id(31), displayName: 'full-address', kind: 'KIND_LIST' },
        entities: [{ value: '@sys.address:street @sys.geo-city:city', synonyms: [] }],
      },
      {
        entityType: { name: id(32), displayName: 'passport-number', kind: 'KIND_REGEXP', redact: true },
        entities: [{ value: '[A-Z]{2}[0-9]{7}', synonyms: [] }],
      },
      {
        entityType: { name: id(33), displayName: 'class', kind: 'KIND_MAP' },
        entities: [{ value: 'economy', synonyms: ['cheap'] }],
      },
    ],
    webhooks: [
      {
        name: id(41),
        displayName: 'Carryover',
        genericWebService: {
          uri: 'https://flows.example.com/webhook',
          requestHeaders: [{ key: 'x-key', value: 'not-for-the-snapshot' }],
        },
        timeout: { seconds: 5 },
      },
      {
        name: id(42),
        displayName: 'lookup: weather',
        genericWebService: {
          uri: 'https://weather.example.com/?key=not-for-the-snapshot',
          webhookType: 'FLEXIBLE',
          httpMethod: 'POST',
          requestBody: '{}',
          parameterMapping: [
            { key: '$flow.sky', value: '$.sky' },
            { key: '$session.params.temperature', value: '$.temperature' },
          ],
        },
        timeout: { seconds: 5 },
      },
    ],
  }
}

const encodeName = (name: string): string =>
  encodeURIComponent(name)
    .replaceAll('%20', ' ')
    .replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())

/** The files of the JSON package, by their paths. */
export function exportFiles(made: MadeAgent): Map<string, string> {
  const files = new Map<string, string>()
  const write = (path: string, content: unknown): void => {
    const text = JSON.stringify(content, null, 2)
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')
      .replaceAll('&', '\\u0026')
    files.set(path, `${text}\n`)
  }
  const named = (resource: JsonMap): string => encodeName(String(resource.displayName))
  write('agent.json', made.agent)
  for (const { flow, pages, groups } of made.flows) {
    const folder = `flows/${named(flow)}`
    write(`${folder}/${named(flow)}.json`, flow)
    for (const page of pages) write(`${folder}/pages/${named(page)}.json`, page)
    for (const group of groups) write(`${folder}/transitionRouteGroups/${named(group)}.json`, group)
  }
  for (const group of made.groups) write(`agentTransitionRouteGroups/${named(group)}.json`, group)
  for (const intent of made.intents) {
    write(`intents/${named(intent)}/${named(intent)}.json`, intent)
    files.set(`intents/${named(intent)}/trainingPhrases/en.json`, 'never read')
  }
  for (const { entityType, entities } of made.entityTypes) {
    write(`entityTypes/${named(entityType)}/${named(entityType)}.json`, entityType)
    write(`entityTypes/${named(entityType)}/entities/en.json`, { entities })
  }
  for (const webhook of made.webhooks) write(`webhooks/${named(webhook)}.json`, webhook)
  return files
}

export function writeFolder(made: MadeAgent, folder: string): string {
  for (const [path, text] of exportFiles(made)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

export function writeZip(made: MadeAgent, path: string): string {
  const entries = [...exportFiles(made)].map(([name, text]) => [name, strToU8(text)] as const)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, zipSync(Object.fromEntries(entries)))
  return path
}

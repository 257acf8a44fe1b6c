import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { strToU8, zipSync } from 'fflate'
import { childOf, itemsOf, nodeAt, rangeOf, toData } from '../../src/core/source.ts'
import { readExport } from '../../src/dialogflow/read-export.ts'
import { type AgentSnapshot, describePlace, parseSnapshot } from '../../src/dialogflow/snapshot.ts'
import { takeSnapshot } from '../../src/dialogflow/take-snapshot.ts'
import { toSourceFile, writeSnapshot } from '../../src/dialogflow/write-snapshot.ts'
import { temporaryFolder } from '../cli/temporary-folder.ts'
import {
  CLAIM_PAYLOAD,
  exportFiles,
  madeAgent,
  TRIP_FLOW_ID,
  TRIP_PAYLOAD,
  writeFolder,
  writeZip,
} from './made-agent.ts'

const folder = temporaryFolder()
const snapshotOf = async (path: string): Promise<AgentSnapshot> => takeSnapshot(await readExport(path))
const textOf = async (path: string): Promise<string> => writeSnapshot(await snapshotOf(path)).text

const made = madeAgent()
const plain = writeFolder(made, join(folder.path, 'plain'))
const zipped = writeZip(made, join(folder.path, 'agent.zip'))
const inGit = join(folder.path, 'repository')
writeFolder(made, join(inGit, 'agents', 'travel'))
folder.write('repository/README.md', 'a repository')

describe('an export', () => {
  test('says the same as a folder, as a zip, and in a repository', async () => {
    const text = await textOf(plain)
    assert.equal(await textOf(zipped), text)
    assert.equal(await textOf(inGit), text)
  })

  test('gives flows, with the calls of webhooks at their places', async () => {
    const { flows, webhooks } = await snapshotOf(plain)
    assert.deepEqual(
      flows.map(({ name }) => name),
      ['Book a trip', 'Default Start Flow'],
    )
    assert.equal(flows[0]?.id, TRIP_FLOW_ID)
    assert.deepEqual(flows[0]?.fulfillments, [
      { at: 'route group "help: anywhere", route on intent "get.help"', tag: 'help-wanted' },
      { page: 'Done', at: 'entry fulfillment', webhook: 'Carryover', tag: 'trip-done' },
      { page: 'Done', at: 'route on true', webhook: 'lookup: weather', tag: 'weather' },
    ])
    assert.deepEqual(webhooks, [
      { name: 'Carryover', type: 'standard' },
      { name: 'lookup: weather', type: 'flexible', sets: ['$flow.sky', 'temperature'] },
    ])
  })

  test('gives every parameter, with its type, and where it is set', async () => {
    const { flows, intents, shared } = await snapshotOf(plain)
    const page = '> ask: where & when'
    const trip = new Map(flows[0]?.parameters.map((parameter) => [parameter.name, parameter]))
    assert.deepEqual(trip.get('start.date'), {
      name: 'start.date',
      page,
      at: 'parameter "start.date"',
      by: 'form',
      type: '@sys.date',
    })
    assert.deepEqual(trip.get('travellers'), {
      name: 'travellers',
      page,
      at: 'parameter "travellers"',
      by: 'form',
      type: '@sys.person',
      list: true,
    })
    assert.equal(trip.get('card_number')?.redact, true, 'by the form')
    assert.equal(trip.get('passport')?.redact, true, 'by the entity type')
    const route = 'route on $page.params.status = "FINAL"'
    assert.deepEqual(trip.get('total'), {
      name: 'total',
      page,
      at: route,
      by: 'preset',
      value: 'function',
      copies: ['budget.amount'],
    })
    assert.deepEqual(trip.get('card_copy'), {
      name: 'card_copy',
      page,
      at: route,
      by: 'preset',
      value: 'reference',
      copies: ['card_number'],
    })
    assert.equal(trip.get('season')?.value, 'text', 'the scope before the name is the default one')
    assert.equal(trip.get('asked_for_card')?.at, 'parameter "card_number", initial prompt')
    assert.equal(trip.get('card_tries')?.at, 'parameter "card_number", event sys.no-match-1')
    const start = flows[1]?.parameters.map(({ name, value }) => [name, value])
    assert.deepEqual(
      start,
      [
        ['$flow.turns', 'number'],
        ['reason', 'text'],
      ],
      'null clears: it sets nothing',
    )
    assert.deepEqual(intents.find(({ name }) => name === 'file.claim')?.parameters, [
      { name: 'claim_number', type: '@sys.any' },
      { name: 'ssn', type: '@sys.any', redact: true },
    ])
    assert.deepEqual(
      flows.map((flow) => flow.intents),
      [[], ['book.trip', 'file.claim']],
    )
    assert.deepEqual(
      shared.parameters.map(({ name }) => name),
      ['wants_help'],
    )
  })

  test('gives the payloads for the contact centre, once where two languages say the same', async () => {
    const { flows } = await snapshotOf(plain)
    assert.deepEqual(flows[1]?.payloads, [{ at: 'route on intent "file.claim"', ujet: CLAIM_PAYLOAD }])
    assert.deepEqual(flows[0]?.payloads, [
      { page: '> ask: where & when', at: 'route on $page.params.status = "FINAL"', ujet: TRIP_PAYLOAD },
      {
        page: 'Done',
        at: 'route on true (number 2)',
        condition: '$session.params.reason = "vip"',
        ujet: { action: 'escalation', menu_id: 7, type: 'action' },
      },
      { page: 'Done', at: 'route on true (number 2)', condition: 'else', ujet: CLAIM_PAYLOAD },
    ])
  })

  test('gives nothing secret, and knows which entity types are composite', async () => {
    const text = await textOf(plain)
    assert.doesNotMatch(text, /not-for-the-snapshot|example\.com|winter/)
    assert.deepEqual((await snapshotOf(plain)).entities, [
      { name: '@full-address', composite: true },
      { name: '@passport-number', redact: true },
    ])
  })

  const broken: [name: string, files: Record<string, string>, says: RegExp][] = [
    ['no agent', { 'flows/a/a.json': '{}' }, /is no exported agent: it holds no agent\.json/],
    ['two agents', { 'a/agent.json': '{}', 'b/agent.json': '{}' }, /holds several agents: name the folder of one/],
    [
      'no JSON',
      { 'agent.json': '{}', 'flows/a/a.json': '{"value": oops' },
      /^flows\/a\/a\.json of the export is no JSON; /,
    ],
    [
      'no map',
      { 'agent.json': '{}', 'flows/a/a.json': '{}', 'flows/a/pages/b.json': '[]' },
      /^flows\/a\/pages\/b\.json of the export is no JSON map; /,
    ],
  ]
  for (const [name, files, says] of broken)
    test(`is refused with one line: ${name}`, async () => {
      for (const [path, text] of Object.entries(files)) folder.write(`${name}/${path}`, text)
      await assert.rejects(snapshotOf(join(folder.path, name)), { message: says })
    })

  test('is refused with one line: a zip that is none, or broken, or holds no agent', async () => {
    const blob = folder.write('agent.blob', 'bytes of another format')
    await assert.rejects(readExport(blob), {
      message: /is no zip: export the agent again with the format "JSON package"/,
    })
    const cut = folder.write('cut.zip', 'PK cut off')
    await assert.rejects(readExport(cut), { message: /is a broken zip/ })
    const empty = join(folder.path, 'empty.zip')
    writeFileSync(empty, zipSync({ 'readme.txt': new Uint8Array() }))
    await assert.rejects(readExport(empty), { message: /is no exported agent/ })
  })

  test('is refused with one line where something of it is missing', async () => {
    const without = (path: string): string => {
      const files = [...exportFiles(made)].filter(([name]) => name !== path)
      assert.equal(files.length, exportFiles(made).size - 1)
      const zip = join(folder.path, `without-${path.replaceAll('/', '-')}.zip`)
      writeFileSync(zip, zipSync(Object.fromEntries(files.map(([name, text]) => [name, strToU8(text)]))))
      return zip
    }
    for (const path of ['flows/Book a trip/Book a trip.json', 'entityTypes/passport-number/passport-number.json'])
      await assert.rejects(snapshotOf(without(path)), { message: new RegExp(`^${path} is missing in the export`) })
  })

  test('is refused with one line where bytes of it are others', async () => {
    const zip = zipSync({ 'agent.json': strToU8('{"displayName":"Summit Travel"}') }, { level: 0 })
    const changed = join(folder.path, 'changed.zip')
    writeFileSync(changed, zip)
    assert.deepEqual((await snapshotOf(changed)).flows, [])
    zip[zip.indexOf('S'.charCodeAt(0))] = 'T'.charCodeAt(0)
    writeFileSync(changed, zip)
    await assert.rejects(readExport(changed), { message: /is a broken zip; export the agent again/ })
    folder.write('latin/agent.json', '{}')
    writeFileSync(join(folder.path, 'latin', 'agent.json'), Buffer.from('{"displayName":"Café"}', 'latin1'))
    await assert.rejects(readExport(join(folder.path, 'latin')), {
      message: /^agent\.json of the export is no text in UTF-8; /,
    })
  })

  test('is refused with one line where it is nested without end', async () => {
    const page = (fulfillment: string): string => `{"displayName":"Deep","entryFulfillment":${fulfillment}}`
    const nested = `${'['.repeat(20_000)}1${']'.repeat(20_000)}`
    const fulfillments = [
      `{"messages":[{"payload":{"ujet":{"x":${nested}}}}]}`,
      `{"setParameterActions":[{"parameter":"x","value":${nested}}]}`,
    ]
    for (const [i, fulfillment] of fulfillments.entries()) {
      folder.write(`deep-${i}/agent.json`, '{}')
      folder.write(`deep-${i}/flows/a/a.json`, '{}')
      folder.write(`deep-${i}/flows/a/pages/Deep.json`, page(fulfillment))
      await assert.rejects(snapshotOf(join(folder.path, `deep-${i}`)), {
        message: /^page "Deep", entry fulfillment of the agent is nested deeper than 100 levels/,
      })
    }
  })

  test('tells how far it is', async () => {
    const told: Readonly<Record<string, number>>[] = []
    takeSnapshot(await readExport(plain, (read) => told.push({ ...read })))
    const files = [...exportFiles(made).keys()].filter((path) => !path.includes('trainingPhrases')).length
    assert.deepEqual(told.at(-1), { files, of: files })
  })
})

describe('the snapshot file', () => {
  test('is read back as it was, and knows the place of everything in it', async () => {
    const snapshot = await snapshotOf(plain)
    const written = writeSnapshot(snapshot)
    const source = toSourceFile(written)
    assert.deepEqual(toData(source.root), JSON.parse(source.text))
    assert.deepEqual(parseSnapshot(source.text), snapshot)
    const node = nodeAt(source.root, ['flows', 0, 'fulfillments', 1, 'tag'])
    assert.ok(node)
    assert.equal(source.text.slice(node.start, node.end), '"trip-done"')
    const [call] = snapshot.flows[0]?.fulfillments.slice(1) ?? []
    assert.ok(call)
    assert.deepEqual(nodeAt(written.nodeOf(call), ['tag']), node, 'read alone as in the whole')
    const { line } = rangeOf(source, node)
    assert.match(source.text.split('\n')[line - 1] ?? '', /"tag":"trip-done"/)
    const entries = itemsOf(childOf(nodeAt(source.root, ['flows', 0]), 'fulfillments'))
    assert.equal(new Set(entries.map((entry) => rangeOf(source, entry).line)).size, entries.length, 'an entry a line')
  })

  test('of another version, or none at all, is not taken', () => {
    for (const text of ['', '[]', '{"version":2}', '{"version":1,"password":"x"}'])
      assert.equal(parseSnapshot(text), undefined)
    assert.deepEqual(parseSnapshot('{"version":1}')?.flows, [])
  })

  test('names places as people look for them', () => {
    assert.equal(
      describePlace('Trip', { page: 'Ask', at: 'entry fulfillment' }),
      'flow "Trip", page "Ask", entry fulfillment',
    )
    assert.equal(describePlace(undefined, { at: 'route on true' }), 'the whole agent, route on true')
  })
})

const REAL = join(import.meta.dirname, '..', '..', '..', 'shared', 'samples', 'agents')

describe('real exports', { skip: !existsSync(REAL) && 'they are not here' }, () => {
  test('goodbye-graffiti', async () => {
    const { contents, counts, snapshot } = await readReal('goodbye-graffiti')
    assert.deepEqual(counts, { flows: 3, pages: 28, intents: 23, entityTypes: 2, webhooks: 2 })
    assert.equal(contents.groups.length, 0)
    assert.deepEqual(tagsOf(snapshot), [
      'lookup_place: geocode',
      'prebuilt_components_address_collection:address_validation: validation',
    ])
    assert.deepEqual(parametersOf(snapshot), [
      'address_collection_address',
      'address_collection_status',
      'channel',
      'damage-description',
      'date-time',
      'duration',
      'from_waiting_room_reusable_flow',
      'item-damaged',
      'location',
      'number',
      'type-of-property',
      'waiting_room_event_handler',
    ])
  })
  test('caller-data-collection', async () => {
    const { counts, snapshot } = await readReal('caller-data-collection')
    assert.deepEqual(counts, { flows: 3, pages: 42, intents: 9, entityTypes: 2, webhooks: 0 })
    assert.deepEqual(tagsOf(snapshot), [])
    assert.deepEqual(parametersOf(snapshot), [
      'data-collection-amount',
      'data-collection-attempt-count',
      'data-collection-date',
      'data-collection-gender',
      'data-collection-mandatory',
      'data-collection-outcome',
      'data-collection-phone-number',
      'data-collection-type',
      'data-collection-yes-no',
      'more-time-count',
    ])
  })
})

async function readReal(name: string) {
  const contents = await readExport(join(REAL, name))
  const { flows, intents, entityTypes, webhooks } = contents
  const counts = {
    flows: flows.length,
    pages: flows.flatMap(({ pages }) => [...pages]).length,
    intents: intents.length,
    entityTypes: entityTypes.length,
    webhooks: webhooks.length,
  }
  return { contents, counts, snapshot: takeSnapshot(contents) }
}

const tagsOf = ({ flows }: AgentSnapshot): string[] =>
  flows
    .flatMap(({ fulfillments }) => fulfillments)
    .map(({ webhook, tag }) => `${webhook}: ${tag}`)
    .sort()

const parametersOf = ({ flows, intents }: AgentSnapshot): string[] => {
  const names = [...flows, ...intents].flatMap(({ parameters }) => parameters.map(({ name }) => name))
  return [...new Set(names)].filter((name) => !name.startsWith('$flow.')).sort()
}

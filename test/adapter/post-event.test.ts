import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  postEventSchema,
  taskVaJoinedSchema,
  taskVaLeftSchema,
  taskVaVariablesReceivedSchema,
} from '../../src/adapter/post-event.ts'
import { EVENTS, ILL_FORMED, JOINED, LEFT, SESSION, VARIABLES_RECEIVED, WELL_FORMED } from './events.ts'

const SCHEMAS = [taskVaJoinedSchema, taskVaVariablesReceivedSchema, taskVaLeftSchema]

test('each event is read whole, and by its own schema alone', () => {
  for (const event of EVENTS) {
    assert.deepEqual(postEventSchema.parse(event), event)
    const fitting = SCHEMAS.filter((schema) => schema.safeParse(event).success)
    assert.deepEqual(
      fitting.map((schema) => schema.shape.type.value),
      [event.type],
    )
  }
})

test('fields that nobody documented are kept, at every depth', () => {
  const [more, entry] = [{ added_later: { a: [1, null] } }, { variables: { a: 1 }, added_later: true }]
  for (const { type } of EVENTS) {
    const event = { type, ...more, data: { ...SESSION, ...more, captured_variables: [entry] } }
    assert.deepEqual(postEventSchema.parse(event), event)
  }
})

test('each documented field may be absent, but for the session and what was received', () => {
  const { chat_id, ...others } = SESSION
  for (const field of [...Object.keys(others), 'finish_reason', 'captured_variables'])
    for (const event of EVENTS) {
      const data: Record<string, unknown> = { ...event.data }
      delete data[field]
      const isRequired = event === VARIABLES_RECEIVED && field === 'captured_variables'
      assert.equal(postEventSchema.safeParse({ ...event, data }).success, !isRequired, `${event.type} without ${field}`)
    }
})

test('what is absent is not made up', () => {
  assert.deepEqual(taskVaJoinedSchema.parse({ type: JOINED.type, data: { call_id: '5' } }).data, { call_id: '5' })
  assert.deepEqual(taskVaLeftSchema.parse({ type: LEFT.type, data: { call_id: 5 } }).data, { call_id: 5 })
})

for (const { name, event } of WELL_FORMED)
  test(`well-formed: ${name}`, () => assert.deepEqual(postEventSchema.parse(event), event))

for (const { name, event } of ILL_FORMED)
  test(`ill-formed: ${name}`, () => assert.equal(postEventSchema.safeParse(event).success, false))

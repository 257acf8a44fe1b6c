// What the platform's adapter would post, after the vendor's samples. All values are made up.

const TO_CAPTURE = [{ destination: 'Osaka' }, { start_date: 'Nov 20, 2026' }, { travellers: 2 }]
const captured = { chat_id: [], call_id: [] }
const read = (id) => document.querySelector(id).value

function post(type, more = {}) {
  const data = {
    [read('#session')]: 103646,
    virtual_agent_id: 1,
    virtual_agent_name: 'Trip assistant',
    participant_id: 1,
    session_type: read('#session') === 'call_id' ? 'Voice Inbound (IVR)' : 'Messaging Inbound (SMS)',
    conversation_id: '12345',
    timestamp: secondsOf(new Date()),
    ...more,
  }
  const message = { type, data }
  // To the page around it alone, never to "*".
  parent.postMessage(read('#form') === 'text' ? JSON.stringify(message) : message, 'CRM_ORIGIN')
}

function capture() {
  const list = captured[read('#session')]
  const now = new Date()
  list.push({
    intent_name: null,
    variables: TO_CAPTURE[list.length % TO_CAPTURE.length],
    captured_at: `${now.toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    timestamp: secondsOf(now),
  })
  post('Task_VA_Variables_Received', { captured_variables: list })
}

const secondsOf = (date) => String(Math.floor(date.getTime() / 1000))

const on = (id, act) => document.querySelector(id).addEventListener('click', act)
on('#join', () => post('Task_VA_Joined'))
on('#capture', capture)
on('#leave', () =>
  post('Task_VA_Left', { finish_reason: 'Task VA finished', captured_variables: captured[read('#session')] }),
)

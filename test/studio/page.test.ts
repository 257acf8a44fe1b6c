import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { packShared } from '../../src/studio/page/address.ts'
import { hasBrowser, launchBrowser, withoutBrowser } from '../browser.ts'
import { buildPages } from './build-pages.ts'
import { FLOW, POLICY, StudioPage } from './studio-page.ts'

const options = hasBrowser ? { browser: await launchBrowser(), pages: buildPages() } : undefined
after(() => options?.browser.close())

type Choice = Partial<Parameters<typeof StudioPage.open>[1]>

/** A test of the page; nothing may go wrong in it, and nothing may be asked of anybody else. */
function pageTest(
  name: string,
  run: (open: StudioPage, context: TestContext) => Promise<void>,
  choice: Choice = {},
): void {
  test(name, { skip: withoutBrowser }, async (context) => {
    assert.ok(options)
    const open = await StudioPage.open(context, { ...options, ...choice })
    await run(open, context)
    assert.deepEqual(open.errors, [])
    for (const origin of open.requested) assert.match(origin, /^http:\/\/127\.0\.0\.1:\d+$|^null$/)
  })
}

pageTest('a typing mistake is mended by its message', async (open) => {
  const { page } = open
  await open.retype('comment, event', 'comments, event')
  const problem = page.getByRole('region', { name: 'Problems in trip.yaml' }).getByRole('listitem')
  await problem.getByText('did you mean "comment"?').waitFor()
  assert.match(
    await page.locator('.audience-pane .banner.problem').innerText(),
    /trip\.yaml has errors: nothing would be served/,
  )
  assert.equal(await page.locator('.flow-pane .cm-lintRange-error').first().innerText(), 'comments')
  await problem.getByRole('button', { name: 'Change to comment' }).click()
  await problem.waitFor({ state: 'detached' })
  assert.match(await open.text(), /visible_to: \[agent, comment, event\]/)
  assert.equal(await page.locator('.audience-pane .banner').count(), 0)
})

pageTest('a key that is hidden from events leaves that pane, and no other', async (open) => {
  const everything = { destination: 'Osaka', budget: '$1,200.00' }
  for (const surface of ['agent', 'comment', 'event'] as const) assert.deepEqual(await open.seen(surface), everything)
  await open.retype('format: money }', 'format: money, visible_to: [agent, comment] }')
  await open.until(async () => !('budget' in (await open.seen('event'))))
  assert.deepEqual(await open.seen('agent'), everything)
  assert.deepEqual(await open.seen('comment'), everything)
  assert.deepEqual(await open.seen('event'), { destination: 'Osaka' })
  assert.match((await open.absent('event')).join('\n'), /budget.*hidden by line 8/)
})

pageTest('each value leads to its line and back, and each reason to what it names', async (open) => {
  const { page } = open
  const lineOf = () => page.locator('.flow-pane > .editor-pane .cm-activeLineGutter').innerText()
  await open
    .card('agent')
    .getByRole('button', { name: /^budget\b.*line 8$/ })
    .click()
  await open.until(async () => (await lineOf()) === '8')
  assert.ok(await open.editor.evaluate((element) => element === document.activeElement))
  await page.keyboard.press('Alt+Enter')
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'budget, line 8')
  const current = page.locator('.card [data-current]')
  assert.deepEqual(
    new Set(await current.evaluateAll((all) => all.map((row) => row.getAttribute('data-key') ?? row.textContent))),
    new Set(['budget', '"budget"']),
  )
  await open.card('comment').getByRole('button', { name: 'hidden by line 9' }).click()
  await open.until(async () => (await lineOf()) === '9')
  await open
    .card('comment')
    .getByRole('button', { name: /policy rule in line 2: PCI DSS 3/ })
    .click()
  await open.until(async () => (await page.locator('.policy .cm-activeLineGutter').innerText()) === '2')
  await open.card('answer').getByRole('button', { name: '"destination"' }).click()
  await open.until(async () => (await lineOf()) === '7')
})

pageTest('made-up values: the form of what the capture uses, kept in the address', async (open) => {
  const { page } = open
  const form = page.getByRole('form', { name: 'Values of the request' })
  await form.getByLabel('card_number').fill('4242424242424242')
  await open.until(async () => (await open.seen('agent')).card === '************4242')
  await form.getByLabel('budget').fill('5')
  await open.until(async () => /went as text/.test(await open.card('agent').innerText()))
  await page.waitForFunction(() => decodeURIComponent(location.hash).includes('"card_number"'))
  await page.reload()
  await open.until(async () => (await open.seen('agent')).card === '************4242')
  await page.getByLabel('Webhook tag').selectOption('goodbye')
  await open.card('answer').getByText('"end"').waitFor()
})

pageTest('a captured request is pasted, answered, and stays in the page', async (open) => {
  const { page } = open
  const body = { fulfillmentInfo: { tag: 'trip-details' }, sessionInfo: { parameters: { location: 'Kyoto' } } }
  const entry = { jsonPayload: { request: JSON.stringify(body) } }
  await page.getByLabel('Captured request').fill(JSON.stringify([entry], null, 2))
  await open.until(async () => (await open.seen('agent')).destination === 'Kyoto')
  assert.doesNotMatch(page.url(), /Kyoto/)
  await page.getByLabel('Captured request').fill('{ "fulfillmentInfo": \n ]')
  await page.getByText('This is not JSON: see line 2').waitFor()
  await page.getByLabel('Captured request').fill(JSON.stringify({ ...body, fulfillmentInfo: { tag: 'trip-detials' } }))
  await page.getByText('Tags like it: trip-details').waitFor()
  await page.getByRole('button', { name: 'Ask trip-details instead' }).click()
  await open.until(async () => (await open.seen('agent')).destination === 'Kyoto')
  await page.getByRole('button', { name: 'Put it away' }).click()
  await open.until(async () => (await open.seen('agent')).destination === 'Osaka')
  await page.getByLabel('Captured request').fill(JSON.stringify(body))
  await open.until(async () => (await open.seen('agent')).destination === 'Kyoto')
  await page.getByRole('link', { name: 'a trip to Osaka' }).click()
  await open.until(async () => (await open.seen('agent')).destination === 'Osaka')
})

pageTest('a file that is dropped is a captured request too', async (open) => {
  const body = { fulfillmentInfo: { tag: 'trip-details' }, sessionInfo: { parameters: { location: 'Nara' } } }
  await open.page.getByLabel('Captured request').evaluate((area, text) => {
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File([text], 'request.json'))
    area.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
  }, JSON.stringify(body))
  await open.until(async () => (await open.seen('agent')).destination === 'Nara')
})

pageTest('a new example of the current request in one click, which undo takes back', async (open) => {
  const { page } = open
  await page.getByRole('form', { name: 'Values of the request' }).getByLabel('location').fill('Kobe')
  await open.until(async () => (await open.seen('agent')).destination === 'Kobe')
  await page.getByRole('button', { name: 'Add this request' }).click()
  const examples = page.getByRole('region', { name: 'Examples' }).getByRole('listitem')
  await examples.nth(1).getByText('passes').waitFor()
  assert.match(await examples.nth(1).innerText(), /trip-details from the studio/)
  assert.match(await open.text(), /name: trip-details from the studio/)
  assert.equal(open.read(), FLOW, 'nothing is saved yet')
  await page.getByRole('button', { name: 'Undo' }).first().click()
  await open.until(async () => (await examples.count()) === 1)
  assert.equal(await page.getByText('unsaved').count(), 0)
})

pageTest('saving writes what the editor has', async (open) => {
  const { page } = open
  const save = page.getByRole('button', { name: /^Save/ })
  assert.ok(await save.isDisabled())
  await open.retype('a trip to Osaka', 'a trip to Osaka, cheap')
  await save.click()
  await page.getByRole('status').getByText('Saved trip.yaml.').waitFor()
  assert.equal(open.read(), FLOW.replace('a trip to Osaka', 'a trip to Osaka, cheap'))
  assert.ok(await save.isDisabled())
})

pageTest(
  'line ends are those of the file',
  async (open) => {
    await open.retype('Book a trip', 'Book two trips')
    await open.page.keyboard.press('Control+s')
    await open.page.getByText('Saved trip.yaml.').waitFor()
    assert.equal(open.read(), FLOW.replace('Book a trip', 'Book two trips').replaceAll('\n', '\r\n'))
  },
  { files: { 'trip.yaml': FLOW.replaceAll('\n', '\r\n') } },
)

pageTest('what has changed on disk meanwhile is not overwritten', async (open) => {
  const { page } = open
  const theirs = FLOW.replace('Book a trip', 'Theirs')
  await open.retype('Book a trip', 'Mine')
  open.write('trip.yaml', theirs)
  await page.keyboard.press('Control+s')
  const conflict = page.getByRole('alert', { name: 'Changed on disk' })
  await conflict.waitFor()
  assert.equal(open.read(), theirs)
  await conflict.getByText('What differs, from line 2').click()
  assert.match(await conflict.innerText(), /\+ flow: Theirs\s+− flow: Mine/)
  await page.getByRole('button', { name: /^Save/ }).click()
  assert.equal(open.read(), theirs, 'nor when asked once more')
  await conflict.getByRole('button', { name: 'Keep mine' }).click()
  await page.getByRole('button', { name: /^Save/ }).click()
  await page.getByText('Saved trip.yaml.').waitFor()
  assert.equal(open.read(), FLOW.replace('Book a trip', 'Mine'))
})

pageTest('of two texts the one on disk may be taken, and undo brings the other back', async (open) => {
  const { page } = open
  await open.retype('Book a trip', 'Mine')
  open.write('trip.yaml', FLOW.replace('Book a trip', 'Theirs'))
  const conflict = page.getByRole('alert', { name: 'Changed on disk' })
  await conflict.getByRole('button', { name: 'Take what is on disk' }).click()
  await conflict.waitFor({ state: 'detached' })
  assert.match(await open.text(), /flow: Theirs/)
  await page.getByRole('button', { name: 'Undo' }).first().click()
  assert.match(await open.text(), /flow: Mine/)
})

pageTest('a file that nobody has touched here follows the disk', async (open) => {
  open.write('trip.yaml', FLOW.replaceAll('Osaka', 'Sapporo'))
  await open.until(async () => (await open.seen('agent')).destination === 'Sapporo')
  assert.match(await open.text(), /Sapporo/)
  open.write('new.yaml', FLOW.replaceAll('trip-details', 'other').replaceAll('goodbye', 'bye'))
  await open.page.getByRole('link', { name: 'new.yaml' }).waitFor()
})

pageTest(
  'with the keyboard alone: choose a file, mend it, look at a value, go back, save',
  async (open) => {
    const { page } = open
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')
    const tabTo = async (wanted: () => Promise<boolean>) => {
      for (let i = 0; i < 60 && !(await wanted()); i++) await page.keyboard.press('Tab')
      assert.ok(await wanted(), `Tab does not lead there; it is at ${await focused()}`)
      const outline = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement
        return (
          getComputedStyle(element).outlineStyle !== 'none' ||
          getComputedStyle(element.closest('.editor') ?? element).boxShadow !== 'none'
        )
      })
      assert.ok(outline, 'one sees where one is')
    }
    await tabTo(async () => (await focused()) === 'To the content')
    await page.keyboard.press('Enter')
    await tabTo(async () => (await focused()).startsWith('broken.yaml'))
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Problems in broken.yaml' }).getByRole('listitem').waitFor()
    await tabTo(() => open.editor.evaluate((element) => element === document.activeElement))
    await page.keyboard.press('F8')
    await page.keyboard.type('agent')
    await open.until(
      async () =>
        (await page.getByRole('region', { name: 'Problems in broken.yaml' }).getByRole('listitem').count()) === 0,
    )
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+End')
    for (let i = 0; i < 20 && !(await page.locator('.audiences [data-current]').count()); i++)
      await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Alt+Enter')
    assert.match(await focused(), /^city, line 6/)
    await page.keyboard.press('Enter')
    await open.until(() => open.editor.evaluate((element) => element === document.activeElement))
    await page.keyboard.press('Control+s')
    await page.getByText('Saved broken.yaml.').waitFor()
    assert.match(open.read('broken.yaml'), /visible_to: \[agent\]/)
    await page.keyboard.press('Tab')
    assert.ok(!(await open.editor.evaluate((element) => element === document.activeElement)), 'Tab leaves the editor')
  },
  {
    files: {
      'broken.yaml':
        'flow: B\ncaptures:\n  - tag: b\n    visible_to: [agnt]\n    variables:\n      city: $session.params.city\nexamples:\n  - { name: one, tag: b, parameters: { city: Osaka } }\n',
    },
  },
)

pageTest('words are completed and explained as one types', async (open) => {
  const { page } = open
  await open.retype('format: money }', 'format: money, ma')
  await page.keyboard.type('s')
  // By the mouse: the keyboard is not listened to in the first moment of an offer, lest one takes it unawares.
  await page.locator('.cm-tooltip-autocomplete').getByText('mask').click()
  await page.keyboard.type('last4 }')
  await open.until(async () => /mask: last4 \}/.test(await open.text()))
  await open.select('comment')
  await page.locator('.help').getByText('The comment of the CRM record.').waitFor()
})

pageTest('the matrix of the whole project, filtered by name, with the policy', async (open) => {
  const { page } = open
  await open.view('Who sees what')
  const rows = page.locator('.matrix tbody tr:not(.group)')
  await open.until(async () => (await rows.count()) === 3)
  await page.getByLabel('Filter by name').fill('card')
  await open.until(async () => (await rows.count()) === 1)
  assert.match(await rows.first().innerText(), /card\s*.*masked.*barred.*barred.*barred/s)
  await page.waitForFunction(() => location.hash.includes('filter=card'))
  await rows
    .first()
    .getByRole('button', { name: /policy rule in line 2/ })
    .click()
  await open.until(async () => (await page.locator('.policy .cm-activeLineGutter').innerText()) === '2')
})

pageTest(
  'a CRM page hears the adapter of another origin through the real listener, and nobody else',
  async (open, context) => {
    const { page } = open
    await open.view('A CRM page')
    const frame = page.frameLocator('iframe')
    await frame.getByRole('button', { name: 'Joined' }).click()
    const ticket = page.getByRole('article')
    await ticket.getByText('Ticket for call 1418').waitFor()
    const adapter = await page.locator('iframe').getAttribute('src')
    assert.notEqual(new URL(adapter ?? '').origin, open.origin)

    const foreign = createServer((_, response) => response.end('<!doctype html><title>elsewhere</title>')).listen(
      0,
      '127.0.0.1',
    )
    context.after(() => foreign.close())
    await new Promise((resolve) => foreign.once('listening', resolve))
    const address = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}/`
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate((url) => void window.open(url), address),
    ])
    await popup.waitForLoadState()
    const forged = { type: 'Task_VA_Joined', data: { call_id: 666 } }
    await popup.evaluate((event) => window.opener.postMessage(event, '*'), forged)
    await popup.evaluate((event) => window.opener.postMessage(JSON.stringify(event), '*'), forged)
    await page.evaluate((event) => window.postMessage(event, '*'), forged)

    await frame.getByRole('button', { name: 'Variables received' }).click()
    await ticket.getByText('$1,200.00').waitFor()
    await frame.getByRole('button', { name: 'Left' }).click()
    await ticket.getByText('virtual agent has left').waitFor()
    assert.equal(await ticket.count(), 1, 'one ticket, though the variables came twice, and none for the forged event')
    assert.deepEqual(await page.locator('.events summary').allInnerTexts(), [
      'Task_VA_Joined',
      'Task_VA_Variables_Received',
      'Task_VA_Left',
    ])
    await page.getByText("import { listenToVirtualAgent } from 'carryover/adapter'").waitFor()
  },
)

pageTest('a link carries text and made-up values in its fragment, and no token', async (open, context) => {
  const { page } = open
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await open.retype('Book a trip', 'Shared')
  await page.getByRole('form', { name: 'Values of the request' }).getByLabel('location').fill('Kobe')
  await open.until(async () => (await open.seen('agent')).destination === 'Kobe')
  await page.getByRole('button', { name: 'Copy link' }).click()
  await page.getByText('Copied a link').waitFor()
  const link = await page.evaluate(() => navigator.clipboard.readText())
  const [, token = ''] = open.studio.url.split('token=')
  assert.ok(link.startsWith(`${open.origin}/#`) && !link.includes(token) && !page.url().includes(token))

  assert.ok(options)
  const other = await options.browser.newContext()
  context.after(() => other.close())
  const visitor = await other.newPage()
  const asked: string[] = []
  visitor.on('request', (request) => asked.push(request.url()))
  await visitor.goto(link)
  await visitor.getByLabel('The printed address').fill(open.studio.url)
  await visitor.getByRole('button', { name: 'Open' }).click()
  await visitor.locator('.card.agent').getByText('Kobe').waitFor()
  assert.match(await visitor.locator('.flow-pane .cm-content').first().innerText(), /flow: Shared/)
  await visitor.getByText('It is not saved').waitFor()
  assert.equal(open.read(), FLOW)
  for (const url of asked) assert.doesNotMatch(url.replace(/#.*/, ''), /Kobe|shared|token/)
})

pageTest('a link that brings another policy is refused', async (open) => {
  const { page } = open
  const shared = await packShared({ file: 'policy.yaml', text: '{}\n' })
  await page.evaluate((hash) => {
    location.hash = hash
  }, `file=a.yaml&shared=${shared}`)
  await page.getByText('policy.yaml is read only here: what the link says of it is left out.').waitFor()
  await page.getByText('PCI DSS 3').first().waitFor()
  assert.equal(await page.locator('.unsaved').count(), 0)
})

pageTest('the policy is read only', async (open) => {
  const { page } = open
  const policy = page.getByRole('textbox', { name: 'Policy' })
  await policy.click()
  await page.keyboard.type('x')
  assert.equal(await page.getByText('unsaved').count(), 0)
  assert.equal(await page.getByRole('button', { name: 'Save policy' }).count(), 0)
  await page.getByRole('button', { name: /policy\.yaml/ }).click()
  await policy.waitFor({ state: 'detached' })
})

pageTest(
  'with --edit-policy it can be changed, and the audiences follow',
  async (open) => {
    const { page } = open
    await page.locator('.policy .cm-line', { hasText: 'reason' }).click()
    await page.keyboard.press('End')
    await page.keyboard.type(' again')
    await open.card('comment').getByText('PCI DSS 3 again').waitFor()
    await page.getByRole('button', { name: 'Save policy' }).click()
    await page.getByText('Saved policy.yaml.').waitFor()
    assert.equal(open.read('policy.yaml'), POLICY.replace('PCI DSS 3', 'PCI DSS 3 again'))
  },
  { editPolicy: true },
)

const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>'

pageTest(
  'nothing of a file or a request becomes HTML',
  async (open) => {
    const { page } = open
    page.on('dialog', () => open.errors.push('a script of the data ran'))
    await page.getByRole('link', { name: 'markup.yaml' }).click()
    await open.until(async () => Object.values(await open.seen('agent')).some((value) => value.includes('<img')))
    await open.view('Who sees what')
    await page.locator('.matrix').getByText('<img').first().waitFor()
    await open.view('A CRM page')
    const frame = page.frameLocator('iframe')
    for (const name of ['Joined', 'Variables received', 'Left']) await frame.getByRole('button', { name }).click()
    await page.locator('.ticket').getByText('<img').first().waitFor()
    await open.view('Flow')
    await page.getByLabel('Captured request').fill(JSON.stringify({ fulfillmentInfo: { tag: MARKUP } }))
    await page.locator('.banner.problem').waitFor()
    for (const part of [page, frame]) assert.equal(await part.locator('img, body script').count(), 0)
  },
  {
    files: {
      'markup.yaml': `flow: ${JSON.stringify(MARKUP)}\ncaptures:\n  - tag: markup\n    description: ${JSON.stringify(MARKUP)}\n    visible_to: [agent, event]\n    variables:\n      ${JSON.stringify(MARKUP)}: ${JSON.stringify(MARKUP)}\n      "a ${MARKUP}": $session.params.a\nexamples:\n  - { name: ${JSON.stringify(MARKUP)}, tag: markup, parameters: {} }\n`,
    },
  },
)

pageTest('a studio that has gone is told of, and the text is kept', async (open) => {
  await open.retype('Book a trip', 'Mine')
  await open.studio.stop()
  await open.page.getByText('The studio does not answer').waitFor()
  assert.match(await open.text(), /flow: Mine/)
  open.errors.length = 0
})

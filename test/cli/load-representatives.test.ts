import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadRepresentatives } from '../../src/cli/load-representatives.ts'
import { mannerOf } from '../../src/representatives/representatives-file.ts'
import { REPRESENTATIVES } from '../representatives/representatives-yaml.ts'
import { runCli } from './run-cli.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
let count = 0

/** A folder with a flow file that is right, and representatives.yaml. */
function folderWith(text: string): string {
  const name = `flows-${++count}`
  const path = folder.flow(
    name,
    'flow: A\ncaptures:\n  - { tag: t, visible_to: [agent], variables: { a: $session.params.a } }\n',
  )
  folder.write(`${name}/representatives.yaml`, text)
  return path
}

describe('representatives.yaml', () => {
  test('is no flow file, and is checked with them', async () => {
    const { code, stdout } = await runCli(['validate', folderWith(REPRESENTATIVES)])
    assert.equal(code, 0, stdout)
    assert.match(stdout, /^1 flow file: 0 errors, 0 warnings\./)
  })

  test('each mistake is told at its place', async () => {
    const cases: [change: [from: string | RegExp, to: string], says: RegExp][] = [
      [
        ['bot:', 'bott:'],
        /representatives\.yaml:2:1: error: unknown key "bott"; .*did you mean "bot"\? \[config\/unknown-key\]/,
      ],
      [['nobody_there:', 'nobody:'], /error: unknown key "nobody"/],
      [
        [/displayName: Hello.*/, 'displayName: 7'],
        /:3:16: error: displayName: expected text \(put it in quotes\), found 7/,
      ],
      [
        ['https://live.agent/bot', 'http://live.agent/bot'],
        /:4:16: error: avatarImage: expected a public https address/,
      ],
      [
        ['language: en', 'language: english please'],
        /:1:11: error: language: expected a language tag such as en or pt-BR/,
      ],
      [
        ['language: en', 'language: fr'],
        /:9:5: error: passing_on: expected a text in fr, for people of any other language, found a map/,
      ],
      [['    de: Danke', '    de_AT: Danke'], /error: de_AT: expected a language tag such as en or pt-BR as its key/],
      [['texts:', 'texts: ['], /error: .*\[file\/syntax\]/],
      [['displayName: Support', 'displayName: ""'], /error: displayName: expected text that is not empty/],
    ]
    for (const [[from, to], says] of cases) {
      const { code, stdout } = await runCli(['validate', folderWith(REPRESENTATIVES.replace(from, to))])
      assert.equal(code, 1, stdout)
      assert.match(stdout, says)
    }
  })

  test('a control character of the file does not reach the terminal', async () => {
    const { stdout } = await runCli(['validate', folderWith(REPRESENTATIVES.replace('bot:', '"bo\\u001b[2Jt":'))])
    assert.ok(!stdout.includes('\u001b[2J'), 'the terminal would be cleared')
  })

  test('speaks the language of the person, else one of the same family, else its own', async () => {
    const text = REPRESENTATIVES.replace('    de: Danke', '    pt-BR: Obrigado\n    de: Danke')
    const loaded = loadRepresentatives(folderWith(text))
    assert.ok(loaded?.file, JSON.stringify(loaded?.diagnostics))
    const { say } = mannerOf(loaded.file)
    const cases: [language: string | undefined, begins: string][] = [
      ['de', 'Danke'],
      ['DE-at', 'Danke'],
      ['pt', 'Obrigado'],
      ['pt-PT', 'Obrigado'],
      ['en-GB', 'Thanks'],
      ['ja', 'Thanks'],
      ['constructor', 'Thanks'],
      [undefined, 'Thanks'],
    ]
    for (const [language, begins] of cases) assert.ok(say('passing_on', language).startsWith(begins), language)
  })
})

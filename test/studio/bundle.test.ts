import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { buildPages } from './build-pages.ts'

const MAX_COMPRESSED = 300 * 1024
const folder = buildPages('--metafile=meta.json')

test('the bundle is under 300 kB compressed, all pages together', (context) => {
  const files = readdirSync(folder).filter((name) => /\.(?:js|css)$/.test(name))
  assert.deepEqual(files, ['adapter-frame.css', 'adapter-frame.js', 'studio.css', 'studio.js'])
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0)
  context.diagnostic(`${Math.round(bytes / 1024)} kB`)
  assert.ok(bytes < MAX_COMPRESSED, `${bytes} bytes`)
})

test('each package in it is named with its licence', () => {
  const { inputs } = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8')) as { inputs: Record<string, unknown> }
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  )
  assert.ok(packages.size > 10)
  const notices = readFileSync(join(folder, 'studio.js.LEGAL.txt'), 'utf8')
  for (const name of packages) {
    const { license } = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../node_modules', name, 'package.json'), 'utf8'),
    )
    assert.equal(license, 'MIT', name)
    assert.match(notices, new RegExp(`${name.replace(/[/.]/g, '\\$&')}[,:]`), `${name} is not named in studio.tsx`)
  }
})

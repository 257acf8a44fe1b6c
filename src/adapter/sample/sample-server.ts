import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const CRM_FILES = {
  '/': 'crm-page.html',
  '/crm-page.js': 'crm-page.js',
  '/sample.css': 'sample.css',
  '/listen-to-virtual-agent.min.js': '../listen-to-virtual-agent.min.js',
}
const ADAPTER_FILES = { '/adapter.html': 'adapter.html', '/adapter.js': 'adapter.js', '/sample.css': 'sample.css' }

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' }

/** The addresses of the sample: a page, and the stand-in for the adapter in it, on two ports as they have two origins. */
export interface Sample {
  readonly crmOrigin: string
  readonly adapterOrigin: string
}

/** Serves the sample on two free ports of 127.0.0.1. */
export async function startSample(): Promise<Sample> {
  const [crm, adapter] = [createServer(), createServer()]
  const sample = { crmOrigin: await listen(crm), adapterOrigin: await listen(adapter) }
  await serve(crm, CRM_FILES, sample)
  await serve(adapter, ADAPTER_FILES, sample)
  return sample
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function serve(server: Server, files: Readonly<Record<string, string>>, sample: Sample): Promise<void> {
  const pages = new Map<string | undefined, { readonly type: string; readonly text: string }>()
  for (const [path, file] of Object.entries(files)) {
    const text = await readFile(new URL(file, import.meta.url), 'utf8')
    pages.set(path, { type: TYPES[file.split('.').at(-1) ?? ''] ?? '', text: withOrigins(text, sample) })
  }
  const policy = `default-src 'self'; img-src data:; frame-src ${sample.adapterOrigin}; frame-ancestors 'self' ${sample.crmOrigin}`
  server.on('request', (request, response) => {
    const page = pages.get(request.url)
    if (!page) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': `${page.type}; charset=utf-8`, 'content-security-policy': policy })
    response.end(page.text)
  })
}

const withOrigins = (text: string, { crmOrigin, adapterOrigin }: Sample): string =>
  text.replaceAll('CRM_ORIGIN', crmOrigin).replaceAll('ADAPTER_ORIGIN', adapterOrigin)

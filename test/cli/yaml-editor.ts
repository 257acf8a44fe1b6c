import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  CompletionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  type Hover,
  HoverRequest,
  InitializedNotification,
  InitializeRequest,
  type MarkupContent,
  type Position,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
} from 'vscode-languageserver-protocol/node.js'

const SERVER = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server')

/** The server's own messages: it reads the settings some time after it has started, and tells those who ask when it has. */
const TELL_WHEN_CONFIGURED = 'yaml/supportSchemaSelection'
const CONFIGURED = 'yaml/schema/store/initialized'

/** However a test ends, the server does not outlive it for longer. */
const LIFETIME_MS = 30_000

/** A part of a file that an editor underlines, as `line:column-column` from 1 (the end exclusive), and why. */
export interface Underlined {
  readonly range: string
  readonly message: string
}

/** An entry of the list that an editor offers. */
export interface Offered {
  readonly label: string
  readonly documentation: string
  readonly inserted: string
}

/** The language server behind YAML in editors, with one folder open; nothing is fetched. */
export class YamlEditor {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #connection: ProtocolConnection
  readonly #folder: string
  readonly #waiting = new Map<string, (found: Diagnostic[]) => void>()
  #documents = 0

  private constructor(folder: string, settings: Readonly<Record<string, unknown>>) {
    this.#folder = folder
    this.#child = spawn(process.execPath, [SERVER, '--stdio'], { timeout: LIFETIME_MS })
    this.#connection = createProtocolConnection(this.#child.stdout, this.#child.stdin)
    this.#connection.onRequest(ConfigurationRequest.type, ({ items }) =>
      items.map(({ section }) => (section === 'yaml' ? { ...settings, schemaStore: { enable: false } } : {})),
    )
    this.#connection.onRequest(RegistrationRequest.type, () => {})
    this.#connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) =>
      this.#waiting.get(uri)?.(diagnostics),
    )
    this.#connection.listen()
  }

  static async open(folder: string, settings: Readonly<Record<string, unknown>>): Promise<YamlEditor> {
    const editor = new YamlEditor(folder, settings)
    const uri = pathToFileURL(folder).href
    await editor.#connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: 'test' }],
      capabilities: {
        workspace: { configuration: true, workspaceFolders: true },
        textDocument: { completion: { completionItem: { documentationFormat: ['markdown'] } } },
      },
    })
    const configured = new Promise((resolve) => editor.#connection.onNotification(CONFIGURED, resolve))
    await editor.#connection.sendNotification(TELL_WHEN_CONFIGURED)
    await editor.#connection.sendNotification(InitializedNotification.type, {})
    await configured
    return editor
  }

  async close(): Promise<void> {
    await this.#connection.sendRequest(ShutdownRequest.type)
    await this.#connection.sendNotification(ExitNotification.type)
    this.#connection.dispose()
    this.#child.kill()
  }

  /** A `*` in the path becomes a number, so that files can be open at the same time. */
  async #inFile<T>(path: string, text: string, ask: (uri: string) => Promise<T>): Promise<T> {
    const version = ++this.#documents
    const uri = pathToFileURL(join(this.#folder, path.replace('*', String(version)))).href
    const textDocument = { uri, languageId: 'yaml', version, text }
    await this.#connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument })
    const answer = await ask(uri)
    const closed = this.#diagnosticsOf(uri)
    await this.#connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } })
    await closed
    return answer
  }

  /** The next that come; a file that is closed gets an empty list. */
  #diagnosticsOf(uri: string): Promise<Diagnostic[]> {
    return new Promise((resolve) => this.#waiting.set(uri, resolve))
  }

  /** What is underlined, from the top to the bottom. */
  async underlined(path: string, text: string): Promise<Underlined[]> {
    const found = await this.#inFile(path, text, (uri) => this.#diagnosticsOf(uri))
    return found.sort(byPlace).map(({ range: { start, end }, message }) => {
      const last = end.line === start.line ? end.character + 1 : `${end.line + 1}:${end.character + 1}`
      return { range: `${start.line + 1}:${start.character + 1}-${last}`, message }
    })
  }

  /** What is offered where `§` stands. */
  async offered(path: string, marked: string): Promise<Offered[]> {
    const { text, position } = unmark(marked)
    const answer = await this.#inFile(path, text, (uri) =>
      this.#connection.sendRequest(CompletionRequest.type, { textDocument: { uri }, position }),
    )
    const items = Array.isArray(answer) ? answer : (answer?.items ?? [])
    return items.map(({ label, documentation = '', insertText = '', textEdit }) => ({
      label,
      documentation: typeof documentation === 'string' ? documentation : documentation.value,
      inserted: textEdit?.newText ?? insertText,
    }))
  }

  /** What is shown where the mouse rests on the letter behind `§`, as Markdown. */
  async hover(path: string, marked: string): Promise<string> {
    const { text, position } = unmark(marked)
    const answer: Hover | null = await this.#inFile(path, text, (uri) =>
      this.#connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position }),
    )
    return answer ? (answer.contents as MarkupContent).value : ''
  }
}

const byPlace = ({ range: { start: a } }: Diagnostic, { range: { start: b } }: Diagnostic): number =>
  a.line - b.line || a.character - b.character

function unmark(marked: string): { text: string; position: Position } {
  const before = marked.slice(0, marked.indexOf('§')).split('\n')
  return {
    text: marked.replace('§', ''),
    position: { line: before.length - 1, character: (before.at(-1) ?? '').length },
  }
}

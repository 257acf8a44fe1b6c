import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, redo, undo } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintKeymap, nextDiagnostic, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension, RangeSetBuilder, StateEffect, StateField, Text } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { JsonSchema } from '../../core/editor-schema.ts'
import type { Range } from '../../core/source.ts'
import type { Finding } from '../protocol.ts'
import { spanIn } from './positions.ts'
import { type Explanation, explain, offersAt } from './schema-guide.ts'
import { spotAt } from './yaml-spot.ts'

/** What an editor tells, and what it needs to know. */
export interface EditorHost {
  readonly label: string
  readonly schema: () => JsonSchema | undefined
  readonly references: () => readonly string[]
  readonly changed: (text: string) => void
  /** The cursor is in another line, counted from 1. */
  readonly moved: (line: number) => void
  /** From the line to the first of the values that it makes. */
  readonly follow: () => boolean
}

/** The documents of one pane: each keeps its own history while another one is shown. */
export class Editor {
  readonly view: EditorView
  readonly #host: EditorHost
  readonly #states = new Map<string, EditorState>()
  #open: { readonly path: string; readonly separator: string } = { path: '', separator: '\n' }

  constructor(parent: HTMLElement, host: EditorHost) {
    this.#host = host
    const nonce = document.querySelector<HTMLLinkElement>('link[nonce]')?.nonce ?? ''
    this.#nonce = EditorView.cspNonce.of(nonce)
    this.view = new EditorView({ parent, state: this.#stateFor('', '\n', true) })
  }

  readonly #nonce: Extension

  get path(): string {
    return this.#open.path
  }

  /** With the line ends of its file. */
  get text(): string {
    return this.view.state.sliceDoc()
  }

  open(path: string, text: string, readOnly: boolean): void {
    if (this.#open.path) this.#states.set(this.#open.path, this.view.state)
    const separator = separatorOf(text)
    const known = this.#states.get(path)
    this.#open = { path, separator }
    this.view.setState(known ?? this.#stateFor(text, separator, readOnly))
    if (this.text !== normalise(text, separator)) this.replace(text)
  }

  /** Puts another text in, as one step that can be undone; what is the same stays, and so does the cursor. */
  replace(text: string): void {
    const [before, after] = [this.view.state.doc.toString(), text.replace(/\r\n?/g, '\n')]
    if (before === after) return
    let start = 0
    while (start < before.length && start < after.length && before[start] === after[start]) start++
    let end = 0
    const most = Math.min(before.length, after.length) - start
    while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
    const insert = textFrom(after.slice(start, after.length - end))
    this.view.dispatch({ changes: { from: start, to: before.length - end, insert }, userEvent: 'input.replace' })
  }

  /** Underlines what is wrong; `fix` is called for the one that is to be mended. */
  show(findings: readonly Finding[]): void {
    const { doc } = this.view.state
    const diagnostics = findings.map((finding): Diagnostic => {
      const span = spanIn(doc, finding)
      const { severity, message, code: source, meant } = finding
      const action = { name: `Change to ${meant}`, apply: () => this.fix(finding) }
      return { ...span, severity, message, source, ...(meant === undefined ? {} : { actions: [action] }) }
    })
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics))
    // Their list takes room from the text: the line that is being written stays in sight.
    if (this.view.hasFocus) requestAnimationFrame(() => this.#keepInSight())
  }

  #keepInSight(): void {
    const { head } = this.view.state.selection.main
    this.view.dispatch({ effects: EditorView.scrollIntoView(head, { y: 'nearest', yMargin: 24 }) })
  }

  /** Writes the word that was meant in place of the one that stands there. */
  fix(finding: Finding): void {
    if (finding.meant === undefined || this.view.state.readOnly) return
    const { from, to } = spanIn(this.view.state.doc, finding)
    const quote = /^["']/.exec(this.view.state.sliceDoc(from, to))?.[0] ?? ''
    const insert = quote + finding.meant + quote
    this.view.dispatch({
      changes: { from, to, insert },
      selection: { anchor: from + insert.length },
      userEvent: 'input.fix',
    })
    this.view.focus()
  }

  /** Goes to a place, and shows for a moment which. */
  reveal(range: Range): void {
    const { from, to } = spanIn(this.view.state.doc, range)
    this.view.dispatch({
      selection: { anchor: from },
      effects: [EditorView.scrollIntoView(from, { y: 'center' }), showPlace.of({ from, to })],
    })
    this.view.focus()
  }

  undo = (): boolean => undo(this.view)
  redo = (): boolean => redo(this.view)

  /** What the word at the cursor means. */
  explanation(): Explanation | undefined {
    return this.#explainAt(this.view.state.selection.main.head)
  }

  #explainAt(offset: number): Explanation | undefined {
    const schema = this.#host.schema()
    const { doc } = this.view.state
    const line = doc.lineAt(offset)
    const end = offset + (/^[\w-]*/.exec(line.text.slice(offset - line.from))?.[0].length ?? 0)
    const spot = schema && spotAt(doc.sliceString(0, end), end)
    return schema && spot && explain(schema, spot)
  }

  #stateFor(text: string, separator: string, readOnly: boolean): EditorState {
    return EditorState.create({
      doc: textFrom(text),
      extensions: [
        separator === '\n' ? [] : EditorState.lineSeparator.of(separator),
        EditorState.readOnly.of(readOnly),
        this.#nonce,
        this.#common(),
      ],
    })
  }

  #common(): Extension {
    const { label, changed, moved, follow } = this.#host
    return [
      lineNumbers(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      drawSelection(),
      history(),
      bracketMatching(),
      indentOnInput(),
      indentUnit.of('  '),
      highlightSelectionMatches(),
      yaml(),
      syntaxHighlighting(HIGHLIGHT),
      EditorView.lineWrapping,
      hangingIndent,
      EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'false', tabindex: '0' }),
      autocompletion({ override: [(context) => this.#complete(context)], icons: false }),
      hoverTooltip((view, at) => this.#hover(view, at)),
      shownPlace,
      keymap.of([
        { key: 'Alt-Enter', run: follow },
        { key: 'F8', run: nextDiagnostic },
        { key: 'Tab', run: acceptCompletion },
        ...completionKeymap,
        ...historyKeymap,
        ...searchKeymap,
        ...lintKeymap,
        ...defaultKeymap,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(this.text)
        if (update.docChanged || update.selectionSet) moved(lineOf(update.state))
      }),
      THEME,
    ]
  }

  #complete(context: CompletionContext): CompletionResult | null {
    const schema = this.#host.schema()
    const spot = schema && spotAt(context.state.doc.sliceString(0, context.pos), context.pos)
    if (!schema || !spot || (spot.word === '' && !context.explicit && spot.kind === 'key')) return null
    const options = offersAt(schema, spot, this.#host.references()).map(({ label, detail, insert }) => ({
      label,
      apply: insert,
      ...(detail ? { info: () => paragraph(detail) } : {}),
    }))
    return options.length ? { from: spot.from, options, validFor: /^[$\w.-]*$/ } : null
  }

  #hover(view: EditorView, at: number): Tooltip | null {
    const word = view.state.wordAt(at)
    const explained = word && this.#explainAt(word.from)
    if (!word || !explained) return null
    return { pos: word.from, end: word.to, create: () => ({ dom: card(explained) }) }
  }
}

/** Lines, however they end: the editor has its own idea of a line only where the file has. */
const textFrom = (text: string): Text => Text.of(text.split(/\r\n?|\n/))
const separatorOf = (text: string): string => (/\r\n/.test(text) && !/(?<!\r)\n/.test(text) ? '\r\n' : '\n')
const normalise = (text: string, separator: string): string => text.replace(/\r\n?|\n/g, separator)
const lineOf = (state: EditorState): number => state.doc.lineAt(state.selection.main.head).number

/** Text, never HTML. */
function paragraph(text: string): HTMLElement {
  const element = document.createElement('p')
  element.textContent = text
  return element
}

function card({ title, text }: Explanation): HTMLElement {
  const element = document.createElement('div')
  element.className = 'explanation'
  const head = document.createElement('strong')
  head.textContent = title
  element.append(head, paragraph(text))
  return element
}

// ---- a place that was gone to

const showPlace = StateEffect.define<{ from: number; to: number } | undefined>()

const shownPlace = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(showPlace)) {
        const { from = 0, to = 0 } = effect.value ?? {}
        return to > from ? Decoration.set(Decoration.mark({ class: 'shown-place' }).range(from, to)) : Decoration.none
      }
    return transaction.docChanged || transaction.selection ? Decoration.none : shown
  },
  provide: (field) => EditorView.decorations.from(field),
})

// ---- a line that is too long goes on below its own beginning

const MAX_INDENT = 24

/** By classes: the security policy lets no style stand on an element. */
const indentClass = (text: string): string => `indent-${Math.min(/^ */.exec(text)?.[0].length ?? 0, MAX_INDENT)}`

const hangingIndent = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet

    constructor(view: EditorView) {
      this.decorations = indentsIn(view)
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = indentsIn(update.view)
    }
  },
  { decorations: (plugin) => plugin.decorations },
)

function indentsIn({ state: { doc }, visibleRanges }: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>()
  for (const { from, to } of visibleRanges)
    for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
      builder.add(line.from, line.from, Decoration.line({ class: indentClass(line.text) }))
      if (line.to >= to || line.number === doc.lines) break
    }
  return builder.finish()
}

const INDENTS = Object.fromEntries(
  Array.from({ length: MAX_INDENT + 1 }, (_, indent) => [
    `.indent-${indent}`,
    { paddingLeft: `calc(${indent + 2}ch + 6px)`, textIndent: `${-indent - 2}ch` },
  ]),
)

// ---- colours, which come from the page's own

const HIGHLIGHT = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], class: 'tok-key' },
  { tag: [tags.string, tags.content, tags.special(tags.string)], class: 'tok-text' },
  { tag: [tags.comment, tags.lineComment], class: 'tok-comment' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], class: 'tok-sign' },
  { tag: [tags.meta, tags.keyword, tags.labelName], class: 'tok-meta' },
])

const THEME = EditorView.theme({
  ...INDENTS,
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--panel)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: 'var(--small)', lineHeight: '1.6' },
  '.cm-content': { padding: '.5rem 0', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--quiet)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'var(--line-active)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--line-active)', color: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--match)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--match)' },
  '.cm-lintRange': {
    backgroundImage: 'none',
    textDecorationLine: 'underline',
    textDecorationStyle: 'wavy',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecorationColor: 'var(--error)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecorationColor: 'var(--warning)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    boxShadow: 'var(--shadow)',
    maxWidth: '26rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    fontSize: 'var(--small)',
    maxHeight: '16rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '.2rem .6rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionInfo': { padding: '.5rem .75rem', maxWidth: '20rem', fontSize: 'var(--small)' },
  '.cm-diagnostic': { padding: '.4rem .7rem', borderLeft: '3px solid var(--error)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warning)' },
  '.cm-diagnosticAction': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
    borderRadius: '4px',
    padding: '.15rem .5rem',
  },
  '.cm-diagnosticSource': { color: 'var(--quiet)', opacity: 1 },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-textfield': { backgroundColor: 'var(--panel)', color: 'var(--text)', borderColor: 'var(--quiet)' },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--panel)',
    color: 'var(--text)',
    borderColor: 'var(--quiet)',
  },
  '.cm-panel.cm-panel-lint ul [aria-selected]': { backgroundColor: 'var(--selection)' },
})

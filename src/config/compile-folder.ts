import { createHash } from 'node:crypto'
import { compileFlow, compilePolicyFile } from '../core/compile-flow.ts'
import type { Configuration } from '../core/configuration.ts'
import { byPlace, type Diagnostic, diagnose } from '../core/diagnostic.ts'
import type { CompiledFlow, Example, Plan } from '../core/plan.ts'
import { NO_POLICY, type Policy } from '../core/policy.ts'
import { buildRoutes } from '../core/routes.ts'
import type { SourceFile } from '../core/source.ts'
import type { FlowFolder, TextFile } from './folder.ts'
import type { Parse } from './parse-file.ts'

/** What a folder of flow files comes to. `configuration` is there only where no diagnostic is an error. */
export interface Loaded {
  readonly configuration: Configuration | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** Every capture that could be read, those with mistakes too: to be looked at, not to be served. */
  readonly plans: readonly Plan[]
  readonly examples: readonly Example[]
  /** Every file that was parsed, for showing the lines that diagnostics point at. */
  readonly texts: ReadonlyMap<string, string>
  readonly files: number
}

/** A flow file by itself: nothing is compiled where it does not parse. */
export interface LoadedFlow {
  readonly source: SourceFile | undefined
  readonly compiled: CompiledFlow
}

/** What an earlier load made of files that are the same still: an edit of one of many files costs one file. */
export class Memory {
  readonly #parse: Parse
  #policy: LoadedPolicy | undefined
  #flows = new Map<string, { readonly bytes: Uint8Array; readonly flow: LoadedFlow }>()

  constructor(parse: Parse) {
    this.#parse = parse
  }

  /** All that a policy says goes into the plans: with another one, nothing is known. */
  policy(file: TextFile | undefined): LoadedPolicy {
    if (this.#policy && isSame(this.#policy.file?.bytes, file?.bytes)) return this.#policy
    this.#flows.clear()
    this.#policy = loadPolicy(file, this.#parse)
    return this.#policy
  }

  flow(file: TextFile, policy: Policy): LoadedFlow {
    const known = this.#flows.get(file.path)
    if (known && isSame(known.bytes, file.bytes)) return known.flow
    const flow = loadFlow(file, policy, this.#parse)
    this.#flows.set(file.path, { bytes: file.bytes, flow })
    return flow
  }
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0)

/** Compiles all files of a folder and reports everything that is wrong with any of them. */
export function compileFolder(folder: FlowFolder, memory: Memory): Loaded {
  const { policy, diagnostics: ofPolicy } = memory.policy(folder.policy)
  const loaded = folder.flows.map((file) => memory.flow(file, policy))
  const diagnostics = [...folder.misplacedPolicies.map((path) => misplaced(path, folder.policyPath)), ...ofPolicy]
  const flows = loaded.filter(({ source }) => source).map(({ compiled }) => compiled)
  const plans = flows.flatMap((flow) => flow.plans)
  const { routes, diagnostics: clashes } = buildRoutes(plans)
  diagnostics.push(...loaded.flatMap(({ compiled }) => compiled.diagnostics), ...clashes)
  const sound = !diagnostics.some(({ severity }) => severity === 'error')
  const all = folder.policy ? [folder.policy, ...folder.flows] : folder.flows
  return {
    configuration: sound ? Object.freeze({ routes, policy, plans, flows: flows.length, hash: hashOf(all) }) : undefined,
    diagnostics: diagnostics.sort(byPlace),
    plans,
    examples: flows.flatMap((flow) => flow.examples),
    texts: new Map(
      all.map(({ path, bytes }) => [
        path,
        Buffer.from(bytes)
          .toString('utf8')
          .replace(/^\uFEFF/, ''),
      ]),
    ),
    files: folder.flows.length,
  }
}

function loadFlow(file: TextFile, policy: Policy, parse: Parse): LoadedFlow {
  const parsed = parse(file)
  if ('source' in parsed) return { source: parsed.source, compiled: compileFlow(parsed.source, policy) }
  return { source: undefined, compiled: { plans: [], examples: [], diagnostics: parsed.diagnostics } }
}

interface LoadedPolicy {
  readonly file: TextFile | undefined
  readonly policy: Policy
  readonly diagnostics: readonly Diagnostic[]
}

function loadPolicy(file: TextFile | undefined, parse: Parse): LoadedPolicy {
  if (!file) return { file, policy: NO_POLICY, diagnostics: [] }
  const parsed = parse(file)
  if ('source' in parsed) return { file, ...compilePolicyFile(parsed.source) }
  return { file, policy: NO_POLICY, diagnostics: parsed.diagnostics }
}

function misplaced(path: string, expected: string): Diagnostic {
  const file: SourceFile = { path, text: '', root: { kind: 'scalar', value: null, start: 0, end: 0 } }
  return diagnose('file/misplaced-policy', { file, span: { start: 0, end: 0 } }, { expected })
}

function hashOf(files: readonly TextFile[]): string {
  const hash = createHash('sha256')
  for (const { path, bytes } of files) hash.update(`${path}\0${bytes.length}\0`).update(bytes)
  return hash.digest('hex')
}

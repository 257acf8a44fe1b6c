import { compileFlow, compilePolicyFile } from '../core/compile-flow.ts'
import { makeConfiguration } from '../core/configuration.ts'
import { byPlace, type Diagnostic, diagnose } from '../core/diagnostic.ts'
import type { CompiledFlow } from '../core/plan.ts'
import { NO_POLICY, type Policy } from '../core/policy.ts'
import { buildRoutes } from '../core/routes.ts'
import type { SourceFile } from '../core/source.ts'
import type { FlowFolder, TextFile } from './folder.ts'
import { filesOf, hashOf, type Loaded, textsOf } from './loaded.ts'
import { parseFile } from './parse-file.ts'

/** A flow file by itself: nothing is compiled where it does not parse. */
export interface LoadedFlow {
  readonly source: SourceFile | undefined
  readonly compiled: CompiledFlow
}

/** What an earlier load made of files that are the same still: an edit of one of many files costs one file. */
export class Memory {
  #policy: LoadedPolicy | undefined
  #flows = new Map<string, { readonly bytes: Uint8Array; readonly flow: LoadedFlow }>()

  /** All that a policy says goes into the plans: with another one, nothing is known. */
  policy(file: TextFile | undefined): LoadedPolicy {
    if (this.#policy && isSame(this.#policy.file?.bytes, file?.bytes)) return this.#policy
    this.#flows.clear()
    this.#policy = loadPolicy(file)
    return this.#policy
  }

  flow(file: TextFile, policy: Policy): LoadedFlow {
    const known = this.#flows.get(file.path)
    if (known && isSame(known.bytes, file.bytes)) return known.flow
    const flow = loadFlow(file, policy)
    this.#flows.set(file.path, { bytes: file.bytes, flow })
    return flow
  }
}

const isSame = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0)

/** What a folder comes to, with its flow files as they are written: those that could be parsed. */
export interface LoadedFromText extends Loaded {
  readonly sources: readonly SourceFile[]
}

/** Parses and compiles all files of a folder and reports everything that is wrong with any of them. */
export function load(folder: FlowFolder, memory = new Memory()): LoadedFromText {
  const { policy, diagnostics: ofPolicy } = memory.policy(folder.policy)
  const loaded = folder.flows.map((file) => memory.flow(file, policy))
  const diagnostics = [...folder.misplacedPolicies.map((path) => misplaced(path, folder.policyPath)), ...ofPolicy]
  const flows = loaded.filter(({ source }) => source).map(({ compiled }) => compiled)
  const plans = flows.flatMap((flow) => flow.plans)
  const { routes, diagnostics: clashes } = buildRoutes(plans)
  diagnostics.push(...loaded.flatMap(({ compiled }) => compiled.diagnostics), ...clashes)
  const sound = !diagnostics.some(({ severity }) => severity === 'error')
  return {
    configuration: sound
      ? makeConfiguration({ routes, policy, plans, flows: flows.length, hash: hashOf(folder) })
      : undefined,
    diagnostics: diagnostics.sort(byPlace),
    plans,
    examples: flows.flatMap((flow) => flow.examples),
    sources: loaded.flatMap(({ source }) => source ?? []),
    texts: textsOf(filesOf(folder)),
    files: folder.flows.length,
  }
}

function loadFlow(file: TextFile, policy: Policy): LoadedFlow {
  const parsed = parseFile(file)
  if ('source' in parsed) return { source: parsed.source, compiled: compileFlow(parsed.source, policy) }
  return { source: undefined, compiled: { plans: [], examples: [], diagnostics: parsed.diagnostics } }
}

interface LoadedPolicy {
  readonly file: TextFile | undefined
  readonly policy: Policy
  readonly diagnostics: readonly Diagnostic[]
}

function loadPolicy(file: TextFile | undefined): LoadedPolicy {
  if (!file) return { file, policy: NO_POLICY, diagnostics: [] }
  const parsed = parseFile(file)
  if ('source' in parsed) return { file, ...compilePolicyFile(parsed.source) }
  return { file, policy: NO_POLICY, diagnostics: parsed.diagnostics }
}

function misplaced(path: string, expected: string): Diagnostic {
  const file: SourceFile = { path, text: '', root: { kind: 'scalar', value: null, start: 0, end: 0 } }
  return diagnose('file/misplaced-policy', { file, span: { start: 0, end: 0 } }, { expected })
}

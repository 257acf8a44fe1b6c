import { createHash } from 'node:crypto'
import { compileFlow, compilePolicyFile } from '../core/compile-flow.ts'
import type { Configuration } from '../core/configuration.ts'
import { byPlace, type Diagnostic, diagnose } from '../core/diagnostic.ts'
import type { CompiledFlow, Example, Plan } from '../core/plan.ts'
import { NO_POLICY, type Policy } from '../core/policy.ts'
import { buildRoutes } from '../core/routes.ts'
import type { SourceFile } from '../core/source.ts'
import type { FlowFolder, TextFile } from './folder.ts'
import { parseFile } from './parse-file.ts'

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

/** Compiles all files of a folder and reports everything that is wrong with any of them. */
export function load(folder: FlowFolder): Loaded {
  const diagnostics: Diagnostic[] = folder.misplacedPolicies.map((path) => misplaced(path, folder.policyPath))
  const parse = (file: TextFile): SourceFile | undefined => {
    const parsed = parseFile(file)
    if ('source' in parsed) return parsed.source
    diagnostics.push(...parsed.diagnostics)
    return undefined
  }
  const policy = loadPolicy(folder.policy && parse(folder.policy), diagnostics)
  const flows: CompiledFlow[] = folder.flows.flatMap((file) => {
    const source = parse(file)
    return source ? compileFlow(source, policy) : []
  })
  const plans = flows.flatMap((flow) => flow.plans)
  const { routes, diagnostics: clashes } = buildRoutes(plans)
  diagnostics.push(...flows.flatMap((flow) => flow.diagnostics), ...clashes)
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

function loadPolicy(source: SourceFile | undefined, diagnostics: Diagnostic[]): Policy {
  if (!source) return NO_POLICY
  const compiled = compilePolicyFile(source)
  diagnostics.push(...compiled.diagnostics)
  return compiled.policy
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

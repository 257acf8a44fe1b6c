import type { Diagnostic, Findings } from '../core/diagnostic.ts'
import { parseReferences } from '../core/reference.ts'
import { AgentModel } from './agent-model.ts'
import type { AgentSnapshot } from './snapshot.ts'

const MEANT = /did you mean (\$[\w.-]+)\?/

/** The same diagnostics, with a parameter of the agent in the place of a name that it does not know, where a reference is suggested. */
export function suggestParameters(diagnostics: readonly Diagnostic[], snapshot: AgentSnapshot): Diagnostic[] {
  const agent = new AgentModel(snapshot)
  return diagnostics.map((diagnostic) => {
    if (diagnostic.code !== 'reference/unknown-scope') return diagnostic
    const finding = diagnostic.finding as Findings['reference/unknown-scope']
    const [, meant = ''] = MEANT.exec(finding.advice) ?? []
    const [reference] = parseReferences(meant).parts
    if (typeof reference !== 'object' || agent.find(reference)) return diagnostic
    const [near] = agent.nearReferences(reference)
    if (near === undefined) return diagnostic
    return { ...diagnostic, finding: { ...finding, advice: finding.advice.replace(meant, () => near) } }
  })
}

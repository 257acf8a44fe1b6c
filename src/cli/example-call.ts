import { requestFor } from '../webhook/request-for.ts'
import type { Io } from './command.ts'
import { loadFlows } from './flow-folder.ts'

/** What to type first: a curl line that works as printed, for the first example of the flow files. */
export async function exampleCall(folder: string, url: string, io: Io): Promise<string> {
  const { examples } = await loadFlows(folder, io)
  const example = examples.find(({ plan }) => plan.enabled)
  const greeting = `\nThe webhook listens on ${url} and follows changes in ${folder}/. Stop it with Ctrl+C.`
  if (!example) return `${greeting}\n`
  const body = JSON.stringify(requestFor(example.plan, example.parameters)).replaceAll("'", "'\\''")
  const curl = `curl -s ${url}/webhook -H 'content-type: application/json' -d '${body}'`
  return `${greeting}\nTry it (${example.place.file}: ${example.name}):\n\n${curl}\n`
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { FolderError, isCalledPolicy, isReadFrom } from '../config/folder.ts'
import { slugOf } from '../core/slug.ts'
import { CannotRunError, type Command, EXIT, type Io, UsageError } from './command.ts'
import { chooseFolder, loadFlows } from './flow-folder.ts'
import { reportDiagnostics } from './report-diagnostics.ts'

export const newFlow: Command = {
  usage: 'new flow NAME [--dir DIR]',
  summary:
    "Writes a commented flow file, with an example that passes. NAME is the flow's display name in Dialogflow CX.",
  details: '--dir DIR  the folder of flow files (default: flows)',
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { dir: { type: 'string' } },
      allowPositionals: true,
    })
    const [what, name = '', ...more] = positionals
    if (what !== 'flow') throw new UsageError('say what is to be new: new flow NAME')
    if (name.trim() === '') throw new UsageError('name the flow')
    if (more.length) throw new UsageError(`put the name in quotes: new flow "${[name, ...more].join(' ')}"`)
    return writeFlow(name.trim(), chooseFolder(values.dir, io), io)
  },
}

async function writeFlow(name: string, folder: string, io: Io): Promise<number> {
  const slug = slugOf(name)
  if (slug === '') throw new UsageError('the name must hold a letter or a digit, since the file is named after it')
  const file = `${slug}.yaml`
  if (!isReadFrom(file) || isCalledPolicy(file))
    throw new UsageError(`${file} is no flow file's name; give the flow another name, and write its own behind "flow:"`)
  const path = join(folder, file)
  const tag = await chooseTag(`${slug}-details`, folder, io)
  await mkdir(folder, { recursive: true })
  await writeFile(path, flowFile(name, tag), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw new CannotRunError(`${path} is there already and stays as it is; choose another name`)
    throw new CannotRunError(`${path} cannot be written (${error.code})`)
  })
  io.stdout.write(`${path} is written. Its tag is ${tag}: change both to what you need, then\n\n`)
  io.stdout.write(`  carryover validate ${folder}\n  carryover test ${folder}\n\n`)
  return tellProblems(file, folder, io)
}

/** The first of `tag`, `tag-2`, … that no flow file has; a folder without flow files has none. */
async function chooseTag(tag: string, folder: string, io: Io): Promise<string> {
  const taken = await loadFlows(folder, io).then(
    ({ plans }) => new Set(plans.map((plan) => plan.tag)),
    (error: unknown) => {
      if (error instanceof FolderError) return new Set<string>()
      throw error
    },
  )
  let chosen = tag
  for (let n = 2; taken.has(chosen); n++) chosen = `${tag}-${n}`
  return chosen
}

/** The organisation's policy may forbid what the new file shows: better told now than in a review. */
async function tellProblems(file: string, folder: string, io: Io): Promise<number> {
  const flows = await loadFlows(folder, io)
  const diagnostics = flows.diagnostics.filter((diagnostic) => diagnostic.file === file)
  if (diagnostics.length === 0) return EXIT.fine
  return reportDiagnostics({ ...flows, diagnostics, files: 1 }, { format: 'text' }, io)
}

const flowFile = (name: string, tag: string): string => `# yaml-language-server: $schema=flow.schema.json
# What this flow hands over when the conversation goes on elsewhere, and who may see it.
${stringify({ flow: name }, { lineWidth: 0 }).trim()}
locale: en-US

captures:
  # What stands in "Tag" of the webhook, on the fulfillment in Dialogflow CX.
  - tag: ${tag}
    # Who may see the variables that do not say otherwise: agent (the human agent's screen), comment (the CRM record),
    # event (programs around the agent's screen), data_parameters (the next virtual agent).
    visible_to: [agent, comment]
    variables:
      # On the left the name that people will read, on the right the session parameter it is taken from.
      reason: $session.params.reason
      # A format turns what Dialogflow collected into what a person reads. The default is sent where nothing was collected.
      wanted_date: { from: $session.params.wanted_date, format: date, default: not said }
      # For the agent's eyes alone: the CRM record does not get it.
      callback: { from: $session.params.callback_number, format: phone, visible_to: [agent] }

# What the capture makes of made-up parameters. "carryover test" runs it; with --update it writes what came.
examples:
  - name: everything answered
    tag: ${tag}
    parameters:
      reason: a question about an order
      wanted_date: { year: 2026, month: 11, day: 20 }
      callback_number: "+12025550123"
    sees:
      agent: { reason: a question about an order, wanted_date: "Nov 20, 2026", callback: +1 202 555 0123 }
      comment: { reason: a question about an order, wanted_date: "Nov 20, 2026" }
`

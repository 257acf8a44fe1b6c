import { parseArgs } from 'node:util'
import { type Command, EXIT, type Io } from './command.ts'

export const serve: Command = {
  usage: 'serve [--watch] [--dev]',
  summary: 'Runs the webhook, with its settings from the environment.',
  details: `--watch  takes over changes in the flow files; what does not load is reported, and the last good ones stay
--dev    for trying things out: HOST=127.0.0.1, WEBHOOK_AUTH=none and --watch, a curl line to begin with, and the studio`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { watch: { type: 'boolean', default: false }, dev: { type: 'boolean', default: false } },
    })
    const [{ StartError }, { start }] = await Promise.all([
      import('../server/prepare.ts'),
      import('../server/start.ts'),
    ])
    const { exampleCall } = await import('./example-call.ts')
    const { openStudio } = await import('./studio.ts')
    const environment: Io['environment'] = values.dev
      ? { ...io.environment, HOST: '127.0.0.1', WEBHOOK_AUTH: 'none' }
      : io.environment
    const onListening = (url: string): void =>
      void exampleCall(environment.FLOWS_DIR || 'flows', url, io)
        .then((call) => io.stdout.write(`${call}\n`))
        .then(() => openStudio(undefined, io))
        .catch(tellInsteadOfStopping)
    const tellInsteadOfStopping = (error: Error): void => void io.stderr.write(`${error.message}\n`)
    const showProblems = (problems: readonly string[]): void =>
      void io.stderr.write(problems.map((text) => `\n${text}\n`).join(''))
    try {
      await start(environment, {
        watch: values.watch || values.dev,
        ...(values.dev ? { onListening, showProblems } : {}),
      })
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      io.stderr.write(`${error.message}\n`)
      return EXIT.problems
    }
    return EXIT.fine
  },
}

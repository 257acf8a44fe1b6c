import { Server } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Loaded before a server: on standard error it tells where the server listens and, on SIGUSR2, how many bytes are in use
 * once all garbage has been collected.
 */
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const tell = (told: object): void => void process.stderr.write(`${JSON.stringify(told)}\n`)

const { listen } = Server.prototype
Server.prototype.listen = function (...args: unknown[]): Server {
  return Reflect.apply(listen, this, args).once('listening', () => tell({ listening: this.address() }))
}

process.on('SIGUSR2', () => {
  collect()
  const { rss, heapUsed, external } = process.memoryUsage()
  tell({ resident: rss, used: heapUsed + external })
})

/**
 * Asks servers for their health every 50 milliseconds, each time on a new connection, until its standard input ends. Tells
 * for each, by the place of its port, how long that took, in milliseconds.
 *
 *     node test/long/flood/prober.ts PORT…
 */
import { ask, head } from './wire.ts'

const every = 50
const question = head('GET /-/health', ['Connection: close'])

interface Probed {
  readonly port: number
  readonly took: number[]
  failed: number
}

const all: readonly Probed[] = process.argv.slice(2).map((port) => ({ port: Number(port), took: [], failed: 0 }))

const probe = async (probed: Probed): Promise<void> => {
  const begun = performance.now()
  const status = await ask(probed.port, 0, question)
  probed.took.push(performance.now() - begun)
  if (status !== '200') probed.failed += 1
}

const told = ({ took, failed }: Probed) => {
  const sorted = took.toSorted((one, other) => one - other)
  const at = (part: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0)
  return { asked: took.length, failed, p50: at(0.5), p99: at(0.99), most: at(1) }
}

setInterval(() => {
  for (const probed of all) void probe(probed)
}, every)
console.log('ready')
process.stdin.resume()
process.stdin.once('end', () => {
  console.log(JSON.stringify(all.map(told)))
  process.exit(0)
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { atMost } from '../goal.ts'
import { alone, figure, type Row, repeated } from '../measure.ts'
import { memoryOf } from '../memory.ts'
import { progress } from '../progress.ts'
import type { Sallyport } from '../sallyport.ts'
import type { Scene } from '../scene.ts'
import { startWithOne } from './stored.ts'

const program = join(import.meta.dirname, '../ssh-connections.ts')

/** Does the work while so many are logged in and ask for nothing. */
const whileConnected = async <Value>(
  { client }: Scene,
  { ssh }: Sallyport,
  count: number,
  work: () => Promise<Value>,
): Promise<Value> => {
  const { hostname, port, username } = new URL(ssh.url('small'))
  const arguments_ = [program, hostname, port, username, client.keyFile, String(count)]
  const child = spawn(process.execPath, arguments_, { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  const opened = await Promise.race([once(child.stdout, 'data'), gone.then(() => undefined)])
  if (opened === undefined) throw new Error(`${count} connections over SSH were not all kept`)
  const value = await work()
  if (child.exitCode !== null) throw new Error('a connection over SSH was ended by the server')
  child.stdin.end()
  await gone
  return value
}

const fewLogins = 50

/** Long enough for what was needed for logins alone to be given back, in milliseconds. */
const settling = 5_000

const settledMemory = async ({ ssh }: Sallyport): Promise<number> => {
  await pause(settling)
  return memoryOf(ssh.processes())
}

/** The growth of a new server for each of the connections. A few logins before let it load what any login needs. */
const weigh = async (scene: Scene, count: number): Promise<number> => {
  const name = basename(await mkdtemp(join(scene.directory, 'connections-')))
  await using server = await startWithOne(scene, name)
  await whileConnected(scene, server, fewLogins, () => Promise.resolve())
  const before = await settledMemory(server)
  const within = await whileConnected(scene, server, count, () => settledMemory(server))
  return (within - before) / count
}

/** What connections weigh that are logged in and ask for nothing. */
export const connections = async (scene: Scene): Promise<Row[]> => {
  const count = scene.options.quick ? 100 : 1_000
  progress(`connections: ${count} idle ones`)
  const values = await repeated(scene.options.quick ? 1 : 3, () => weigh(scene, count))
  const work = `memory for each of ${count.toLocaleString('en-US')} idle SSH connections (PSS)`
  return [alone(work, figure('bytes', values), atMost(100 * 2 ** 10))]
}

import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { atMost } from '../goal.ts'
import { alone, figure, type Row, repeated } from '../measure.ts'
import { memoryOf } from '../memory.ts'
import { progress } from '../progress.ts'
import { type Sallyport, type Start, startSallyport } from '../sallyport.ts'
import type { Scene } from '../scene.ts'

/** Starts on a home that is new, looks, and stops. */
const withFreshServer = async (
  scene: Scene,
  start: Pick<Start, 'workers' | 'compileCache'>,
  look: (server: Sallyport, milliseconds: number) => Promise<number> | number,
): Promise<number> => {
  const home = await mkdtemp(join(scene.directory, 'fresh-'))
  const begun = performance.now()
  await using server = await startSallyport({ node: scene.node, home, credentials: scene.client.credentials, ...start })
  return await look(server, performance.now() - begun)
}

const readiness = async (scene: Scene, work: string, cacheFor: () => Promise<string>): Promise<Row> => {
  progress(`start: ${work}`)
  const values = await repeated(scene.options.quick ? 2 : 5, async () =>
    withFreshServer(scene, { compileCache: await cacheFor() }, (_server, milliseconds) => milliseconds),
  )
  return alone(work, figure('ms', values), atMost(1_000))
}

/** Long enough for what a start leaves to the background, such as slow keys. */
const settling = (scene: Scene): number => (scene.options.quick ? 2_000 : 8_000)

const idle = async (scene: Scene): Promise<Row> => {
  progress('start: memory when idle')
  const compileCache = join(scene.directory, 'compiled')
  const values = await repeated(scene.options.quick ? 1 : 3, () =>
    withFreshServer(scene, { workers: 1, compileCache }, async ({ http }) => {
      await pause(settling(scene))
      return memoryOf(http.processes())
    }),
  )
  const peers = [...scene.nginx.processes(), ...scene.sshd.processes()]
  return {
    work: 'memory when idle, one worker (PSS)',
    against: 'nginx + fcgiwrap + sshd',
    peer: figure('bytes', [memoryOf(peers)]),
    sallyport: figure('bytes', values),
    goal: atMost(150 * 2 ** 20),
  }
}

/** From the start of `node` to the line that says that both doors are open, and what an idle server weighs. */
export const start = async (scene: Scene): Promise<Row[]> => {
  const warm = join(scene.directory, 'compiled')
  const cold = () => mkdtemp(join(scene.directory, 'cold-'))
  return [
    await readiness(scene, 'start to readiness, fresh home', async () => warm),
    await readiness(scene, 'start to readiness, fresh home, first ever on the machine', cold),
    await idle(scene),
  ]
}

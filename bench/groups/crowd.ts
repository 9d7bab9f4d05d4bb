import { join } from 'node:path'
import { Readable } from 'node:stream'
import { makeCountingGit } from '../counting-git.ts'
import { childTimeDuring } from '../cpu.ts'
import { atLeast, atMost } from '../goal.ts'
import { fullFetch } from '../load.ts'
import { alone, figure, type Row, repeated, sideBySide, timed } from '../measure.ts'
import { peakDuring } from '../memory.ts'
import { run } from '../processes.ts'
import { progress } from '../progress.ts'
import { type Sallyport, startSallyport } from '../sallyport.ts'
import { fill, type Scene } from '../scene.ts'
import { clones, prepareFetch, wantedAt } from './fetches.ts'
import { disturb } from './pushes.ts'

const repository = 'medium'

/** A server whose git is counted, and only its own. */
interface Counted extends AsyncDisposable {
  readonly server: Sallyport
  /** Where its repository lies. */
  readonly place: string
  packs(): Promise<number>
}

const startCounted = async (scene: Scene): Promise<Counted> => {
  const { client, node, directory } = scene
  const git = await makeCountingGit(join(directory, 'counting-git'))
  const home = join(directory, 'crowd-home')
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await startSallyport({ node, home, credentials: client.credentials, workers: 2, path: git.path }))
  const place = await fill(client, scene.source(repository), repository, server.http)
  await server.complete()
  const started = stack.move()
  return { server, place, packs: git.packs, [Symbol.asyncDispose]: () => started.disposeAsync() }
}

/** What a storm of identical fetches cost, the first of which came after a push. */
interface Storm {
  readonly milliseconds: number
  /** CPU time of git, in milliseconds. */
  readonly git: number
  readonly packs: number
  /** The most memory of the server's own processes, in bytes. */
  readonly memory: number
}

const storm = async (scene: Scene, { server, packs }: Counted, count: number): Promise<Storm> => {
  await disturb(scene, repository, server.http)
  const download = await prepareFetch(scene, server.http.url(repository))
  await packs()
  const processes = server.http.processes()
  const measured = { milliseconds: 0, git: 0, memory: 0 }
  measured.git = await childTimeDuring(processes, async () => {
    measured.memory = await peakDuring(
      () => processes,
      async () => {
        measured.milliseconds = await timed(() => download(count))
      },
    )
  })
  return { ...measured, packs: await packs() }
}

/** What git itself takes to make the same answer once, with nothing around it: its CPU time in milliseconds. */
const gitAlone = async ({ client }: Scene, { server, place }: Counted): Promise<number> => {
  const url = server.http.url(repository)
  const { body } = fullFetch(url, client.credentials, await wantedAt(client, url))
  const environment = { ...process.env, GIT_PROTOCOL: 'version=2' }
  return childTimeDuring([process.pid], () =>
    run('git', ['upload-pack', '--stateless-rpc', '--', place], { env: environment, input: Readable.from([body ?? '']) }),
  )
}

const stormRows = async (scene: Scene, counted: Counted, count: number): Promise<Row[]> => {
  const runs = scene.options.quick ? 1 : 3
  const storms: Storm[] = []
  const once = await repeated(runs, async () => {
    storms.push(await storm(scene, counted, count))
    return gitAlone(scene, counted)
  })
  const of = (unit: 'ms' | 'bytes' | 'times', name: keyof Storm) =>
    figure(
      unit,
      storms.map((one) => one[name]),
    )
  const work = `${count} full fetches at once, cold`
  return [
    alone(`${work}: time`, of('ms', 'milliseconds')),
    {
      work: `${work}: CPU time of git`,
      against: 'one such `git upload-pack`',
      peer: figure('ms', once),
      sallyport: of('ms', 'git'),
      goal: atLeast(1 / 1.5),
    },
    alone(`${work}: packs made`, of('times', 'packs'), atMost(1)),
    alone(`${work}: memory, 2 workers (PSS)`, of('bytes', 'memory'), atMost(400 * 2 ** 20)),
  ]
}

const fewPacks = async (scene: Scene, counted: Counted): Promise<Row> => {
  const values = await repeated(scene.options.quick ? 1 : 5, async () => (await storm(scene, counted, 8)).packs)
  const work = '8 full fetches at once, cold: packs made'
  return alone(work, figure('times', values), atMost(1))
}

const smallClones = async (scene: Scene, count: number): Promise<Row> => {
  const contender = clones(scene, 'small', count, true)
  const runs = scene.options.quick ? 1 : 3
  const figures = await sideBySide('ms', runs, contender(scene.nginx), contender(scene.sallyport.http))
  await scene.client.sweep()
  const work = `${count} \`git clone\` at once, 20 refs, cold`
  return { work, against: 'nginx + git-http-backend', goal: undefined, ...figures }
}

/** Many identical fetches at once: how often git works for them, and what they cost the server. */
export const crowd = async (scene: Scene): Promise<Row[]> => {
  const count = scene.options.quick ? 20 : 200
  const rows: Row[] = []
  await using counted = await startCounted(scene)
  progress('crowd: packs for 8 at once')
  rows.push(await fewPacks(scene, counted))
  progress(`crowd: ${count} at once`)
  rows.push(...(await stormRows(scene, counted, count)))
  progress(`crowd: ${count} small clones at once`)
  rows.push(await smallClones(scene, count))
  return rows
}

import type { Client } from '../client.ts'
import { atLeast, type Goal } from '../goal.ts'
import { fullFetch, prepareDownload } from '../load.ts'
import { type Contender, type Row, sideBySide, timed, together } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import type { Host } from '../server.ts'
import { disturb } from './pushes.ts'

const repository = 'medium'
const against = 'nginx + git-http-backend'

/** Clones with stock git, so many at once. `fresh`: a push has come since the last one. */
export const clones =
  (scene: Scene, repository: string, count: number, fresh: boolean) =>
  (host: Host): Contender => ({
    async prepare() {
      await scene.client.sweep()
      if (fresh) await disturb(scene, repository, host)
    },
    measure: () => timed(() => together(count, () => scene.client.clone(host.url(repository)))),
  })

/** Every object that a ref names now, as a full fetch wants them. */
export const wantedAt = async (client: Client, url: string): Promise<string[]> => {
  const lines = (await client.listRemote(url)).trim().split('\n')
  return [...new Set(lines.flatMap((line) => line.split('\t', 1)))]
}

/** Prepares a full fetch of what is there now. */
export const prepareFetch = async ({ client, directory }: Scene, url: string): Promise<(count: number) => Promise<number>> =>
  prepareDownload(directory, fullFetch(url, client.credentials, await wantedAt(client, url)))

/** The pack alone: no client that checks and stores it. */
export const packs =
  (scene: Scene, count: number, fresh: boolean) =>
  (host: Host): Contender => {
    let download: ((count: number) => Promise<number>) | undefined
    return {
      async prepare() {
        if (fresh) await disturb(scene, repository, host)
        download = await prepareFetch(scene, host.url(repository))
      },
      measure: () => timed(async () => download?.(count)),
    }
  }

interface Line {
  readonly work: string
  readonly goal?: Goal
  readonly contender: (host: Host) => Contender
}

const lines = (scene: Scene): readonly Line[] => [
  { work: '`git clone`, cold', goal: atLeast(1 / 1.1), contender: clones(scene, repository, 1, true) },
  { work: '`git clone`, again', contender: clones(scene, repository, 1, false) },
  { work: '8 `git clone` at once, cold', contender: clones(scene, repository, 8, true) },
  { work: 'full fetch, cold', goal: atLeast(1 / 1.1), contender: packs(scene, 1, true) },
  { work: 'full fetch, again', goal: atLeast(5), contender: packs(scene, 1, false) },
  { work: '8 full fetches at once, cold', goal: atLeast(6), contender: packs(scene, 8, true) },
]

/** Full fetches over HTTP. */
export const fetches = async (scene: Scene): Promise<Row[]> => {
  const rows: Row[] = []
  for (const { work, goal, contender } of lines(scene)) {
    progress(`fetches: ${work}`)
    const [peer, ours] = [contender(scene.nginx), contender(scene.sallyport.http)]
    rows.push({ work, against, goal, ...(await sideBySide('ms', scene.options.quick ? 1 : 5, peer, ours)) })
  }
  await scene.client.sweep()
  return rows
}

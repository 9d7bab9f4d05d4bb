import { fullFetch, prepareDownload } from '../load.ts'
import { type Contender, type Row, sideBySide, timed } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import type { Host } from '../server.ts'
import { disturb } from './pushes.ts'

const repository = 'medium'
const against = 'nginx + git-http-backend'

const together = (count: number, work: () => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, work))

/** Clones with stock git, so many at once. `fresh`: a push has come since the last one. */
const clones =
  (scene: Scene, count: number, fresh: boolean) =>
  (host: Host): Contender => ({
    async prepare() {
      await scene.client.sweep()
      if (fresh) await disturb(scene, repository, host)
    },
    measure: () => timed(() => together(count, () => scene.client.clone(host.url(repository)))),
  })

const wantedAt = async ({ client }: Scene, url: string): Promise<string[]> => {
  const lines = (await client.listRemote(url)).trim().split('\n')
  return [...new Set(lines.flatMap((line) => line.split('\t', 1)))]
}

/** The pack alone: no client that checks and stores it. */
const packs =
  (scene: Scene, count: number, fresh: boolean) =>
  (host: Host): Contender => {
    const url = host.url(repository)
    let download: (() => Promise<number>) | undefined
    return {
      async prepare() {
        if (fresh) await disturb(scene, repository, host)
        const request = fullFetch(url, scene.client.credentials, await wantedAt(scene, url))
        download = await prepareDownload(scene.directory, request)
      },
      measure: () => timed(() => together(count, async () => download?.())),
    }
  }

interface Line {
  readonly work: string
  readonly goal: string
  readonly contender: (host: Host) => Contender
}

const lines = (scene: Scene): readonly Line[] => [
  { work: '`git clone`, first after a push', goal: '≥ 0.91×', contender: clones(scene, 1, true) },
  { work: '`git clone`, again', goal: '', contender: clones(scene, 1, false) },
  { work: '8 `git clone` at once, first after a push', goal: '', contender: clones(scene, 8, true) },
  { work: 'full fetch, answer thrown away, first after a push', goal: '≥ 0.91×', contender: packs(scene, 1, true) },
  { work: 'full fetch, answer thrown away, again', goal: '≥ 5×', contender: packs(scene, 1, false) },
  { work: '8 full fetches at once, answers thrown away, first after a push', goal: '≥ 6×', contender: packs(scene, 8, true) },
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

import { atLeast } from '../goal.ts'
import { type Contender, type Row, sideBySide, timed } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'
import type { Host } from '../server.ts'
import { newCommit, pushCommit } from './pushes.ts'

const against = 'nginx + git-http-backend'
const repository = 'medium'

const listing =
  ({ client }: Scene) =>
  (host: Host): Contender => ({
    measure: () => timed(() => client.listRemote(host.url(repository))),
  })

const pushing =
  (scene: Scene) =>
  (host: Host): Contender => {
    let commit = ''
    return {
      async prepare() {
        commit = await newCommit(scene, repository)
      },
      measure: () => timed(() => pushCommit(scene, repository, commit, host)),
    }
  }

/** Small commands over HTTP, as people and CI run them all day. */
export const commands = async (scene: Scene): Promise<Row[]> => {
  const rows: Row[] = []
  const runs = scene.options.quick ? 2 : 11
  for (const [work, contender] of [
    ['`git ls-remote` over HTTP', listing(scene)],
    ['`git push` of one commit over HTTP', pushing(scene)],
  ] as const) {
    progress(`commands: ${work}`)
    const figures = await sideBySide('ms', runs, contender(scene.nginx), contender(scene.sallyport.http))
    rows.push({ work, against, goal: atLeast(1), ...figures })
  }
  return rows
}

import type { Scene } from '../scene.ts'
import type { Server } from '../server.ts'

/** Makes a commit that no server has; returns its id. */
export const newCommit = async ({ client, source }: Scene, repository: string): Promise<string> => {
  const parent = 'refs/heads/main'
  const message = `Change of ${performance.now()}`
  const path = source(repository)
  return (await client.git(['-C', path, 'commit-tree', `${parent}^{tree}`, '-p', parent, '-m', message])).trim()
}

/** Pushes it to a branch that is there for this. */
export const pushCommit = async (scene: Scene, repository: string, commit: string, server: Server): Promise<void> => {
  const refspec = `+${commit}:refs/heads/bench`
  await scene.client.git(['-C', scene.source(repository), 'push', '-q', '--', server.url(repository), refspec])
}

/** Changes the refs of a repository, so that what was remembered of it holds no longer. */
export const disturb = async (scene: Scene, repository: string, server: Server): Promise<void> =>
  pushCommit(scene, repository, await newCommit(scene, repository), server)

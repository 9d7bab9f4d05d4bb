import { availableParallelism } from 'node:os'
import { Pipelines } from '../test/journeys/pipelines.ts'
import { Scene } from '../test/journeys/scene.ts'
import { rootToken } from '../test/support/sallyport.ts'
import { type CredentialName, credentialNames, credentials } from './credentials/all.ts'
import type { Shown } from './credentials/recipe.ts'

/** A throw-away server with everybody and everything of the tour in place, and a repository to push from. */
export interface Stage {
  readonly scene: Scene
  readonly shown: ReadonlyMap<CredentialName, Shown>
  /** A working copy with the branches `ahead` (of castle/private's `main`) and `aside` (of no relation to it). */
  readonly workingCopy: string
  /** Stops the server and removes all that was made. */
  [Symbol.asyncDispose](): Promise<void>
}

const private_ = 'castle/private'

/** Runs git as the administrator, for what has to work. */
const asRoot = async (scene: Scene, cwd: string, words: readonly string[]): Promise<void> => {
  const { code, stderr } = await scene.client.git(words, { cwd })
  if (code !== 0) throw new Error(`git ${words[0]}: ${stderr}`)
}

const makeWorkingCopy = async (scene: Scene): Promise<string> => {
  const directory = await scene.client.repository('work', 'aside')
  await asRoot(scene, directory, ['fetch', '-q', scene.client.url(private_, 'root', rootToken), 'main'])
  await asRoot(scene, directory, ['checkout', '-q', '-b', 'ahead', 'FETCH_HEAD'])
  await scene.client.commit(directory, 'one commit more')
  return directory
}

const protectTags = async (scene: Scene, directory: string): Promise<void> => {
  const url = scene.client.url(private_, 'root', rootToken)
  await asRoot(scene, directory, ['push', '-q', url, 'FETCH_HEAD:refs/tags/v1'])
  const rule = { name: 'v*', create_access_level: 40 }
  await scene.api.make('POST', `/projects/${scene.id('private')}/protected_tags`, rule)
}

const makeOtherGroup = async (scene: Scene): Promise<void> => {
  const { id } = await scene.api.make('POST', '/groups', { name: 'other', path: 'other', visibility: 'public' })
  await scene.project('vault', { visibility: 'private' }, id)
}

const makeOddProjects = async (scene: Scene): Promise<void> => {
  const archived = await scene.project('archived')
  await scene.api.make('POST', `/projects/${archived}/archive`)
  const renamed = await scene.project('old-name')
  await scene.api.make('PUT', `/projects/${renamed}`, { path: 'new-name' })
}

const blockSomebody = async (scene: Scene): Promise<void> => {
  const { id } = await scene.person('blocked')
  await scene.api.make('POST', `/groups/${scene.groupId}/members`, { user_id: id, access_level: 30 })
  await scene.api.make('POST', `/users/${id}/block`)
}

/** castle/built has a job that begins when it is asked for; castle/library lets its jobs in; castle/pipeline is for a runner. */
const makeBuilt = async (scene: Scene): Promise<void> => {
  await Promise.all(['built', 'library', 'pipeline'].map((path) => scene.project(path)))
  await new Pipelines(scene).push('built', 'job:\n  script: [echo]\n  rules: [{if: $CI_PIPELINE_SOURCE == "api"}]\n')
  const allowlist = `/projects/${scene.id('library')}/job_token_scope/allowlist`
  await scene.api.make('POST', allowlist, { target_project_id: scene.id('built') })
}

const makeCredentials = async (scene: Scene): Promise<ReadonlyMap<CredentialName, Shown>> =>
  new Map(await Promise.all(credentialNames.map(async (name) => [name, await credentials[name].make(scene)] as const)))

const furnish = async (scene: Scene): Promise<Stage> => {
  const [workingCopy] = await Promise.all([
    makeWorkingCopy(scene),
    makeOtherGroup(scene),
    makeOddProjects(scene),
    blockSomebody(scene),
    makeBuilt(scene),
  ])
  await protectTags(scene, workingCopy)
  const shown = await makeCredentials(scene)
  return { scene, shown, workingCopy, [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose]() }
}

/** Starts the server, with its usual number of workers and behind a proxy that is this machine, and sets the scene by REST. */
export const openStage = async (): Promise<Stage> => {
  const scene = await Scene.open({ workers: availableParallelism(), env: { SALLYPORT_TRUSTED_PROXIES: '127.0.0.1' } })
  try {
    return await furnish(scene)
  } catch (fault) {
    await scene[Symbol.asyncDispose]()
    throw fault
  }
}

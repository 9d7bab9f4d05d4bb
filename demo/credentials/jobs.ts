import { Pipelines, takeJob } from '../../test/journeys/pipelines.ts'
import type { Scene } from '../../test/journeys/scene.ts'
import { JobCalls } from '../runner/job-calls.ts'
import { basic, type Recipe, type Shown } from './recipe.ts'

const shown = (token: string): Shown => basic('gitlab-ci-token', token)

/** A job of castle/built that runs, begun by a Maintainer, and whatever it takes to end it. */
const begin = async (scene: Scene) => {
  const project = scene.id('built')
  const coordinator = await new Pipelines(scene).coordinator({ runner_type: 'project_type', project_id: project })
  await scene.api.as(scene.who('maintainer').token).make('POST', `/projects/${project}/pipeline`, { ref: 'main' })
  const { id, token } = await takeJob(coordinator)
  const calls = new JobCalls(coordinator.base, id, token)
  return { token, end: () => calls.finish({ state: 'success', exit_code: 0, checksum: 'crc32:00000000', bytesize: 0 }) }
}

const lease = async (scene: Scene) => {
  const leases = `/projects/${scene.id('built')}/sallyport/job_leases`
  const api = scene.api.as(scene.who('maintainer').token)
  const { id, token } = await api.make('POST', leases, { ref: 'main', seconds: 600 })
  return { token, end: () => api.make('DELETE', `${leases}/${id}`) }
}

type Beginning = (scene: Scene) => Promise<{ token: string; end(): Promise<unknown> }>

const running =
  (make: Beginning) =>
  async (scene: Scene): Promise<Shown> =>
    shown((await make(scene)).token)

const ended =
  (make: Beginning) =>
  async (scene: Scene): Promise<Shown> => {
    const { token, end } = await make(scene)
    await end()
    return shown(token)
  }

const kind = 'job-token'
const standing = 'Maintainer'

/** What a job brings along: its token is good while it runs. */
export const jobs = {
  'job token': { who: 'job of castle/built', kind, standing, make: running(begin) },
  'ended job token': { who: 'job that has ended', kind, standing, make: ended(begin) },
  lease: { who: 'lease of castle/built', kind, standing, make: running(lease) },
  'ended lease': { who: 'lease that was ended', kind, standing, make: ended(lease) },
} as const satisfies Record<string, Recipe>

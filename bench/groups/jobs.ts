import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Coordinator } from '../../demo/runner/coordinator.ts'
import { JobCalls } from '../../demo/runner/job-calls.ts'
import type { Payload } from '../../demo/runner/payload.ts'
import { atMost } from '../goal.ts'
import { alone, figure, type Row, repeated, together } from '../measure.ts'
import { progress } from '../progress.ts'
import type { Scene } from '../scene.ts'

const project = 'root/jobs'
const runners = 8

const configuration = (jobs: number): string => {
  const rules = 'rules: [{if: $CI_PIPELINE_SOURCE == "api"}]'
  return Array.from({ length: jobs }, (_, at) => `job-${at}:\n  script: [echo]\n  ${rules}\n`).join('')
}

/** Calls the REST API as the administrator; throws where it refuses. */
const make = async ({ sallyport, client }: Scene, path: string, body: object): Promise<Record<string, unknown>> => {
  const headers = { 'PRIVATE-TOKEN': client.credentials.token, 'Content-Type': 'application/json' }
  const response = await fetch(`${sallyport.base}/api/v4${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  if (response.status === 201) return JSON.parse(text)
  throw new Error(`POST ${path}: ${response.status} ${text.slice(0, 500)}`)
}

const begin = (scene: Scene, ref: string): Promise<unknown> =>
  make(scene, `/projects/${encodeURIComponent(project)}/pipeline`, { ref })

/** Branches whose pipelines have one job, and many. */
const fill = async (scene: Scene, many: number): Promise<void> => {
  const directory = await mkdtemp(join(scene.directory, 'jobs-'))
  const url = `${scene.sallyport.base}/${project}.git`
  const git = (...words: string[]): Promise<string> => scene.client.git(['-C', directory, ...words])
  await make(scene, '/projects', { name: 'jobs', path: 'jobs' })
  await scene.client.remember(url)
  await git('init', '-q')
  for (const [branch, jobs] of Object.entries({ one: 1, many })) {
    await writeFile(join(directory, '.gitlab-ci.yml'), configuration(jobs))
    await git('add', '.')
    await git('commit', '-q', '-m', branch)
    await git('push', '-q', '--', url, `HEAD:refs/heads/${branch}`)
  }
}

const newCoordinator = async (scene: Scene): Promise<Coordinator> => {
  const { token } = await make(scene, '/user/runners', { runner_type: 'instance_type' })
  return new Coordinator(scene.sallyport.base, String(token))
}

const take = async (coordinator: Coordinator): Promise<Payload> => {
  for (;;) {
    const payload = await coordinator.requestJob()
    if (payload !== undefined) return payload
  }
}

/** What a runner does at the least: a line of log, and the end. */
const finish = async (coordinator: Coordinator, { id, token }: Payload): Promise<void> => {
  const calls = new JobCalls(coordinator.base, id, token)
  await calls.appendTrace(0, Buffer.from('done\n'))
  await calls.finish({ state: 'success', exit_code: 0, checksum: 'crc32:00000000', bytesize: 5 })
}

/** From the answer that a pipeline is there to the answer that a waiting runner gets. */
const birth = async (scene: Scene, coordinator: Coordinator): Promise<number> => {
  const heard = take(coordinator).then((payload) => ({ payload, at: performance.now() }))
  // Long enough for the question to be there before the job is.
  await pause(100)
  await begin(scene, 'one')
  const born = performance.now()
  const { payload, at } = await heard
  await finish(coordinator, payload)
  return Math.max(0, at - born)
}

const births = async (scene: Scene): Promise<number[]> => {
  const coordinator = await newCoordinator(scene)
  await coordinator.requestJob()
  return repeated(scene.options.quick ? 3 : 21, () => birth(scene, coordinator))
}

/** Jobs that several runners take, write a line about and end, in a second. */
const throughput = async (scene: Scene, jobs: number, coordinators: readonly Coordinator[]): Promise<number> => {
  await begin(scene, 'many')
  const begun = performance.now()
  let left = jobs
  const work = async (coordinator: Coordinator): Promise<void> => {
    while (left > 0) {
      left -= 1
      await finish(coordinator, await take(coordinator))
    }
  }
  await Promise.all(coordinators.map(work))
  return (jobs * 1_000) / (performance.now() - begun)
}

/** How soon a runner hears of a job, and how many jobs pass through. */
export const jobs = async (scene: Scene): Promise<Row[]> => {
  progress('jobs: birth to answer')
  const many = scene.options.quick ? 20 : 200
  await fill(scene, many)
  const latencies = figure('ms', await births(scene))
  progress(`jobs: ${many} with ${runners} runners`)
  const coordinators = await together(runners, () => newCoordinator(scene))
  const rates = await repeated(scene.options.quick ? 1 : 3, () => throughput(scene, many, coordinators))
  return [
    alone('a job is born, to the answer for a waiting runner', latencies, atMost(50)),
    alone(`jobs taken, logged and ended, ${runners} runners`, figure('requests/s', rates)),
  ]
}

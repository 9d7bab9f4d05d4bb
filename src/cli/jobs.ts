import type { JobStatus } from '../ci/states.ts'
import type { Settings } from '../config.ts'
import { type JobOverview, overviewOfJobs } from '../store/ci/job-overview.ts'
import { findProject } from '../store/projects.ts'
import { ageOf, progressOf } from './job-words.ts'
import { inOpenedHome, type OpenedHome } from './opened-home.ts'
import { json, lines, type Output } from './output.ts'
import { Refused } from './refused.ts'
import { onOneLine } from './terminal-text.ts'

export interface AskedJobs {
  readonly project: string | undefined
  readonly statuses: readonly JobStatus[] | undefined
  readonly limit: number
}

const titles = ['JOB', 'PROJECT', 'PIPELINE', 'NAME', 'STATUS', 'REF', 'USER', 'RUNNER', 'AGE']

const cellsOf = (job: JobOverview, now: number): string[] => [
  String(job.id),
  job.project,
  job.kind === 'lease' ? 'lease' : String(job.pipeline_id ?? ''),
  onOneLine(job.name),
  progressOf(job, now),
  onOneLine(job.ref),
  job.user ?? '',
  job.runner_id === null ? '' : String(job.runner_id),
  ageOf(job, now),
]

const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const projectOf = async ({ store }: OpenedHome, word: string) => {
  const found = await findProject(store.read, word)
  if (found !== undefined) return found.project.id
  throw new Refused(`there is no project ${JSON.stringify(word)}`)
}

/** Jobs and leases, the newest first. */
export const listJobs = (settings: Settings, { project, statuses, limit }: AskedJobs): Promise<Output> =>
  inOpenedHome(settings, async (home) => {
    const filter = { statuses, project: project === undefined ? undefined : await projectOf(home, project) }
    const jobs = await overviewOfJobs(home.store.read, filter, limit)
    if (settings.json) return json(jobs)
    return lines(table([titles, ...jobs.map((job) => cellsOf(job, home.now))]))
  })

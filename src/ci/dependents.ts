import type { JobState } from './advance.ts'

const waitsForOne = <Id>(job: JobState<Id>, jobs: readonly JobState<Id>[]): boolean =>
  job.needs === undefined
    ? jobs.some(({ stageIndex }) => stageIndex < job.stageIndex)
    : jobs.some(({ name }) => job.needs?.includes(name))

/** The jobs that wait for one of these, by stage or by need, also through others. */
export const dependsOn = <Id>(jobs: readonly JobState<Id>[], names: ReadonlySet<string>): readonly JobState<Id>[] => {
  const found = new Set<JobState<Id>>()
  let before = jobs.filter(({ name }) => names.has(name))
  while (before.length > 0) {
    const last = before
    before = jobs.filter((job) => !found.has(job) && !names.has(job.name) && waitsForOne(job, last))
    for (const job of before) found.add(job)
  }
  return [...found]
}

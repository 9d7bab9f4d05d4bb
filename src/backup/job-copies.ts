import { open } from 'node:fs/promises'
import type { JobId } from '../core/ids.ts'
import { unlessAbsent } from '../git/system-errors.ts'
import { folderCount, type JobFiles, type StoredFile } from '../store/ci/job-files.ts'
import type { JobsThen } from '../store/ci/jobs-then.ts'
import type { ArchiveWriter } from './archive-writer.ts'
import { jobPlace } from './places.ts'

/** How long the logs of jobs that ran at the moment were then, in bytes. */
export type LogLengths = ReadonlyMap<JobId, number>

/** Asked while nobody can write to the database: logs grow under its write lock alone. */
export const logLengths = async (files: JobFiles, running: readonly JobId[]): Promise<LogLengths> => {
  const lengths = new Map<JobId, number>()
  for (const job of running) lengths.set(job, await files.traceSize(job))
  return lengths
}

interface JobCopies {
  readonly writer: ArchiveWriter
  readonly files: JobFiles
  readonly lengths: LogLengths
  readonly then: JobsThen
  readonly signal: AbortSignal
}

/** How many bytes of a file were there at the moment; none of what came after it. */
const lengthThen = ({ job, artifact }: StoredFile, { then, lengths }: JobCopies): number => {
  if (artifact !== undefined) return then.hasArtifact(job, artifact) ? Number.POSITIVE_INFINITY : 0
  const log = then.log(job)
  if (log === 'growing') return lengths.get(job) ?? 0
  return log === 'whole' ? Number.POSITIVE_INFINITY : 0
}

/** Files whose names are not as we write them are not ours. */
const nameOf = ({ job, artifact, path, unfinished }: StoredFile, files: JobFiles): string | undefined => {
  const expected = artifact === undefined ? files.tracePath(job) : files.artifactPath(job, artifact)
  if (unfinished || path !== expected) return undefined
  return artifact === undefined ? `${job}.log` : `${job}.artifact-${artifact}`
}

const copyOne = async (file: StoredFile, copies: JobCopies): Promise<void> => {
  const name = nameOf(file, copies.files)
  const most = name === undefined ? 0 : lengthThen(file, copies)
  if (name === undefined || most === 0) return
  // It may have been removed since it was listed.
  const handle = await unlessAbsent(open(file.path, 'r'))
  await (handle && copies.writer.copy(jobPlace(file.job, name), handle, most).finally(() => handle.close()))
}

/** Writes logs and artifacts as they were at the moment. What was removed since is left out: erased, or expired. */
export const writeJobFiles = async (copies: JobCopies): Promise<void> => {
  for (let folder = 0; folder < folderCount; folder += 1) {
    const found = await copies.files.list(folder)
    for (const file of found.sort((one, other) => (one.path < other.path ? -1 : 1))) {
      copies.signal.throwIfAborted()
      await copyOne(file, copies)
    }
  }
}

import type { Selectable } from 'kysely'
import { tokenIsGoodIn } from '../../ci/states.ts'
import type { JobId, ProjectId } from '../../core/ids.ts'
import { instantOf } from '../instant.ts'
import type { Reader, Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import type { JobFiles, Upload } from './job-files.ts'
import { findJob, type JobRow } from './jobs.ts'
import type { JobArtifactsTable } from './schema.ts'

export type ArtifactRow = Selectable<JobArtifactsTable>

export type NewArtifact = Pick<ArtifactRow, 'file_type' | 'file_format' | 'filename' | 'size' | 'sha256' | 'expires_at'>

/** A job's file of one kind; one whose day has come is as if it were gone. */
export const findArtifact = (reader: Reader, job: JobId, type: string, now: number): Promise<ArtifactRow | undefined> =>
  reader
    .selectFrom('job_artifacts')
    .selectAll()
    .where('job_id', '=', job)
    .where('file_type', '=', type)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', instantOf(now))]))
    .orderBy('id', 'desc')
    .executeTakeFirst()

export type Kept = 'kept' | 'job over' | 'another is there'

/**
 * Keeps a file that was read whole, while its job still runs: the row and the file's name come together. The same file
 * sent again is no mistake.
 */
export const keepArtifact = (store: Store, job: JobRow, artifact: NewArtifact, upload: Upload, now: number): Promise<Kept> =>
  store.write.transaction().execute(async (transaction) => {
    const today = await findJob(transaction, job.id)
    if (today === undefined || !tokenIsGoodIn(today.status) || today.token_digest !== job.token_digest) return 'job over'
    const known = await findArtifact(transaction, job.id, artifact.file_type, now)
    if (known !== undefined) return known.sha256 === artifact.sha256 ? 'kept' : 'another is there'
    const { id } = await transaction
      .insertInto('job_artifacts')
      .values({ ...artifact, job_id: job.id, created_at: instantOf(now) })
      .returning('id')
      .executeTakeFirstOrThrow()
    await upload.place(id)
    return 'kept'
  })

type Removed = readonly Pick<ArtifactRow, 'id' | 'job_id'>[]

const deleteRows = (writer: Pick<Writer, 'deleteFrom'>, rows: Removed) =>
  writer
    .deleteFrom('job_artifacts')
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute()

/** Rows go first: what a crash leaves is a file that nobody finds, which a later sweep removes. */
const removeFiles = async (files: JobFiles, rows: Removed): Promise<void> => {
  for (const { id, job_id } of rows) await files.removeArtifact(job_id, id)
}

/** All files that a job left. */
export const removeArtifacts = async (store: Store, files: JobFiles, job: JobId): Promise<void> => {
  const rows = await store.read.selectFrom('job_artifacts').select(['id', 'job_id']).where('job_id', '=', job).execute()
  if (rows.length > 0) await deleteRows(store.write, rows)
  await removeFiles(files, rows)
}

/** At most so many at once, so that no write takes long. */
const batch = 100

/** It stays known which jobs had an archive: those that depend on it cannot run any more. */
const expire = async (
  transaction: Writer,
  rows: readonly Pick<ArtifactRow, 'id' | 'job_id' | 'file_type'>[],
  now: number,
): Promise<void> => {
  const jobs = rows.filter(({ file_type }) => file_type === 'archive').map(({ job_id }) => job_id)
  await deleteRows(transaction, rows)
  await transaction
    .updateTable('jobs')
    .set({ artifacts_expired_at: instantOf(now) })
    .where('id', 'in', jobs)
    .execute()
}

/** Files whose day has come. Says how many there were; where it is a whole batch there may be more. */
export const removeExpired = async (store: Store, files: JobFiles, now: number): Promise<boolean> => {
  const rows = await store.read
    .selectFrom('job_artifacts')
    .select(['id', 'job_id', 'file_type'])
    .where('expires_at', '<=', instantOf(now))
    .limit(batch)
    .execute()
  if (rows.length > 0) await store.write.transaction().execute((transaction) => expire(transaction, rows, now))
  await removeFiles(files, rows)
  return rows.length === batch
}

/** From now on the files of a job stay until somebody removes them. False where there are none. */
export const keepForGood = async (store: Store, job: JobId): Promise<boolean> => {
  const { numUpdatedRows } = await store.write
    .updateTable('job_artifacts')
    .set({ expires_at: null })
    .where('job_id', '=', job)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** The newest job of this name that succeeded on a branch or tag and left an archive. */
export const jobWithArchive = (
  reader: Reader,
  asked: { readonly project: ProjectId; readonly ref: string; readonly name: string },
): Promise<JobRow | undefined> =>
  reader
    .selectFrom('jobs')
    .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
    .selectAll('jobs')
    .where('jobs.project_id', '=', asked.project)
    .where('jobs.ref', '=', asked.ref)
    .where('jobs.name', '=', asked.name)
    .where('jobs.status', '=', 'success')
    .where('pipelines.status', '=', 'success')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('job_artifacts')
          .select('job_artifacts.id')
          .whereRef('job_artifacts.job_id', '=', 'jobs.id')
          .where('file_type', '=', 'archive'),
      ),
    )
    .orderBy('jobs.id', 'desc')
    .executeTakeFirst()

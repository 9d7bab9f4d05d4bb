import type { FileHandle } from 'node:fs/promises'
import { tokenIsGoodIn } from '../../ci/states.ts'
import type { JobId } from '../../core/ids.ts'
import type { LogMask } from '../../tokens/log-mask.ts'
import type { Writer } from '../routes.ts'
import type { Store } from '../sqlite.ts'
import { finishJob } from './finish.ts'
import type { JobFiles } from './job-files.ts'
import { findJob, type JobRow } from './jobs.ts'

/** The most bytes that a job's log may have (GitLab's `ci_jobs_trace_size_limit`). */
const largestTrace = 100 * 2 ** 20

export interface TracePatch {
  /** Where in the log it begins. */
  readonly start: number
  readonly bytes: Buffer
}

export type Patched =
  | { readonly kind: 'written'; readonly size: number }
  /** It does not go on where the log ends. */
  | { readonly kind: 'misplaced'; readonly size: number }
  /** The job had ended, or is over now since it said too much. */
  | { readonly kind: 'over' }

const writeAll = async (file: FileHandle, bytes: Buffer, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
}

const readTail = async (file: FileHandle, from: number, length: number): Promise<Buffer> => {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, from)
  return buffer.subarray(0, bytesRead)
}

/** A piece as it is written: what stands before it is looked at again, since a value that must not be read may lie across both. */
interface Covered extends TracePatch {
  /** Where `bytes` are written: at the beginning of what was looked at. */
  readonly from: number
  /** How long the log is then. */
  readonly end: number
}

const cover = async (files: JobFiles, id: JobId, { start, bytes }: TracePatch, mask: LogMask): Promise<Covered> => {
  const end = start + bytes.length
  const from = Math.max(0, start - mask.overlap)
  const file = await files.readTrace(id)
  try {
    const tail = file === undefined ? Buffer.alloc(0) : await readTail(file, from, start - from)
    return { start, end, from, bytes: await mask.cover(Buffer.concat([tail, bytes])) }
  } finally {
    await file?.close()
  }
}

/** The log ends there only while nobody wrote since it was looked at. */
const write = async (files: JobFiles, id: JobId, { start, end, from, bytes }: Covered): Promise<Patched> => {
  const file = await files.openTrace(id)
  try {
    const { size } = await file.stat()
    // A piece that came before is not written twice, and is no mistake: its answer was lost (gitlab `Trace#append`).
    if (size !== start) return { kind: size === end ? 'written' : 'misplaced', size }
    await writeAll(file, bytes, from)
    return { kind: 'written', size: end }
  } finally {
    await file.close()
  }
}

const isStillTheirs = async (transaction: Writer, job: JobRow): Promise<boolean> => {
  const now = await findJob(transaction, job.id)
  return now !== undefined && tokenIsGoodIn(now.status) && now.token_digest === job.token_digest
}

const isTooMuch = ({ start, bytes }: TracePatch): boolean => start + bytes.length > largestTrace

/**
 * Adds a piece to the log of a job that runs, with what it must not show covered. That takes time, so it is done before;
 * the log is written inside a write transaction, so that pieces that come to several processes never mix, and none comes
 * after the job's end.
 */
export const patchTrace = async (
  store: Store,
  files: JobFiles,
  job: JobRow,
  patch: TracePatch,
  mask: LogMask,
  now: number,
): Promise<Patched> => {
  const covered = isTooMuch(patch) ? undefined : await cover(files, job.id, patch, mask)
  return store.write.transaction().execute(async (transaction) => {
    if (!(await isStillTheirs(transaction, job))) return { kind: 'over' }
    if (covered !== undefined) return write(files, job.id, covered)
    await finishJob(transaction, job.id, { status: 'failed', failureReason: 'trace_size_exceeded' }, now)
    return { kind: 'over' }
  })
}

/** Between two notes that a job's runner spoke, in milliseconds. */
const heardEvery = 30_000

/** Keeps that the runner of a job spoke, at most twice a minute. */
export const noteHeard = async (store: Store, { id, heard_at }: JobRow, now: number): Promise<void> => {
  if (heard_at !== null && Math.abs(now - Date.parse(heard_at)) < heardEvery) return
  await store.write
    .updateTable('jobs')
    .set({ heard_at: new Date(now).toISOString() })
    .where('id', '=', id)
    .where('status', 'in', ['running', 'canceling'])
    .execute()
}

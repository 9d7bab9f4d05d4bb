import { randomBytes } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobId } from '../../core/ids.ts'

const isAbsent = (fault: unknown): boolean => fault instanceof Error && 'code' in fault && fault.code === 'ENOENT'

const unlessAbsent = async <Value>(ask: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await ask
  } catch (fault) {
    if (isAbsent(fault)) return undefined
    throw fault
  }
}

/** A file that is not whole yet, under a name of its own. */
export interface Upload {
  readonly handle: FileHandle
  /** Nothing more is written; what was is on disk when this returns. */
  finish(): Promise<void>
  /** Gives it its name; quick, since that happens while others wait to write. */
  place(artifact: number): Promise<void>
  /** Leaves nothing of it. */
  discard(): Promise<void>
}

/** Files that may be removed: what belongs to no job, and uploads that nobody will end. */
export interface StoredFile {
  readonly job: JobId
  readonly artifact: number | undefined
  readonly unfinished: boolean
  readonly path: string
}

/** Folders among which the files of jobs are spread. */
export const folderCount = 256

/** Files that one job sends at the same time, to each process: a runner sends one after the other. */
const mostUploads = 8

/** A job sends too much at once. */
export class TooManyUploads extends Error {}

const nameForm = /^(\d{1,15})\.(?:(log)|artifact-(\d{1,15})|(upload-[\w-]+))$/

/**
 * Logs and artifacts of jobs. Names are made of numbers alone, so no client's word reaches the disk; nobody but the
 * server's own user may read them.
 */
export class JobFiles {
  readonly #root: string
  /** How many files each job sends now. */
  readonly #uploads = new Map<JobId, number>()

  constructor(root: string) {
    this.#root = root
  }

  #folder(id: JobId): string {
    if (!Number.isSafeInteger(id) || id <= 0) throw new Error('a job has a positive whole number')
    return join(this.#root, (id % folderCount).toString(16).padStart(2, '0'))
  }

  tracePath(id: JobId): string {
    return join(this.#folder(id), `${id}.log`)
  }

  artifactPath(id: JobId, artifact: number): string {
    return join(this.#folder(id), `${id}.artifact-${artifact}`)
  }

  async #makeFolder(id: JobId): Promise<void> {
    await mkdir(this.#folder(id), { recursive: true, mode: 0o700 })
  }

  /** Opens the log to read and to write, made where it is not there. */
  async openTrace(id: JobId): Promise<FileHandle> {
    await this.#makeFolder(id)
    const path = this.tracePath(id)
    return (await unlessAbsent(open(path, 'r+'))) ?? open(path, 'w+', 0o600)
  }

  /** Undefined where the job has written nothing. */
  readTrace(id: JobId): Promise<FileHandle | undefined> {
    return unlessAbsent(open(this.tracePath(id), 'r'))
  }

  async traceSize(id: JobId): Promise<number> {
    return (await unlessAbsent(stat(this.tracePath(id))))?.size ?? 0
  }

  readArtifact(id: JobId, artifact: number): Promise<FileHandle | undefined> {
    return unlessAbsent(open(this.artifactPath(id, artifact), 'r'))
  }

  #count(id: JobId, change: 1 | -1): void {
    const count = (this.#uploads.get(id) ?? 0) + change
    if (count > 0) this.#uploads.set(id, count)
    else this.#uploads.delete(id)
  }

  /** To be discarded in the end, also where it was placed. Throws `TooManyUploads`. */
  async beginUpload(id: JobId): Promise<Upload> {
    if ((this.#uploads.get(id) ?? 0) >= mostUploads) throw new TooManyUploads(`job ${id} sends too many files at once`)
    this.#count(id, 1)
    try {
      return await this.#openUpload(id)
    } catch (fault) {
      this.#count(id, -1)
      throw fault
    }
  }

  async #openUpload(id: JobId): Promise<Upload> {
    await this.#makeFolder(id)
    const path = join(this.#folder(id), `${id}.upload-${randomBytes(9).toString('base64url')}`)
    const handle = await open(path, 'wx', 0o600)
    return {
      handle,
      finish: async () => {
        await handle.sync()
        await handle.close()
      },
      place: (artifact) => rename(path, this.artifactPath(id, artifact)),
      discard: async () => {
        this.#count(id, -1)
        await handle.close().catch(() => {})
        await rm(path, { force: true })
      },
    }
  }

  removeTrace(id: JobId): Promise<void> {
    return rm(this.tracePath(id), { force: true })
  }

  removeArtifact(id: JobId, artifact: number): Promise<void> {
    return rm(this.artifactPath(id, artifact), { force: true })
  }

  /** What is in one of the folders. */
  async list(folder: number): Promise<StoredFile[]> {
    const directory = join(this.#root, folder.toString(16).padStart(2, '0'))
    const names = (await unlessAbsent(readdir(directory))) ?? []
    return names.flatMap((name) => {
      const [, job, , artifact, upload] = nameForm.exec(name) ?? []
      if (job === undefined) return []
      const path = join(directory, name)
      return [
        {
          job: Number(job) as JobId,
          artifact: artifact === undefined ? undefined : Number(artifact),
          unfinished: upload !== undefined,
          path,
        },
      ]
    })
  }
}

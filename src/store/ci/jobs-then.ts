import Database from 'better-sqlite3'
import { hasEnded, jobStatuses, tokenIsGoodIn } from '../../ci/states.ts'
import type { JobId } from '../../core/ids.ts'

/** How much of a job's log was there: all that is there now, its beginning, or nothing since it had not begun. */
export type LogThen = 'whole' | 'growing' | 'none'

/** Which files of jobs were there at the moment of which a database is a copy. */
export class JobsThen {
  readonly #database: Database.Database
  readonly #status: Database.Statement<[JobId], unknown>
  readonly #artifact: Database.Statement<[number, JobId], unknown>

  /** @param file the copy; nobody writes to it */
  constructor(file: string) {
    this.#database = new Database(file, { fileMustExist: true, readonly: true })
    this.#status = this.#database.prepare<[JobId], unknown>('select status from jobs where id = ?').pluck()
    this.#artifact = this.#database.prepare<[number, JobId], unknown>('select 1 from job_artifacts where id = ? and job_id = ?')
  }

  /** A job writes while it runs; one that is run again is another one. */
  log(job: JobId): LogThen {
    const found = this.#status.get(job)
    const status = jobStatuses.find((known) => known === found)
    if (status === undefined) return 'none'
    if (tokenIsGoodIn(status)) return 'growing'
    return hasEnded(status) ? 'whole' : 'none'
  }

  hasArtifact(job: JobId, artifact: number): boolean {
    return this.#artifact.get(artifact, job) !== undefined
  }

  close(): void {
    this.#database.close()
  }
}

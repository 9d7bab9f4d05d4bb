import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, expect, test } from 'vitest'
import { ArchiveReader } from '../../src/backup/archive-reader.ts'
import { ArchiveWriter } from '../../src/backup/archive-writer.ts'
import { logLengths, writeJobFiles } from '../../src/backup/job-copies.ts'
import type { JobId } from '../../src/core/ids.ts'
import { JobFiles } from '../../src/store/ci/job-files.ts'
import { JobsThen } from '../../src/store/ci/jobs-then.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-jobs-'))
const never = new AbortController().signal
const deaf = { onPart() {}, onBytes() {} }

afterAll(() => rmSync(folder, { recursive: true }))

const [ended, running, later, waiting] = [1, 2, 3, 260] as JobId[] as [JobId, JobId, JobId, JobId]

const writeLog = async (files: JobFiles, job: JobId, text: string): Promise<void> => {
  const handle = await files.openTrace(job)
  await handle.writeFile(text)
  await handle.close()
}

/** The database as it was: the last of the jobs came after it. */
const databaseThen = (): string => {
  const file = join(folder, 'then.db')
  const database = new Database(file)
  database.exec(`create table jobs (id integer, status text); create table job_artifacts (id integer, job_id integer);
    insert into jobs values (${ended}, 'success'), (${running}, 'running'), (${waiting}, 'pending');
    insert into job_artifacts values (5, ${ended}), (6, ${running})`)
  database.close()
  return file
}

const readBack = async (file: string): Promise<Record<string, string>> => {
  const handle = await open(file, 'r')
  const found: Record<string, string> = {}
  const reader = new ArchiveReader(handle, deaf, never)
  await reader.heading()
  await reader.files(async ({ path }, content) => {
    for await (const piece of content) found[path] = piece.toString()
  })
  await handle.close()
  return found
}

test('logs and artifacts are in a backup as they were at the moment, however they go on', async () => {
  const files = new JobFiles(join(folder, 'jobs'))
  await writeLog(files, ended, 'all of it')
  await writeLog(files, running, 'so far')
  const lengths = await logLengths(files, [running, waiting])
  await writeLog(files, running, 'so far and further')
  await writeLog(files, later, 'after it')
  await writeLog(files, waiting, 'begun after it')
  const artifacts = [
    [ended, 5],
    [ended, 7],
    [running, 6],
    [later, 8],
  ] as const
  for (const [job, id] of artifacts) writeFileSync(files.artifactPath(job, id), `artifact ${id}`)
  writeFileSync(join(folder, 'jobs/01/1.upload-abcdef'), 'not whole')
  writeFileSync(join(folder, 'jobs/01/01.log'), 'not ours')

  const then = new JobsThen(databaseThen())
  const handle = await open(join(folder, 'archive'), 'wx')
  const writer = new ArchiveWriter(handle, deaf, never)
  await writer.begin({ format: 1, version: '0.0.0', moment: '2026-01-01T00:00:00.000Z' })
  await writeJobFiles({ writer, files, lengths, then, signal: never })
  await writer.finish(1000)
  await handle.close()
  then.close()
  expect(await readBack(join(folder, 'archive'))).toEqual({
    'jobs/01/1.log': 'all of it',
    'jobs/01/1.artifact-5': 'artifact 5',
    'jobs/02/2.log': 'so far',
    'jobs/02/2.artifact-6': 'artifact 6',
  })
})

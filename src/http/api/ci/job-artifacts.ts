import type { FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import { mayOnProject } from '../../../access/policy.ts'
import { write } from '../../../git/transfer.ts'
import { type ArtifactRow, findArtifact, jobWithArchive, keepForGood, removeArtifacts } from '../../../store/ci/artifacts.ts'
import type { JobRow } from '../../../store/ci/jobs.ts'
import { type Answer, noContent, ok } from '../answer.ts'
import { projectEntity } from '../audit-words.ts'
import { type Call, type Route, route } from '../call.ts'
import { forbidden, notFound, plainNotFound } from '../errors.ts'
import { filledText, flag, optional } from '../input.ts'
import type { ReachedProject } from '../reach.ts'
import { jobShownToJob } from './job-of-job.ts'
import { jobEntity, shapeJob } from './job-shape.ts'
import { namedJob, reachJobs } from './reach-jobs.ts'
import { shownToken, tokenField } from './runner-caller.ts'

const pieceSize = 65_536

const copy = async (file: FileHandle, response: Parameters<NonNullable<Answer['stream']>>[0]): Promise<void> => {
  for (let at = 0; !response.destroyed; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(pieceSize), 0, pieceSize, at)
    if (bytesRead === 0) return
    at += bytesRead
    await write(response, buffer.subarray(0, bytesRead))
  }
}

/** Nothing a browser would run or show: it is saved under its name. */
const headersOf = ({ filename, size }: ArtifactRow): Record<string, string> => ({
  'Content-Type': 'application/octet-stream',
  'Content-Length': String(size),
  'Content-Disposition': `attachment; filename="artifact"; filename*=UTF-8''${encodeURIComponent(filename)}`,
})

const send = async (call: Call, artifact: ArtifactRow | undefined): Promise<Answer> => {
  if (artifact === undefined) throw notFound()
  const headers = headersOf(artifact)
  if (call.method === 'HEAD') return { status: 200, headers }
  const file = await call.parts.jobs.files.readArtifact(artifact.job_id, artifact.id)
  if (file === undefined) throw notFound()
  return { status: 200, headers, stream: (response) => copy(file, response).finally(() => file.close()) }
}

const archiveOf = (call: Call, { id }: Pick<JobRow, 'id'>) => findArtifact(call.parts.store.read, id, 'archive', call.now)

const download = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  return send(call, await archiveOf(call, await namedJob(call, project)))
}

const byName = z.object({ job: filledText() })

const downloadLatest = async (call: Call): Promise<Answer> => {
  const { project } = await reachJobs(call)
  const asked = { project: project.id, ref: call.word('ref'), name: call.read(byName).job }
  const job = await jobWithArchive(call.parts.store.read, asked)
  if (job === undefined) throw notFound()
  return send(call, await archiveOf(call, job))
}

const runnerInput = z.object({ token: tokenField, direct_download: optional(flag()) })

/** What its dependencies left, and its own. */
const downloadByJob = async (call: Call): Promise<Answer> => {
  const job = await jobShownToJob(call, shownToken(call, call.read(runnerInput).token, 'job-token'))
  return send(call, await archiveOf(call, job))
}

const requireAbility = ({ standing, project }: ReachedProject, ability: 'run_pipelines' | 'admin_project'): void => {
  if (!mayOnProject(ability, standing, project)) throw forbidden()
}

const remove = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  requireAbility(reached, 'admin_project')
  const job = await namedJob(call, reached.project)
  await removeArtifacts(call.parts.store, call.parts.jobs.files, job.id)
  call.audit({
    name: 'job_artifact_deleted',
    entity: projectEntity(reached.project),
    target: { type: 'Ci::Build', id: job.id, details: job.name },
    message: `Removed the files of job ${job.id}`,
  })
  return noContent
}

const keep = async (call: Call): Promise<Answer> => {
  const reached = await reachJobs(call)
  requireAbility(reached, 'run_pipelines')
  const job = await namedJob(call, reached.project)
  if (!(await keepForGood(call.parts.store, job.id))) throw plainNotFound('404 Not found')
  return ok(await shapeJob(call, reached.project, job))
}

const file = { output: z.string(), media: 'application/octet-stream' } as const
const at = '/projects/:id/jobs/:job_id/artifacts'

/** Files of jobs, for jobs and for people (gitlab `lib/api/ci/job_artifacts.rb`, `lib/api/ci/runner.rb`). */
export const jobArtifactRoutes: readonly Route[] = [
  route('GET', '/jobs/:id/artifacts', { ...file, forRunners: true, input: [runnerInput], handler: downloadByJob }),
  route('GET', '/projects/:id/jobs/artifacts/:ref/download', {
    ...file,
    open: true,
    jobToken: true,
    input: [byName],
    handler: downloadLatest,
  }),
  route('GET', at, { ...file, open: true, jobToken: true, handler: download }),
  route('DELETE', at, { handler: remove }),
  route('POST', `${at}/keep`, { output: jobEntity, status: 200, handler: keep }),
]
